extension Rule {
  static let longList = Rule(
    .longList,
    what: "A list of more than 10,000 entries",
    why: "Nobody can read it, and every start would pay for it. One directory says the same.",
    example: """
      programs = ["one", "two"] # and 9,999 more
      """,
    safer: """
      programs = ["one"]
      """)
}
