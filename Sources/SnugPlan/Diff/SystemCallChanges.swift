import SnugProfile

extension Changes {
  /// The calls that the two filters let through, group by group with the group's reason.
  mutating func addSystemCalls(_ a: Seccomp, _ b: Seccomp, _ before: SeccompPolicy, _ after: SeccompPolicy) {
    for group in freed(from: before, by: after) {
      add(
        .gain, .systemCalls, "may now call \(names(group.rules)) (\(group.name): \(group.reason))",
        at: b.allowOrigin(group) ?? b.preset.origin, b.multiarch.origin, a.denyOrigin(group), a.preset.origin)
    }
    for group in freed(from: after, by: before) {
      add(
        .loss, .systemCalls, "may no longer call \(names(group.rules)) (\(group.name): \(group.reason))",
        at: a.allowOrigin(group) ?? a.preset.origin, a.multiarch.origin, b.denyOrigin(group), b.preset.origin)
    }
    flag(
      .systemCalls, !hasFilter(before), !hasFilter(after), (a.preset.origin, b.preset.origin),
      gain: "has no filter at all: calls that nobody has judged yet are let through too",
      loss: "has a filter: calls that nobody has judged yet are refused")
    // Without a filter every program runs.
    flag(
      .systemCalls, before.multiarch || !hasFilter(before), after.multiarch || !hasFilter(after),
      (a.multiarch.origin, b.multiarch.origin), gain: "can now run 32-bit programs, with the calls that only they have",
      loss: "can no longer run 32-bit programs")
  }
}

/// What one filter refuses and another one lets through, by the groups of the first.
private func freed(from before: SeccompPolicy, by after: SeccompPolicy) -> [FilterGroup] {
  let kept = Dictionary(grouping: filterGroups(after).flatMap({ $0.rules }), by: { $0.call })
  return filterGroups(before).compactMap { group in
    var group = group
    group.rules.removeAll { rule in
      (kept[rule.call] ?? []).contains { $0.test == nil || $0.test == rule.test }
    }
    return group.rules.isEmpty ? nil : group
  }
}

/// Each call once; those that are refused for some arguments alone say so.
private func names(_ rules: [FilterRule]) -> String {
  var calls: [String] = []
  for rule in rules where !calls.contains(rule.call) { calls.append(rule.call) }
  return enumerated(
    calls.map { call in
      rules.contains { $0.call == call && $0.test == nil } ? call : "\(call) with any arguments"
    })
}

extension Seccomp {
  /// The line that takes a call of the group out of the preset.
  fileprivate func allowOrigin(_ group: FilterGroup) -> Origin? { origin(of: group, in: allow) }

  /// The line that puts a call of the group to the preset.
  fileprivate func denyOrigin(_ group: FilterGroup) -> Origin? { origin(of: group, in: deny) }

  private func origin(of group: FilterGroup, in names: [Located<String>]) -> Origin? {
    names.first { name in group.rules.contains { $0.call == name.value } }?.origin
  }
}
