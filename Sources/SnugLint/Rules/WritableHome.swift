extension Rule {
  static let writableHome = Rule(
    "writable-home", .error,
    what: "The whole home can be changed",
    why: """
      What the app writes into the start files of your shell, into autostart or into a git hook runs as you the next \
      time, outside of the sandbox. It can also read and change every key and password in there.
      """,
    example: """
      [files]
      home = "host"
      """,
    safer: """
      [files]
      home = "private"
      write = ["~/src"]
      """
  ) { subject in
    var lines = LinesByOrigin()
    for sight in subject.exposure.sights where sight.isWritable && subject.holdsHome(sight) && sight.source != "/" {
      lines.add("the whole home", at: sight.origin)
    }
    return lines.findings {
      Finding(
        "the app can change \($1), and so what runs as you outside", at: $0,
        hint: "set files.home = \"private\" and grant the directories that it is for")
    }
  }
}
