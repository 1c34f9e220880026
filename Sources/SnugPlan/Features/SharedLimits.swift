import SnugProfile

extension Draft {
  /// The part of `[limits]` that a cgroup holds, cut to what this machine can; `notEnforced` gets the keys that it cannot
  /// and that may go. Nil where nothing is left.
  ///
  /// A scope of systemd's comes first: there the manager is the one who may make cgroups. One keeper holds all, because a
  /// process is in one cgroup.
  mutating func groupPolicy(notEnforced: inout [String]) -> GroupPolicy? {
    let wanted = sharedLimits
    if wanted.isEmpty { return nil }
    let facts = host.groups()
    func missing(_ keeper: GroupPolicy.Keeper) -> Int {
      wanted.count { facts.obstacles(keeper)[$0.kind] != nil }
    }
    let keeper: GroupPolicy.Keeper = missing(.scope) <= missing(.cgroup) ? .scope : .cgroup
    var policy = GroupPolicy(keeper: keeper, limits: [])
    for limit in wanted {
      guard facts.obstacles(keeper)[limit.kind] != nil else {
        policy.limits.append(limit)
        continue
      }
      if limit.isOptional {
        notEnforced.append(limit.key)
      } else {
        let reasons = [facts.scopeObstacles[limit.kind], facts.cgroupObstacles[limit.kind]].compactMap { $0 }
        problems.append(limit.refusal(reasons.joined(separator: ", and ")))
      }
    }
    return policy.limits.isEmpty ? nil : policy
  }

  private var sharedLimits: [GroupLimit] {
    let limits = profile.limits
    var wanted: [GroupLimit] = []
    func want(_ kind: GroupLimit.Kind, _ value: UInt64, _ written: String, _ origin: Origin) {
      var limit = GroupLimit(kind, value, written: written, origin: origin)
      limit.isOptional = profile.mayGoUnenforced(limit.key)
      wanted.append(limit)
    }
    if let memory = limits.memory { want(.memory, bytes(memory.value), written(memory.value), memory.origin) }
    if let tasks = limits.tasks { want(.tasks, tasks.value, String(tasks.value), tasks.origin) }
    // Its text was checked when the profile was read: digits and a percent sign.
    if let cpu = limits.cpu, let share = UInt64(cpu.value.dropLast()) { want(.cpu, share, cpu.value, cpu.origin) }
    return wanted
  }

  /// `4G`, `50%`, `1000`: the shortest form in which a profile says it.
  private func written(_ size: Size) -> String {
    switch size {
    case .percent(let share): return "\(share)%"
    case .bytes(let bytes):
      for (unit, shift) in [("T", 40), ("G", 30), ("M", 20), ("K", 10)]
      where bytes > 0 && bytes & (1 << UInt64(shift) - 1) == 0 {
        return "\(bytes >> UInt64(shift))\(unit)"
      }
      return String(bytes)
    }
  }
}
