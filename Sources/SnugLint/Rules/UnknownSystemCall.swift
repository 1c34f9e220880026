extension Rule {
  static let unknownSystemCall = Rule(
    .unknownSystemCall,
    what: "A system call that does not exist",
    why: "A misspelt name in deny leaves open what it should refuse.",
    example: """
      [seccomp]
      deny = ["ptrance"]
      """,
    safer: """
      [seccomp]
      deny = ["ptrace"]
      """)
}
