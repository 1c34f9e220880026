import SnugProfile

extension Draft {
  /// `[[files.op]]`: appended in the order written. What they cover is gone from the view.
  mutating func addExactOps() -> [(op: PlannedOp, place: String)] {
    var ops: [(op: PlannedOp, place: String)] = []
    for exact in profile.files.ops {
      guard let op = compile(exact.value, from: exact.origin) else { continue }
      let place = resolve(op.target).path
      ops.append((PlannedOp(op, from: exact.origin), place))
      if op.covers { _ = tree.remove(below: place) }
      switch op {
      case .remount: break
      case .directory where tree.holds(place): break
      default: tree[place] = Standing(op: op.moved(to: place), origin: exact.origin)
      }
    }
    return ops
  }

  private mutating func compile(_ exact: ExactOp, from origin: Origin) -> Op? {
    guard let target = place(exact.target, exact.name, origin) else { return nil }
    switch exact {
    case .bind(let path, _, let access, let ifMissing):
      return bind(path, target, access, ifMissing, origin)
    case .tmpfs(_, let size, let mode, let access):
      return .tmpfs(Tmpfs(target: target, size: size.map(bytes), mode: mode, access: access))
    case .overlay(_, let lower, let upper, let work, let size, let access):
      return overlay(target, lower, upper, work, size, access, origin)
    case .proc: return .proc(Proc(target: target))
    case .dev: return .dev(Dev(target: target))
    case .mqueue: return .mqueue(Mqueue(target: target))
    case .directory(_, let mode): return .directory(Directory(target: target, mode: mode))
    case .file(_, let content, let mode): return .file(File(target: target, content: content, mode: mode))
    case .symlink(_, let to): return .symlink(Symlink(target: target, to: to))
    case .remount(_, let access):
      if access == .readOnly { return .remount(Remount(target: target)) }
      fail(.badOp, "cannot remount \(target) \(access.rawValue): a mount is only ever made more restricted", at: origin)
      return nil
    }
  }

  private mutating func place(_ path: PathValue, _ verb: String, _ origin: Origin) -> String? {
    guard let target = path.absolute else {
      fail(.refusedGrant, "cannot place \(verb) at \(path.written): \(path.why)", at: origin)
      return nil
    }
    // Below proc a file that is written to would be a look-alike: CVE-2019-16884.
    if let rest = remainder(of: target, below: "/proc"), !rest.isEmpty {
      fail(.refusedGrant, "cannot place \(verb) at \(path.written): /proc is the kernel's", at: origin)
      return nil
    }
    return target
  }

  private mutating func bind(
    _ path: PathValue, _ target: String, _ access: Access, _ ifMissing: IfMissing, _ origin: Origin
  ) -> Op? {
    let action = "bind \(path.written) on \(target)"
    let missing: String
    if let absolute = path.absolute {
      if let source = source(absolute, written: path.written) {
        if source.type == .fifo || source.type == .blockDevice || (source.type == .characterDevice && access != .device)
        {
          let hint = source.type == .characterDevice ? "set access = \"device\"" : nil
          fail(.refusedGrant, "cannot \(action): it is a \(source.type.rawValue)", at: origin, hint: hint)
          return nil
        }
        return .bind(Bind(source: source, target: target, access: access))
      }
      if ifMissing == .create, let real = realOfMissing(absolute) {
        creations.append(Located(real, at: origin))
        let source = Source(path: real, written: path.written, type: .directory, identity: nil)
        return .bind(Bind(source: source, target: target, access: access))
      }
      if case .unreadable(let code) = look(absolute) { missing = reason(code) } else { missing = reason(2) }
    } else {
      missing = path.why
    }
    if ifMissing == .skip, !path.isRefused {
      skip(path.written, missing == reason(2) ? "does not exist" : missing, at: origin)
    } else {
      fail(
        .missingSource, "cannot \(action): \(missing)", at: origin,
        hint: "set if-missing = \"skip\" to go on without it")
    }
    return nil
  }

