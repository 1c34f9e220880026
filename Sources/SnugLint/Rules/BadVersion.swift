extension Rule {
  static let badVersion = Rule(
    .badVersion,
    what: "A profile without version = 1, or of a version that this Snug does not know",
    why: """
      The version says which keys there are and what they mean. Guessing it could grant what another version would \
      not.
      """,
    example: "version = 2",
    safer: "version = 1")
}
