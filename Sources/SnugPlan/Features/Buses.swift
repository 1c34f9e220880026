import SnugProfile

extension Draft {
  /// `[bus.session]` and `[bus.system]`, and what features need of either: the socket of a proxy that lets pass what the
  /// rules name. The bus's own socket is never inside.
  mutating func addBuses(notEnforced: inout [String]) {
    let asked = FilteredBus.Kind.allCases.compactMap { askedBus($0) }
    guard !asked.isEmpty else { return }
    var buses: [FilteredBus] = []
    let proxy = helper("xdg-dbus-proxy")
    for bus in asked {
      let kind = bus.kind
      if profile.process.user.value != .caller {
        // The bus compares the name that a client gives with whom the kernel says it is.
        fail(
          .refusedGrant, "cannot filter \(kind.words): process.user is \"\(profile.process.user.value.rawValue)\"",
          at: profile.process.user.origin,
          hint: "the bus answers you under your own number alone: leave process.user out")
        continue
      }
      do throws(Diagnostic) {
        let upstream = try upstream(kind, bus.origin)
        if proxy == nil {
          throw Diagnostic(
            "cannot filter \(kind.words): there is no xdg-dbus-proxy in PATH", .cannotStartHere, at: bus.origin,
            hint: "install the package xdg-dbus-proxy")
        }
        guard let target = destination(insideSocket(kind), from: bus.origin) else { continue }
        buses.append(
          FilteredBus(
            kind: kind, upstream: upstream, socket: target, rules: bus.rules, log: bus.log, keys: bus.keys,
            isOptional: bus.isOptional, origin: bus.origin))
      } catch {
        if bus.isOptional { notEnforced += bus.keys } else { problems.append(error) }
      }
    }
    guard let proxy, !buses.isEmpty else { return }
    for bus in buses {
      let source = madeSocket(.bus, bus.kind.rawValue, written: "the proxy's socket")
      put(.bind(Bind(source: source, target: bus.socket, access: .readOnly)), from: bus.origin)
      let address = Array("unix:path=".utf8) + escapedForAddress(Array(bus.socket.utf8))
      set(bus.kind.variable, String(decoding: address, as: UTF8.self), from: bus.origin)
    }
    self.bus = BusPolicy(proxy: proxy, buses: buses)
  }

  private struct AskedBus {
    var kind: FilteredBus.Kind
    var rules: [PlannedBusRule]
    var log: Located<Bool>
    var keys: [String]
    var isOptional: Bool
    var origin: Origin
  }

  /// A bus with all that the profile's table and features ask of it; nil where nobody asks for it.
  private func askedBus(_ kind: FilteredBus.Kind) -> AskedBus? {
    let table = profile.table(of: kind)
    let requests = busRequests.filter { $0.kind == kind }
    guard let origin = table?.origin ?? requests.first?.rule.origin else { return nil }
    var keys = table == nil ? [] : [kind.key]
    for request in requests where !keys.contains(request.key) { keys.append(request.key) }
    return AskedBus(
      kind: kind, rules: (table.map { rules($0.value) } ?? []) + requests.map({ $0.rule }),
      log: table?.value.log ?? Located(false), keys: keys,
      isOptional: profile.mayGoUnenforced(kind.key) || keys.allSatisfy { profile.mayGoUnenforced($0) }, origin: origin)
  }

  private func insideSocket(_ kind: FilteredBus.Kind) -> String {
    switch kind {
    case .session: joined(runtimeDirectory, "bus")
    case .system: "/run/dbus/system_bus_socket"
    case .accessibility: joined(runtimeDirectory, "at-spi-bus")
    }
  }

  private func rules(_ bus: Bus) -> [PlannedBusRule] {
    func plain(_ access: PlannedBusRule.Access, _ names: [Located<String>]) -> [PlannedBusRule] {
      names.map { PlannedBusRule(access, $0.value, from: $0.origin) }
    }
    func named(_ access: PlannedBusRule.Access, _ entries: [Located<BusRule>]) -> [PlannedBusRule] {
      entries.flatMap { entry in
        entry.value.rules.map { PlannedBusRule(access, entry.value.name, rule: $0, from: entry.origin) }
      }
    }
    return plain(.see, bus.see) + plain(.talk, bus.talk) + plain(.own, bus.own) + named(.call, bus.call)
      + named(.broadcast, bus.broadcast)
  }

