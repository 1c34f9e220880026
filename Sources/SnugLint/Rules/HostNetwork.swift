extension Rule {
  static let hostNetwork = Rule(
    "host-network", .hint,
    what: "The app uses the machine's own network",
    why: """
      It reaches the internet, the machines around you and every service on this machine that trusts whoever reaches \
      127.0.0.1. What it can read it can send away. Where that is what the program is for, say so.
      """,
    example: """
      [network]
      mode = "host"
      """,
    safer: """
      [network]
      mode = "none"
      """
  ) { subject in
    let mode = subject.profile.network.mode
    if mode.value != .host { return [] }
    return [
      Finding(
        "the app reaches the internet, and services on this machine", at: mode.origin,
        hint: "where it has to, write # snug: allow host-network and why; landlock.connect-tcp names single ports")
    ]
  }
}
