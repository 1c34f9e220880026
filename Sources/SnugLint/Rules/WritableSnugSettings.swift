import SnugPlan

extension Rule {
  static let writableSnugSettings = Rule(
    "writable-snug-settings", .error,
    what: "Profiles of Snug, or the private homes of other profiles, can be changed",
    why: """
      The app rewrites a profile, its own among them, and the next start gives whatever that says. What it writes \
      into the home of another profile is run by that one's app.
      """,
    example: """
      [files]
      write = [{ path = "xdg-config/snug", if-missing = "create" }]
      """,
    safer: """
      [files]
      home = "private"
      """
  ) { subject in
    let searched = (subject.host.variable("SNUG_PROFILE_PATH") ?? "").split(separator: ":").map(String.init)
    // Homes are where the host says, as for the compiler: XDG_DATA_HOME may lead elsewhere than `xdg-data`.
    let homes = subject.context.portable(joined(subject.host.dataHome, "snug"))
    return subject.changing(
      ["xdg-config/snug", "/etc/snug", homes] + searched.filter { $0.hasPrefix("/") },
      "it can widen profiles, its own too, or reach other private homes")
  }
}
