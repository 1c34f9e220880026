import SnugProfile

/// What a profile would start, also where the machine, the session or the directory at hand keeps it from starting.
public struct Prospect: Sendable {
  /// The profile; where it cannot start here, with the usual places of the names that mean nothing here.
  public var profile: Profile
  /// Its plan.
  public var plan: Plan
  /// The machine of the plan; where it cannot start here, with what it needs and this one lacks.
  public var host: Host
  /// What keeps it from starting here and now; empty where nothing does.
  public var obstacles: [Diagnostic]

  /// Joins what was compiled.
  public init(_ profile: Profile, _ plan: Plan, on host: Host, obstacles: [Diagnostic] = []) {
    self.profile = profile
    self.plan = plan
    self.host = host
    self.obstacles = obstacles
  }
}

/// Compiles a profile without asking for its program, on a machine that has what this one lacks where it must.
///
/// - Throws: `CompileError` with all that is wrong, where the profile itself is wrong.
public func prospect(of profile: Profile, on host: Host) throws(CompileError) -> Prospect {
  let request = ProgramRequest(needsProgram: false)
  let (plan, error) = attempt(profile, for: host, request)
  guard let error else { return Prospect(profile, plan, on: host) }
  let usual = imagined(profile, host)
  // What may be missing is told as left out; only what must be there is imagined.
  var needed = usual
  needed.files.grants.removeAll { $0.policy == .skip }
  needed.environment.keep = []
  let complete = imaginedHost(host, for: [needed])
  var machine = complete
  machine.landlockABI = host.landlockABI
  for candidate in [machine, complete] {
    let (plan, rest) = attempt(usual, for: candidate, request)
    // What is refused even there is the profile's own fault, unless it lies in the caller's files.
    if rest == nil || candidate.landlockABI == complete.landlockABI && rest?.isOfTheMachine == true {
      return Prospect(usual, plan, on: candidate, obstacles: error.diagnostics)
    }
  }
  throw error
}

extension CompileError {
  /// Whether the profile itself may be right.
  fileprivate var isOfTheMachine: Bool { diagnostics.allSatisfy { $0.cause == .cannotStartHere } }
}

/// `would not start now: ...`, a line each; safe to print.
public func obstacleText(_ obstacles: [Diagnostic]) -> String {
  let names = shortFileNames(obstacles.compactMap({ $0.origin }))
  return obstacles.map { obstacle in
    let origins = [obstacle.origin].compactMap { $0 }.filter { $0 != .defaults }
    return "would not start now: \(escaped(obstacle.message))\(sourceText(origins, names))\n"
  }.joined()
}
