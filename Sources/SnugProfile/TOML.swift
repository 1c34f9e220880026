import CTOML

/// A TOML value and where it stands.
package struct TOMLNode: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    /// In source order.
    case table([TOMLEntry])
    case array([TOMLNode])
    case string(String)
    case integer(Int64, isOctal: Bool)
    case float
    case boolean(Bool)
    case date
  }
  package var content: Content
  package var origin: Origin
  /// The place behind its last character, counted as `origin` is; of a table by a header, behind the header's bracket.
  var endLine = 0
  /// See `endLine`.
  var endColumn = 0

  /// What it is, for "expected ..., found ...".
  var kind: String {
    switch content {
    case .table: "a table"
    case .array: "a list"
    case .string: "a string"
    case .integer: "an integer"
    case .float: "a decimal number"
    case .boolean: "a boolean"
    case .date: "a date or time"
    }
  }
}

/// One key of a table with its value.
package struct TOMLEntry: Hashable, Sendable {
  package var key: String
  package var keyOrigin: Origin
  package var value: TOMLNode
}

/// A profile's text: its values, and its lines for messages.
package struct SourceText: Sendable {
  package var file: String
  /// As they are on disk.
  package var bytes: [UInt8]
  /// Without line ends.
  package var lines: [String]
  /// Index of the first byte of each line.
  package var lineStarts: [Int]

  init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
    // A byte-order mark is no part of the first line: the parser does not count it either.
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    // Only a line feed ends a line for the parser.
    let split = text.split(separator: 0x0A, omittingEmptySubsequences: false)
    lineStarts = split.map({ $0.startIndex })
    lines = split.map { String(decoding: $0.last == 0x0D ? $0.dropLast() : $0, as: UTF8.self) }
  }

  /// The line an origin points into; nil where it is of another file.
  package func line(at origin: Origin?) -> String? {
    guard let origin, origin.file == file, origin.line > 0, origin.line <= lines.count else { return nil }
    return lines[origin.line - 1]
  }
}

/// Reads TOML, or says at which place it is none.
package func parseTOML(_ bytes: [UInt8], file: String) throws(Diagnostic) -> [TOMLEntry] {
  if bytes.count > longestFile { throw Diagnostic("cannot read \(file): it is larger than 1 MiB", .unusableProfile) }
  let document = bytes.withUnsafeBytes { ctoml_parse($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }
  guard let document else { throw Diagnostic("cannot read \(file): out of memory", .unusableProfile) }
  defer { ctoml_free(document) }
  var line: UInt32 = 0
  var column: UInt32 = 0
  if let error = ctoml_error(document, &line, &column) {
    let origin = Origin(file: file, line: max(1, Int(line)), column: max(1, Int(column)))
    let lineText = SourceText(file: file, bytes: bytes).line(at: origin)
    let isAtLineEnd = lineText.map { origin.column > $0.unicodeScalars.count } ?? false
    throw refusal(String(cString: error), at: origin, isAtLineEnd: isAtLineEnd)
  }
  let count = ctoml_count(document)
  guard count > 0, let nodes = ctoml_nodes(document) else { return [] }
  return buildTree(UnsafeBufferPointer(start: nodes, count: count), file: file)
}

/// The most bytes of a profile.
let longestFile = Int(CTOML_MAX_BYTES)

/// The parser's message in our words: lower case, without the part that names its own function, and plain for the two
/// slips that people make most.
private func refusal(_ message: String, at origin: Origin, isAtLineEnd: Bool) -> Diagnostic {
  var text = Substring(message)
  let opening = "Error while parsing "
  if text.hasPrefix(opening), let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) {
    text = text[colon...].dropFirst(2)
  }
  if isAtLineEnd, text.hasPrefix("unescaped control characters") {
    return Diagnostic("not valid TOML: the string is not closed on its line", .invalidTOML, at: origin)
  }
  if text.hasSuffix(", saw '\\n'") { text = text.dropLast(10) + ", found the end of the line" }
  let hint = text.hasPrefix("cannot redefine") ? "a key or table is written once" : nil
  guard let first = text.unicodeScalars.first else { return Diagnostic("not valid TOML", .invalidTOML, at: origin) }
  let rest = String(text.unicodeScalars.dropFirst())
  return Diagnostic("not valid TOML: " + first.properties.lowercaseMapping + rest, .invalidTOML, at: origin, hint: hint)
}

/// Children follow their parent in the list, so that one pass from the end finds every child complete.
private func buildTree(_ nodes: UnsafeBufferPointer<ctoml_node>, file: String) -> [TOMLEntry] {
  var entries: [Int: [TOMLEntry]] = [:]
  var items: [Int: [TOMLNode]] = [:]
  var root: [TOMLEntry] = []
  for index in nodes.indices.reversed() {
    let node = nodes[index]
    let content: TOMLNode.Content
    switch Int(node.type) {
    case CTOML_TABLE:
      // toml++ keeps a table by name; what a person wrote has the order of lines.
      let sorted = (entries.removeValue(forKey: index) ?? []).sorted {
        ($0.keyOrigin.line, $0.keyOrigin.column) < ($1.keyOrigin.line, $1.keyOrigin.column)
      }
      if node.parent < 0 { root = sorted }
      content = .table(sorted)
    case CTOML_ARRAY: content = .array((items.removeValue(forKey: index) ?? []).reversed())
    case CTOML_STRING: content = .string(text(node.text, node.text_length))
    case CTOML_INTEGER: content = .integer(node.integer, isOctal: node.is_octal)
    case CTOML_BOOLEAN: content = .boolean(node.integer != 0)
    case CTOML_FLOAT: content = .float
    default: content = .date
    }
    let value = TOMLNode(
      content: content, origin: Origin(file: file, line: Int(node.line), column: Int(node.column)),
      endLine: Int(node.end_line), endColumn: Int(node.end_column))
    if node.parent < 0 { continue }
    let parent = Int(node.parent)
    if let key = node.key {
      let keyOrigin = Origin(file: file, line: Int(node.key_line), column: Int(node.key_column))
      let entry = TOMLEntry(key: text(key, node.key_length), keyOrigin: keyOrigin, value: value)
      entries[parent, default: []].append(entry)
    } else {
      items[parent, default: []].append(value)
    }
  }
  return root
}

private func text(_ start: UnsafePointer<CChar>?, _ length: Int) -> String {
  let bytes = UnsafeRawBufferPointer(start: start, count: length)
  return String(decoding: bytes, as: UTF8.self)
}
