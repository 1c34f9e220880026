import SnugProfile

/// What a process inside finds at each path once every op of a plan stands: the ops replayed in order, links followed
/// as they are followed inside. What `explain` tells and what `diff` compares is this one tree.
struct FinalTree {
  private var draft: Draft
  /// Mounts that a remount made read-only.
  private var sealed = PathTree<Bool>()
  /// Lines whose empty file systems and files hide something.
  private let hiding: Set<Origin>
  /// The line that asks for a private home; nothing else stands at it.
  private let privateHome: Origin?

  /// Replays the ops of a plan of this profile on this machine.
  init(_ plan: Plan, _ profile: Profile, _ host: Host) {
    var hiding = Set(profile.files.grants.filter { $0.kind == .hide }.map({ $0.origin }))
    if profile.files.root.value == .host { hiding.insert(profile.files.root.origin) }
    self.hiding = hiding
    privateHome = profile.files.home.value == .kept ? profile.files.home.origin : nil
    // A fresh draft keeps nothing apart as an app's own doing: inside, every link is followed.
    draft = Draft(profile, host)
    for planned in plan.ops { add(planned) }
  }

  private mutating func add(_ planned: PlannedOp) {
    let place = draft.resolve(planned.op.target).path
    switch planned.op {
    case .remount:
      sealed[place] = true
      return
    case .directory where draft.tree.holds(place): return
    case .changeMode: return
    default: break
    }
    if planned.op.covers {
      draft.takeAll(below: place)
      _ = sealed.remove(below: place)
    }
    draft.put(planned.op.moved(to: place), from: planned.origin, isMask: isMask(planned))
  }

  /// What hides something is empty and may not be opened, or only be passed through to what is granted below it.
  private func isMask(_ planned: PlannedOp) -> Bool {
    guard hiding.contains(planned.origin) else { return false }
    return switch planned.op {
    case .tmpfs(let tmpfs): tmpfs.size == 4096 && [0, 0o555].contains(tmpfs.mode)
    case .file(let file): file.content.isEmpty && file.mode == 0
    default: false
    }
  }

  /// What is found at a path inside.
  mutating func sight(_ path: String) -> Sight {
    let place = draft.resolve(path)
    let standing = draft.tree.nearest(place.path)?.value
    let (access, isThrownAway) = mountAccess(place.path)
    var sight = Sight(
      place: place.path, thing: .nothing(nil), access: access, isThrownAway: isThrownAway, standing: standing)
    switch place.state {
    case .host(let real, let type): sight.thing = .host(real, type)
    case .made(let type): sight.thing = .made(type)
    case .masked: sight.thing = .masked(isThere: true)
    case .free: sight.thing = .nothing(nil)
    case .closed(let why): sight.thing = closed(place.path, standing, why)
    }
    if case .nothing = sight.thing, let standing, standing.isMask { sight.thing = .masked(isThere: false) }
    return sight
  }

  /// Whether what stands there is the home of the profile's own, kept from start to start.
  func isPrivateHome(_ standing: Draft.Standing) -> Bool { standing.origin == privateHome }

  /// What stands deepest on the way to a place, and what is left of the place below it.
  func nearest(_ place: String) -> (value: Draft.Standing, rest: String)? { draft.tree.nearest(place) }

  /// What stands next above a place, and what is left of the place below it.
  func above(_ place: String) -> (value: Draft.Standing, rest: String)? {
    draft.tree.along(place).last { !$0.rest.isEmpty }
  }

  /// Where a link-free host path is seen, and what shows it there; in no order.
  func shown(_ real: String) -> [(place: String, by: Draft.Standing)] { draft.whereShown(real) }

  /// The places inside at which a link-free host path is seen, sorted.
  mutating func places(of real: String) -> [Sight] {
    shown(real).map({ $0.place }).sorted { precedes($0.utf8, $1.utf8) }.map { sight($0) }
      .filter { $0.isHost(real) }
  }

  /// Where the app may change a host file that is run outside.
  mutating func writablePlace(of real: String) -> Sight? {
    places(of: real).first { $0.isWritable && !$0.isThrownAway }
  }

  /// Every op that stands at the end with the place it stands at, each before what is below it.
  var standing: [(place: String, standing: Draft.Standing)] {
    draft.tree.parentFirst.map { (place: $0.path, standing: $0.value) }
  }

