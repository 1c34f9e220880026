import SnugProfile

/// A grant whose path was looked at: what the decision about paths works on.
struct Rule {
  var grant: Grant
  /// Where it stands inside, as written.
  var target: String
  var source: Source
  /// The absolute path as written and where its links lead.
  var names: [String]
  /// A later `hide` took it away. Where a later, shorter write shows it all the same it stays read-only: were it simply
  /// gone, adding the `hide` would have made it writable.
  var isTaken = false
}

/// The grants that hold, with the access that holds: on the same path the later layer, then read before write; a `hide`
/// takes away what stands on its own path in whatever layer and what earlier layers granted below it. Rules hold under
/// both names of a path; a grant lifts a `hide` only by a name written below it. Were where its links lead enough, an app
/// that may change a link would choose what is shown to it at the next start.
func holding(_ rules: [Rule]) -> [Rule] {
  let decision = GrantRules(rules.compactMap { GrantRule($0.grant, real: $0.source.path) })
  var hides = PathTree<Int>()
  for rule in rules where rule.grant.kind == .hide {
    for name in rule.names { hides.change(name, from: rule.grant.layer) { $0 = max($0, rule.grant.layer) } }
  }
  let leadsIntoHidden = linksIntoHidden(rules)
  // One host path may be granted under a thousand names: it is decided about once.
  var decided = PathTree<Visibility>()
  func visibility(_ name: String) -> Visibility {
    if let known = decided[name] { return known }
    let visibility = decision.decide(name).visibility
    decided[name] = visibility
    return visibility
  }
  return rules.compactMap { rule in
    if rule.grant.kind == .hide { return rule }
    if leadsIntoHidden(rule) { return nil }
    var rule = rule
    switch rule.names.map(visibility).min() ?? .hidden {
    case .hidden: return nil
    // A write by one name is no write where the other name says read.
    case .readOnly: rule.grant.kind = .read
    case .writable: break
    }
    rule.isTaken = rule.names.contains { hides.along($0).contains { $0.value > rule.grant.layer } }
    return rule.isTaken && rule.grant.kind == .write ? nil : rule
  }
}

/// Whether the links of a grant lead below a `hide` that its name as written is not below.
private func linksIntoHidden(_ rules: [Rule]) -> (Rule) -> Bool {
  var hides = PathTree<[Int]>()
  for (index, rule) in rules.enumerated() where rule.grant.kind == .hide {
    for name in rule.names { hides.change(name, from: []) { $0.append(index) } }
  }
  return { rule in
    guard let written = rule.names.first, !samePath(written, rule.source.path) else { return false }
    let lifted = Set(hides.along(written).flatMap(\.value))
    return hides.along(rule.source.path).contains { !lifted.isSuperset(of: $0.value) }
  }
}

/// On the same path: the later layer, then read before write.
func wins(_ rule: Rule, over other: Rule) -> Bool {
  if rule.grant.layer != other.grant.layer { return rule.grant.layer > other.grant.layer }
  return rule.grant.kind == .read && other.grant.kind != .read
}
