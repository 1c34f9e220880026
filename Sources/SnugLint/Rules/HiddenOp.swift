extension Rule {
  static let hiddenOp = Rule(
    "hidden-op", .warning,
    what: "Something asked for that a later exact op above it hides",
    why: """
      It is built and then covered, so that the app never sees it; or a hide is covered, and what it hid is seen again. \
      Ops are carried out in the order written.
      """,
    example: """
      [files]
      read = [{ path = "/srv", at = "/data/srv" }]
      [[files.op]]
      op = "tmpfs"
      target = "/data"
      """,
    safer: """
      [[files.op]]
      op = "tmpfs"
      target = "/data"
      [[files.op]]
      op = "bind"
      host = "/srv"
      target = "/data/srv"
      """
  ) { subject in
    subject.coverings.filter { !$0.isSamePlace }.map { covering in
      // The line to change is the one in this file.
      let isOwn = subject.isOwn(covering.hidden.origin)
      return Finding(
        "\(covering.hidden.op.target) is hidden by \(covering.target), which comes later",
        at: isOwn ? covering.hidden.origin : covering.by.origin,
        hint: "put it below the other one, as an exact op: see \(covering.by.origin)")
    }
  }
}
