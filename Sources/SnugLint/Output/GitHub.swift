import SnugProfile

/// Workflow commands that GitHub shows as annotations beside the line, one a finding. See "Workflow commands for GitHub
/// Actions" in its documentation.
public func lintGitHub(_ reports: [Report]) -> String {
  reports.flatMap(\.findings).map { finding in
    let word =
      switch finding.level {
      case .error: "error"
      case .warning: "warning"
      case .hint: "notice"
      }
    let (origin, title) = (finding.origin, property("snug: " + finding.rule))
    let place = "file=\(property(origin.file)),line=\(origin.line),col=\(origin.column),title=\(title)"
    let hint = finding.advice.map { "\nhint: " + escaped($0) } ?? ""
    return "::\(word) \(place)::\(data(escaped(finding.message) + hint))\n"
  }.joined()
}

/// What follows the second `::`: a line, with what would end it written otherwise.
private func data(_ text: String) -> String { replaced(text, ["%": "%25", "\r": "%0D", "\n": "%0A"]) }

/// The value of a property: in addition nothing that would end it.
private func property(_ text: String) -> String {
  replaced(escaped(text), ["%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"])
}

private func replaced(_ text: String, _ pairs: [Unicode.Scalar: String]) -> String {
  text.unicodeScalars.reduce(into: "") { out, scalar in out += pairs[scalar] ?? String(scalar) }
}
