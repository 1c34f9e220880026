extension Rule {
  static let missingKey = Rule(
    .missingKey,
    what: "A table without a key that it needs",
    why: "An entry without a path, or an op without a target, says nothing that could be done.",
    example: """
      [files]
      read = [{ if-missing = "skip" }]
      """,
    safer: """
      [files]
      read = [{ path = "/srv", if-missing = "skip" }]
      """)
}
