extension Rule {
  static let badPath = Rule(
    .badPath,
    what: "A path that a profile cannot hold: relative, with \"..\", or too long",
    why: """
      A path that begins with a bare name, or climbs with "..", means another place for each start. A grant must \
      name one place.
      """,
    example: """
      [files]
      read = ["Pictures"]
      """,
    safer: """
      [files]
      read = ["~/Pictures"]
      """)
}