  /// What writing at a place meets: the access of the mount that holds it, and whether what is written is thrown away
  /// with it.
  func mountAccess(_ place: String) -> (access: Access, isThrownAway: Bool) {
    let mount = draft.tree.along(place).last { $0.value.isMount }?.value
    guard let mount else { return (sealed["/"] == nil ? .writable : .readOnly, true) }
    let isSealed = sealed[mount.op.target] != nil
    switch mount.op {
    case .bind(let bind): return (isSealed ? .readOnly : bind.access, false)
    case .data(let data): return (isSealed ? .readOnly : data.access, true)
    case .tmpfs(let tmpfs): return (isSealed ? .readOnly : tmpfs.access, true)
    case .overlay(let overlay): return (isSealed ? .readOnly : overlay.access, overlay.upper == nil)
    case .dev(let dev):
      let rest = remainder(of: place, below: dev.target) ?? ""
      let isOpen = components(rest).first.map { Dev.isWritable(String($0)) } ?? (dev.isOpen && !isSealed)
      return (isOpen ? .writable : .readOnly, true)
    case .mqueue: return (isSealed ? .readOnly : .writable, true)
    case .proc, .file, .directory, .symlink, .remount, .writtenFile, .changeMode: return (.readOnly, true)
    }
  }

  /// Nothing of the host's is there, but the kernel may show something of its own.
  private mutating func closed(_ place: String, _ standing: Draft.Standing?, _ why: String) -> Sight.Thing {
    guard let standing else { return .nothing(nil) }
    let rest = remainder(of: place, below: standing.op.target) ?? ""
    switch standing.op {
    case .dev:
      if let type = Dev.type(of: rest) { return .made(type) }
      return Dev.holds(rest) ? .unknown("\(standing.op.target) is the sandbox's own") : .nothing(nil)
    case .proc, .mqueue: return .unknown("\(standing.op.target) is the sandbox's own, and what is in it changes")
    default: break
    }
    for shown in standing.op.shown {
      if case .unreadable(let code) = draft.look(joined(shown, rest)) { return .unknown(reason(code)) }
    }
    return .nothing(why)
  }
}

extension Plan {
  /// The final tree where an op could show one of these host files, or let the app write to one of these programs. Only
  /// then is it replayed: it takes as long as making the plan, and most plans show the programs of the system.
  func finalTree(showing files: [String], writing programs: [String] = [], _ profile: Profile, _ host: Host)
    -> FinalTree?
  {
    let isNeeded = ops.contains { planned in
      let shown = planned.op.shown
      if shown.contains(where: { shown in files.contains { isAtOrBelow($0, shown) } }) { return true }
      guard case .bind(let bind) = planned.op, bind.access != .readOnly else { return false }
      return programs.contains { isAtOrBelow($0, bind.source.path) }
    }
    return isNeeded ? FinalTree(self, profile, host) : nil
  }

  /// Names a protection as not enforced, once.
  mutating func lose(_ key: String) {
    if !notEnforced.contains(key) { notEnforced.append(key) }
  }
}

/// What a process inside finds at one path.
struct Sight {
  /// What it is.
  enum Thing {
    /// The host's own file, by its link-free path.
    case host(String, FileType)
    /// Something that Snug or the kernel makes for the sandbox.
    case made(FileType)
    /// Something empty that stands before what is hidden; or, below it, nothing.
    case masked(isThere: Bool)
    /// Nothing; the reason where it is not simply missing.
    case nothing(String?)
    /// It cannot be told from here; the reason.
    case unknown(String)
  }
  /// Where the path leads inside, without links.
  var place: String
  /// What is there.
  var thing: Thing
  /// Access of the mount that holds it. The host's own permissions hold besides.
  var access: Access
  /// What is written there is gone at the end.
  var isThrownAway: Bool
  /// What stands deepest at the place, with the line that asked for it; nil where nothing stands on the way.
  var standing: Draft.Standing?

  /// Whether the app may change it, as far as the mount goes.
  var isWritable: Bool { access != .readOnly }

  /// Whether exactly this host file is seen there.
  func isHost(_ real: String) -> Bool {
    if case .host(let seen, _) = thing { samePath(seen, real) } else { false }
  }
}

extension Draft.Standing {
  /// Whether it is a mount, which has an access of its own.
  fileprivate var isMount: Bool {
    switch op {
    case .bind, .tmpfs, .overlay, .proc, .dev, .mqueue, .file, .data: true
    case .directory, .symlink, .remount, .writtenFile, .changeMode: false
    }
  }
}

extension Dev {
  /// Whether a name may stand in the sandbox's own `/dev`: a link into proc, or what programs make there.
  fileprivate static func holds(_ name: String) -> Bool {
    links.contains { $0.0 == name }
      || components(name).first.map { ["pts", "shm", "fd", "mqueue"].contains($0) } == true
  }

  /// Type of a name that the sandbox's own `/dev` has for certain.
  fileprivate static func type(of name: String) -> FileType? {
    if nodes.contains(where: { $0.name == name }) { return .characterDevice }
    return ["pts", "shm"].contains(name) ? .directory : nil
  }

  /// Whether the app may write to or below a name in the sandbox's own `/dev`.
  fileprivate static func isWritable(_ name: String) -> Bool {
    nodes.contains { $0.name == name } || ["pts", "shm", "mqueue"].contains(name)
  }
}
