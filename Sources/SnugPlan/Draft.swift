import SnugProfile

/// The plan while it is being made: what stands where inside, and what the features have added so far.
struct Draft {
  let profile: Profile
  let host: Host
  /// What stands at which link-free place inside.
  var tree = PathTree<Standing>()
  /// Link-free host path to the places inside that show it.
  var places = PathTree<[String]>()
  /// Mounts that are made read-only when everything below them stands.
  var seals: [Located<String>] = []
  var skipped: [SkippedEntry] = []
  var creations: [Located<String>] = []
  /// See `Plan.privateHome`.
  var privateHome: Located<String>?
  /// Variables by name.
  var environment: [String: PlannedVariable] = [:]
  /// See `Plan.bus`.
  var bus: BusPolicy?
  /// See `Plan.portals`.
  var portals: PortalPolicy?
  /// Words of the command line that name files.
  var fileWords: [FileWord] = []
  /// What features ask of the message buses, see `addBusRule`.
  var busRequests: [BusRequest] = []
  /// See `Plan.privateNetwork`.
  var privateNetwork: PrivateNetwork?
  /// See `Plan.wayland`.
  var wayland: WaylandPolicy?
  /// See `Plan.x11`.
  var x11: X11Policy?
  /// See `Plan.sound`.
  var sound: SoundPolicy?
  /// Why there is no Wayland, where X11 may stand in its place.
  var missingCompositor: Diagnostic?
  var problems: [Diagnostic] = []
  private var looks: [LookedAt: PathFacts] = [:]

  init(_ profile: Profile, _ host: Host) {
    self.profile = profile
    self.host = host
  }

  /// An op, where it came from, and what may be put below it.
  struct Standing {
    var op: Op
    var origin: Origin
    /// A directory of Snug's own, kept between runs: names may be made in it, links in it are the app's doing.
    var isKept = false
    /// It hides what a host tree would show there.
    var isMask = false
    /// A feature found it at a place of the caller's, which nobody named, see `judgeFeatures`.
    var isFeature = false
  }

  private struct LookedAt: Hashable {
    let path: String
    static func == (left: Self, right: Self) -> Bool { samePath(left.path, right.path) }
    func hash(into hasher: inout Hasher) { combine(path.utf8, into: &hasher) }
  }

  // MARK: - The host

  /// Looks at a host path, once.
  mutating func look(_ path: String) -> PathFacts {
    let key = LookedAt(path: path)
    if let known = looks[key] { return known }
    let facts = host.look(path)
    looks[key] = facts
    return facts
  }

  /// The link-free host path that a missing path would get: its nearest existing ancestor's, and the rest. Nil where a
  /// dangling link is in the way or an ancestor is no directory.
  mutating func realOfMissing(_ path: String) -> String? {
    guard case .missing(link: nil) = look(path) else { return nil }
    var existing = path
    var rest = ""
    while existing != "/" {
      let (parent, name) = splitPath(existing)
      existing = parent
      rest = rest.isEmpty ? name : name + "/" + rest
      switch look(existing) {
      case .exists(let real, .directory, _, _): return joined(real, rest)
      case .missing(link: nil): continue
      default: return nil
      }
    }
    return nil
  }

  /// The file behind a host path as a source, or nil where it is missing or cannot be judged.
  mutating func source(_ path: String, written: String? = nil) -> Source? {
    guard case .exists(let real, let type, let identity, _) = look(path) else { return nil }
    return Source(path: real, written: written ?? path, type: type, identity: identity)
  }

  /// A program of the host's that works beside the app: the first one in the absolute directories of PATH.
  mutating func helper(_ name: String) -> Source? {
    let path = host.variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
    for directory in path.split(separator: ":") where directory.hasPrefix("/") {
      let file = joined(String(directory), name)
      if host.isExecutable(file), let source = source(file), source.type == .file { return source }
    }
    return nil
  }

  // MARK: - Putting things inside

  /// Puts an op at a link-free place inside; what stood there gives way.
  mutating func put(
    _ op: Op, from origin: Origin, isKept: Bool = false, isMask: Bool = false, isFeature: Bool = false
  ) {
    let target = op.target
    if let before = tree[target] { forget(before.op, at: target) }
    tree[target] = Standing(op: op, origin: origin, isKept: isKept, isMask: isMask, isFeature: isFeature)
    for shown in op.shown { places.change(shown, from: []) { $0.append(target) } }
  }

  /// Takes out what stands at a place, not what stands below it.
  mutating func take(_ target: String) {
    guard let before = tree[target] else { return }
    forget(before.op, at: target)
    tree[target] = nil
  }

  /// Takes out what stands at a place and below it.
  mutating func takeAll(below place: String) {
    for gone in tree.remove(below: place) { forget(gone.op, at: gone.op.target) }
  }

  private mutating func forget(_ op: Op, at target: String) {
    for shown in op.shown { places[shown] = places[shown]?.filter { !samePath($0, target) } }
  }

  /// Shows a host path of the system's at its own place, where it exists and is not seen there anyway: nobody asked for
  /// it by name.
  mutating func show(_ path: String, at target: String? = nil, from origin: Origin, access: Access = .readOnly) {
    guard let source = source(path), source.type == .file || source.type == .directory else { return }
    guard !resolve(target ?? path).isHost(source.path) else { return }
    guard let place = destination(target ?? path, from: origin) else { return }
    put(.bind(Bind(source: source, target: place, access: access)), from: origin, isFeature: true)
  }

  // MARK: - Environment and trouble

  /// Sets a variable.
  mutating func set(_ name: String, _ value: String, from origin: Origin) {
    environment[name] = PlannedVariable(name: name, value: Array(value.utf8), origin: origin)
  }

  /// Notes trouble; compiling goes on, so that all of it is told at once.
  mutating func fail(_ cause: Cause, _ message: String, at origin: Origin?, hint: String? = nil) {
    problems.append(Diagnostic(message, cause, at: origin, hint: hint))
  }

  /// Notes an entry that was left out. A `hint` says what would give it, and that it is told at the start.
  mutating func skip(
    _ path: String, _ reason: String, at origin: Origin, leavesFree: Bool = false, hint: String? = nil
  ) {
    skipped.append(SkippedEntry(path: path, reason: reason, origin: origin, leavesFree: leavesFree, hint: hint))
  }
}

extension Op {
  /// Link-free host paths that a process inside sees through this op.
  package var shown: [String] {
    switch self {
    case .bind(let op): [op.source.path]
    case .overlay(let op): op.lower.map({ $0.path }) + (op.upper.map { [$0.path] } ?? [])
    default: []
    }
  }
}