  /// Where the bus listens: what the variable says, or the usual place.
  private mutating func upstream(_ kind: FilteredBus.Kind, _ origin: Origin) throws(Diagnostic) -> FilteredBus.Upstream
  {
    func refuse(_ reason: String, hint: String? = nil) -> Diagnostic {
      Diagnostic("cannot filter \(kind.words): \(reason)", .cannotStartHere, at: origin, hint: hint)
    }
    // There is an address only while the session runs, and only the session bus has it.
    if kind == .accessibility { return .asked }
    let noBus =
      kind == .session ? "snug has to be started in a desktop session; or: dbus-run-session -- snug run ..." : nil
    let written = host.environment.last { $0.name == kind.variable }?.value ?? []
    var address = BusAddress.runtime
    if !written.isEmpty {
      do throws(BusAddressProblem) {
        address = try BusAddress(written)
      } catch {
        throw refuse("\(kind.variable) is \"\(escaped(written))\": \(error.reason)", hint: noBus)
      }
    } else if kind == .system {
      address = .path("/run/dbus/system_bus_socket")
    }
    let path: String
    switch address {
    case .abstract(let name):
      try judgeAbstract(name, refuse)
      return .abstract(name)
    case .path(let named): path = named
    case .runtime:
      guard let directory = host.runtimeDirectory else {
        let what = written.isEmpty ? "\(kind.variable) is not set, and" : "\(kind.variable) is \(escaped(written)), but"
        throw refuse("\(what) there is no XDG_RUNTIME_DIR of yours", hint: noBus)
      }
      path = joined(directory, "bus")
    }
    switch hostSocket(path) {
    case .found(let source): return .socket(source)
    case .refused(let why): throw refuse(why)
    case .missing:
      let what = written.isEmpty ? "\(kind.variable) is not set, and there is no \(path)" : "\(path) does not exist"
      throw refuse(what, hint: noBus ?? "install and start the package dbus")
    }
  }

  /// A socket without a file is there for everything in its network, whatever is mounted.
  private func judgeAbstract(_ name: [UInt8], _ refuse: (String, String?) -> Diagnostic) throws(Diagnostic) {
    if !reachesAbstractSockets { return }
    throw refuse(
      "the app reaches its socket @\(escaped(name)) over the host's network, past every filter",
      "take the network away, or leave landlock.scope as it is on a kernel that has it")
  }
}

extension Plan {
  /// Where the app sees a bus's own socket, or may write to what the proxy is made of, past every rule.
  func busProblems(_ profile: Profile, _ host: Host) -> [Diagnostic] {
    guard let bus else { return [] }
    let sockets = bus.buses.compactMap { bus -> (FilteredBus, Source)? in
      if case .socket(let source) = bus.upstream { (bus, source) } else { nil }
    }
    let files = sockets.map({ $0.1.path })
    guard var tree = finalTree(showing: files, writing: [bus.proxy.path], profile, host) else { return [] }
    var problems: [Diagnostic] = []
    for (bus, source) in sockets {
      guard let seen = tree.places(of: source.path).first else { continue }
      problems.append(
        Diagnostic(
          "cannot filter \(bus.kind.words): its own socket \(source.written) is shown inside, at \(seen.place)",
          .refusedGrant, at: seen.standing?.origin ?? bus.origin,
          hint: "the app would talk to the bus past every rule: hide the socket, or grant less"))
    }
    if let seen = tree.writablePlace(of: bus.proxy.path) {
      problems.append(
        Diagnostic(
          "cannot filter the bus: the app may write to the proxy, \(bus.proxy.written)", .refusedGrant,
          at: seen.standing?.origin))
    }
    return problems
  }
}
