/// The command line of a desktop entry or of a D-Bus service, in words.
///
/// See "The Exec key" of the Desktop Entry Specification 1.5. Two layers: escapes of a string, then quoting. Strict: a line
/// that the specification does not define is refused, since launchers disagree about it.
public struct StartLine: Hashable, Sendable {
  /// Who reads the line.
  public enum Reader: Sendable {
    /// A launcher of desktop entries, which replaces field codes.
    case launcher
    /// The message bus: no field codes, the same quoting.
    case bus
  }

  /// Why a line is refused.
  public struct Failure: Error, Hashable, Sendable {
    /// In words.
    public var reason: String

    init(_ reason: String) { self.reason = reason }
  }

  /// A piece of a word.
  public enum Part: Hashable, Sendable {
    /// As it is.
    case text([UInt8])
    /// The letter of a field code.
    case code(UInt8)
  }

  /// One word of the line.
  public struct Word: Hashable, Sendable {
    /// Its pieces; none for an empty word.
    public var parts: [Part]
    /// As it stands in the file.
    public var raw: [UInt8]

    /// What the program gets; nil where a launcher puts something in.
    public var text: [UInt8]? {
      var out: [UInt8] = []
      for part in parts {
        guard case .text(let bytes) = part else { return nil }
        out += bytes
      }
      return out
    }
  }

  /// At least one.
  public var words: [Word] = []

  /// Reads a value as it stands in the file.
  public init(_ raw: [UInt8], for reader: Reader = .launcher) throws(Failure) {
    guard let value = DecodedValue(raw) else { throw Failure("a backslash before what is no escape") }
    var scanner = Scanner(bytes: value.bytes, reader: reader)
    while let word = try scanner.next() {
      let parts = word.parts.filter { if case .code(let code) = $0 { !deprecated.contains(code) } else { true } }
      if parts.count == word.parts.count {
        words.append(Word(parts: parts, raw: Array(raw[value.starts[word.start]..<value.starts[word.end]])))
      } else if !parts.isEmpty {
        // A word that was nothing but such a code goes with it.
        let raw = encodedValue(Self.spelled(parts))
        words.append(Word(parts: Self.merged(parts), raw: raw))
      }
    }
    guard let program = words.first else { throw Failure("no program") }
    guard let name = program.text else { throw Failure("a field code in place of a program") }
    if name.isEmpty { throw Failure("an empty word in place of a program") }
    if reader == .launcher, name.contains(UInt8(ascii: "=")) { throw Failure("a program with = in its name") }
    if words.count(where: \.takesFile) > 1 { throw Failure("more than one field code for files") }
  }

  /// A word as it has to be written in a file for a program to get exactly `text`. Plain where that is possible: some
  /// launchers know no quotes.
  ///
  /// - Parameter text: without a NUL byte.
  public static func written(_ text: [UInt8], for reader: Reader = .launcher) -> [UInt8] {
    if reader == .launcher { return encodedValue(spelled([.text(text)])) }
    return encodedValue(quoted(text))
  }

  private static func merged(_ parts: [Part]) -> [Part] {
    parts.reduce(into: []) { out, part in
      if case .text(let more) = part, case .text(let text)? = out.last {
        out[out.count - 1] = .text(text + more)
      } else {
        out.append(part)
      }
    }
  }

  private static func spelled(_ parts: [Part]) -> [UInt8] {
    var out: [UInt8] = []
    var hasCode = false
    for part in parts {
      switch part {
      case .text(let text):
        for byte in text { out += byte == UInt8(ascii: "%") ? [byte, byte] : [byte] }
      case .code(let code):
        hasCode = true
        out += [UInt8(ascii: "%"), code]
      }
    }
    // No field code stands in quotes, so what stands beside one is plain.
    return hasCode ? out : quoted(out)
  }

  private static func quoted(_ text: [UInt8]) -> [UInt8] {
    if !text.isEmpty, !text.contains(where: isReserved) { return text }
    var out: [UInt8] = [quote]
    for byte in text { out += isEscapedInQuotes(byte) ? [backslash, byte] : [byte] }
    return out + [quote]
  }
}

