extension Rule {
  static let hostNetwork = Rule(
    "host-network", .hint,
    what: "The app uses the machine's own network",
    why: """
      It reaches the internet, the machines around you and every service on this machine that trusts whoever reaches \
      127.0.0.1. What it can read it can send away. With "private" what listens on 127.0.0.1 is out of reach, and \
      connections come from inside alone. Where the machine's own network is what the program is for, say so.
      """,
    example: """
      [network]
      mode = "host"
      """,
    safer: """
      [network]
      mode = "private"
      """
  ) { subject in
    let mode = subject.profile.network.mode
    if mode.value != .host { return [] }
    return [
      Finding(
        "the app reaches the internet, and services on this machine", at: mode.origin,
        hint: "\"private\" is enough for most; where it is not, write # snug: allow host-network and why")
    ]
  }
}
