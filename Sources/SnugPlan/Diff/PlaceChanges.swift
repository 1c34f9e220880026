import SnugProfile

/// What stands at a place inside without being a file of the host.
private enum Own: Equatable {
  case proc, dev, mqueue
  case file([UInt8])
  case link(String)

  init?(_ op: Op) {
    switch op {
    case .proc: self = .proc
    case .dev: self = .dev
    case .mqueue: self = .mqueue
    // An empty file in the place of something hides it.
    case .file(let file) where !file.content.isEmpty: self = .file(file.content)
    case .symlink(let link): self = .link(link.to)
    default: return nil
    }
  }

  func words(_ place: String) -> String {
    switch self {
    case .proc: "a process table at \(place)"
    case .dev: "plain devices at \(place)"
    case .mqueue: "message queues at \(place)"
    case .file: "a file of the profile's own at \(place)"
    case .link(let to): "a link at \(place) to \(to)"
    }
  }
}

extension Changes {
  /// What Snug itself makes inside, and host files that stand at another place than before.
  ///
  /// - Parameter told: lines whose ops another change tells about already.
  mutating func addPlaces(_ a: DiffSide, _ b: DiffSide, _ host: Host, told: Set<Origin>) {
    addStores(a, b, host)
    var places = PathTree<Bool>()
    for (place, _) in a.tree.standing + b.tree.standing { places[place] = true }
    for (place, _) in places.parentFirst {
      let before = a.own(place, told)
      let after = b.own(place, told)
      if before?.value != after?.value { addOwn(host.tilde(place), before, after) }
      addMoved(place, a, b, host)
    }
  }

  private mutating func addOwn(
    _ place: String, _ before: (value: Own, origin: Origin)?, _ after: (value: Own, origin: Origin)?
  ) {
    switch (before, after) {
    case (_, (.file, let origin)?):
      let what = before == nil ? "finds" : "finds another content in"
      add(
        .gain, .files, "\(what) \(Own.file([]).words(place)): what programs do with it cannot be weighed", at: origin)
    case (nil, (.link(let to), let origin)?):
      add(.neutral, .files, "finds \(Own.link(to).words(place))", at: origin)
    case ((.link(let to), let origin)?, nil):
      add(.neutral, .files, "no longer finds \(Own.link(to).words(place))", at: origin)
    case ((let old, _)?, (.link(let to), let origin)?):
      add(
        .gain, .files,
        "finds \(Own.link(to).words(place)) (was: \(old.words(place))): what is used there instead cannot be weighed",
        at: origin)
    case (_, (let own, let origin)?): add(.gain, own.area, "has \(own.words(place))", at: origin)
    case ((let own, let origin)?, nil): add(.loss, own.area, "no longer has \(own.words(place))", at: origin)
    case (nil, nil): break
    }
  }

  /// A host file that was seen before stands at another place too: nothing new is reached, but where something else
  /// stood, programs now find this one instead.
  private mutating func addMoved(_ place: String, _ a: DiffSide, _ b: DiffSide, _ host: Host) {
    guard let (standing, rest) = b.tree.nearest(place), rest.isEmpty, case .bind(let bind) = standing.op,
      !b.tree.isPrivateHome(standing)
    else { return }
    let real = bind.source.path
    let earlier = a.tree.hostPaths(at: place)
    // Extent that was gained is told of by itself.
    guard !earlier.contains(where: { samePath($0, real) }),
      a.tree.extent(of: real).extent >= b.tree.extent(of: real).extent
    else {
      return
    }
    let names = (host.tilde(real), host.tilde(place))
    let other = earlier.first { if case .exists = host.look($0) { true } else { false } }
    if let other {
      add(
        .gain, .files,
        "finds \(names.0) at \(names.1) (was: \(host.tilde(other))): what is used there instead cannot be weighed",
        at: standing.origin, paths: [real])
    } else {
      add(.neutral, .files, "\(names.0) also stands at \(names.1)", at: standing.origin, paths: [real])
    }
  }

  // MARK: - Where the app can write without changing the host

  private mutating func addStores(_ a: DiffSide, _ b: DiffSide, _ host: Host) {
    var points = PathTree<(before: Store, after: Store)>()
    for tree in [a.tree, b.tree] {
      for (place, standing) in tree.standing where tree.isStore(place, standing) {
        points[place] = (a.tree.store(at: place), b.tree.store(at: place))
      }
    }
    for (place, store) in points.parentFirst {
      if let above = points.along(place).last(where: { !$0.rest.isEmpty }), above.value == store { continue }
      guard let side = store.after > store.before ? b.tree.nearest(place) : a.tree.nearest(place) else { continue }
      let name = host.tilde(place)
      // What a grant shows there is told of with the files.
      let isHost = (a: !a.tree.hostPaths(at: place).isEmpty, b: !b.tree.hostPaths(at: place).isEmpty)
      if store == (.memory, .memory) {
        addSize(name, a.tree.nearest(place), b.tree.nearest(place))
      } else if store.after > store.before, !isHost.b {
        add(.gain, .files, store.after.gained(name), at: side.value.origin, b.tree.nearest(place)?.value.origin)
      } else if store.after < store.before, !isHost.a, !isHost.b {
        let text =
          store.after == .memory ? "what it writes to \(name) is no longer kept" : "can no longer write to \(name)"
        add(.loss, .files, text, at: side.value.origin, b.tree.nearest(place)?.value.origin)
      }
    }
  }

  private mutating func addSize(
    _ name: String, _ before: (value: Draft.Standing, rest: String)?, _ after: (value: Draft.Standing, rest: String)?
  ) {
    guard let before, let after, before.rest.isEmpty, after.rest.isEmpty, case .tmpfs(let one) = before.value.op,
      case .tmpfs(let other) = after.value.op
    else { return }
    func words(_ size: UInt64?) -> String { size.map(sizeText) ?? "half of the memory" }
    // Without a size it is half of the memory, which no share that can be written is certain to be above or below.
    if one.size != other.size, one.size == nil || other.size == nil {
      add(
        .gain, .limits, "may write \(words(other.size)) to \(name) (was: \(words(one.size))): they cannot be compared",
        at: after.value.origin, before.value.origin)
    } else {
      rank(
        .limits, one.size ?? 0, other.size ?? 0, (before.value.origin, after.value.origin),
        gain: "may write \(words(other.size)) to \(name) (was: \(words(one.size)))",
        loss: "may write only \(words(other.size)) to \(name) (was: \(words(one.size)))")
    }
  }
}

extension Own {
  fileprivate var area: Change.Area { self == .dev ? .devices : .files }
}

extension Store {
  fileprivate func gained(_ name: String) -> String {
    self == .kept ? "what it writes to \(name) is now kept" : "can now write to \(name), in memory"
  }
}

extension FinalTree {
  /// Whether the app can write there without changing a file of the host's.
  fileprivate func isStore(_ place: String, _ standing: Draft.Standing) -> Bool {
    if isPrivateHome(standing) { return true }
    if case .tmpfs = standing.op { return store(at: place) != .closed }
    return false
  }
}

extension DiffSide {
  /// What stands exactly at a place, but for what says nothing by itself.
  fileprivate func own(_ place: String, _ told: Set<Origin>) -> (value: Own, origin: Origin)? {
    guard let (standing, rest) = tree.nearest(place), rest.isEmpty, !told.contains(standing.origin),
      let own = Own(standing.op)
    else { return nil }
    if case .file = own, standing.origin == profile.process.user.origin { return nil }
    // The system's own links show what the system shows.
    if case .link = own, standing.origin == profile.files.root.origin { return nil }
    return (own, standing.origin)
  }
}
