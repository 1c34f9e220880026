/// A piece of a manual page. Texts hold `code` between backquotes and nothing else that means something; escaping is the
/// writer's.
indirect enum Block {
  case section(String)
  case subsection(String)
  /// One paragraph.
  case text(String)
  /// Lines as they are.
  case code(String)
  /// A head and what is said about it.
  case items([(head: String, body: [Block])])
}

/// A manual page in mdoc(7).
struct ManualPage {
  var name: String
  var section: Int
  /// One line for whatis(1).
  var description: String
  var blocks: [Block]

  /// The page's source. It has no date of a run: the same sources give the same page.
  var source: String {
    var out = ".\\\" Generated from the sources; see share/doc/contributing.md.\n"
    out += ".Dd \(manualDate)\n.Dt \(name.uppercased()) \(section)\n.Os\n"
    out += ".Sh NAME\n.Nm \(name)\n.Nd \(roffLine(description))\n"
    var isAfterHead = false
    for block in blocks { write(block, to: &out, &isAfterHead) }
    return out
  }
}

/// The day of the last change of the hand-written parts.
private let manualDate = "November 21, 2026"

private func write(_ block: Block, to out: inout String, _ isAfterHead: inout Bool) {
  switch block {
  case .section(let title):
    out += ".Sh \(roffArgument(title))\n"
    isAfterHead = true
    return
  case .subsection(let title):
    out += ".Ss \(roffArgument(title))\n"
    isAfterHead = true
    return
  case .text(let text):
    // A heading begins a paragraph by itself, and mandoc(1) complains of two.
    if !isAfterHead { out += ".Pp\n" }
    out += roffText(text)
  case .code(let text):
    out += ".Bd -literal -offset indent\n"
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) { out += roffLine(String(line)) + "\n" }
    out += ".Ed\n"
  case .items(let items):
    out += ".Bl -tag -width Ds\n"
    for item in items {
      out += ".It Sy \(roffArgument(item.head))\n"
      var isAfterItem = true
      for block in item.body { write(block, to: &out, &isAfterItem) }
    }
    out += ".El\n"
  }
  isAfterHead = false
}

/// Text without a meaning of its own to roff: a quote or a hyphen out of a profile is copied as it is.
private func roffEscaped(_ text: String) -> String {
  var out = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\\": out += "\\e"
    case "-": out += "\\-"
    case "'": out += "\\(aq"
    case "`": out += "\\(ga"
    case "^": out += "\\(ha"
    case "~": out += "\\(ti"
    default: out.unicodeScalars.append(scalar)
    }
  }
  return out
}

/// One line of output: a dot at its beginning is no request.
private func roffLine(_ text: String) -> String {
  let line = roffEscaped(text)
  return line.hasPrefix(".") ? "\\&" + line : line
}

/// One argument of a request.
private func roffArgument(_ text: String) -> String {
  "\"" + roffEscaped(text).split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\(dq") + "\""
}

/// A paragraph: a new line for each sentence, as mdoc(7) wants it, and none longer than 76 columns where words allow.
private func roffText(_ text: String) -> String {
  var lines: [String] = []
  var line = ""
  var isCode = false
  for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
    let written = roffWord(String(word), &isCode)
    if !line.isEmpty, line.count + 1 + written.count > 76 {
      lines.append(line)
      line = ""
    }
    line += line.isEmpty ? written : " " + written
    if !isCode, let last = word.last, ".?!".contains(last) {
      lines.append(line)
      line = ""
    }
  }
  if !line.isEmpty { lines.append(line) }
  return lines.map { ($0.hasPrefix(".") ? "\\&" + $0 : $0) + "\n" }.joined()
}

/// A word with bold where it is code. `isCode` says whether a backquote is open.
private func roffWord(_ word: String, _ isCode: inout Bool) -> String {
  var out = isCode ? "\\fB" : ""
  for (index, piece) in word.split(separator: "`", omittingEmptySubsequences: false).enumerated() {
    if index > 0 {
      out += isCode ? "\\fP" : "\\fB"
      isCode.toggle()
    }
    out += roffEscaped(String(piece))
  }
  // A font does not reach over the end of a line.
  return isCode ? out + "\\fP" : out
}
