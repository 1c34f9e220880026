import SnugProfile

/// What a bus rule lets the app do with a name, least first; see xdg-dbus-proxy(1).
private enum BusAccess: Int, Comparable {
  case see, talk, own

  static func < (left: BusAccess, right: BusAccess) -> Bool { left.rawValue < right.rawValue }

  var verb: String {
    switch self {
    case .see: "see"
    case .talk: "talk to"
    case .own: "own"
    }
  }
}

extension Changes {
  /// What a message bus lets through. `name` is `session` or `system`.
  mutating func addBus(_ name: String, _ a: Located<Bus>?, _ b: Located<Bus>?) {
    flag(
      .bus, a != nil, b != nil, (a?.origin, b?.origin), gain: "can now reach the \(name) bus, filtered",
      loss: "no longer reaches the \(name) bus")
    let (before, after) = (a?.value, b?.value)
    for (entry, policy) in widened(from: before, to: after) {
      add(.gain, .bus, "can now \(policy.verb) \(entry.value) on the \(name) bus", at: entry.origin, b?.origin)
    }
    for (entry, policy) in widened(from: after, to: before) {
      add(.loss, .bus, "can no longer \(policy.verb) \(entry.value) on the \(name) bus", at: entry.origin, a?.origin)
    }
    let lists: [(String, (Bus) -> [Located<BusRule>])] = [
      ("call", { $0.call }), ("hear broadcasts", { $0.broadcast }),
    ]
    for (verb, rules) in lists {
      for rule in newRules(before, after, rules) {
        add(.gain, .bus, "can now \(verb) \(rule.value) on the \(name) bus", at: rule.origin)
      }
      for rule in newRules(after, before, rules) {
        add(.loss, .bus, "can no longer \(verb) \(rule.value) on the \(name) bus", at: rule.origin)
      }
    }
    if let before, let after, before.log.value != after.log.value {
      let text =
        after.log.value
        ? "calls that the \(name) bus refuses are shown" : "calls that the \(name) bus refuses are no longer shown"
      add(.neutral, .bus, text, at: after.log.origin, before.log.origin)
    }
  }
}

/// Entries of `after` that no entry of `before` covers.
private func widened(from before: Bus?, to after: Bus?) -> [(entry: Located<String>, policy: BusAccess)] {
  guard let after else { return [] }
  let known = before.map(policies) ?? []
  return policies(after).filter { entry, policy in
    !known.contains { $0.policy >= policy && covers($0.entry.value, entry.value) }
  }
}

private func policies(_ bus: Bus) -> [(entry: Located<String>, policy: BusAccess)] {
  bus.own.map { ($0, .own) } + bus.talk.map { ($0, .talk) } + bus.see.map { ($0, .see) }
}

/// Rules of `after` that `before` neither has nor need have: who may talk to a name may make every call to it and hears
/// all it says.
private func newRules(_ before: Bus?, _ after: Bus?, _ rules: (Bus) -> [Located<BusRule>]) -> [Located<String>] {
  guard let after else { return [] }
  let known = before.map { rules($0).map({ $0.value }) } ?? []
  let names = before.map { policies($0).filter { $0.policy >= .talk }.map({ $0.entry.value }) } ?? []
  return rules(after).flatMap { entry in
    entry.value.rules.compactMap { rule in
      let name = entry.value.name
      let isKnown =
        names.contains { covers($0, name) } || known.contains { covers($0.name, name) && $0.rules.contains(rule) }
      return isKnown ? nil : Located("\(name) \(rule)", at: entry.origin)
    }
  }
}

/// Whether a name, or a pattern `org.example.*`, is part of another one. The pattern holds for the name before the star
/// too, see xdg-dbus-proxy(1).
private func covers(_ pattern: String, _ name: String) -> Bool {
  if pattern == name { return true }
  guard pattern.hasSuffix(".*") else { return false }
  let stem = pattern.dropLast(2)
  return name == stem || name.hasPrefix(stem + ".")
}
