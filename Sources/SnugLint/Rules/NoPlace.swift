extension Rule {
  static let noPlace = Rule(
    .noPlace,
    what: "A grant for a place that cannot be made inside",
    why: "Nothing is ever made in a directory of the host to mount something on, and nothing stands below a file.",
    example: """
      [files]
      read = [{ path = "/srv", at = "/usr/share/data" }]
      """,
    safer: """
      [files]
      read = [{ path = "/srv", at = "/data" }]
      """)
}
