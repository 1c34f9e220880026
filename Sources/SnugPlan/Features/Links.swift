import SnugProfile

// Links that the app of an earlier start may have made: what they lead to would be that app's choice (CVE-2024-42472).

extension Draft {
  /// Takes out what features would show through such a link, or where the trees that grants show have no place for it:
  /// nobody asked for it by name. A socket that is reached so stops the start.
  ///
  /// Called when grants and files of the command line stand, before their masks do.
  mutating func judgeFeatures() {
    for (place, standing) in tree.parentFirst where standing.isFeature {
      guard case .bind(let bind) = standing.op else { continue }
      let isSocket = bind.source.type == .socket
      if isSocket {
        judgeDoor(bind.source, from: standing.origin)
      } else if let why = linkProblem(bind.source) ?? placeProblem(standing, at: place) {
        take(place)
        skip(host.tilde(bind.source.written), why, at: standing.origin)
      }
    }
    for bus in bus?.buses ?? [] {
      if case .socket(let source) = bus.upstream { judgeDoor(source, from: bus.origin) }
    }
    if let wayland { judgeDoor(wayland.compositor, from: wayland.origin) }
    if let sound { judgeDoor(sound.server, from: sound.origin) }
    guard let x11 else { return }
    if let display = x11.display { judgeDoor(display, from: x11.origin) }
    if case .nested(let server) = x11.way, let compositor = server.compositor {
      judgeDoor(compositor, from: x11.origin)
    }
  }

  /// A service's socket: what stands before it, or the app itself, would talk to another service.
  private mutating func judgeDoor(_ socket: Source, from origin: Origin) {
    guard let why = linkProblem(socket) else { return }
    fail(
      .escapingLink, "cannot use the socket \(socket.written): \(why)", at: origin,
      hint: "look where it leads; then take the link away, or grant less")
  }

  private mutating func linkProblem(_ source: Source) -> String? {
    // What a companion makes has no path yet.
    if source.identity == nil { return nil }
    return linkOfTheApp(source.written, source.path).map { "it is a link out of \($0), which the app may change" }
  }

  private mutating func placeProblem(_ standing: Standing, at place: String) -> String? {
    guard let (outer, rest) = tree.along(place).last(where: { !$0.rest.isEmpty }),
      !isSeenAnyway(standing, in: outer, rest)
    else { return nil }
    return noPlace(standing, in: outer, rest)
  }

  /// The link-free directories in which the links lie that are followed on the way to a file, in their order.
  mutating func foldersOfLinks(_ path: String) -> [String] {
    var folders: [String] = []
    var walked = "/"
    var left = components(path).map { String($0) }
    while let name = left.first {
      left.removeFirst()
      if name == "." { continue }
      if name == ".." {
        walked = walked == "/" ? walked : splitPath(walked).parent
        continue
      }
      let next = joined(walked, name)
      guard case .exists(_, _, _, .some(let text)) = look(next) else {
        walked = next
        continue
      }
      folders.append(walked)
      // As many as the kernel follows, see path_resolution(7).
      if folders.count > 40 { break }
      if text.utf8.first == UInt8(ascii: "/") { walked = "/" }
      left = components(text).map { String($0) } + left
    }
    return folders
  }
}
