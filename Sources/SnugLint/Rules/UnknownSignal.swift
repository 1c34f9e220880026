extension Rule {
  static let unknownSignal = Rule(
    .unknownSignal,
    what: "A signal that does not exist",
    why: "The app would never be told to end, and would be killed with its work unsaved.",
    example: """
      [process]
      cancel-signal = "TREM"
      """,
    safer: """
      [process]
      cancel-signal = "TERM"
      """)
}
