extension Rule {
  static let tooManyProblems = Rule(
    .tooManyProblems,
    what: "More than a hundred problems in one file",
    why: "What a person reads of hundreds is the beginning. The rest comes up when that is repaired.",
    example: "a = 1 # and 100 more of this kind",
    safer: """
      summary = "a"
      """)
}
