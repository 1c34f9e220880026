extension Rule {
  static let neededSystemCall = Rule(
    .neededSystemCall,
    what: "A denied system call that Snug itself needs inside",
    why: """
      The sandbox's first process runs under the same filter as the app. Without this call it cannot start or end \
      the app.
      """,
    example: """
      [seccomp]
      deny = ["wait4"]
      """,
    safer: """
      [seccomp]
      deny = ["ptrace"]
      """)
}
