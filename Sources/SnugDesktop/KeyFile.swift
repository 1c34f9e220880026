/// A text in the basic format of the Desktop Entry Specification 1.5: groups of keys and values, comments and blank lines.
///
/// What is not changed is written byte for byte as it was read. Strict where readers differ: a text that two readers could
/// take for two different things is refused, or what starts would be decided by the more careless one.
public struct KeyFile: Hashable, Sendable {
  /// Why a text is refused.
  public struct Failure: Error, Hashable, Sendable {
    /// One-based; 0 where it is the whole.
    public var line: Int
    /// In words.
    public var reason: String

    /// Makes one.
    public init(line: Int, _ reason: String) {
      self.line = line
      self.reason = reason
    }

    /// `line 3: a key before the first group`.
    public var text: String { line == 0 ? reason : "line \(line): \(reason)" }
  }

  /// What keys are made of.
  public enum KeyNames: Sendable {
    /// Letters, digits and dashes.
    case plain
    /// Anything: types of files are keys in lists of associations.
    case any
  }

  /// A key with its value as it stands in the file.
  public struct Entry: Hashable, Sendable {
    /// `Name` of `Name[de]`.
    public var key: String
    /// `de` of `Name[de]`.
    public var locale: String?
    /// What stands behind `=` and the blanks there.
    public var raw: [UInt8]
    /// One-based.
    public var line: Int
  }

  private enum Kind: Hashable, Sendable {
    case other
    case group(String)
    /// `value`: where the value begins.
    case entry(key: String, locale: String?, value: Int)
  }

  private struct Line: Hashable, Sendable {
    var bytes: [UInt8]
    var kind: Kind
  }

  private var lines: [Line] = []

