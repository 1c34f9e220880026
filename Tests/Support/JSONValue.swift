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
    var rest = Substring(text)
    guard let value = Self.read(&rest) else { return nil }
    Self.skipSpace(&rest)
    guard rest.isEmpty else { return nil }
    self = value
  }

  /// A member of an object.
  public subscript(_ key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// Keys of an object, sorted.
  public var keys: [String] {
    if case .object(let members) = self { members.keys.sorted() } else { [] }
  }

  /// A whole number.
  public var integer: Int? {
    if case .number(let value) = self { value } else { nil }
  }

  /// A text.
  public var string: String? {
    if case .text(let value) = self { value } else { nil }
  }

  private static func skipSpace(_ rest: inout Substring) { rest = rest.drop { $0.isWhitespace } }

  private static func take(_ word: String, _ rest: inout Substring) -> Bool {
    skipSpace(&rest)
    guard rest.hasPrefix(word) else { return false }
    rest = rest.dropFirst(word.count)
    return true
  }

  private static func read(_ rest: inout Substring) -> JSONValue? {
    if take("null", &rest) { return .null }
    if take("true", &rest) { return .boolean(true) }
    if take("false", &rest) { return .boolean(false) }
    if take("[", &rest) {
      var items: [JSONValue] = []
      if take("]", &rest) { return .list(items) }
      repeat {
        guard let item = read(&rest) else { return nil }
        items.append(item)
      } while take(",", &rest)
      return take("]", &rest) ? .list(items) : nil
    }
    if take("{", &rest) {
      var members: [String: JSONValue] = [:]
      if take("}", &rest) { return .object(members) }
      repeat {
        // A key that comes twice is valid by the letter, and a mistake of ours.
        guard take("\"", &rest), let key = string(&rest), members[key] == nil, take(":", &rest), let value = read(&rest)
        else { return nil }
        members[key] = value
      } while take(",", &rest)
      return take("}", &rest) ? .object(members) : nil
    }
    if take("\"", &rest) { return string(&rest).map { .text($0) } }
    let digits = rest.prefix { $0 == "-" || ("0"..."9").contains($0) }
    guard let number = Int(digits), String(number) == digits else { return nil }
    rest = rest.dropFirst(digits.count)
    return .number(number)
  }

  /// Behind the opening quote.
  private static func string(_ rest: inout Substring) -> String? {
    var text = String.UnicodeScalarView()
    var scalars = rest.unicodeScalars[...]
    while let next = scalars.popFirst() {
      switch next {
      case "\"":
        rest = Substring(scalars)
        return String(text)
      case "\\":
        guard let escape = scalars.popFirst() else { return nil }
        let plain: [Unicode.Scalar: Unicode.Scalar] = [
          "\"": "\"", "\\": "\\", "/": "/", "n": "\n", "t": "\t", "r": "\r", "b": "\u{8}", "f": "\u{c}",
        ]
        if let meant = plain[escape] {
          text.append(meant)
        } else {
          let digits = String(String.UnicodeScalarView(scalars.prefix(4)))
          guard escape == "u", digits.count == 4, let code = UInt32(digits, radix: 16), let meant = Unicode.Scalar(code)
          else { return nil }
          text.append(meant)
          scalars = scalars.dropFirst(4)
        }
      case _ where next.value < 0x20: return nil
      default: text.append(next)
      }
    }
    return nil
  }
}
