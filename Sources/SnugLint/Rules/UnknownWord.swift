extension Rule {
  static let unknownWord = Rule(
    .unknownWord,
    what: "A word that its key does not know",
    why: "A key with fixed words does one thing for each. With any other word it is not known what to grant.",
    example: """
      [files]
      home = "privat"
      """,
    safer: """
      [files]
      home = "private"
      """)
}
