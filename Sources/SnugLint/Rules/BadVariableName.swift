extension Rule {
  static let badVariableName = Rule(
    .badVariableName,
    what: "A name of a variable that is empty or has a \"=\" in it",
    why: """
      Everything behind the first "=" is the value: "A=B" would set A, not what is written.
      """,
    example: """
      [environment]
      keep = ["LANG=C"]
      """,
    safer: """
      [environment]
      set = { LANG = "C" }
      """)
}
