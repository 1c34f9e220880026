import SnugProfile

/// The keys of a desktop entry that a starter profile looks at, see the Desktop Entry Specification 1.5.
public struct MenuEntry: Hashable, Sendable {
  /// `Name` without a language.
  public var name: String?
  /// `Comment` without a language.
  public var comment: String?
  /// The program of `Exec`: its first word.
  public var program: String?
  /// Whether `Exec` takes files or addresses (%f, %F, %u, %U).
  public var takesFiles = false
  /// `Categories`.
  public var categories: [String] = []
  /// `MimeType`.
  public var types: [String] = []
  /// `Terminal`.
  public var isTerminal = false
}

/// Reads the group `[Desktop Entry]`. Nil where there is none, or where the text is not UTF-8.
public func readMenuEntry(_ bytes: [UInt8]) -> MenuEntry? {
  guard let text = validText(bytes) else { return nil }
  var values: [String: String] = [:]
  var isInside = false
  var isFound = false
  for line in text.split(whereSeparator: { $0.isNewline }) {
    if line.first == "[" {
      // Only the first group counts: actions have an Exec of their own.
      isInside = !isFound && line == "[Desktop Entry]"
      isFound = isFound || isInside
    } else if isInside, line.first != "#", let equals = line.firstIndex(of: "=") {
      let key = String(line[..<equals].filter { $0 != " " })
      let value = line[line.index(after: equals)...].drop { $0 == " " }
      if values[key] == nil { values[key] = unescaped(value) }
    }
  }
  if !isFound { return nil }
  func list(_ key: String) -> [String] { (values[key] ?? "").split(separator: ";").map(String.init) }
  var entry = MenuEntry()
  entry.name = values["Name"]
  entry.comment = values["Comment"]
  entry.program = values["Exec"].flatMap(firstWord)
  entry.takesFiles = ["%f", "%F", "%u", "%U"].contains { (values["Exec"] ?? "").contains($0) }
  entry.categories = list("Categories")
  entry.types = list("MimeType")
  entry.isTerminal = values["Terminal"] == "true"
  return entry
}

/// `\s \n \t \r \\` of a value of type string.
private func unescaped(_ text: Substring) -> String {
  var out = ""
  var scalars = text.unicodeScalars[...]
  while let scalar = scalars.popFirst() {
    guard scalar == "\\", let next = scalars.popFirst() else {
      out.unicodeScalars.append(scalar)
      continue
    }
    switch next {
    case "s": out += " "
    case "n": out += "\n"
    case "t": out += "\t"
    case "r": out += "\r"
    case "\\": out += "\\"
    default:
      out += "\\"
      out.unicodeScalars.append(next)
    }
  }
  return out
}

/// The first word of a command line: plain up to a blank, or in double quotes with `\` before `" $` and the backquote.
private func firstWord(_ line: String) -> String? {
  var out = ""
  var scalars = line.unicodeScalars.drop { $0 == " " }
  guard scalars.first == "\"" else {
    let word = String(String.UnicodeScalarView(scalars.prefix { $0 != " " && $0 != "\t" }))
    return word.isEmpty ? nil : word
  }
  scalars = scalars.dropFirst()
  while let scalar = scalars.popFirst() {
    if scalar == "\"" { return out.isEmpty ? nil : out }
    if scalar == "\\", let next = scalars.popFirst() {
      out.unicodeScalars.append(next)
    } else {
      out.unicodeScalars.append(scalar)
    }
  }
  return nil
}
