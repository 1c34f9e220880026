extension Rule {
  static let unknownKey = Rule(
    .unknownKey,
    what: "A key that the profile format does not have",
    why: """
      A misspelt key grants nothing and protects nothing. Were it passed over, a misspelt "hide" would leave open what \
      it names, so Snug refuses the whole profile.
      """,
    example: """
      [files]
      raed = ["/srv"]
      """,
    safer: """
      [files]
      read = ["/srv"]
      """)
}
