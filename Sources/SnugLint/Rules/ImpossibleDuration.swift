extension Rule {
  static let impossibleDuration = Rule(
    .impossibleDuration,
    what: "A duration that is none, or longer than 24 days",
    why: "Snug would not know how long to wait before it ends what is left. Units are ms, s, m and h.",
    example: """
      [process]
      adopt-wait = "5 seconds"
      """,
    safer: """
      [process]
      adopt-wait = "5s"
      """)
}
