import SnugProfile

extension Draft {
  /// A rule for a `hide` whose path exists; one that does not is kept for later, when it is known what is shown.
  mutating func hideRule(_ grant: Grant, _ missing: inout [Grant]) -> Rule? {
    let written = grant.path.written
    switch grant.path.meaning {
    case .refused(let why): fail(.cannotStartHere, "cannot hide \(written): \(why)", at: grant.origin)
    case .missing(let why): skip(written, why, at: grant.origin)
    case .absolute("/"): fail(.refusedGrant, "cannot hide /: nothing would be left", at: grant.origin)
    case .absolute(let path):
      guard case .exists(let real, let type, let identity, _) = look(path) else {
        missing.append(grant)
        return nil
      }
      let source = Source(path: real, written: written, type: type, identity: identity)
      return Rule(grant: grant, target: path, source: source, names: [path, real])
    }
    return nil
  }

  /// The registry of instances holds sockets that command every sandbox of this user: who is granted the directory that
  /// holds it does not see it.
  mutating func hideRegistry() {
    guard let runtime = host.runtimeDirectory else { return }
    let path = joined(runtime, "snug")
    guard !whereShown(path).isEmpty, case .exists(let real, let type, let identity, _) = look(path) else { return }
    mask(Source(path: real, written: path, type: type, identity: identity), from: profile.files.root.origin)
  }

  /// Covers a host path at every place inside that shows it: an empty directory or an empty file that cannot be opened.
  mutating func mask(_ hidden: Source, from origin: Origin) {
    for (place, _) in whereShown(hidden.path) {
      if hidden.type == .directory {
        put(.tmpfs(Tmpfs(target: place, size: 4096, mode: 0, access: .readOnly)), from: origin, isMask: true)
      } else {
        put(.file(File(target: place, content: [], mode: 0)), from: origin, isMask: true)
      }
    }
  }

  /// A name that is hidden and does not exist yet could be made by the app, and would then be seen and kept.
  mutating func judgeMissing(_ hide: Grant) {
    guard let path = hide.path.absolute else { return }
    let facts = look(path)
    var existing = path
    var left = ""
    // The nearest parent that can be judged says where the name would be.
    while existing != "/" {
      let (parent, name) = splitPath(existing)
      left = left.isEmpty ? name : name + "/" + left
      existing = parent
      if case .exists(let real, _, _, _) = look(existing) {
        existing = real
        break
      }
    }
    let shown = whereShown(joined(existing, left)).filter { !$0.by.isMask }
    let isWritable = shown.contains { $0.by.access == .writable || $0.by.access == .device }
    if case .unreadable(let code) = facts, !shown.isEmpty {
      fail(.missingSource, "cannot hide \(hide.path.written): \(reason(code))", at: hide.origin)
    } else if hide.policy != .skip, isWritable {
      fail(
        .missingHide, "cannot hide \(hide.path.written): it does not exist, and what holds it is writable inside",
        at: hide.origin,
        hint: "set if-missing = \"skip\" to leave the name free, or make it")
    } else {
      skip(hide.path.written, "does not exist", at: hide.origin, leavesFree: isWritable)
    }
  }

  /// A mask with something granted below it is a directory that can be searched, sealed when all stands in it.
  mutating func openMasks() {
    var inside: [(path: String, isMask: Bool, isOpened: Bool)] = []
    for (path, standing) in tree.parentFirst {
      while let last = inside.last, !isAtOrBelow(path, last.path) { inside.removeLast() }
      if let last = inside.indices.last, inside[last].isMask, !inside[last].isOpened {
        inside[last].isOpened = true
        let target = inside[last].path
        guard let mask = tree[target] else { continue }
        let open = Tmpfs(target: target, size: 4096, mode: 0o555)
        put(.tmpfs(open), from: mask.origin, isMask: true)
        seals.append(Located(target, at: mask.origin))
      }
      if case .tmpfs = standing.op {
        inside.append((path, standing.isMask, false))
      } else {
        inside.append((path, false, false))
      }
    }
  }
}