  /// Reads a whole text.
  public init(_ bytes: [UInt8], keys: KeyNames = .plain) throws(Failure) {
    var group: String?
    var groups: Set<String> = []
    var seen: Set<String> = []
    for (index, part) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      let number = index + 1
      if let problem = problem(with: part) { throw Failure(line: number, problem) }
      let kind = try Self.kind(part, number, keys)
      switch kind {
      case .other: break
      case .group(let name):
        if !groups.insert(name).inserted { throw Failure(line: number, "a second group [\(name)]") }
        group = name
        seen = []
      case .entry(let key, let locale, _):
        if group == nil { throw Failure(line: number, "a key before the first group") }
        let name = key + (locale.map { "[\($0)]" } ?? "")
        if !seen.insert(name).inserted { throw Failure(line: number, "a second \(name) in one group") }
      }
      lines.append(Line(bytes: Array(part), kind: kind))
    }
  }

  /// The text.
  public var bytes: [UInt8] { Array(lines.map(\.bytes).joined(separator: [0x0A])) }

  /// Names of the groups, in order.
  public var groups: [String] {
    lines.compactMap { if case .group(let name) = $0.kind { name } else { nil } }
  }

  /// Keys and values of a group, in order; none where there is no such group.
  public func entries(in group: String) -> [Entry] {
    range(of: group).compactMap { index in
      guard case .entry(let key, let locale, let value) = lines[index].kind else { return nil }
      return Entry(key: key, locale: locale, raw: Array(lines[index].bytes[value...]), line: index + 1)
    }
  }

  /// A key without a locale.
  public func entry(_ key: String, in group: String) -> Entry? {
    entries(in: group).first { $0.key == key && $0.locale == nil }
  }

  /// Gives a key another value; one that is not there is put behind the last key of its group. Without that group nothing
  /// happens.
  public mutating func set(_ key: String, in group: String, to raw: [UInt8]) {
    let range = range(of: group)
    if range.isEmpty { return }
    for index in range {
      guard case .entry(key, nil, let value) = lines[index].kind else { continue }
      lines[index].bytes.replaceSubrange(value..., with: raw)
      return
    }
    let last = range.last { if case .entry = lines[$0].kind { true } else { false } } ?? range.lowerBound
    let start = Array("\(key)=".utf8)
    lines.insert(
      Line(bytes: start + raw, kind: .entry(key: key, locale: nil, value: start.count)), at: last + 1)
  }

  /// Takes a key without a locale out of a group.
  public mutating func remove(_ key: String, in group: String) {
    for index in range(of: group) {
      guard case .entry(key, nil, _) = lines[index].kind else { continue }
      lines.remove(at: index)
      return
    }
  }

  /// The lines of a group, its header first; empty where there is none.
  private func range(of group: String) -> Range<Int> {
    guard let start = lines.firstIndex(where: { $0.kind == .group(group) }) else { return 0..<0 }
    let rest = lines[(start + 1)...]
    let end = rest.firstIndex { if case .group = $0.kind { true } else { false } } ?? lines.endIndex
    return start..<end
  }

  private static func kind(_ line: ArraySlice<UInt8>, _ number: Int, _ keys: KeyNames) throws(Failure) -> Kind {
    if line.allSatisfy(isBlank) || line.first == UInt8(ascii: "#") { return .other }
    // Some readers skip blanks before a key, others take them for part of it.
    if line.first.map(isBlank) == true { throw Failure(line: number, "it begins with a blank") }
    if line.first == UInt8(ascii: "[") { return .group(try groupName(line, number)) }
    guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else {
      throw Failure(line: number, "neither a group nor a key with a value")
    }
    let name = withoutBlanksAtEnd(line[..<equals])
    let value = line[(equals + 1)...].drop(while: isBlank).startIndex - line.startIndex
    guard let open = name.firstIndex(of: UInt8(ascii: "[")) else {
      return .entry(key: try key(name, number, keys), locale: nil, value: value)
    }
    let locale = name[(open + 1)...].dropLast()
    if name.last != UInt8(ascii: "]") || locale.isEmpty || locale.contains(where: { brackets.contains($0) }) {
      throw Failure(line: number, "a key with brackets that hold no locale")
    }
    return .entry(
      key: try key(name[..<open], number, keys), locale: String(decoding: locale, as: UTF8.self), value: value)
  }

  private static func groupName(_ line: ArraySlice<UInt8>, _ number: Int) throws(Failure) -> String {
    let header = withoutBlanksAtEnd(line)
    let name = header.dropFirst().dropLast()
    let isPlain = name.allSatisfy { (0x20..<0x7F).contains($0) && !brackets.contains($0) }
    if header.last != UInt8(ascii: "]") || name.isEmpty || !isPlain {
      throw Failure(line: number, "not the name of a group between brackets")
    }
    return String(decoding: name, as: UTF8.self)
  }

  private static func key(_ name: ArraySlice<UInt8>, _ number: Int, _ keys: KeyNames) throws(Failure) -> String {
    let isKey =
      switch keys {
      case .plain: name.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
      case .any: name.allSatisfy { !isBlank($0) }
      }
    if name.isEmpty || !isKey { throw Failure(line: number, "a key of other than letters, digits and dashes") }
    return String(decoding: name, as: UTF8.self)
  }
}

private let brackets: [UInt8] = [UInt8(ascii: "["), UInt8(ascii: "]")]

func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

private func isLetterOrDigit(_ byte: UInt8) -> Bool {
  (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
}

private func withoutBlanksAtEnd(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  bytes[..<((bytes.lastIndex { !isBlank($0) } ?? bytes.startIndex - 1) + 1)]
}

/// What no line may hold; comments neither: there are readers that take a carriage return for the end of a line.
private func problem(with line: ArraySlice<UInt8>) -> String? {
  guard let text = String(validating: line, as: UTF8.self) else { return "it is not UTF-8" }
  // Most lines are plain: looking into the tables of Unicode is for the others.
  if line.allSatisfy({ $0 == 0x09 || (0x20..<0x7F).contains($0) }) { return nil }
  for scalar in text.unicodeScalars where scalar != "\t" {
    if scalar == "\r" { return "it holds a carriage return" }
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: return "it holds a control character"
    default: continue
    }
  }
  return nil
}
