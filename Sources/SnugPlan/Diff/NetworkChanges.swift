import SnugProfile

extension Changes {
  /// Which network, and which ports of it.
  mutating func addNetwork(_ a: DiffSide, _ b: DiffSide) {
    let (before, after) = (a.profile.network.mode, b.profile.network.mode)
    rank(
      .network, before.value.rank, after.value.rank, (before.origin, after.origin),
      gain: "can now use \(after.value.words) (was: \(before.value.words))",
      loss: (after.value == .none ? "no longer has a network" : "can now only use \(after.value.words)")
        + " (was: \(before.value.words))")

    let origins = (a.profile.landlock.connectTCP?.origin, b.profile.landlock.connectTCP?.origin)
    switch (a.plan.landlock.connectTCP, b.plan.landlock.connectTCP) {
    case (nil, nil): break
    case (_?, nil): add(.gain, .network, "may connect to any TCP port", at: origins.1, origins.0)
    case (nil, let ports?): add(.loss, .network, "may connect only to \(words(ports))", at: origins.0, origins.1)
    case (let old?, let new?):
      let (more, fewer) = (new.filter { !old.contains($0) }, old.filter { !new.contains($0) })
      if !more.isEmpty { add(.gain, .network, "may now connect to \(words(more))", at: origins.1) }
      if !fewer.isEmpty { add(.loss, .network, "may no longer connect to \(words(fewer))", at: origins.0) }
    }
  }

  private func words(_ ports: [UInt16]) -> String {
    if ports.isEmpty { return "no TCP port" }
    return "TCP port\(ports.count == 1 ? "" : "s") " + enumerated(ports.sorted().map { String($0) })
  }

  /// The second wall and the scopes. Its rules about files come from the grants, which are compared themselves.
  mutating func addLandlock(_ a: DiffSide, _ b: DiffSide) {
    let files = (a.profile.landlock.files?.origin, b.profile.landlock.files?.origin)
    // Without a word about it, the preset decides.
    flag(
      .landlock, !a.plan.landlock.files, !b.plan.landlock.files,
      (files.0 ?? a.profile.seccomp.preset.origin, files.1 ?? b.profile.seccomp.preset.origin),
      gain: "the second wall around files, landlock, is gone",
      loss: "landlock is a second wall around files")
    for scope in Landlock.Scope.allCases {
      func origin(_ side: DiffSide) -> Origin? {
        side.profile.landlock.scope.first { $0.value == scope }?.origin
      }
      flag(
        .landlock, !a.plan.landlock.scope.contains(scope), !b.plan.landlock.scope.contains(scope),
        (origin(a), origin(b)), gain: "can now \(scope.words) (scope \(scope.rawValue) is gone)",
        loss: "can no longer \(scope.words) (scope \(scope.rawValue))")
    }
  }

  /// What this machine does not enforce of either. The comparison itself takes all of it to be enforced.
  mutating func addNotEnforced(_ a: Profile, _ b: Profile, _ host: Host, landlockABI: Int) throws(CompileError) {
    var host = host
    host.landlockABI = landlockABI
    func missing(_ profile: Profile) throws(CompileError) -> [String] {
      var profile = profile
      // Whether its lack stops the start is told of by `optional`.
      profile.optional.append(Located("landlock"))
      return try compile(profile, for: host, ProgramRequest(needsProgram: false)).notEnforced
    }
    let (before, after) = (try missing(a), try missing(b))
    for key in after where !before.contains(key) {
      add(.neutral, .landlock, "asks for \(key), which this machine cannot enforce", at: b.place(of: key))
    }
    for key in before where !after.contains(key) {
      add(.neutral, .landlock, "no longer asks for \(key), which this machine cannot enforce", at: a.place(of: key))
    }
  }

  /// Namespaces that are shared with the machine; that of the network is told of by its mode.
  mutating func addNamespaces(_ a: DiffSide, _ b: DiffSide) {
    for namespace in Namespace.allCases where namespace != .network {
      flag(
        .namespaces, !a.plan.namespaces.contains(namespace), !b.plan.namespaces.contains(namespace), (nil, nil),
        gain: "now shares the machine's \(namespace.rawValue) namespace",
        loss: "has a \(namespace.rawValue) namespace of its own")
    }
  }
}

extension Network.Mode {
  fileprivate var rank: Int {
    switch self {
    case .none: 0
    case .userMode: 1
    case .host: 2
    }
  }

  fileprivate var words: String {
    switch self {
    case .none: "no network"
    case .userMode: "the network, without this machine's own services"
    case .host: "this machine's network"
    }
  }
}

extension Landlock.Scope {
  fileprivate var words: String {
    switch self {
    case .signal: "send signals to processes outside"
    case .abstractUnixSocket: "connect to abstract sockets outside"
    }
  }
}

extension Profile {
  /// Where a key of `[landlock]` is written; nil where it is not.
  fileprivate func place(of key: String) -> Origin? {
    switch key {
    case "landlock.files": landlock.files?.origin
    case "landlock.connect-tcp": landlock.connectTCP?.origin
    default: landlock.scope.first?.origin
    }
  }
}
