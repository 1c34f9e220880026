import SnugProfile

/// A host path that one app can use in another way than the other one.
private struct ReachChange {
  var path: String
  var before: Extent
  var after: Extent
  var origin: Origin
  /// Where it is seen inside, for the better of the two.
  var place: String
  var type: FileType?
  /// Parts of it are still seen.
  var isRest = false

  var isGain: Bool { after > before }
}

extension Changes {
  /// What the apps can do with the files of the host, by host path and by the best place that shows it: a grant that is
  /// made of several longer ones, or that stands at another place inside, is none the wider for it.
  ///
  /// - Parameter told: lines whose ops another change tells about already.
  mutating func addFiles(_ a: DiffSide, _ b: DiffSide, _ host: Host, told: Set<Origin>) {
    var groups: [[ReachChange]] = []
    for change in reachChanges(a.tree, b.tree) where !told.contains(change.origin) {
      let index = groups.firstIndex { group in
        let first = group[0]
        // One line that grants several paths, such as that of `files.root`, is told of once.
        return first.origin == change.origin && first.before == change.before && first.after == change.after
          && first.isRest == change.isRest && area(first) == area(change)
          && (first.type == .socket) == (change.type == .socket)
      }
      if let index { groups[index].append(change) } else { groups.append([change]) }
    }
    for group in groups {
      let first = group[0]
      let names = enumerated(group.map { name(of: $0, host) })
      let text = first.isGain ? gainText(first, names) : lossText(first, names)
      add(
        first.isGain ? .gain : .loss, area(first), text, at: first.origin,
        paths: group.map({ $0.path }).sorted { precedes($0.utf8, $1.utf8) })
    }
  }
}

/// Host paths whose reach differs, parents first; a path is left out where the same holds for all that its parent shows.
private func reachChanges(_ a: FinalTree, _ b: FinalTree) -> [ReachChange] {
  var points = PathTree<(before: Extent, after: Extent)>()
  for path in a.points + b.points where points[path] == nil {
    points[path] = (a.extent(of: path).extent, b.extent(of: path).extent)
  }
  var seen = PathTree<Bool>()
  for (path, reach) in points.parentFirst where reach.after > .hidden { seen[path] = true }
  return points.parentFirst.compactMap { path, reach in
    guard reach.before != reach.after else { return nil }
    if let above = points.along(path).last(where: { !$0.rest.isEmpty }), above.value == reach { return nil }
    let better = reach.after > reach.before ? b.extent(of: path) : a.extent(of: path)
    return ReachChange(
      path: path, before: reach.before, after: reach.after, origin: better.origin, place: better.place,
      type: better.type, isRest: reach.after == .hidden && seen.holds(path))
  }
}

private func area(_ change: ReachChange) -> Change.Area {
  let isDevice = change.before == .device || change.after == .device || change.type == .characterDevice
  return isDevice ? .devices : .files
}

private func gainText(_ change: ReachChange, _ names: String) -> String {
  let was = change.before == .hidden ? "" : " (was: \(change.before.verb))"
  switch change.after {
  case .read where change.type == .socket: return "can now talk to what listens at \(names)"
  case .hidden, .read: return "can now read \(names)\(was)"
  case .thrownAway: return "can now change \(names), with changes thrown away at the end\(was)"
  case .write: return "can now change \(names)\(was)"
  case .device: return "can now use the device \(names)\(was)"
  }
}

private func lossText(_ change: ReachChange, _ names: String) -> String {
  let was = change.before == .read ? "" : " (was: \(change.before.verb))"
  switch change.after {
  case .hidden where change.isRest: return "no longer sees the rest of \(names)\(was)"
  case .hidden: return "no longer sees \(names)\(was)"
  case .read: return "can no longer change \(names), only read\(was)"
  case .thrownAway: return "changes to \(names) are now thrown away at the end"
  case .write, .device: return "can no longer use devices in \(names), only change files"
  }
}

extension Extent {
  fileprivate var verb: String {
    switch self {
    case .hidden: "hidden"
    case .read: "read"
    case .thrownAway: "change, thrown away at the end"
    case .write: "change"
    case .device: "device"
    }
  }
}

/// `~/x`, and where it stands inside if that is elsewhere.
private func name(of change: ReachChange, _ host: Host) -> String {
  let name = host.tilde(change.path)
  return samePath(change.path, change.place) ? name : "\(name) (at \(host.tilde(change.place)))"
}

extension Changes {
  /// A `hide` of a name that does not exist stops the start where the app could make that name, unless it is to be
  /// skipped: then the name is free, and seen as soon as somebody has made it.
  mutating func addHidesOfMissing(_ a: DiffSide, _ b: DiffSide) {
    for hide in b.profile.files.grants where hide.kind == .hide {
      guard let path = hide.path.absolute,
        let earlier = a.profile.files.grants.last(where: { other in
          other.kind == .hide && other.path.absolute.map { samePath($0, path) } == true
        }), (earlier.policy == .skip) != (hide.policy == .skip)
      else { continue }
      let parent = splitPath(path).parent
      guard a.tree.extent(of: parent).extent >= .write || b.tree.extent(of: parent).extent >= .write else { continue }
      let written = hide.path.written
      flag(
        .files, earlier.policy == .skip, hide.policy == .skip, (earlier.origin, hide.origin),
        gain: "may make \(written) where it does not exist, and then see it (was: no start)",
        loss: "does not start where \(written) does not exist and could be made")
    }
  }
}
