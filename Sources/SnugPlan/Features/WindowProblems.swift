import SnugProfile

extension Plan {
  /// Where the app sees what would void the protection of its windows: a socket of the caller's own beside the one that it
  /// was given, or the cookie that the caller's X server trusts. Where the profile lets the protection go, it is named as
  /// not enforced.
  mutating func judgeWindows(_ profile: Profile, _ host: Host) -> [Diagnostic] {
    let ways = waysAround(host)
    let programs = ownServerPrograms
    guard var tree = finalTree(showing: ways.map({ $0.file }), writing: programs, profile, host) else { return [] }
    var problems: [Diagnostic] = []
    for way in ways {
      guard let seen = tree.places(of: way.file).first else { continue }
      if profile.mayGoUnenforced(way.key) {
        lose(way.key)
        continue
      }
      problems.append(
        Diagnostic(
          "cannot enforce \(way.asked): \(way.words) \(way.file) is shown inside, at \(seen.place)", .refusedGrant,
          at: seen.standing?.origin ?? way.origin,
          hint: "the app could see and steer other windows by it: hide the file, or grant less"))
    }
    for program in programs {
      guard let seen = tree.writablePlace(of: program) else { continue }
      problems.append(
        Diagnostic(
          "cannot make an X server: the app may write to its program, \(program)", .refusedGrant,
          at: seen.standing?.origin))
    }
    return problems
  }

  private struct WayAround {
    /// Link-free.
    var file: String
    var words: String
    var key: String
    /// The key with its value.
    var asked: String
    var origin: Origin
  }

  private func waysAround(_ host: Host) -> [WayAround] {
    var ways: [WayAround] = []
    if let wayland {
      ways.append(
        WayAround(
          file: wayland.compositor.path, words: "the compositor's own socket", key: WaylandPolicy.key,
          asked: WaylandPolicy.key, origin: wayland.origin))
    }
    guard let x11, x11.way != .shared else { return ways }
    let isNested = x11.way != .untrusted
    func add(_ words: String, _ path: String?, _ type: FileType) {
      guard let path, case .exists(let real, type, _, _) = host.look(path) else { return }
      ways.append(
        WayAround(
          file: real, words: words, key: X11Policy.key,
          asked: "\(X11Policy.key) = \"\(isNested ? "isolated" : "untrusted")\"", origin: x11.origin))
    }
    add("your cookie for the X server", callersCookieFile(host), .file)
    if isNested {
      add("your X server's socket", callersDisplay(host), .socket)
      // With the app's own Wayland it has been looked for already.
      let name = host.variable("WAYLAND_DISPLAY") ?? ""
      if wayland == nil {
        add("the compositor's own socket", compositorPath(name.isEmpty ? usualCompositor : name, host), .socket)
      }
    }
    return ways
  }

  private var ownServerPrograms: [String] {
    if case .nested(let server)? = x11?.way { [server.program.path] } else { [] }
  }
}

/// Where the caller's X server listens, as far as DISPLAY says it.
private func callersDisplay(_ host: Host) -> String? {
  guard let text = host.variable("DISPLAY") else { return nil }
  for (path, _) in displayPaths(text) {
    if case .exists(_, .socket, _, _) = host.look(path) { return path }
  }
  return localDisplay(text).map { xSocket($0.number) }
}

/// Where the caller's programs find their cookies, see Xsecurity(7).
func callersCookieFile(_ host: Host) -> String {
  host.variable("XAUTHORITY") ?? joined(host.home, ".Xauthority")
}
