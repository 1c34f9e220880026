/// A minimal ELF file: headers, one loaded segment, a dynamic section.
func elf(needed: [String], runPath: String? = nil, loader: String? = nil, is64: Bool = true) -> [UInt8] {
  var strings: [UInt8] = [0]
  func add(_ text: String) -> Int {
    strings += Array(text.utf8) + [0]
    return strings.count - text.utf8.count - 1
  }
  let names = needed.map(add)
  let path = runPath.map(add)
  let start = loader.map(add)
  let width = is64 ? 8 : 4
  func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }
  func word(_ value: Int) -> [UInt8] { number(value, width) }
  // Where the file's bytes are in memory.
  let base = 0x40_0000
  let header = is64 ? 64 : 52
  let segmentSize = is64 ? 56 : 32
  let count = loader == nil ? 2 : 3
  let text = header + count * segmentSize
  let table = text + strings.count
  var dynamic = names.flatMap { word(1) + word($0) }
  if let path { dynamic += word(29) + word(path) }
  dynamic += word(5) + word(base + text) + word(10) + word(strings.count) + word(0) + word(0)
  func segment(_ type: Int, _ offset: Int, _ size: Int) -> [UInt8] {
    is64
      ? number(type, 4) + number(4, 4) + word(offset) + word(base + offset) + word(base + offset) + word(size)
        + word(size) + word(1)
      : number(type, 4) + word(offset) + word(base + offset) + word(base + offset) + word(size) + word(size)
        + number(4, 4) + word(1)
  }
  var out: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, is64 ? 2 : 1, 1, 1] + [UInt8](repeating: 0, count: 9)
  out += number(3, 2) + number(62, 2) + number(1, 4) + word(0) + word(header) + word(0) + number(0, 4)
  out += number(header, 2) + number(segmentSize, 2) + number(count, 2) + number(0, 6)
  out += segment(1, 0, table + dynamic.count) + segment(2, table, dynamic.count)
  if let start, let loader { out += segment(3, text + start, loader.utf8.count + 1) }
  return out + strings + dynamic
}

/// Reads part of some bytes as a file is read.
func part(_ bytes: [UInt8], _ offset: UInt64, _ count: Int) -> [UInt8]? {
  guard let start = Int(exactly: offset), start <= bytes.count else { return [] }
  return Array(bytes[start..<min(bytes.count, start + count)])
}
