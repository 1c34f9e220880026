extension Rule {
  static let wrongType = Rule(
    .wrongType,
    what: "A value of another type than its key takes",
    why: """
      A quoted "true" is text and a number without quotes is no size. Taking one for the other would guess what \
      was meant.
      """,
    example: """
      [desktop]
      fonts = "true"
      """,
    safer: """
      [desktop]
      fonts = true
      """)
}
