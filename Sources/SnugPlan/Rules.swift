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
/// both names of a path; a grant lifts a `hide` only by a name written below it, see `linksNotFollowed`.
/// `without` are left out, but still take part in the decision about others: what they made read-only stays so.
///
/// `bounding` are the reads that show nothing themselves but still keep their path read-only where something else shows
/// it: were they simply gone, adding the `hide` that stops them would have made the path writable.
func holding(_ rules: [Rule], without dropped: Set<Int>) -> (holding: [Rule], bounding: [Rule]) {
  let decision = GrantRules(rules.compactMap { GrantRule($0.grant, real: $0.source.path) })
  var hides = PathTree<Int>()
  for rule in rules where rule.grant.kind == .hide {
    for name in rule.names { hides.change(name, from: rule.grant.layer) { $0 = max($0, rule.grant.layer) } }
  }
  // One host path may be granted under a thousand names: it is decided about once.
  var decided = PathTree<Visibility>()
  func visibility(_ name: String) -> Visibility {
    if let known = decided[name] { return known }
    let visibility = decision.decide(name).visibility
    decided[name] = visibility
    return visibility
  }
  var bounding: [Rule] = []
  let holding = rules.enumerated().compactMap { index, rule -> Rule? in
    if rule.grant.kind == .hide { return rule }
    let isBound = rule.grant.kind == .read && visibility(rule.source.path) == .readOnly
    if dropped.contains(index) {
      if isBound { bounding.append(rule) }
      return nil
    }
    var rule = rule
    switch rule.names.map(visibility).min() ?? .hidden {
    case .hidden:
      if isBound { bounding.append(rule) }
      return nil
    // A write by one name is no write where the other name says read.
    case .readOnly: rule.grant.kind = .read
    case .writable: break
    }
    rule.isTaken = rule.names.contains { hides.along($0).contains { $0.value > rule.grant.layer } }
    return rule.isTaken && rule.grant.kind == .write ? nil : rule
  }
  return (holding, bounding)
}

/// Grants whose links are not followed, and why: what leads below a `hide` that its name as written is not below, and what
/// leaves a directory that another grant makes writable. In both the app of an earlier start could have made the link, and
/// so have chosen what this start shows it: CVE-2024-42472.
func linksNotFollowed(_ rules: [Rule]) -> [(rule: Int, isHidden: Bool, why: String)] {
  var hides = PathTree<[Int]>()
  var writes = PathTree<[Int]>()
  for (index, rule) in rules.enumerated() {
    for name in rule.names where rule.grant.kind == .hide { hides.change(name, from: []) { $0.append(index) } }
    for name in rule.names where rule.grant.kind == .write { writes.change(name, from: []) { $0.append(index) } }
  }
  return rules.enumerated().compactMap { index, rule in
    guard rule.grant.kind != .hide, let written = rule.names.first, !samePath(written, rule.source.path) else {
      return nil
    }
    let lifted = Set(hides.along(written).flatMap({ $0.value }))
    let hiding = hides.along(rule.source.path).flatMap({ $0.value }).first { !lifted.contains($0) }
    if let hiding { return (index, true, "is a link into \(rules[hiding].grant.path.written), which is hidden") }
    // Strictly above: the link itself lies in there.
    let holding = writes.along(written).filter { !$0.rest.isEmpty }.flatMap({ $0.value })
    let left = holding.first { $0 != index && !isAtOrBelow(rule.source.path, rules[$0].source.path) }
    return left.map { (index, false, "is a link out of \(rules[$0].grant.path.written), which the app may change") }
  }
}

/// On the same path: the later layer, then read before write.
func wins(_ rule: Rule, over other: Rule) -> Bool {
  if rule.grant.layer != other.grant.layer { return rule.grant.layer > other.grant.layer }
  return rule.grant.kind == .read && other.grant.kind != .read
}
