import SnugPlan
import SnugProfile

/// What rules look at: one profile as written, with all that it extends, and compiled on this machine.
public struct Subject: Sendable {
  /// The linted file: path, name, whether Snug ships it.
  public let file: FoundProfile
  /// The text of the linted file.
  package let source: SourceText
  /// The keys of the linted file, in source order; empty where it is no TOML.
  package let entries: [TOMLEntry]
  /// What the linted file itself says, by dotted name of the key. Lists hold every item in order, `"!item"` too.
  public let written: [String: Item]
  /// What it extends, merged, without the linted file.
  public let below: MergedProfile
  /// All layers merged.
  public let merged: MergedProfile
  /// The merged layers as typed values.
  public let profile: Profile
  /// What a start would do here, without the parts that cannot be.
  public let plan: Plan
  /// Everything that reading and compiling refuse.
  public let problems: [Diagnostic]
  /// The machine and the caller.
  public let host: Host
  /// What the paths of profiles are expanded with.
  let context: PathContext
  /// What the app reaches of the host's files by that plan.
  let exposure: Exposure
  /// The home without links.
  let realHome: String
  /// What the app can change of the host, but for a home as a whole: a rule of its own tells of that.
  let writers: [Exposure.Sight]
  /// The same by path.
  let writerPaths: PathTree<Bool>
  /// The allow comments of the linted file.
  let allows: [Allow]
  /// Whether it could be read; else only the rules of `Cause` say something.
  let isReadable: Bool

  /// Reads and compiles a profile, whatever is wrong with it.
  public init(_ file: FoundProfile, _ loader: ProfileLoader, _ host: Host) {
    let inspection = loader.inspect(file)
    let profile = inspection.merged.profile
    // A base names no program, and needs none.
    let needsProgram = profile.command != nil || !profile.programs.isEmpty
    let (plan, error) = attempt(profile, for: host, ProgramRequest(needsProgram: needsProgram))
    self.file = file
    self.source = inspection.top.source
    self.entries = inspection.top.entries
    self.written = inspection.top.values
    self.below = inspection.below
    self.merged = inspection.merged
    self.profile = profile
    self.plan = plan
    self.host = host
    context = loader.context
    exposure = Exposure(plan, profile, host)
    var home = host.home
    if case .exists(let real, _, _, _) = host.look(home) { home = real }
    realHome = home
    writers = exposure.sights.filter { $0.isWritable && !isAtOrBelow(home, $0.source) }
    var paths = PathTree<Bool>()
    for writer in writers { paths[writer.source] = true }
    writerPaths = paths
    allows = SnugLint.allows(in: inspection.top.source)
    isReadable = inspection.diagnostics.isEmpty
    // What cannot be read is told first: the rest of the profile would be judged without it.
    problems = isReadable ? error?.diagnostics ?? [] : inspection.diagnostics
  }

  /// Whether a place is in the linted file itself.
  public func isOwn(_ origin: Origin) -> Bool { origin.file == file.path && origin.line > 0 }

  /// The places of everything in the profile that asks for a thing of its own inside: grants, exact ops, device nodes.
  /// What `root`, `home` and the features bring along is not among them.
  var requests: Set<Origin> {
    Set(
      profile.files.grants.map(\.origin) + profile.files.ops.map(\.origin) + profile.devices.nodes.map(\.origin))
  }

  /// The places of what came to something: an op, or a word about why there is none.
  var effective: Set<Origin> {
    Set(plan.ops.map(\.origin) + plan.skipped.map(\.origin) + problems.compactMap(\.origin))
  }

  /// The names of a path on the host: as written, and where its links lead.
  func names(of path: PathValue) -> [String] {
    guard let absolute = path.absolute else { return [] }
    if case .exists(let real, _, _, _) = host.look(absolute), !samePath(real, absolute) { return [absolute, real] }
    return [absolute]
  }

  /// What reading and compiling refuse for one reason, as findings.
  func findings(of cause: Cause) -> [Finding] {
    problems.filter { $0.cause == cause }.map { problem in
      let origin = problem.origin ?? Origin(file: file.path, line: 1, column: 1)
      let fix = problem.correction.flatMap { source.correction($0, at: origin) }
      return Finding(problem.message, at: origin, hint: problem.hint, fix: fix)
    }
  }
}
