import SnugProfile

extension Draft {
  /// `files.read`, `files.write` and `files.hide`.
  mutating func addGrants() {
    var rules: [Rule] = []
    var missingHides: [Grant] = []
    for grant in profile.files.grants {
      if grant.kind == .hide {
        if let rule = hideRule(grant, &missingHides) { rules.append(rule) }
      } else if let rule = grantRule(grant) {
        rules.append(rule)
      }
    }
    let unfollowed = linksNotFollowed(rules)
    for link in unfollowed {
      let rule = rules[link.rule]
      if link.isHidden || rule.grant.policy == .skip {
        skip(rule.grant.path.written, link.why, at: rule.grant.origin)
      } else {
        fail(
          .escapingLink, "cannot \(rule.grant.verb) \(rule.grant.path.written): it \(link.why)", at: rule.grant.origin,
          hint: "grant \(rule.source.path) by its own path")
      }
    }
    let bounding: [Rule]
    (rules, bounding) = holding(rules, without: Set(unfollowed.map({ $0.rule })))
    placeGrants(rules.filter { $0.grant.kind != .hide && !$0.isTaken })
    placeFileArguments()
    judgeFeatures()
    // Once for each host path: it may be granted under a thousand names.
    var isDone = PathTree<Bool>()
    for rule in rules where rule.grant.kind == .read && isDone[rule.source.path] == nil {
      isDone[rule.source.path] = true
      narrow(rule)
    }
    for rule in rules where rule.grant.kind == .hide { mask(rule.source, from: rule.grant.origin) }
    // Only now, where no mask stands: what is put below a mask would be seen through it.
    for rule in bounding { narrow(rule) }
    for hide in missingHides { judgeMissing(hide) }
  }

  // MARK: - What a grant names

  /// The absolute path of a grant, or nil where it names nothing on this machine.
  private mutating func path(of grant: Grant) -> String? {
    switch grant.path.meaning {
    case .absolute(let path): return path
    case .refused(let why):
      // Only "." is refused by its meaning.
      fail(
        .cannotStartHere, "cannot \(grant.verb) \(grant.path.written): \(why)", at: grant.origin,
        hint: "start it in the directory of one project")
    case .missing(let why):
      if grant.kind == .hide || grant.policy == .skip {
        skip(grant.path.written, why, at: grant.origin)
      } else {
        fail(
          .missingSource, "cannot \(grant.verb) \(grant.path.written): \(why)", at: grant.origin, hint: grant.skipHint)
      }
    }
    return nil
  }

  private mutating func grantRule(_ grant: Grant) -> Rule? {
    guard let path = path(of: grant) else { return nil }
    guard let target = target(of: grant, path) else { return nil }
    let written = grant.path.written
    let action = "bind \(written) on \(target)"
    func rule(_ source: Source) -> Rule {
      Rule(grant: grant, target: target, source: source, names: [path, source.path])
    }
    switch look(path) {
    case .exists(let real, let type, let identity, _):
      if let why = refusal(real, type) {
        fail(
          .refusedGrant, "cannot \(action): \(why)", at: grant.origin, hint: type == .characterDevice ? deviceHint : nil
        )
        return nil
      }
      return rule(Source(path: real, written: written, type: type, identity: identity))
    case .missing(let link):
      if grant.policy == .skip {
        skip(written, link == nil ? "does not exist" : "is a link that leads nowhere", at: grant.origin)
      } else if grant.policy == .fail {
        fail(.missingSource, "cannot \(action): \(reason(2))", at: grant.origin, hint: grant.skipHint)
      } else if let real = realOfMissing(path) {
        creations.append(Located(real, at: grant.origin))
        return rule(Source(path: real, written: written, type: .directory, identity: nil))
      } else {
        fail(.noPlace, "cannot make \(written): a link that leads nowhere or a file is in the way", at: grant.origin)
      }
    case .unreadable(let code):
      if grant.policy == .skip {
        skip(written, reason(code), at: grant.origin)
      } else {
        fail(.missingSource, "cannot \(action): \(reason(code))", at: grant.origin)
      }
    }
    return nil
  }

  private var deviceHint: String { "name it in devices.nodes" }

