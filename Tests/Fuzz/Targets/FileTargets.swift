#if DEBUG
  @testable import SnugPlan

  let fileTargets = [
    FuzzTarget(
      "elf", claim: "no number in a program's file decides how much is read",
      seeds: [elf(is64: true), elf(is64: false)], judge: judgeELF),
    FuzzTarget(
      "xauthority", claim: "entries are the beginning of the file, byte for byte; a secret is one of them",
      seeds: [
        XauthorityEntry(
          family: 256, address: Array("here".utf8), number: [0x31], name: Array("MIT-MAGIC-COOKIE-1".utf8),
          data: [UInt8](1...16)
        ).bytes + XauthorityEntry(family: 0xffff, address: [], number: [], name: [], data: [9]).bytes
      ], judge: judgeXauthority),
  ]

  private func judgeELF(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    var total = 0
    var largest = 0
    let file = readELF { offset, count in
      if count < 0 { largest = .max }
      largest = max(largest, count)
      guard let start = Int(exactly: offset), start <= bytes.count else { return [] }
      let part = Array(bytes[start..<min(bytes.count, start + max(0, min(count, 1 << 20)))])
      total += part.count
      return part
    }
    guard let file else { return .refused }
    return verdict(
      unless(largest <= 64 << 10, "\(largest) bytes are asked for at once"),
      unless(total <= 64 + 256 * 128 + (64 << 10) + 521 * 4096, "\(total) bytes are read"),
      unless(file.needed.count <= 512, "\(file.needed.count) libraries"))
  }

  private func judgeXauthority(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    let entries = readXauthority(bytes)
    if entries.isEmpty { return .refused }
    let chosen = cookie(for: 1, on: "here", in: entries)
    return verdict(
      unless(bytes.starts(with: entries.flatMap { $0.bytes }), "other bytes"),
      unless(chosen.map { entries.contains($0) } ?? true, "a secret of nobody's"))
  }

  /// Headers, one loaded segment, a dynamic section with a library, a run path and a loader.
  private func elf(is64: Bool) -> [UInt8] {
    let width = is64 ? 8 : 4
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
    func word(_ value: Int) -> [UInt8] { number(value, width) }
    let strings = Array("\0libc.so.6\0/opt/lib\0/lib/ld.so\0".utf8)
    let base = 0x40_0000
    let header = is64 ? 64 : 52
    let size = is64 ? 56 : 32
    let text = header + 3 * size
    let table = text + strings.count
    let tags = [(1, 1), (29, 11), (5, base + text), (10, strings.count), (0, 0)]
    let dynamic = tags.flatMap { word($0.0) + word($0.1) }
    func segment(_ type: Int, _ offset: Int, _ count: Int) -> [UInt8] {
      let rest = word(offset) + word(base + offset) + word(base + offset) + word(count) + word(count)
      return is64 ? number(type, 4) + number(4, 4) + rest + word(1) : number(type, 4) + rest + number(4, 4) + word(1)
    }
    var out: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, is64 ? 2 : 1, 1, 1] + [UInt8](repeating: 0, count: 9)
    out += number(3, 2) + number(62, 2) + number(1, 4) + word(0) + word(header) + word(0) + number(0, 4)
    out += number(header, 2) + number(size, 2) + number(3, 2) + number(0, 6)
    out += segment(1, 0, table + dynamic.count) + segment(2, table, dynamic.count) + segment(3, text + 20, 11)
    return out + strings + dynamic
  }
#endif
