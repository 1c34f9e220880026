extension Rule {
  static let invalidTOML = Rule(
    .invalidTOML,
    what: "Text that is no TOML",
    why: "Nothing of the profile can be read, so nothing of it holds, and Snug refuses to start.",
    example: """
      summary = "An unclosed string
      """,
    safer: """
      summary = "A closed string"
      """)
}
