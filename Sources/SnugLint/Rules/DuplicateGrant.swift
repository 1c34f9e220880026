import SnugProfile

extension Rule {
  static let duplicateGrant = Rule(
    "duplicate-grant", .warning,
    what: "An item that stands in its list twice, or that an extended profile has already",
    why: """
      Only the later one counts, in its own form. Two that differ, for example in if-missing, say two things of which \
      one is not so; two that are the same hide that one of them was meant to be something else.
      """,
    example: """
      [files]
      read = [
        "/srv",
        "/opt",
        "/srv",
      ]
      """,
    safer: """
      [files]
      read = ["/srv", "/opt"]
      """
  ) { subject in
    Key.all.flatMap { key -> [Finding] in
      guard case .list = key.kind, case .list(let items)? = subject.written[key.name]?.value else { return [] }
      return twice(items, key.name, subject) + inheritedAlready(items, key.name, subject)
    }
  }
}

/// Items that a later one of the same list replaces.
private func twice(_ items: [Item], _ key: String, _ subject: Subject) -> [Finding] {
  var last: [[UInt8]: Item] = [:]
  var found: [Finding] = []
  for item in items {
    if let earlier = last[item.identity], !earlier.takesOut, !item.takesOut {
      found.append(
        Finding(
          "\(key): \"\(earlier.shown)\" comes again on line \(item.origin.line), and the later one counts",
          at: earlier.origin, fix: subject.removal(of: earlier)))
    }
    last[item.identity] = item
  }
  return found
}

/// Items that stand below in the very same form.
private func inheritedAlready(_ items: [Item], _ key: String, _ subject: Subject) -> [Finding] {
  guard case .list(let lower)? = subject.below.values[key]?.value else { return [] }
  // What nobody wrote is no reason to leave something out of a profile.
  let known = Dictionary(
    lower.filter { $0.layer >= 0 }.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
  var moved: Set<[UInt8]> = []
  return items.compactMap { item in
    if item.takesOut {
      // Taking out and adding again moves an item to the end.
      moved.insert(item.identity)
      return nil
    }
    guard let earlier = known[item.identity], !moved.contains(item.identity), sameForm(earlier, item, subject) else {
      return nil
    }
    return Finding(
      "\(key): \"\(item.shown)\" is there already from \(earlier.origin)", at: item.origin,
      fix: subject.removal(of: item))
  }
}

/// Whether a grant means the same in both layers: without a word of its own, a shipped one skips what is missing.
private func sameForm(_ lower: Item, _ upper: Item, _ subject: Subject) -> Bool {
  guard case .entry(let old) = lower.value, case .entry(let new) = upper.value else {
    return lower.value == upper.value
  }
  func policy(_ entry: PathEntry, _ isShipped: Bool) -> IfMissing { entry.ifMissing ?? (isShipped ? .skip : .fail) }
  return old.at == new.at && policy(old, lower.isShipped) == policy(new, subject.file.isShipped)
}
