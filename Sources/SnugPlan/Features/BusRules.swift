import SnugProfile

/// What a feature asks of a message bus.
struct BusRequest {
  /// The profile's key of the feature, for example `desktop.portals`.
  var key: String
  var kind: FilteredBus.Kind
  var rule: PlannedBusRule
}

extension Draft {
  /// Lets something pass on a bus because a feature needs it. A bus that no table of the profile asks for is there then,
  /// with what features ask for and nothing else.
  ///
  /// Called by features, before `addBuses`. A feature whose key is on whatever the machine has is named in
  /// `Profile.asks(for:)` too: what is compared and explained is a machine on which its bus runs.
  ///
  /// - Parameters:
  ///   - name: a well-known name, or `org.example.*`.
  ///   - rule: of `call` and `broadcast`: `[METHOD][@PATH]`, see xdg-dbus-proxy(1).
  ///   - key: the profile's key of the feature: where there is no bus, the start goes on only if `optional` has it.
  ///   - origin: the line that asked for the feature.
  mutating func addBusRule(
    _ access: PlannedBusRule.Access, _ name: String, rule: String? = nil, on kind: FilteredBus.Kind = .session,
    for key: String, from origin: Origin
  ) {
    busRequests.append(
      BusRequest(key: key, kind: kind, rule: PlannedBusRule(access, name, rule: rule, from: origin)))
  }
}

extension Profile {
  /// The table of a bus; nil for the accessibility bus, which has none.
  func table(of kind: FilteredBus.Kind) -> Located<Bus>? {
    switch kind {
    case .session: sessionBus
    case .system: systemBus
    case .accessibility: nil
    }
  }

  /// Whether the app gets a bus: by its own table, or because a feature needs it.
  func asks(for kind: FilteredBus.Kind) -> Bool {
    switch kind {
    case .session:
      sessionBus != nil || desktop.inputMethod.value || desktop.accessibility.value || desktop.portals.value
        || desktop.notifications.value
    case .system: systemBus != nil
    case .accessibility: desktop.accessibility.value
    }
  }
}

extension Plan {
  /// What passes on a bus, in the form of the profile's table: its own rules and those of features. On a machine without
  /// that bus, what the table says.
  func bus(_ kind: FilteredBus.Kind, of profile: Profile) -> Located<Bus>? {
    let table = profile.table(of: kind)
    guard let planned = bus?.buses.first(where: { $0.kind == kind }) else { return table }
    func names(_ access: PlannedBusRule.Access) -> [Located<String>] {
      planned.rules.filter { $0.access == access }.map { Located($0.name, at: $0.origin) }
    }
    func rules(_ access: PlannedBusRule.Access) -> [Located<BusRule>] {
      var found: [Located<BusRule>] = []
      for planned in planned.rules where planned.access == access {
        let rules = planned.rule.map { [$0] } ?? []
        if let last = found.last, last.value.name == planned.name, last.origin == planned.origin {
          found[found.count - 1].value.rules += rules
        } else {
          found.append(Located(BusRule(name: planned.name, rules: rules), at: planned.origin))
        }
      }
      return found
    }
    let bus = Bus(
      see: names(.see), talk: names(.talk), own: names(.own), call: rules(.call), broadcast: rules(.broadcast),
      log: planned.log)
    return Located(bus, at: planned.origin)
  }
}
