extension Rule {
  static let writableSearchPath = Rule(
    "writable-search-path", .error,
    what: "A directory that your shell looks for programs in can be changed",
    why: """
      The app puts a program called ls or sudo there, and you run it in place of the one you mean (CVE-2024-1724).
      """,
    example: """
      [files]
      write = [{ path = "~/.local/bin", if-missing = "create" }]
      """,
    safer: """
      [files]
      write = ["~/src"]
      """
  ) { subject in
    let path = (subject.host.variable("PATH") ?? "").split(separator: ":").map(String.init)
    // As a profile would name them: what stands in PATH twice, or is known anyway, is told once.
    let places = ["~/.local/bin", "~/bin"] + path.filter { $0.hasPrefix("/") }.map { subject.context.portable($0) }
    var seen: Set<String> = []
    return subject.changing(
      places.filter { seen.insert($0).inserted }, "a program that it puts there is run in place of the one you mean")
  }
}
