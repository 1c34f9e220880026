/// Words filled into lines of at most 100 columns, each with a line break.
///
/// - Parameters:
///   - separator: what stands between two words; at the end of a line its blanks are left out.
///   - indent: what every line begins with.
///   - first: what the first line begins with in place of `indent`.
func wrapped(_ words: [String], separator: String, indent: String = "  ", first: String? = nil) -> String {
  var lines: [String] = []
  var line = ""
  for word in words {
    if line.isEmpty {
      line = word
    } else if indent.count + line.count + separator.count + word.count >= 100 {
      lines.append(line + (separator == " " ? "" : ","))
      line = word
    } else {
      line += separator + word
    }
  }
  lines.append(line)
  return lines.enumerated().map { ($0 == 0 ? first ?? indent : indent) + $1 + "\n" }.joined()
}

/// A sentence filled into lines of at most 100 columns.
func wrapped(_ text: String, indent: String, first: String? = nil) -> String {
  wrapped(text.split(separator: " ").map(String.init), separator: " ", indent: indent, first: first)
}
