extension Rule {
  static let extendsLoop = Rule(
    .extendsLoop,
    what: "A profile that extends itself over others",
    why: "There is no lowest layer to begin with.",
    example: """
      # and loop.toml: extends = ["test"]
      extends = ["loop"]
      """,
    safer: """
      extends = ["base"]
      """)
}
