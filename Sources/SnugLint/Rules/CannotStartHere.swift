extension Rule {
  static let cannotStartHere = Rule(
    .cannotStartHere, .hint,
    what: "A profile that cannot start in this session, in this directory or on this kernel",
    why: """
      The profile itself may be right: a display is not there, the directory is the home, or the kernel is too old \
      for a protection that may not be missing.
      """,
    example: """
      [desktop]
      x11 = true
      """,
    safer: """
      [desktop]
      x11 = false
      """)
}
