extension Rule {
  static let badID = Rule(
    .badID,
    what: "An id that is not reverse-DNS",
    why: """
      Portals, Wayland and the bus know an app by a name with dots, such as org.example.App, and refuse others or \
      give them the rights of none.
      """,
    example: """
      id = "firefox"
      """,
    safer: """
      id = "org.mozilla.firefox"
      """)
}
