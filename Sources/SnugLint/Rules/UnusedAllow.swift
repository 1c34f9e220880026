extension Rule {
  static let unusedAllow = Rule(
    afterAll: "unused-allow", .warning,
    what: "A comment that allows what is not found on its line",
    why: """
      It was needed once, or stands in the wrong place. Left there, it would silence a new finding that nobody has \
      thought about. Errors of reading cannot be allowed.
      """,
    example: """
      [environment]
      # snug: allow duplicate-grant both programs ask for it
      keep = ["LANG"]
      """,
    safer: """
      [environment]
      keep = ["LANG"]
      """)
}

/// An allow that no finding needed.
func unusedFinding(_ allow: Allow, _ subject: Subject) -> Finding {
  Finding(
    "nothing on line \(allow.line) needs \"\(allow.rule)\" allowed", at: allow.origin, hint: "take the comment out")
}
