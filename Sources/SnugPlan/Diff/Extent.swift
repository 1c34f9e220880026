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

extension FinalTree {
  /// Host paths at which the extent may be another one than at their parent.
  var points: [String] {
    standing.flatMap { place, standing in
      hostPaths(of: standing)
        + (above(place).map { outer in hostPaths(of: outer.value).map { joined($0, outer.rest) } } ?? [])
    }
  }

  /// How far a host path can be used, by the best place that shows it, and the line that put it there.
  func extent(of real: String) -> (extent: Extent, origin: Origin, place: String, type: FileType?) {
    var best = (extent: Extent.hidden, origin: Origin.defaults, place: "", type: FileType?.none)
    for (place, standing) in shown(real) where !isPrivateHome(standing) {
      let extent = extent(of: real, at: place, standing.op)
      if extent > best.extent { best = (extent, standing.origin, place, standing.op.sourceType) }
    }
    return best
  }

  private func extent(of real: String, at place: String, _ op: Op) -> Extent {
    let access = mountAccess(place).access
    if access == .readOnly { return .read }
    // What is changed in a lower directory of an overlay is changed in a copy.
    if case .overlay(let overlay) = op {
      return overlay.upper.map { isAtOrBelow(real, $0.path) } == true ? .write : .thrownAway
    }
    return access == .device ? .device : .write
  }

  /// The host paths seen at a place: one, several layers of an overlay, or none.
  func hostPaths(at place: String) -> [String] {
    guard let (standing, rest) = nearest(place) else { return [] }
    return hostPaths(of: standing).map { joined($0, rest) }
  }

  /// Not those of a private home: that one is the profile's own, and its path changes with the profile's name.
  private func hostPaths(of standing: Draft.Standing) -> [String] { isPrivateHome(standing) ? [] : standing.op.shown }

  /// What becomes of what is written at a place.
  func store(at place: String) -> Store {
    let (access, isThrownAway) = mountAccess(place)
    return access == .readOnly ? .closed : isThrownAway ? .memory : .kept
  }
}

extension Op {
  /// Type of what a bind shows.
  fileprivate var sourceType: FileType? { if case .bind(let bind) = self { bind.source.type } else { nil } }
}
