extension Rule {
  static let missingHide = Rule(
    .missingHide,
    what: "A hidden name that does not exist, in a directory which the app may change",
    why: """
      The app could make it, and keep there what was to be kept from it. Snug makes nothing on the host to hide \
      it.
      """,
    example: """
      [files]
      write = ["~/notes"]
      hide = ["~/notes/absent"]
      """,
    safer: """
      [files]
      write = ["~/notes"]
      hide = ["~/src"]
      """)
}