extension StartLine.Word {
  /// Whether files or addresses are put in.
  var takesFile: Bool {
    parts.contains { if case .code(let code) = $0 { fileCodes.contains(code) } else { false } }
  }
}

private let quote = UInt8(ascii: "\"")
private let backslash = UInt8(ascii: "\\")
private let fileCodes = Array("fFuU".utf8)
/// Those that become several words, or none.
private let wholeCodes = Array("FUi".utf8)
private let knownCodes = Array("fFuUick".utf8)
private let deprecated = Array("dDnNvm".utf8)
private let reserved = Set(" \t\n\r\"'\\><~|&;$*?#()`".utf8)

/// What stands in quotes only. Control characters are not in the specification's list; nobody means one outside.
private func isReserved(_ byte: UInt8) -> Bool { reserved.contains(byte) || byte < 0x20 || byte == 0x7F }

private func isEscapedInQuotes(_ byte: UInt8) -> Bool { "\"`$\\".utf8.contains(byte) }

/// Takes a decoded value apart.
private struct Scanner {
  struct Word {
    var parts: [StartLine.Part] = []
    var start: Int
    var end: Int
  }

  let bytes: [UInt8]
  let reader: StartLine.Reader
  private var index = 0

  init(bytes: [UInt8], reader: StartLine.Reader) {
    self.bytes = bytes
    self.reader = reader
  }

  mutating func next() throws(StartLine.Failure) -> Word? {
    while index < bytes.count, bytes[index] == 0x20 { index += 1 }
    guard index < bytes.count else { return nil }
    var word = Word(start: index, end: index)
    if bytes[index] == quote {
      word.parts = try inQuotes()
    } else {
      word.parts = try plain()
    }
    word.end = index
    return word
  }

  private mutating func inQuotes() throws(StartLine.Failure) -> [StartLine.Part] {
    var text: [UInt8] = []
    index += 1
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      switch byte {
      case quote:
        if index < bytes.count, bytes[index] != 0x20 { throw .init("quotes around a part of a word") }
        return text.isEmpty ? [] : [.text(text)]
      case backslash:
        guard index < bytes.count, isEscapedInQuotes(bytes[index]) else {
          throw .init("a backslash in quotes before what needs none")
        }
        text.append(bytes[index])
        index += 1
      case UInt8(ascii: "%") where reader == .launcher:
        guard index < bytes.count, bytes[index] == byte else { throw .init("a field code in quotes") }
        text.append(byte)
        index += 1
      default:
        if isEscapedInQuotes(byte) { throw .init("\(Character(UnicodeScalar(byte))) in quotes without a backslash") }
        text.append(byte)
      }
    }
    throw .init("quotes that do not end")
  }

  private mutating func plain() throws(StartLine.Failure) -> [StartLine.Part] {
    var parts: [StartLine.Part] = []
    var text: [UInt8] = []
    while index < bytes.count, bytes[index] != 0x20 {
      let byte = bytes[index]
      index += 1
      if isReserved(byte) {
        throw .init(byte > 0x20 ? "\(Character(UnicodeScalar(byte))) outside of quotes" : "a control character")
      }
      guard byte == UInt8(ascii: "%"), reader == .launcher else {
        text.append(byte)
        continue
      }
      guard index < bytes.count else { throw .init("% at the end") }
      let code = bytes[index]
      index += 1
      if code == UInt8(ascii: "%") {
        text.append(code)
        continue
      }
      guard knownCodes.contains(code) || deprecated.contains(code) else { throw .init("a field code that is unknown") }
      if !text.isEmpty { parts.append(.text(text)) }
      text = []
      parts.append(.code(code))
    }
    if !text.isEmpty { parts.append(.text(text)) }
    for case .code(let code) in parts where wholeCodes.contains(code) && parts.count > 1 {
      throw .init("%\(Character(UnicodeScalar(code))) as a part of a word")
    }
    return parts
  }
}
