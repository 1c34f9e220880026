extension Rule {
  static let impossibleSize = Rule(
    .impossibleSize,
    what: "A size that is none: an unknown unit, more than the kernel takes, or zero where that means no limit",
    why: "A limit that cannot be set protects nothing, and a tmpfs of size 0 is one without any limit.",
    example: """
      [limits]
      memory = "4 GB"
      """,
    safer: """
      [limits]
      file-size = "4G"
      """)
}
