import SnugProfile

/// One thing that differs between what two profiles let their app do.
public struct Change: Hashable, Sendable {
  /// Which way it goes, seen from the first profile to the second.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The app can do more, or something changed that cannot be weighed: the text then says so.
    case gain
    /// The app can do less.
    case loss
    /// It changes nothing about what the app can reach.
    case neutral
  }

  /// What it is about.
  public enum Area: String, Hashable, Sendable, CaseIterable {
    case files, devices, windows, bus, network, environment
    case systemCalls = "system-calls"
    case landlock, identity, lifetime, limits, namespaces, command
  }

  /// Which way.
  public var kind: Kind
  /// What it is about.
  public var area: Area
  /// One plain sentence, not escaped.
  public var text: String
  /// The line that caused it: of the second profile for a gain, of the first one for a loss; of the other one where that
  /// one has no line. `Origin.defaults` where neither has.
  public var origin: Origin
  /// The host paths that it is about, sorted; empty where it is about something else.
  package var paths: [String]
}

/// Collects changes.
struct Changes {
  private(set) var list: [Change] = []

  /// Adds one. `origins` are the places to name, the best first; what nobody wrote is passed over.
  mutating func add(
    _ kind: Change.Kind, _ area: Change.Area, _ text: String, at origins: Origin?..., paths: [String] = []
  ) {
    let origin = origins.compactMap { $0 }.first { $0 != .defaults } ?? .defaults
    list.append(Change(kind: kind, area: area, text: text, origin: origin, paths: paths))
  }

  /// Adds a change from one rank to another: higher is more. Nothing where they are the same.
  mutating func rank<Rank: Comparable>(
    _ area: Change.Area, _ before: Rank, _ after: Rank, _ origins: (before: Origin?, after: Origin?), gain: String,
    loss: String
  ) {
    if after > before { add(.gain, area, gain, at: origins.after, origins.before) }
    if after < before { add(.loss, area, loss, at: origins.before, origins.after) }
  }

  /// The same for what is off or on.
  mutating func flag(
    _ area: Change.Area, _ before: Bool, _ after: Bool, _ origins: (before: Origin?, after: Origin?), gain: String,
    loss: String
  ) { rank(area, before ? 1 : 0, after ? 1 : 0, origins, gain: gain, loss: loss) }

  /// Gains first, then losses, then the rest, each by area; inside an area as found, each once.
  var sorted: [Change] {
    var seen: Set<Change> = []
    return Change.Kind.allCases.flatMap { kind in
      Change.Area.allCases.flatMap { area in
        list.filter { $0.kind == kind && $0.area == area && seen.insert($0).inserted }
      }
    }
  }
}

/// One of the two profiles that are compared, with its plan.
struct DiffSide {
  let profile: Profile
  let plan: Plan
  let tree: FinalTree

  init(_ profile: Profile, _ host: Host) throws(CompileError) {
    self.profile = profile
    plan = try compile(profile, for: host, ProgramRequest(needsProgram: false))
    tree = FinalTree(plan, profile, host)
  }

  func bus(_ kind: FilteredBus.Kind) -> Located<Bus>? { plan.bus(kind, of: profile) }
}

/// Names for a sentence: all of few, the first of many.
func enumerated(_ names: [String], atMost limit: Int = 6) -> String {
  if names.count <= limit + 1 { return names.joined(separator: ", ") }
  return names.prefix(limit).joined(separator: ", ") + " and \(names.count - limit) more"
}