  private mutating func overlay(
    _ target: String, _ lower: [PathValue], _ upper: PathValue?, _ work: PathValue?, _ size: Size?, _ access: Access,
    _ origin: Origin
  ) -> Op? {
    let action = "mount an overlay on \(target)"
    let why: String? =
      if (upper == nil) != (work == nil) {
        "upper and work belong together"
      } else if lower.isEmpty {
        "it has no lower directory"
      } else if lower.count > 500 {
        "it has \(lower.count) lower directories, the kernel takes 500"
      } else if upper != nil, size != nil {
        "size belongs to one whose changes are thrown away, upper and work to one that keeps them"
      } else if upper == nil, size == nil, lower.count < 2 {
        "one lower directory alone needs a size, or upper and work"
      } else { nil }
    if let why {
      fail(.badOp, "cannot \(action): \(why)", at: origin)
      return nil
    }
    var sources: [Source] = []
    for path in lower + [upper, work].compactMap({ $0 }) {
      guard let source = path.absolute.flatMap({ source($0, written: path.written) }) else {
        fail(
          .missingSource, "cannot \(action): \(path.written): \(path.absolute == nil ? path.why : reason(2))",
          at: origin)
        return nil
      }
      guard source.type == .directory else {
        fail(.refusedGrant, "cannot \(action): \(path.written): \(reason(20))", at: origin)
        return nil
      }
      sources.append(source)
    }
    let kept = sources[lower.count...]
    let isWritable = upper != nil || size != nil
    return .overlay(
      Overlay(
        target: target, lower: Array(sources[..<lower.count]), upper: kept.first, work: kept.dropFirst().first,
        size: upper == nil ? size.map(bytes) : nil, access: isWritable ? access : .readOnly))
  }

  /// A size in bytes; percent are of the machine's memory.
  func bytes(_ size: Size) -> UInt64 {
    switch size {
    case .bytes(let count): count
    case .percent(let share): host.memory / 100 * UInt64(max(0, share))
    }
  }
}

extension ExactOp {
  /// The word after `op =`.
  var name: String {
    switch self {
    case .bind: "bind"
    case .tmpfs: "tmpfs"
    case .overlay: "overlay"
    case .proc: "proc"
    case .dev: "dev"
    case .mqueue: "mqueue"
    case .directory: "directory"
    case .file: "file"
    case .symlink: "symlink"
    case .remount: "remount"
    }
  }

  /// Where it lands.
  var target: PathValue {
    switch self {
    case .bind(_, let target, _, _), .tmpfs(let target, _, _, _), .overlay(let target, _, _, _, _, _),
      .proc(let target), .dev(let target), .mqueue(let target), .directory(let target, _), .file(let target, _, _),
      .symlink(let target, _), .remount(let target, _):
      target
    }
  }
}

extension PathValue {
  /// Whether the path is never allowed.
  var isRefused: Bool {
    if case .refused = meaning { true } else { false }
  }
}

extension Op {
  /// The same op at another place.
  func moved(to target: String) -> Op {
    switch self {
    case .bind(var op):
      op.target = target
      return .bind(op)
    case .tmpfs(var op):
      op.target = target
      return .tmpfs(op)
    case .overlay(var op):
      op.target = target
      return .overlay(op)
    case .proc: return .proc(Proc(target: target))
    case .dev(var op):
      op.target = target
      return .dev(op)
    case .mqueue: return .mqueue(Mqueue(target: target))
    case .directory(var op):
      op.target = target
      return .directory(op)
    case .file(var op):
      op.target = target
      return .file(op)
    case .symlink(var op):
      op.target = target
      return .symlink(op)
    case .remount: return .remount(Remount(target: target))
    // No exact op is one of these.
    case .writtenFile, .data, .changeMode: return self
    }
  }
}
