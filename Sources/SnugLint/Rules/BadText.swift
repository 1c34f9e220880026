extension Rule {
  static let badText = Rule(
    .badText,
    what: "A text that is too long, empty where it must say something, or that holds control characters",
    why: "Control characters rewrite the terminal that shows them, and a NUL byte ends a name early for the kernel.",
    example: """
      summary = "two\\nlines"
      """,
    safer: """
      summary = "two lines"
      """)
}
