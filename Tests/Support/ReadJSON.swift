/// A JSON value as tests read it.
public enum ReadJSON: Equatable, Sendable {
  case null
  case boolean(Bool)
  case number(Int)
  case text(String)
  case list([ReadJSON])
  case object([String: ReadJSON])

  /// Reads one value; nil where the text is not exactly one.
  public init?(_ text: String) {
    var bytes = Array(text.utf8)[...]
    guard let value = Self.value(&bytes) else { return nil }
    Self.blanks(&bytes)
    guard bytes.isEmpty else { return nil }
    self = value
  }

  /// A member of an object.
  public subscript(_ key: String) -> ReadJSON {
    if case .object(let members) = self { members[key] ?? .null } else { .null }
  }
  /// The elements of a list.
  public var list: [ReadJSON] { if case .list(let list) = self { list } else { [] } }
  /// The text of a text.
  public var text: String { if case .text(let text) = self { text } else { "" } }

  private static func blanks(_ bytes: inout ArraySlice<UInt8>) {
    while let first = bytes.first, [0x20, 0x0A, 0x0D, 0x09].contains(first) { bytes.removeFirst() }
  }

  private static func take(_ byte: Character, _ bytes: inout ArraySlice<UInt8>) -> Bool {
    blanks(&bytes)
    guard bytes.first == byte.asciiValue else { return false }
    bytes.removeFirst()
    return true
  }

  private static func value(_ bytes: inout ArraySlice<UInt8>) -> ReadJSON? {
    if take("{", &bytes) {
      var members: [String: ReadJSON] = [:]
      if take("}", &bytes) { return .object(members) }
      repeat {
        guard take("\"", &bytes), let key = text(&bytes), take(":", &bytes), let value = value(&bytes) else {
          return nil
        }
        members[key] = value
      } while take(",", &bytes)
      return take("}", &bytes) ? .object(members) : nil
    }
    if take("[", &bytes) {
      var list: [ReadJSON] = []
      if take("]", &bytes) { return .list(list) }
      repeat {
        guard let value = value(&bytes) else { return nil }
        list.append(value)
      } while take(",", &bytes)
      return take("]", &bytes) ? .list(list) : nil
    }
    if take("\"", &bytes) { return text(&bytes).map { .text($0) } }
    let word = bytes.prefix { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D }
    bytes = bytes.dropFirst(word.count)
    switch String(decoding: word, as: UTF8.self) {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "null": return .null
    case let number: return Int(number).map { .number($0) }
    }
  }

  /// The rest of a text behind its quote.
  private static func text(_ bytes: inout ArraySlice<UInt8>) -> String? {
    var out: [UInt8] = []
    while let byte = bytes.popFirst() {
      if byte == UInt8(ascii: "\"") { return String(validating: out, as: UTF8.self) }
      guard byte == UInt8(ascii: "\\") else {
        out.append(byte)
        continue
      }
      switch bytes.popFirst().map({ Character(Unicode.Scalar($0)) }) {
      case "n": out.append(0x0A)
      case "t": out.append(0x09)
      case "r": out.append(0x0D)
      case "u":
        let digits = String(decoding: bytes.prefix(4), as: UTF8.self)
        bytes = bytes.dropFirst(4)
        guard let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) else { return nil }
        out += Array(String(Character(scalar)).utf8)
      case let other?: out += other.asciiValue.map { [$0] } ?? []
      case nil: return nil
      }
    }
    return nil
  }
}