  /// Why a host file is never granted.
  private func refusal(_ real: String, _ type: FileType) -> String? {
    switch type {
    case .fifo, .blockDevice, .characterDevice: return "it is a \(type.rawValue)"
    case .file, .directory, .socket: break
    }
    // The host's processes and devices; what is granted of them by name goes through features and exact ops.
    if real == "/" { return "it is the whole machine" }
    if isAtOrBelow(real, "/proc") { return "it is the host's process table" }
    return isAtOrBelow(real, "/dev") ? "it is the host's device directory" : nil
  }

  /// Where a grant stands inside; nil and a problem where none may stand.
  private mutating func target(of grant: Grant, _ path: String) -> String? {
    var target = path
    if let at = grant.at {
      guard let place = at.absolute else {
        fail(.refusedGrant, "cannot \(grant.verb) \(grant.path.written) at \(at.written): \(at.why)", at: grant.origin)
        return nil
      }
      target = place
    } else if let outside = host.runtimeDirectory, let rest = remainder(of: path, below: outside), !rest.isEmpty {
      target = joined(runtimeDirectory, rest)
    }
    // A mount onto proc or above it takes away its masks or stands in for it: CVE-2019-16884.
    let why: String? =
      if target == "/" {
        "it would cover everything"
      } else if isAtOrBelow(target, "/proc") || isAtOrBelow(target, "/dev") {
        "\(components(target)[0] == "proc" ? "/proc" : "/dev") is the sandbox's own"
      } else { nil }
    guard let why else { return target }
    fail(.refusedGrant, "cannot bind \(grant.path.written) on \(target): \(why)", at: grant.origin)
    return nil
  }

  // MARK: - Placing

  /// Parents first: a place below another grant is found through what that grant shows.
  private mutating func placeGrants(_ rules: [Rule]) {
    var ordered = PathTree<[Rule]>()
    for rule in rules { ordered.change(rule.target, from: []) { $0.append(rule) } }
    var placed = PathTree<Rule>()
    for (_, here) in ordered.parentFirst {
      for rule in here {
        let written = rule.grant.at?.written ?? rule.grant.path.written
        guard let target = destination(rule.target, from: rule.grant.origin, written: written) else { continue }
        if let other = placed[target], !wins(rule, over: other) {
          if other.grant.layer == rule.grant.layer, !samePath(other.source.path, rule.source.path) {
            fail(
              .takenTarget,
              "cannot place \(rule.grant.path.written) at \(target): \(other.grant.path.written) stands there",
              at: rule.grant.origin)
          }
          continue
        }
        placed[target] = rule
        let access: Access = rule.grant.kind == .write ? .writable : .readOnly
        put(.bind(Bind(source: rule.source, target: target, access: access)), from: rule.grant.origin)
      }
    }
  }

  /// Where a writable tree shows what a longer rule makes read-only, it is read-only too, under whatever name.
  private mutating func narrow(_ rule: Rule) {
    for (place, standing) in whereShown(rule.source.path) {
      guard let access = standing.access, access != .readOnly, !samePath(place, standing.op.target) else {
        continue
      }
      let bind = Bind(source: rule.source, target: place, access: .readOnly)
      put(.bind(bind), from: rule.grant.origin)
    }
  }

  /// The places inside at which a host path is seen, and what shows it there.
  func whereShown(_ real: String) -> [(place: String, by: Standing)] {
    var found: [(place: String, by: Standing)] = []
    for (targets, rest) in places.along(real) {
      for target in targets {
        let place = joined(target, rest)
        // Something that stands deeper shows other things there.
        guard let standing = tree.nearest(place)?.value, samePath(standing.op.target, target) else { continue }
        found.append((place, standing))
      }
    }
    return found
  }
}

extension Grant {
  /// `read`, `write` or `hide`, as the person wrote it.
  var verb: String { kind.rawValue }
  /// What holds where the path is missing. Nothing is ever made on the host to be hidden.
  var policy: IfMissing { ifMissing ?? (isShipped ? .skip : .fail) }
  /// The remedy for what is missing; none on the command line, where the option is left out.
  var skipHint: String? { origin.line > 0 ? "set if-missing = \"skip\" to go on without it" : nil }
}

extension PathValue {
  /// Why there is no path.
  var why: String {
    switch meaning {
    case .absolute(let path): path
    case .missing(let why), .refused(let why): why
    }
  }
}

extension Draft.Standing {
  /// Access to the host tree that it shows; nil where it shows none.
  var access: Access? {
    switch op {
    case .bind(let bind): bind.access
    case .overlay(let overlay): overlay.access
    default: nil
    }
  }
}
