extension Rule {
  static let takenTarget = Rule(
    .takenTarget,
    what: "Two grants of one profile for the same place inside",
    why: "Only one can stand there, and nothing says which.",
    example: """
      [files]
      read = [{ path = "/srv", at = "/data" }, { path = "/opt", at = "/data" }]
      """,
    safer: """
      [files]
      read = [{ path = "/srv", at = "/data/srv" }, { path = "/opt", at = "/data/opt" }]
      """)
}
