import SnugProfile

extension Draft {
  /// The ops that stand, each after what it stands in, and then the seals: no op hides an earlier one.
  mutating func orderedOps() -> [PlannedOp] {
    openMasks()
    var ops: [PlannedOp] = []
    var around: [Standing] = []
    for (path, standing) in tree.parentFirst {
      while let last = around.last, !isAtOrBelow(path, last.op.target) { around.removeLast() }
      if let outer = around.last, let rest = remainder(of: path, below: outer.op.target) {
        if isSeenAnyway(standing, in: outer, rest) { continue }
        if let why = noPlace(standing, in: outer, rest) {
          fail(.noPlace, "cannot place \(standing.op.known) inside: \(why)", at: standing.origin)
        }
      }
      ops.append(PlannedOp(standing.op, from: standing.origin))
      around.append(standing)
    }
    return ops + seals.map { PlannedOp(.remount(Remount(target: $0.value)), from: $0.origin) }
  }

  /// A bind that shows what its parent shows at the same place with the same access changes nothing.
  func isSeenAnyway(_ standing: Standing, in outer: Standing, _ rest: String) -> Bool {
    guard case .bind(let bind) = standing.op, case .bind(let parent) = outer.op else { return false }
    return bind.access == parent.access && samePath(bind.source.path, joined(parent.source.path, rest))
  }

  /// Why a host tree has no such place. Nothing is made in a directory of the host to mount something on.
  mutating func noPlace(_ standing: Standing, in outer: Standing, _ rest: String) -> String? {
    guard case .bind(let parent) = outer.op, !outer.isKept, parent.source.identity != nil else { return nil }
    let path = joined(parent.source.path, rest)
    switch look(path) {
    case .exists(let real, _, _, _) where samePath(real, path): return nil
    case .exists: return "\(path) is or goes through a link"
    case .missing: return "\(path) does not exist, and nothing is made in a directory of the host"
    case .unreadable(let code): return "\(path): \(reason(code))"
    }
  }
}

extension Op {
  /// The path that a person knows it by.
  fileprivate var known: String {
    if case .bind(let bind) = self { bind.source.written } else { target }
  }
}

/// The pairs in which a later op covers what an earlier one put there. `firstExact` is where a user's own order begins:
/// before it nothing hides anything.
func hiddenOps(_ ops: [PlacedOp], firstExact: Int) -> [HiddenOp] {
  var standing = PathTree<[Int]>()
  var hidden: [HiddenOp] = []
  for (index, item) in ops.enumerated() {
    if case .remount = item.op { continue }
    if index >= firstExact, item.op.covers {
      hidden += standing.remove(below: item.place).joined().sorted().map { HiddenOp(index: $0, by: index) }
    }
    standing.change(item.place, from: []) { $0.append(index) }
  }
  return hidden
}

extension Op {
  /// Whether it takes away the sight of what stood there.
  var covers: Bool {
    switch self {
    case .bind, .tmpfs, .overlay, .proc, .dev, .mqueue, .file, .data: true
    case .directory, .symlink, .remount, .writtenFile, .changeMode: false
    }
  }
}
