extension Rule {
  static let badHostname = Rule(
    .badHostname,
    what: "A host name that is too long or has characters that host names have not",
    why: "The kernel takes 64 bytes. Shell prompts, URLs and X11 cookies break on other characters.",
    example: """
      [process]
      hostname = "my_box"
      """,
    safer: """
      [process]
      hostname = "my-box"
      """)
}
