/// A profile's text as the editor sees it: its bytes, its values, and where each of them stands.
struct Layout {
  /// `key = value` as it is written.
  struct Statement {
    /// The names of the key from the top of the file on.
    var path: [String]
    var value: TOMLNode
    /// First byte of the last name of the key.
    var key: Int
    /// Bytes of the value.
    var range: Range<Int>
    /// How many names of the path the place says: those of the header above it, or of the inline table around it.
    var depth: Int
    /// Bytes of the inline table it stands in; nil where it has a line of its own.
    var inline: Range<Int>?
  }

  /// `[a.b]` or `[[a.b]]`.
  struct Header {
    var path: [String]
    var range: Range<Int>
  }

  let file: String
  let bytes: [UInt8]
  let root: [TOMLEntry]
  /// In the order of the text.
  private(set) var statements: [Statement] = []
  /// In the order of the text.
  private(set) var headers: [Header] = []
  private let places: Places

  init(_ bytes: [UInt8], file: String) throws(Diagnostic) {
    self.file = file
    self.bytes = bytes
    root = try parseTOML(bytes, file: file)
    places = Places(bytes)
    collect(root, path: [], depth: 0, inline: nil)
    headers.sort { $0.range.lowerBound < $1.range.lowerBound }
    // A statement with its own line says the names that its header does not.
    for index in statements.indices where statements[index].inline == nil {
      statements[index].depth = section(at: statements[index].key)?.path.count ?? 0
    }
    statements.sort { $0.key < $1.key }
  }

  /// Bytes of a value; of a table by a header, those of the header.
  func range(of node: TOMLNode) -> Range<Int> {
    let start = places.offset(node.origin.line, node.origin.column)
    return start..<max(start, places.offset(node.endLine, node.endColumn))
  }

  /// The header above a byte; nil above the first.
  func section(at offset: Int) -> Header? { headers.last { $0.range.lowerBound < offset } }

  /// The value at a path through tables; nil where there is none.
  func node(_ path: [String]) -> TOMLNode? {
    var entries = root
    var found: TOMLNode?
    for name in path {
      guard let next = entries.first(where: { $0.key.utf8.elementsEqual(name.utf8) })?.value else { return nil }
      found = next
      if case .table(let children) = next.content { entries = children } else { entries = [] }
    }
    return found
  }

  func statement(_ path: [String]) -> Statement? { statements.first { same($0.path, path) } }

  /// How deep a table stays when its last key goes: one that only dotted keys make goes with them.
  func pruneDepth(_ path: [String]) -> Int { statement(path)?.depth ?? path.count }

  private mutating func collect(_ entries: [TOMLEntry], path: [String], depth: Int, inline: Range<Int>?) {
    for entry in entries {
      let path = path + [entry.key]
      let range = range(of: entry.value)
      let key = places.offset(entry.keyOrigin.line, entry.keyOrigin.column)
      let first = range.lowerBound < bytes.count ? bytes[range.lowerBound] : 0
      switch entry.value.content {
      case .table(let children) where first == UInt8(ascii: "{"):
        statements.append(
          Statement(path: path, value: entry.value, key: key, range: range, depth: depth, inline: inline))
        collect(children, path: path, depth: path.count, inline: range)
      case .table(let children):
        // A header `[a.b]` is the place of the table a too, where nothing else makes one.
        if first == UInt8(ascii: "["), names(inHeader: range) == path.count {
          headers.append(Header(path: path, range: range))
        }
        collect(children, path: path, depth: depth, inline: inline)
      case .array(let items) where key >= range.lowerBound:
        for item in items {
          guard case .table(let children) = item.content else { continue }
          headers.append(Header(path: path, range: self.range(of: item)))
          // No key is empty: what stands in one of several tables is never found by a path.
          collect(children, path: path + [""], depth: depth, inline: inline)
        }
      default:
        statements.append(
          Statement(path: path, value: entry.value, key: key, range: range, depth: depth, inline: inline))
      }
    }
  }

  /// How many names a header has.
  private func names(inHeader range: Range<Int>) -> Int {
    var count = 1
    var index = range.lowerBound
    while index < range.upperBound {
      switch bytes[index] {
      case UInt8(ascii: "\""), UInt8(ascii: "'"): index = endOfString(index)
      case UInt8(ascii: "."):
        count += 1
        index += 1
      default: index += 1
      }
    }
    return count
  }
}

/// Whether two paths are the same byte for byte.
func same(_ left: some Collection<String>, _ right: some Collection<String>) -> Bool {
  left.count == right.count && zip(left, right).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
}

/// Byte offsets of the parser's lines and columns, which count code points.
private struct Places {
  /// Offset of each code point, and one behind the last.
  private var scalars: [Int32] = []
  /// Index into `scalars` of each line's first.
  private var lines: [Int32] = [0]

  init(_ bytes: [UInt8]) {
    scalars.reserveCapacity(bytes.count + 1)
    // The parser does not count a byte-order mark.
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    for index in start..<max(start, bytes.count) where bytes[index] & 0xC0 != 0x80 {
      scalars.append(Int32(index))
      if bytes[index] == 0x0A { lines.append(Int32(scalars.count)) }
    }
    scalars.append(Int32(bytes.count))
  }

  func offset(_ line: Int, _ column: Int) -> Int {
    guard line >= 1, line <= lines.count, column >= 1 else { return 0 }
    return Int(scalars[min(scalars.count - 1, Int(lines[line - 1]) + column - 1)])
  }
}
