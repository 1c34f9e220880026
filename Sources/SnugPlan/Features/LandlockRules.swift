import SnugProfile

/// An op at the link-free place where it stands.
struct PlacedOp {
  var op: Op
  var place: String
}

extension Draft {
  /// `[landlock]`, cut to what this kernel can; `notEnforced` gets the keys that it cannot and that may go.
  mutating func landlockPolicy(_ ops: [PlacedOp], notEnforced: inout [String]) -> LandlockPolicy {
    let abi = host.landlockABI
    var policy = LandlockPolicy(abi: 0)
    let wantsFiles = profile.landlock.files?.value ?? (profile.seccomp.preset.value != .nested)
    if wantsFiles {
      // Truncation came with ABI 3: below it a file that may not be written can be emptied.
      demand("landlock.files", 3, profile.landlock.files?.origin, &notEnforced)
      if abi >= 1 {
        policy.files = true
        policy.rules = fileRules(ops)
      }
    }
    if let ports = profile.landlock.connectTCP, demand("landlock.connect-tcp", 4, ports.origin, &notEnforced) {
      policy.connectTCP = ports.value
    }
    if let first = profile.landlock.scope.first, demand("landlock.scope", 6, first.origin, &notEnforced) {
      policy.scope = profile.landlock.scope.map({ $0.value })
    }
    if policy.files || policy.connectTCP != nil || !policy.scope.isEmpty { policy.abi = abi }
    return policy
  }

  /// Whether the kernel has what a key needs. Where it has not, the key must be one that may go unenforced.
  @discardableResult
  private mutating func demand(_ key: String, _ needed: Int, _ origin: Origin?, _ notEnforced: inout [String]) -> Bool {
    if host.landlockABI >= needed { return true }
    if profile.mayGoUnenforced(key) {
      notEnforced.append(key)
    } else {
      let present = host.landlockABI == 0 ? "this kernel has none" : "this kernel has ABI \(host.landlockABI)"
      fail(
        .cannotStartHere, "cannot enforce \(key): it needs landlock ABI \(needed), \(present)", at: origin,
        hint: "list \"\(key)\" in optional to go on without it")
    }
    return false
  }

  /// The rules on the final tree. The mount table is already the list of what is visible, so `/` is readable as a whole;
  /// only where the whole host stands inside each part is named.
  private func fileRules(_ ops: [PlacedOp]) -> [LandlockRule] {
    let namesReadable = profile.files.root.value == .host
    var wanted = PathTree<[LandlockRule.Rights]>()
    func want(_ path: String, _ rights: LandlockRule.Rights...) {
      wanted.change(path, from: []) { $0 += namesReadable && !rights.contains(.write) ? [.read] + rights : rights }
    }
    var sealed = PathTree<Bool>()
    for case (.remount, let place) in ops.map({ ($0.op, $0.place) }) { sealed[place] = true }
    if !namesReadable { wanted["/"] = [.read] }
    for item in ops {
      let isSealed = sealed[item.place] != nil
      switch item.op {
      case .bind(let bind):
        switch bind.access {
        case .readOnly: want(item.place)
        case .writable: isSealed ? want(item.place) : want(item.place, .write)
        case .device: bind.source.type == .directory ? want(item.place, .write, .device) : want(item.place, .device)
        }
      case .tmpfs(let tmpfs): tmpfs.access == .readOnly || isSealed ? want(item.place) : want(item.place, .write)
      case .overlay(let overlay): overlay.access == .readOnly || isSealed ? want(item.place) : want(item.place, .write)
      case .proc: want(item.place, .modify)
      case .dev(let dev):
        want(item.place, .device)
        want(joined(item.place, "shm"), .write)
        if dev.mqueue { want(joined(item.place, "mqueue"), .write) }
      case .mqueue: want(item.place, .write)
      case .file, .directory: want(item.place)
      case .symlink, .remount, .writtenFile, .data, .changeMode: break
      }
    }
    return withoutCovered(wanted)
  }

  /// Leaves out what a rule further up already allows: rights hold for everything below.
  private func withoutCovered(_ wanted: PathTree<[LandlockRule.Rights]>) -> [LandlockRule] {
    var rules: [LandlockRule] = []
    for (path, all) in wanted.parentFirst {
      let above = wanted.along(path).filter { !$0.rest.isEmpty }.flatMap({ $0.value })
      var kept: [LandlockRule.Rights] = []
      for right in all where !(above + kept).contains(where: { $0.includes(right) }) { kept.append(right) }
      rules += kept.map { LandlockRule(path: path, rights: $0) }
    }
    return rules
  }
}

extension LandlockRule.Rights {
  /// Whether all of `other` is part of this class.
  func includes(_ other: Self) -> Bool {
    switch self {
    case .read: other == .read
    case .write: other != .device
    case .modify: other == .modify
    case .device: other == .device || other == .modify
    }
  }
}
