extension Rule {
  static let badWorkingDirectory = Rule(
    .badWorkingDirectory,
    what: "A working directory that is not there inside",
    why: "The app cannot be started in it. What it is to start in has to be granted too.",
    example: """
      [process]
      working-directory = "/srv"
      """,
    safer: """
      [files]
      read = ["/srv"]
      [process]
      working-directory = "/srv"
      """)
}
