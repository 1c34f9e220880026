extension Rule {
  static let escapingLink = Rule(
    .escapingLink,
    what: "A granted path that goes through a link out of a directory which the app may change",
    why: """
      The app of an earlier start could have made that link, and so have chosen what the next one shows it \
      (CVE-2024-42472).
      """,
    example: """
      [files]
      write = ["~/linked"]
      read = ["~/linked/out"]
      """,
    safer: """
      [files]
      write = ["~/linked"]
      read = ["/media/disk"]
      """)
}
