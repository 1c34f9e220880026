extension Rule {
  static let unknownProfile = Rule(
    .unknownProfile,
    what: "An extended profile that does not exist",
    why: "What the base grants and hides is not there, so the profile is another one than its writer meant.",
    example: """
      extends = ["bass"]
      """,
    safer: """
      extends = ["base"]
      """)
}
