extension Rule {
  static let missingSource = Rule(
    .missingSource,
    what: "A granted path that does not exist on this machine",
    why: """
      The start fails: a path that is misspelt must not go unnoticed. Where a path is there on some machines only, \
      if-missing = "skip" goes on without it and "create" makes a directory.
      """,
    example: """
      [files]
      read = ["/nowhere"]
      """,
    safer: """
      [files]
      read = [{ path = "/nowhere", if-missing = "skip" }]
      """)
}
