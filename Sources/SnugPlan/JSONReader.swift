import SnugProfile

/// Why bytes are no JSON that this reader takes.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Offset of the byte where reading ended; the length of the text where more was expected.
  public var offset: Int
  /// What is wrong there, in words.
  public var reason: String

  /// Makes an error.
  public init(offset: Int, reason: String) {
    self.offset = offset
    self.reason = reason
  }

  /// `byte 12: a key stands twice in its object`.
  public var description: String { "byte \(offset): \(reason)" }
}

extension JSON {
  /// Reads one whole text, strictly by RFC 8259 and narrower where a reader that guesses would help an attacker: keys
  /// once in their object, whole numbers within UInt64 and Int64, no more than `maximumDepth` lists and objects in each
  /// other. A text may hold any scalar, U+0000 too.
  ///
  /// - Throws: `JSONError` at the first byte that does not fit; nothing is read past it.
  public init(parsing bytes: some Collection<UInt8>, maximumDepth: Int = 16) throws(JSONError) {
    var reader = JSONReader(bytes: Array(bytes), maximumDepth: maximumDepth)
    self = try reader.readAll()
  }

  /// The value of a key; nil where this is no object or has no such key.
  public subscript(_ key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The text; nil for every other kind.
  public var text: String? { if case .text(let text) = self { text } else { nil } }

  /// The number, 0 or more; nil for every other kind and for negative ones.
  public var number: UInt64? { if case .number(let number) = self { number } else { nil } }

  /// The number as a signed 32-bit one, as pids, signals and descriptors are; nil for every other kind and where it does
  /// not fit.
  public var int32: Int32? {
    switch self {
    case .number(let number): Int32(exactly: number)
    case .negative(let number): Int32(exactly: number)
    default: nil
    }
  }

  /// True or false; nil for every other kind.
  public var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }

  /// The elements of a list; nil for every other kind.
  public var list: [JSON]? { if case .list(let items) = self { items } else { nil } }

  /// The members of an object in the order of the text; nil for every other kind.
  public var members: [Member]? { if case .object(let members) = self { members } else { nil } }

  /// A list of nothing but texts; nil for every other kind.
  public var texts: [String]? {
    guard case .list(let items) = self else { return nil }
    let texts = items.compactMap({ $0.text })
    return texts.count == items.count ? texts : nil
  }
}

private struct JSONReader {
  let bytes: [UInt8]
  let maximumDepth: Int
  var index = 0

  init(bytes: [UInt8], maximumDepth: Int) {
    self.bytes = bytes
    self.maximumDepth = maximumDepth
  }

  mutating func readAll() throws(JSONError) -> JSON {
    let value = try readValue(depth: 0)
    skipBlanks()
    if index < bytes.count { throw error("more follows the value") }
    return value
  }

  private func error(_ reason: String, at offset: Int? = nil) -> JSONError {
    JSONError(offset: offset ?? index, reason: reason)
  }

