import SnugLint

/// `snug-lint.7`: every rule with its page.
public func lintManual() -> String {
  var blocks: [Block] = [
    .section("DESCRIPTION"),
    .text(
      """
      `snug lint` reads profiles, compiles them and tells what is wrong, dangerous or badly written, each finding with \
      file, line and column, the name of its rule, and what to write instead. `snug lint --list` names the rules, `snug \
      lint --explain RULE` prints the page of one.
      """),
    .text(
      """
      An error stops the profile from being used or makes the exit status 1. A warning is very likely not meant, or opens \
      a way out. A hint is about style.
      """),
    .section("ALLOWING A FINDING"),
    .text(
      """
      Where something is meant, a comment on its line or on the line above says so, with a reason. A comment that allows \
      nothing is itself a finding.
      """),
    .code(
      """
      # snug: allow useless-grant the wider one goes with the next release
      read = ["/usr/share/dict"]
      """),
    .section("RULES"),
  ]
  for rule in Rule.all { blocks += page(rule) }
  return ManualPage(
    name: "snug-lint", section: 7, description: "the rules of snug lint",
    blocks: blocks + [.section("SEE ALSO"), .text("`snug`(1), `snug-profile`(5)")]
  ).source
}

private func page(_ rule: Rule) -> [Block] {
  [
    .subsection("\(rule.name) (\(rule.level.rawValue))"),
    .text(rule.what + "."),
    .text(rule.why),
    .text("Example:"),
    .code(rule.example),
    .text("Safer:"),
    .code(rule.safer),
    .text(rule.canBeAllowed ? "It can be allowed." : "It cannot be allowed."),
  ]
}
