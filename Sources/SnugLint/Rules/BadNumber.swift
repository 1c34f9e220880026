extension Rule {
  static let badNumber = Rule(
    .badNumber,
    what: "A number outside of what its key takes",
    why: "The kernel would refuse it later, or take something else for it. File modes and the umask are octal.",
    example: """
      [process]
      nice = 40
      """,
    safer: """
      [process]
      nice = 10
      """)
}
