/// A JSON text as RFC 8259 has it, read strictly: the check of what the executable prints. Numbers are whole.
public enum JSONValue: Equatable, Sendable {
  case null
  case boolean(Bool)
  case number(Int)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  /// Reads one whole text; nil where it is not valid.
  public init?(_ text: String) {
    var bytes = Array(text.utf8)[...]
    guard let value = Self.value(&bytes) else { return nil }
    Self.skipBlanks(&bytes)
    guard bytes.isEmpty else { return nil }
    self = value
  }

  /// A member of an object; `null` where there is none.
  public subscript(_ key: String) -> JSONValue {
    if case .object(let members) = self { members[key] ?? .null } else { .null }
  }

  /// Keys of an object, sorted.
  public var keys: [String] { if case .object(let members) = self { members.keys.sorted() } else { [] } }

  /// The elements of a list.
  public var list: [JSONValue] { if case .list(let list) = self { list } else { [] } }

  /// A text; empty where it is something else.
  public var text: String { if case .text(let text) = self { text } else { "" } }

  /// A whole number.
  public var integer: Int? { if case .number(let number) = self { number } else { nil } }

  private static func skipBlanks(_ bytes: inout ArraySlice<UInt8>) {
    bytes = bytes.drop { [0x20, 0x0A, 0x0D, 0x09].contains($0) }
  }

  private static func take(_ word: String, _ bytes: inout ArraySlice<UInt8>) -> Bool {
    skipBlanks(&bytes)
    guard bytes.starts(with: word.utf8) else { return false }
    bytes = bytes.dropFirst(word.utf8.count)
    return true
  }

  private static func value(_ bytes: inout ArraySlice<UInt8>) -> JSONValue? {
    if take("null", &bytes) { return .null }
    if take("true", &bytes) { return .boolean(true) }
    if take("false", &bytes) { return .boolean(false) }
    if take("[", &bytes) {
      var list: [JSONValue] = []
      if take("]", &bytes) { return .list(list) }
      repeat {
        guard let item = value(&bytes) else { return nil }
        list.append(item)
      } while take(",", &bytes)
      return take("]", &bytes) ? .list(list) : nil
    }
    if take("{", &bytes) {
      var members: [String: JSONValue] = [:]
      if take("}", &bytes) { return .object(members) }
      repeat {
        // A key that comes twice is valid by the letter, and a mistake of ours.
        guard take("\"", &bytes), let key = text(&bytes), members[key] == nil, take(":", &bytes),
          let value = value(&bytes)
        else { return nil }
        members[key] = value
      } while take(",", &bytes)
      return take("}", &bytes) ? .object(members) : nil
    }
    if take("\"", &bytes) { return text(&bytes).map { .text($0) } }
    let digits = bytes.prefix { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) }
    guard let number = Int(String(decoding: digits, as: UTF8.self)),
      String(number).utf8.elementsEqual(digits)
    else { return nil }
    bytes = bytes.dropFirst(digits.count)
    return .number(number)
  }

  /// The rest of a text behind its opening quote.
  private static func text(_ bytes: inout ArraySlice<UInt8>) -> String? {
    var out: [UInt8] = []
    while let byte = bytes.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return String(validating: out, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let escape = bytes.popFirst(), let meant = meaning(of: escape, &bytes) else { return nil }
        out += Array(String(Character(meant)).utf8)
      case ..<0x20: return nil
      default: out.append(byte)
      }
    }
    return nil
  }

  private static func meaning(of escape: UInt8, _ bytes: inout ArraySlice<UInt8>) -> Unicode.Scalar? {
    let plain: [Unicode.Scalar: Unicode.Scalar] = [
      "\"": "\"", "\\": "\\", "/": "/", "n": "\n", "t": "\t", "r": "\r", "b": "\u{8}", "f": "\u{c}",
    ]
    if let meant = plain[Unicode.Scalar(escape)] { return meant }
    guard escape == UInt8(ascii: "u"), let unit = unit(&bytes) else { return nil }
    guard UTF16.isLeadSurrogate(unit) else { return Unicode.Scalar(unit) }
    guard bytes.starts(with: "\\u".utf8) else { return nil }
    bytes = bytes.dropFirst(2)
    guard let second = Self.unit(&bytes), UTF16.isTrailSurrogate(second) else { return nil }
    return UTF16.decode(UTF16.EncodedScalar([unit, second]))
  }

  private static func unit(_ bytes: inout ArraySlice<UInt8>) -> UInt16? {
    let digits = bytes.prefix(4)
    guard digits.count == 4 else { return nil }
    bytes = bytes.dropFirst(4)
    return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}
