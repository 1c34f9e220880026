import SnugProfile

/// Where a path inside leads, as the plan stands.
struct InsidePlace {
  enum State {
    /// A host file is seen there, by its link-free host path.
    case host(String, FileType)
    /// The plan makes it: a file system, a parent directory, a file.
    case made(FileType)
    /// It is hidden.
    case masked
    /// Nothing is there, and it can be made.
    case free
    /// Nothing is there and nothing can be made; the reason in plain words.
    case closed(String)
  }
  /// Without links.
  var path: String
  var state: State

  var isDirectory: Bool {
    switch state {
    case .host(_, let type), .made(let type): type == .directory
    case .masked, .free, .closed: false
    }
  }
}

extension Draft {
  /// Follows a path as a process inside would: over the plan's own links and those of the host trees it shows.
  mutating func resolve(_ path: String) -> InsidePlace {
    var path = path
    // As many as the kernel follows, see path_resolution(7).
    for _ in 0..<40 {
      switch step(path) {
      case .there(let place): return place
      case .link(let next): path = next
      }
    }
    return InsidePlace(path: path, state: .closed(reason(40)))
  }

  private enum Walk {
    case there(InsidePlace)
    case link(String)
  }

  /// Goes on to the first link in the path, if there is one.
  private mutating func step(_ path: String) -> Walk {
    func there(_ state: InsidePlace.State) -> Walk { .there(InsidePlace(path: path, state: state)) }
    // A link of the plan's own high up comes before anything that stands deeper: nothing stands below a link.
    guard let (standing, rest) = tree.nearest(path) else { return there(tree.holds(path) ? .made(.directory) : .free) }
    let target = standing.op.target
    // What is mounted below it inside has made its parents: they are no names of the host.
    switch standing.op {
    case .symlink(let link):
      return .link(joined(cleaned(link.to, from: splitPath(target).parent), rest))
    case .bind(let bind) where bind.source.type != .directory:
      return there(rest.isEmpty ? .host(bind.source.path, bind.source.type) : .closed(reason(20)))
    case .file:
      if standing.isMask { return there(.masked) }
      return there(rest.isEmpty ? .made(.file) : .closed(reason(20)))
    case .bind(let bind):
      if bind.source.identity == nil { return there(rest.isEmpty ? .made(.directory) : .free) }
      let closed = standing.isKept ? nil : "\(target) is a directory of the host, in which nothing is made"
      return shown([bind.source.path], rest, path, target, closed, followsLinks: !standing.isKept)
    case .overlay(let overlay):
      let closed = overlay.access == .readOnly ? "\(target) is read-only inside" : nil
      return shown((overlay.upper.map { [$0.path] } ?? []) + overlay.lower.map({ $0.path }), rest, path, target, closed)
    case .tmpfs:
      if rest.isEmpty || tree.holds(path) { return there(standing.isMask ? .masked : .made(.directory)) }
      return there(.free)
    case .dev(let dev):
      if rest.isEmpty || tree.holds(path) { return there(.made(.directory)) }
      return there(dev.isOpen ? .free : .closed("\(target) is the sandbox's own"))
    case .proc, .mqueue:
      return there(rest.isEmpty ? .made(.directory) : .closed("\(target) is the sandbox's own"))
    case .writtenFile, .data: return there(rest.isEmpty ? .made(.file) : .closed(reason(20)))
    case .directory, .remount, .changeMode:
      return there(rest.isEmpty || tree.holds(path) ? .made(.directory) : .free)
    }
  }

  /// A path below a host tree; `layers` topmost first. `closed` says why nothing can be made there, nil: it can.
  private mutating func shown(
    _ layers: [String], _ rest: String, _ path: String, _ target: String, _ closed: String?, followsLinks: Bool = true
  ) -> Walk {
    for layer in layers {
      let whole = joined(layer, rest)
      if case .exists(let real, let type, _, _) = look(whole), samePath(real, whole) {
        return .there(InsidePlace(path: path, state: .host(real, type)))
      }
      // Nothing there, or a link on the way: find the first one.
      var walked = layer
      var inside = target
      var left = components(rest)[...]
      while let name = left.popFirst() {
        walked = joined(walked, String(name))
        switch look(walked) {
        case .exists(_, _, _, .some(let text)), .missing(.some(let text)):
          if !followsLinks {
            return .there(InsidePlace(path: path, state: .closed("\(walked) is a link that was made inside")))
          }
          let next = cleaned(text, from: inside)
          return .link(joined(next, left.joined(separator: "/")))
        case .exists: inside = joined(inside, String(name))
        case .missing(nil): left = []
        case .unreadable(let code):
          return .there(InsidePlace(path: path, state: .closed(reason(code))))
        }
      }
    }
    if tree.holds(path) { return .there(InsidePlace(path: path, state: .made(.directory))) }
    return .there(InsidePlace(path: path, state: closed.map { .closed($0) } ?? .free))
  }

  /// The link-free place inside for something to stand at `path`; nil and a problem where nothing can stand there.
  mutating func destination(_ path: String, from origin: Origin, written: String? = nil) -> String? {
    let place = resolve(path)
    guard case .closed(let why) = place.state else { return place.path }
    fail(.noPlace, "cannot place \(written ?? path) inside: \(why)", at: origin)
    return nil
  }
}
