import SnugProfile

/// What the app of `after` can do more or less than the app of `before`.
///
/// Compared are the plans, on the final tree of files, and the parts of the profiles that no plan has yet; never texts.
/// Both are compiled on the same machine, in which everything that either of them names is taken to be there (see
/// `imaginedHost`): else a grant of what this machine lacks would pass unseen, on the machine of a build service above all.
///
/// - Returns: gains, then losses, then the rest; empty where nothing differs.
/// - Throws: `CompileError` of the first profile that makes no plan even so.
public func compare(_ before: Profile, _ after: Profile, on host: Host) throws(CompileError) -> [Change] {
  let profiles = [before, after].map { imagined($0, host) }
  let machine = imaginedHost(host, for: profiles)
  let a = try DiffSide(profiles[0], machine)
  let b = try DiffSide(profiles[1], machine)
  var changes = Changes()
  let buses = [a, b].flatMap { side in FilteredBus.Kind.allCases.compactMap { side.bus($0)?.origin } }
  let told = changes.addKeys(a.profile, b.profile).union(buses)
  changes.addFiles(a, b, machine, told: told)
  changes.addPlaces(a, b, machine, told: told)
  changes.addHidesOfMissing(a, b)
  for kind in FilteredBus.Kind.allCases { changes.addBus(kind.rawValue, a.bus(kind), b.bus(kind)) }
  changes.addNetwork(a, b)
  changes.addEnvironment(a, b, told: told)
  changes.addSystemCalls(a.profile.seccomp, b.profile.seccomp, a.plan.seccomp, b.plan.seccomp)
  changes.addLandlock(a, b)
  try changes.addNotEnforced(a.profile, b.profile, machine, landlockABI: host.landlockABI)
  changes.addIdentity(a, b)
  changes.addLifetime(a.profile.process, b.profile.process)
  changes.addLimits(a.profile.limits, b.profile.limits, memory: host.memory)
  changes.addPriority(a.profile.process.nice, b.profile.process.nice)
  changes.addNamespaces(a, b)
  changes.addCommand(a, b)
  changes.addOptional(a.profile.optional, b.profile.optional)
  changes.addAssertions(a.profile.assertions, b.profile.assertions)
  return changes.sorted
}
