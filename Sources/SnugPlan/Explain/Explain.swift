import SnugProfile

/// Explains what a start lets the app see, change and reach.
public func explain(_ prospect: Prospect) -> Explanation {
  let (profile, plan) = (prospect.profile, prospect.plan)
  let explainer = Explainer(profile, plan, prospect.host)
  var facts: [Explanation.Area: [Explanation.Fact]] = [
    .worries: explainer.worries,
    .notEnforced: explainer.notEnforced,
    .devices: explainer.devices,
    .windows: explainer.windows,
    .bus: explainer.bus,
    .network: explainer.network,
    .calls: explainer.calls,
    .lifetime: explainer.lifetime,
    .environment: explainer.environment,
    .skipped: explainer.skipped,
    .assert: explainer.claims,
    .hidden: explainer.hiddenFiles,
  ]
  (facts[.change], facts[.read]) = explainer.files
  for (area, list) in facts where area != .worries && list.isEmpty { facts[area] = nil }
  return Explanation(
    profile: profile.name, id: plan.id, summary: profile.summary?.value, obstacles: prospect.obstacles, facts: facts)
}

/// What all parts of an explanation work on.
struct Explainer {
  typealias Fact = Explanation.Fact

  let profile: Profile
  let plan: Plan
  let host: Host
  /// What stands at the end, each before what is below it.
  let standing: [(place: String, standing: Draft.Standing)]
  /// The same as a tree; looking into it remembers what the host said.
  let tree: FinalTree
  /// The home without links; the home as it is where it cannot be judged.
  let realHome: String

  init(_ profile: Profile, _ plan: Plan, _ host: Host) {
    self.profile = profile
    self.plan = plan
    self.host = host
    tree = FinalTree(plan, profile, host)
    standing = tree.standing
    realHome = host.real(host.home) ?? host.home
  }

  /// A path as a person would write it, safe to print.
  func shown(_ path: String) -> String { escaped(host.tilde(path)) }

  /// What is asked for and is not there on this machine.
  var notEnforced: [Fact] {
    plan.notEnforced.map { key in
      Fact("this machine cannot enforce \(escaped(key)), and the profile lets it go without (key \"optional\")")
    }
  }

  /// Entries that were left out because what they name is not there.
  var skipped: [Fact] { plan.skipped.map { Fact("\(escaped($0.path)): \(escaped($0.reason))", $0.origin) } }

  /// What `[assert]` claims, in the order in which it is tried.
  var claims: [Fact] {
    if plan.asserts.isEmpty { return [] }
    let texts = plan.asserts.map { escaped($0.text) }.joined(separator: ", ")
    return [
      Fact(
        "before the app starts, Snug tries from inside: \(texts); what does not hold stops the start",
        plan.asserts.map({ $0.origin }))
    ]
  }

  /// Who and where the app believes to be, and which variables of the caller it gets.
  var environment: [Fact] {
    let process = profile.process
    var facts: [Fact] = []
    switch process.user.value {
    case .caller:
      facts.append(Fact("your user name and number: \(escaped(host.userName)), \(host.uid)", process.user.origin))
    case .nobody: facts.append(Fact("it is nobody, inside only: its files outside are yours", process.user.origin))
    case .root:
      facts.append(
        Fact("it is root, inside only: it believes so, but may do no more than you", process.user.origin))
    }
    facts.append(
      Fact("a name of the machine that says nothing: \(escaped(plan.process.hostname))", process.hostname.origin))
    let kept = plan.environment.filter { variable in
      profile.environment.keep.contains { $0.value == variable.name && $0.origin == variable.origin }
    }
    for (origin, variables) in grouped(kept, by: { $0.origin }) {
      let names = variables.map { escaped($0.name) }.joined(separator: ", ")
      facts.append(Fact("your values of these environment variables: \(names)", origin))
    }
    if kept.isEmpty { facts.append(Fact("none of your environment variables")) }
    return facts
  }
}

/// Items by a property, groups in the order of their first item.
func grouped<Item, Key: Hashable>(_ items: [Item], by key: (Item) -> Key) -> [(key: Key, items: [Item])] {
  var order: [Key] = []
  var groups: [Key: [Item]] = [:]
  for item in items {
    let key = key(item)
    if groups[key] == nil { order.append(key) }
    groups[key, default: []].append(item)
  }
  return order.map { ($0, groups[$0] ?? []) }
}

extension Host {
  /// Where the links of a host path lead; nil where it is missing or cannot be judged.
  func real(_ path: String) -> String? {
    if case .exists(let real, _, _, _) = look(path) { real } else { nil }
  }

  /// `~/x` for what is in the home, `./x` for what is in an imagined start directory, else the path itself.
  func tilde(_ path: String) -> String {
    if let rest = remainder(of: path, below: startDirectory) { return joined(".", rest) }
    guard home != "/", let rest = remainder(of: path, below: home) else { return path }
    return rest.isEmpty ? "~" : "~/" + rest
  }
}
