extension Rule {
  static let missingProgram = Rule(
    .missingProgram, .hint,
    what: "A profile whose program is not found inside on this machine",
    why: """
      The profile cannot be run by its name here. Either the program is not installed, or the profile does not \
      show where it lies.
      """,
    example: """
      programs = ["no-such-program"]
      """,
    safer: """
      programs = ["vim"]
      """)
}
