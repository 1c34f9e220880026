extension Rule {
  static let badOp = Rule(
    .badOp,
    what: "Keys of one entry that do not go together",
    why: """
      An overlay with an upper directory needs a work directory beside it; a file has text or base64. One half of \
      a pair says nothing.
      """,
    example: """
      [[files.op]]
      op = "file"
      target = "/etc/motd"
      """,
    safer: """
      [[files.op]]
      op = "file"
      target = "/etc/motd"
      text = "hello"
      """)
}
