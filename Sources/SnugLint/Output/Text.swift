import SnugProfile

/// Findings as a person reads them, as compilers print theirs: place, level, what is wrong and the rule, then the line
/// with a caret, then the remedy.
///
///     notes.toml:3:1: error: unknown key "raed" in [files] [unknown-key]
///       3 | raed = ["~/Pictures"]
///         | ^
///       hint: did you mean "read"?
public func lintText(_ reports: [Report]) -> String {
  reports.flatMap { report in report.findings.map { text($0, report) + "\n" } }.joined()
}

private func text(_ finding: Finding, _ report: Report) -> String {
  let place = escaped(finding.origin.description)
  var lines = ["\(place): \(finding.level.rawValue): \(escaped(finding.message)) [\(finding.rule)]"]
  if let line = report.source.line(at: finding.origin) { lines += caretLines(line, at: finding.origin) }
  if let hint = finding.advice { lines.append("  hint: " + escaped(hint)) }
  return lines.joined(separator: "\n")
}

extension Finding {
  /// The remedy: what the rule says, else that `--fix` does it.
  var advice: String? { hint ?? fix.map { $0.summary + ": --fix does it" } }
}
