extension Rule {
  static let badBusName = Rule(
    .badBusName,
    what: "A bus name that is none, for instance one without a dot",
    why: """
      The bus proxy takes a name without a dot and then never matches it: the app is refused, and nothing says \
      why.
      """,
    example: """
      [bus.session]
      talk = ["Notifications"]
      """,
    safer: """
      [bus.session]
      talk = ["org.freedesktop.Notifications"]
      """)
}