  /// The byte at the reading place; nil at the end.
  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { index += 1 }
  }

  /// Steps over a mark with blanks before it, if it stands there.
  private mutating func take(_ mark: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard next == UInt8(ascii: mark) else { return false }
    index += 1
    return true
  }

  private mutating func readValue(depth: Int) throws(JSONError) -> JSON {
    skipBlanks()
    switch next {
    case nil: throw error("the text ends early")
    case UInt8(ascii: "n"): return try readWord("null", .null)
    case UInt8(ascii: "t"): return try readWord("true", .boolean(true))
    case UInt8(ascii: "f"): return try readWord("false", .boolean(false))
    case UInt8(ascii: "\""): return .text(try readText())
    case UInt8(ascii: "["): return .list(try readList(depth: depth + 1))
    case UInt8(ascii: "{"): return .object(try readObject(depth: depth + 1))
    default: return try readNumber()
    }
  }

  private mutating func readWord(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    let text = Array(word.description.utf8)
    guard bytes[index...].starts(with: text) else { throw error("a value is expected") }
    index += text.count
    return value
  }

  private mutating func readList(depth: Int) throws(JSONError) -> [JSON] {
    if depth > maximumDepth { throw error("more than \(maximumDepth) lists and objects in each other") }
    index += 1
    var items: [JSON] = []
    if take("]") { return items }
    repeat { items.append(try readValue(depth: depth)) } while take(",")
    if take("]") { return items }
    throw error(next == nil ? "the text ends early" : "a comma or ] is expected")
  }

  private mutating func readObject(depth: Int) throws(JSONError) -> [JSON.Member] {
    if depth > maximumDepth { throw error("more than \(maximumDepth) lists and objects in each other") }
    index += 1
    var members: [JSON.Member] = []
    // Keys that Unicode takes for the same text are the same key: a look-up could not tell them apart.
    var keys: Set<String> = []
    if take("}") { return members }
    repeat {
      skipBlanks()
      let start = index
      guard next == UInt8(ascii: "\"") else { throw error(next == nil ? "the text ends early" : "a key is expected") }
      let key = try readText()
      guard keys.insert(key).inserted else { throw error("a key stands twice in its object", at: start) }
      guard take(":") else { throw error(next == nil ? "the text ends early" : "a colon is expected") }
      members.append(JSON.Member(key, try readValue(depth: depth)))
    } while take(",")
    if take("}") { return members }
    throw error(next == nil ? "the text ends early" : "a comma or } is expected")
  }

  private mutating func readNumber() throws(JSONError) -> JSON {
    let start = index
    let isNegative = next == UInt8(ascii: "-")
    if isNegative { index += 1 }
    let first = index
    while let byte = next, byte >= 0x30, byte <= 0x39 { index += 1 }
    let digits = bytes[first..<index]
    if digits.isEmpty { throw error(isNegative ? "a digit is expected" : "a value is expected") }
    if digits.count > 1, digits.first == 0x30 { throw error("a number begins with 0", at: start) }
    if let byte = next, byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
      throw error("only whole numbers are taken", at: start)
    }
    var magnitude: UInt64 = 0
    for digit in digits {
      let (tenfold, overflows) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carries) = tenfold.addingReportingOverflow(UInt64(digit - 0x30))
      if overflows || carries { throw error("the number is too large", at: start) }
      magnitude = sum
    }
    if !isNegative || magnitude == 0 { return .number(magnitude) }
    // Two's complement reaches one further down than up.
    guard magnitude <= Int64.min.magnitude else { throw error("the number is too large", at: start) }
    return .negative(Int64(truncatingIfNeeded: 0 &- magnitude))
  }

  // MARK: - Texts

  private mutating func readText() throws(JSONError) -> String {
    let start = index
    index += 1
    var text: [UInt8] = []
    var copied = index
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        text += bytes[copied..<index]
        index += 1
        guard let valid = validText(text) else {
          throw error("a text is not valid UTF-8", at: start)
        }
        return valid
      case UInt8(ascii: "\\"):
        text += bytes[copied..<index]
        text += Array(String(Character(try readEscape())).utf8)
        copied = index
      case ..<0x20: throw error("a control byte stands in a text")
      default: index += 1
      }
    }
    throw error("the text ends early")
  }

  private mutating func readEscape() throws(JSONError) -> Unicode.Scalar {
    let start = index
    index += 1
    guard let letter = next else { throw error("the text ends early") }
    index += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw error("no such escape", at: start)
    }
    let unit = try readUnit()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    // Half of a scalar beyond U+FFFF; the other half has to follow.
    guard UTF16.isLeadSurrogate(unit), next == UInt8(ascii: "\\"),
      bytes[index...].dropFirst().first == UInt8(ascii: "u")
    else { throw error("half of a surrogate pair", at: start) }
    index += 2
    let second = try readUnit()
    guard UTF16.isTrailSurrogate(second) else { throw error("half of a surrogate pair", at: start) }
    return UTF16.decode(UTF16.EncodedScalar([unit, second]))
  }

  private mutating func readUnit() throws(JSONError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next else { throw error("the text ends early") }
      switch byte {
      case 0x30...0x39: unit = unit << 4 | UInt16(byte - 0x30)
      case 0x41...0x46: unit = unit << 4 | UInt16(byte - 0x41 + 10)
      case 0x61...0x66: unit = unit << 4 | UInt16(byte - 0x61 + 10)
      default: throw error("four hexadecimal digits are expected")
      }
      index += 1
    }
    return unit
  }
}
