extension Rule {
  static let badProfileName = Rule(
    .badProfileName,
    what: "A name that no profile can have",
    why: """
      Profiles are extended by name, never by path: a path in a profile would let its writer choose a file for \
      each reader.
      """,
    example: """
      extends = ["./base.toml"]
      """,
    safer: """
      extends = ["base"]
      """)
}
