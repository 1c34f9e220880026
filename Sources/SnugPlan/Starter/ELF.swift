import SnugProfile

/// What the dynamic section of a program or library says, see elf(5).
public struct ELFFile: Hashable, Sendable {
  /// Names of the libraries it asks for (DT_NEEDED), in their order.
  public var needed: [String] = []
  /// Where it wants them looked for first (DT_RUNPATH, DT_RPATH), as written.
  public var runPath: [String] = []
  /// The program that loads it (PT_INTERP); nil for a static one and for most libraries.
  public var loader: String?
}

/// Reads the headers and the dynamic section of a little-endian ELF file of 32 or 64 bits.
///
/// The file is nobody's friend: every offset is checked, and no number in it decides how much is read.
///
/// - Parameter read: `count` bytes at an offset; fewer at the end of the file, nil where it cannot be read.
/// - Returns: nil where it is no such file.
public func readELF(_ read: (_ offset: UInt64, _ count: Int) -> [UInt8]?) -> ELFFile? {
  guard let head = read(0, 64).map(LittleEndian.init), head.bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]),
    // EI_DATA 1 is little-endian; EI_CLASS 1 is 32 bits, 2 is 64.
    head[5, 1] == 1, let kind = head[4, 1], kind == 1 || kind == 2
  else { return nil }
  let is64 = kind == 2
  guard let start = is64 ? head[32, 8] : head[28, 4], let size = is64 ? head[54, 2] : head[42, 2],
    let count = is64 ? head[56, 2] : head[44, 2], size >= (is64 ? 56 : 32), size <= 256
  else { return nil }
  // A program has about a dozen; the names of the rest are of no use without them.
  guard let table = read(start, Int(size) * min(Int(count), 128)).map(LittleEndian.init) else { return nil }
  let segments = stride(from: 0, to: table.bytes.count, by: Int(size)).compactMap { Segment(table, at: $0, is64: is64) }
  var file = ELFFile()
  if let segment = segments.first(where: { $0.type == Segment.interpreter }) {
    file.loader = text(read, segment.offset, limit: segment.size)
  }
  guard let dynamic = segments.first(where: { $0.type == Segment.dynamic }) else { return file }
  readDynamic(read, dynamic, segments, is64: is64, into: &file)
  return file
}

private struct Segment {
  static let load: UInt64 = 1
  static let dynamic: UInt64 = 2
  static let interpreter: UInt64 = 3

  var type: UInt64
  var offset: UInt64
  var address: UInt64
  /// In the file.
  var size: UInt64

  init?(_ table: LittleEndian, at start: Int, is64: Bool) {
    guard let type = table[start, 4], let offset = is64 ? table[start + 8, 8] : table[start + 4, 4],
      let address = is64 ? table[start + 16, 8] : table[start + 8, 4],
      let size = is64 ? table[start + 32, 8] : table[start + 16, 4]
    else { return nil }
    (self.type, self.offset, self.address, self.size) = (type, offset, address, size)
  }
}

private func readDynamic(
  _ read: (UInt64, Int) -> [UInt8]?, _ dynamic: Segment, _ segments: [Segment], is64: Bool, into file: inout ELFFile
) {
  let width = is64 ? 8 : 4
  guard let table = read(dynamic.offset, Int(min(dynamic.size, 64 << 10))).map(LittleEndian.init) else { return }
  var names: [UInt64] = []
  var paths: [UInt64] = []
  var strings: UInt64?
  var length: UInt64 = 0
  for start in stride(from: 0, to: table.bytes.count, by: 2 * width) {
    guard let tag = table[start, width], let value = table[start + width, width], tag != 0 else { break }
    switch tag {
    case 1: names.append(value)
    case 5: strings = value
    case 10: length = value
    case 15, 29: paths.append(value)
    default: break
    }
  }
  // The dynamic section speaks of addresses in memory; the segment that is loaded there says where that is in the file.
  guard let strings,
    let home = segments.first(where: {
      $0.type == Segment.load && strings >= $0.address && strings - $0.address < $0.size
    })
  else { return }
  let (base, isTooFar) = home.offset.addingReportingOverflow(strings - home.address)
  if isTooFar { return }
  func string(_ index: UInt64) -> String? {
    let (offset, isTooFar) = base.addingReportingOverflow(index)
    return index < length && !isTooFar ? text(read, offset, limit: length - index) : nil
  }
  file.needed = names.prefix(512).compactMap(string)
  file.runPath = paths.prefix(8).compactMap(string).flatMap { $0.split(separator: ":").map(String.init) }
}

/// A text that ends with NUL, of at most 4096 bytes; nil where it does not end or is not UTF-8.
private func text(_ read: (UInt64, Int) -> [UInt8]?, _ offset: UInt64, limit: UInt64) -> String? {
  guard let bytes = read(offset, Int(min(limit, 4096))), let end = bytes.firstIndex(of: 0) else { return nil }
  return validText(bytes[..<end])
}

/// Numbers in bytes, lowest first.
private struct LittleEndian {
  var bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The number of `count` bytes at an offset; nil beyond the end.
  subscript(offset: Int, count: Int) -> UInt64? {
    guard offset >= 0, offset + count <= bytes.count else { return nil }
    return bytes[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
