/// Something wrong with what a person wrote, with the place, the reason and the remedy.
///
/// Wording follows design section 6: lower case, the verb, the path the user wrote, the reason.
public struct Diagnostic: Error, Hashable, Sendable {
  /// What is wrong, without the leading `snug: `.
  public var message: String
  /// What kind of trouble it is; always there where a profile is read or compiled.
  public var cause: Cause?
  /// The place; nil where there is none, for example an unknown name.
  public var origin: Origin?
  /// The line of the profile that `origin` points into, for the caret.
  public var sourceLine: String?
  /// The one known remedy, without the leading `hint: `.
  public var hint: String?
  /// The repair of a misspelt word at `origin`; nil where there is no clear one.
  public var correction: Correction?

  /// Makes a diagnostic.
  public init(
    _ message: String, _ cause: Cause? = nil, at origin: Origin? = nil, sourceLine: String? = nil, hint: String? = nil,
    correction: Correction? = nil
  ) {
    self.message = message
    self.cause = cause
    self.origin = origin
    self.sourceLine = sourceLine
    self.hint = hint
    self.correction = correction
  }

  /// The text a person reads, escaped for a terminal:
  ///
  ///     snug: unknown key "raed" in [files]
  ///       at firefox.toml:14:9
  ///       14 | raed = ["~/x"]
  ///          | ^
  ///       hint: did you mean "read"?
  public var text: String {
    var lines = ["snug: " + escaped(message)]
    // What nobody wrote has no place to look at.
    if let origin, origin != .defaults {
      lines.append("  at " + escaped(origin.description))
      if let sourceLine { lines += caretLines(sourceLine, at: origin) }
    }
    if let hint { lines.append("  hint: " + escaped(hint)) }
    return lines.joined(separator: "\n")
  }
}

/// A source line with its number, and below it a caret at the column; none where there is nothing to show.
package func caretLines(_ line: String, at origin: Origin) -> [String] {
  if line.isEmpty || origin.line < 1 { return [] }
  let number = String(origin.line)
  let gutter = String(repeating: " ", count: number.count)
  let (shown, before) = excerpt(line, column: origin.column)
  return ["  \(number) | " + shown, "  \(gutter) | " + String(repeating: " ", count: before) + "^"]
}

/// The part of a line around a column, escaped, and how many characters stand in it before the column. A profile may be
/// one line of 1 MiB. Columns count Unicode scalars: a combining mark is a column for the parser but none on the screen.
private func excerpt(_ line: String, column: Int) -> (shown: String, before: Int) {
  let room = 60
  let scalars = line.unicodeScalars
  let caret =
    scalars.index(scalars.startIndex, offsetBy: max(0, column - 1), limitedBy: scalars.endIndex)
    ?? scalars.endIndex
  let start = scalars.index(caret, offsetBy: -room, limitedBy: scalars.startIndex) ?? scalars.startIndex
  let end = scalars.index(caret, offsetBy: room, limitedBy: scalars.endIndex) ?? scalars.endIndex
  let head = (start > scalars.startIndex ? "..." : "") + escaped(String(scalars[start..<caret]))
  let tail = escaped(String(scalars[caret..<end])) + (end < scalars.endIndex ? "..." : "")
  return (head + tail, head.count)
}
