import SnugProfile

/// A JSON value that is written out, nothing more: keys keep their order, text is always valid UTF-8 and free of control
/// bytes.
public indirect enum JSON: Hashable, Sendable {
  case null
  case boolean(Bool)
  case number(UInt64)
  case negative(Int64)
  case text(String)
  case list([JSON])
  case object([Member])

  /// A key and its value.
  public struct Member: Hashable, Sendable {
    /// The key, once in its object.
    public var key: String
    /// Its value.
    public var value: JSON

    /// Joins the two.
    public init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// A list of texts.
  public static func texts(_ texts: some Sequence<String>) -> JSON { .list(texts.map { .text($0) }) }

  /// A whole number.
  public static func integer(_ number: some BinaryInteger) -> JSON {
    number < 0 ? .negative(Int64(clamping: number)) : .number(UInt64(clamping: number))
  }

  /// On one line.
  public var line: String {
    var out = ""
    write(to: &out, indent: nil, depth: 0)
    return out
  }

  /// Indented by two spaces a level; lists and objects of plain values stay on one line.
  public var pretty: String {
    var out = ""
    write(to: &out, indent: 2, depth: 0)
    return out
  }

  private var isPlain: Bool {
    switch self {
    case .list(let items): items.isEmpty
    case .object(let members): members.isEmpty
    default: true
    }
  }

  private func write(to out: inout String, indent: Int?, depth: Int) {
    switch self {
    case .null: out += "null"
    case .boolean(let value): out += value ? "true" : "false"
    case .number(let value): out += String(value)
    case .negative(let value): out += String(value)
    case .text(let text): writeText(text, to: &out)
    case .list(let items):
      writeAll(items, "[", "]", isFlat: items.allSatisfy({ $0.isPlain }), to: &out, indent, depth) {
        $0.write(to: &$1, indent: indent, depth: depth + 1)
      }
    case .object(let members):
      writeAll(members, "{", "}", isFlat: members.allSatisfy { $0.value.isPlain }, to: &out, indent, depth) {
        writeText($0.key, to: &$1)
        $1 += indent == nil ? ":" : ": "
        $0.value.write(to: &$1, indent: indent, depth: depth + 1)
      }
    }
  }

  private func writeAll<Item>(
    _ items: [Item], _ open: String, _ close: String, isFlat: Bool, to out: inout String, _ indent: Int?, _ depth: Int,
    _ write: (Item, inout String) -> Void
  ) {
    let breaks = indent.map { !isFlat && $0 > 0 } ?? false
    func newLine(_ depth: Int) { if breaks { out += "\n" + String(repeating: " ", count: (indent ?? 0) * depth) } }
    out += open
    for (index, item) in items.enumerated() {
      if index > 0 { out += indent == nil || breaks ? "," : ", " }
      newLine(depth + 1)
      write(item, &out)
    }
    if !items.isEmpty { newLine(depth) }
    out += close
  }
}

/// A JSON string, see RFC 8259. Beyond what the standard asks for, everything that `escaped` does not let through is
/// escaped: the text may end up on a terminal.
private func writeText(_ text: String, to out: inout String) {
  out += "\""
  for scalar in text.unicodeScalars {
    if let escape = shortEscape(scalar) {
      out += escape
    } else if isUnsafe(scalar) {
      for unit in String(scalar).utf16 { out += "\\u" + hex(UInt32(unit), 4) }
    } else {
      out.unicodeScalars.append(scalar)
    }
  }
  out += "\""
}
