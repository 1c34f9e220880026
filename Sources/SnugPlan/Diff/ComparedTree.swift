import SnugProfile

/// How far a host file can be used, least first.
enum Extent: Int, Comparable {
  /// It is not seen.
  case hidden
  /// It is seen and read; programs run.
  case read
  /// It can be changed, and the changes are thrown away.
  case thrownAway
  /// It can be changed.
  case write
  /// It can be changed, and devices in it work.
  case device

  static func < (left: Extent, right: Extent) -> Bool { left.rawValue < right.rawValue }
}

/// What becomes of what the app writes at a place, least first.
enum Store: Int, Comparable {
  /// Nothing can be written.
  case closed
  /// It lies in memory and is gone at the end.
  case memory
  /// It is kept.
  case kept

  static func < (left: Store, right: Store) -> Bool { left.rawValue < right.rawValue }
}

/// What stands where when all ops of a plan are done: covered ops are gone, remounts have been applied.
struct ComparedTree {
  private(set) var draft: Draft

  init(_ plan: Plan, _ profile: Profile, _ host: Host) {
    draft = Draft(profile, host)
    // Targets of exact ops are as written and may lead through links; all others are link-free already.
    let exact = Set(profile.files.ops.map(\.origin))
    // Only the private home stands at the line that asked for it.
    let home = profile.files.home.value == .kept ? profile.files.home.origin : nil
    for planned in plan.ops {
      let target = planned.op.step.target
      let place = exact.contains(planned.origin) ? draft.resolve(target).path : target
      add(planned.op.moved(to: place), from: planned.origin, isKept: planned.origin == home)
    }
  }

  private mutating func add(_ op: Op, from origin: Origin, isKept: Bool) {
    let place = op.step.target
    if case .remount = op {
      guard let standing = draft.tree[place] else { return }
      draft.put(standing.op.readOnly, from: standing.origin, isKept: standing.isKept)
      return
    }
    if case .directory = op, draft.tree.holds(place) { return }
    if op.covers, draft.tree.holds(place) {
      var covered = draft.tree
      for standing in covered.remove(below: place) { draft.take(standing.op.step.target) }
    }
    draft.put(op, from: origin, isKept: isKept)
  }

  /// Everything that stands, parents first.
  var standings: [(path: String, value: Draft.Standing)] { draft.tree.parentFirst }

  /// What decides at a place, and what is left of the place below it.
  func nearest(_ place: String) -> (value: Draft.Standing, rest: String)? { draft.tree.nearest(place) }

  /// Host paths at which the reach may be another one than at their parent.
  var points: [String] {
    standings.flatMap { place, standing in
      let outer = draft.tree.along(place).last { !$0.rest.isEmpty }
      return standing.hostPaths + (outer.map { outer in outer.value.hostPaths.map { joined($0, outer.rest) } } ?? [])
    }
  }

  /// How far a host path can be used, by the best place that shows it, and the line that put it there.
  func reach(_ real: String) -> (reach: Extent, origin: Origin, place: String, type: FileType?) {
    var best = (reach: Extent.hidden, origin: Origin.defaults, place: "", type: FileType?.none)
    for (place, standing) in draft.whereShown(real) where !standing.isKept {
      let reach = standing.reach(of: real)
      if reach > best.reach { best = (reach, standing.origin, place, standing.type) }
    }
    return best
  }

  /// The host paths seen at a place: one, several layers of an overlay, or none.
  func hostPaths(at place: String) -> [String] {
    guard let (standing, rest) = nearest(place) else { return [] }
    return standing.hostPaths.map { joined($0, rest) }
  }

  /// What becomes of what is written at a place.
  func store(at place: String) -> Store {
    guard let standing = nearest(place)?.value else { return .closed }
    switch standing.op {
    case .tmpfs(let tmpfs): return tmpfs.access == .readOnly ? .closed : .memory
    case .bind(let bind): return bind.access == .readOnly ? .closed : .kept
    case .overlay(let overlay):
      if overlay.access == .readOnly { return .closed }
      return overlay.upper == nil ? .memory : .kept
    case .mqueue: return .memory
    case .proc, .dev, .directory, .file, .symlink, .remount, .writtenFile, .data, .changeMode: return .closed
    }
  }
}

extension Draft.Standing {
  /// Host paths that it shows. Not those of a private home: that one is the profile's own, and its path changes with the
  /// profile's name.
  var hostPaths: [String] { isKept ? [] : op.shown }

  /// Type of what a bind shows.
  fileprivate var type: FileType? { if case .bind(let bind) = op { bind.source.type } else { nil } }

  /// How far a host path that it shows can be used.
  fileprivate func reach(of real: String) -> Extent {
    switch op {
    case .bind(let bind):
      switch bind.access {
      case .readOnly: .read
      case .writable: .write
      case .device: .device
      }
    case .overlay(let overlay):
      if overlay.access == .readOnly {
        .read
      } else if let upper = overlay.upper, isAtOrBelow(real, upper.path) {
        .write
      } else {
        .thrownAway
      }
    default: .hidden
    }
  }
}

extension Op {
  /// The same without the right to write.
  fileprivate var readOnly: Op {
    switch self {
    case .bind(var op):
      op.access = .readOnly
      return .bind(op)
    case .tmpfs(var op):
      op.access = .readOnly
      return .tmpfs(op)
    case .overlay(var op):
      op.access = .readOnly
      return .overlay(op)
    case .proc, .dev, .mqueue, .directory, .file, .symlink, .remount, .writtenFile, .data, .changeMode: return self
    }
  }
}
