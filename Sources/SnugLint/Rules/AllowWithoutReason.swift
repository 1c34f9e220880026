import SnugProfile

extension Rule {
  static let allowWithoutReason = Rule(
    "allow-without-reason", .warning,
    what: "A comment that allows a finding without saying why",
    why: """
      Whoever reads the profile next cannot tell a decision from a shortcut. An allow without a reason allows nothing.
      """,
    example: """
      [environment]
      keep = [
        "LANG", # snug: allow duplicate-grant
        "LANG",
      ]
      """,
    safer: """
      [environment]
      keep = [
        "LANG", # snug: allow duplicate-grant the order is that of another list
        "LANG",
      ]
      """
  ) { subject in
    subject.allows.filter { $0.reason.isEmpty && Rule.named($0.rule) != nil }.map {
      Finding("\"\($0.rule)\" is allowed without a reason", at: $0.origin, hint: "write the reason behind the name")
    }
  }
}
