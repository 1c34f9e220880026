extension Rule {
  static let unusableProfile = Rule(
    .unusableProfile,
    what: "An extended profile that cannot be read or may not be used",
    why: """
      Whoever can write a profile decides what its users' apps may do. One that others can write, or that belongs \
      to another user, is refused.
      """,
    example: """
      # open.toml has mode 0666
      extends = ["open"]
      """,
    safer: """
      # base.toml has mode 0644
      extends = ["base"]
      """)
}
