extension Rule {
  static let reachableAbstractSockets = Rule(
    "reachable-abstract-sockets", .warning,
    what: "The network is the machine's own, and abstract sockets are not cut off",
    why: """
      Abstract sockets have no file that could be hidden: they belong to the network. The X server and agents listen \
      on some, so that the app gets to them whatever else the profile says.
      """,
    example: """
      [network]
      mode = "host"
      [landlock]
      scope = ["!abstract-unix-socket"]
      """,
    safer: """
      [network]
      mode = "host"
      """
  ) { subject in
    // Whether this machine's kernel can do it is told when the app starts: here it is whether the profile asks for it.
    let isCutOff = subject.profile.landlock.scope.contains { $0.value == .abstractUnixSocket }
    guard subject.profile.network.mode.value == .host, !isCutOff else { return [] }
    return [
      Finding(
        "the app reaches abstract sockets of every program of yours",
        at: subject.merged.values["landlock.scope"].map(\.origin) ?? subject.profile.network.mode.origin,
        hint: "keep \"abstract-unix-socket\" in landlock.scope")
    ]
  }
}
