extension Rule {
  static let badBusRule = Rule(
    .badBusRule,
    what: "A rule for bus messages that the proxy cannot read",
    why: "The proxy ends when it reads such a rule, and with it the app loses its bus.",
    example: """
      [bus.session]
      call = { "org.example.App" = ["org.example.App. Open"] }
      """,
    safer: """
      [bus.session]
      call = { "org.example.App" = ["org.example.App.Open"] }
      """)
}
