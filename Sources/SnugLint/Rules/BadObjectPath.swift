extension Rule {
  static let badObjectPath = Rule(
    .badObjectPath,
    what: "An object path that is none",
    why: """
      The bus never carries a message for such a path, so that the rule matches nothing. Names in it have letters, \
      digits and "_" only.
      """,
    example: """
      [bus.session]
      call = { "org.example.App" = ["*@org/example"] }
      """,
    safer: """
      [bus.session]
      call = { "org.example.App" = ["*@/org/example"] }
      """)
}
