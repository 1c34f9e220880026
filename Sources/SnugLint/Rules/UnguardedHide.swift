extension Rule {
  static let unguardedHide = Rule(
    "unguarded-hide", .warning,
    what: "A hidden name that does not exist and that the app can make, let go by if-missing = \"skip\"",
    why: """
      The app may make it, and keep there what a later start then hides from it, or what another program reads. Snug \
      makes nothing on the host to hide it.
      """,
    example: """
      [files]
      write = ["~/notes"]
      hide = [{ path = "~/notes/absent", if-missing = "skip" }]
      """,
    safer: """
      [files]
      read = ["~/notes"]
      hide = [{ path = "~/notes/absent", if-missing = "skip" }]
      """
  ) { subject in
    subject.plan.skipped.filter(\.leavesFree).map {
      Finding(
        "\($0.path) is hidden but does not exist, and the app can make it", at: $0.origin,
        hint: "make it, or grant what holds it read-only")
    }
  }
}
