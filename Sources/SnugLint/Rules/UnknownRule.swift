import SnugProfile

extension Rule {
  static let unknownRule = Rule(
    "unknown-rule", .warning,
    what: "A comment that allows a rule which does not exist",
    why: "A misspelt name allows nothing, and the comment tells its reader something that is not so.",
    example: """
      # snug: allow no-such-rule because
      [files]
      """,
    safer: "[files]"
  ) { subject in
    subject.allows.filter { Rule.named($0.rule) == nil }.map { allow in
      if allow.rule.isEmpty {
        return Finding("the comment allows no rule", at: allow.origin, hint: "write # snug: allow RULE reason")
      }
      let near = nearest(to: allow.rule, in: Rule.all.map(\.name))
      let hint = near.map { "did you mean \"\($0)\"?" } ?? "snug lint --list names the rules"
      return Finding("there is no rule \"\(allow.rule)\"", at: allow.origin, hint: hint)
    }
  }
}
