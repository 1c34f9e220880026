extension Rule {
  static let contradictingSystemCall = Rule(
    .contradictingSystemCall,
    what: "A system call that is allowed and denied",
    why: """
      Only one of the two can hold, and the wrong one may be meant. A layer takes back what a lower one wrote with \
      "!NAME".
      """,
    example: """
      [seccomp]
      allow = ["ptrace"]
      deny = ["ptrace"]
      """,
    safer: """
      [seccomp]
      deny = ["ptrace"]
      """)
}
