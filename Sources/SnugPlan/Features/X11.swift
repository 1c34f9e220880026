import SnugProfile

extension Draft {
  /// `desktop.x11`: one socket and one cookie of an X server. `true`: the caller's. `"untrusted"`: the caller's server,
  /// and a cookie that is made at the start. `"isolated"`: a server of the instance's own, which lives as long as it.
  mutating func addX11(notEnforced: inout [String]) {
    let asked = profile.desktop.x11
    if wayland != nil, isInstead {
      // Who may talk to the X server sees what the person does in all windows that are on it.
      return skip("desktop.x11", "the app has Wayland", at: asked.origin)
    }
    do throws(Diagnostic) {
      switch asked.value {
      case .off: return
      case .plain: try addCallersServer(.shared, asked.origin)
      case .untrusted: try addCallersServer(.untrusted, asked.origin)
      case .isolated: try addOwnServer(asked.origin)
      }
    } catch {
      if let missing = missingCompositor {
        problems.append(noScreen(missing, error))
      } else if profile.mayGoUnenforced(X11Policy.key) {
        notEnforced.append(X11Policy.key)
      } else {
        problems.append(error)
      }
    }
  }

  /// Whether X11 is for sessions without Wayland: both are asked for, and the X server is the caller's own.
  var isInstead: Bool {
    guard profile.desktop.wayland.value else { return false }
    return profile.desktop.x11.value == .plain || profile.desktop.x11.value == .untrusted
  }

  /// Both are asked for, and neither is there.
  private func noScreen(_ wayland: Diagnostic, _ x11: Diagnostic) -> Diagnostic {
    let reasons = [wayland, x11].map { problem in
      // Behind "cannot reach the X server: ".
      let parts = problem.message.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1)
      return parts.count > 1 ? String(Substring(parts[1]).drop { $0 == " " }) : problem.message
    }
    return Diagnostic(
      "cannot reach a screen: " + reasons.joined(separator: "; "), .cannotStartHere, at: x11.origin,
      hint: noScreenHint)
  }

  private var noScreenHint: String {
    "start snug in a desktop session; over ssh, one that forwards no display has none"
  }

  private mutating func addCallersServer(_ way: X11Policy.Way, _ origin: Origin) throws(Diagnostic) {
    let (display, socket) = try findDisplay(origin)
    if way == .untrusted { try judgeAbstract("an X server that does not trust the app", origin) }
    let secret = callersCookie(display.number)
    let number = displayNumber(inside: display.number)
    let policy = X11Policy(
      way: way, display: socket, secret: secret, number: number,
      isOptional: profile.mayGoUnenforced(X11Policy.key), origin: origin)
    guard let target = destination(policy.socket, from: origin) else { return }
    put(.bind(Bind(source: socket, target: target, access: .readOnly)), from: origin)
    set("DISPLAY", ":\(number)" + (display.screen.map { ".\($0)" } ?? ""), from: origin)
    // A server that asks for no cookie is fine; one that is made at the start has its place.
    if way == .untrusted {
      addCookie(.cookie(unknownCookie, for: number), from: origin)
    } else if var cookie = secret {
      cookie.number = Array(String(number).utf8)
      addCookie(cookie, from: origin)
    }
    addClientSettings(from: origin)
    x11 = policy
  }

  private mutating func addOwnServer(_ origin: Origin) throws(Diagnostic) {
    try judgeAbstract("an X server of its own", origin)
    let server: NestedServer
    var display: Source?
    var secret: XauthorityEntry?
    var size: ScreenSize?
    if let text = host.variable("SNUG_SCREEN"), !text.isEmpty {
      size = ScreenSize(text)
      if size == nil {
        throw Diagnostic(
          "cannot make an X server: SNUG_SCREEN is \(text), not a size such as 1280x800", .cannotStartHere, at: origin)
      }
    }
    // On Wayland an X server on the compositor is one copy less than one on the session's X server.
    let isWayland = wayland != nil || host.variable("WAYLAND_DISPLAY").map { !$0.isEmpty } ?? false
    // Xwayland has the size that it likes.
    let isXephyr = size != nil && helper("Xephyr") != nil && (try? findDisplay(origin)) != nil
    if isWayland, !isXephyr, let program = helper("Xwayland"), let compositor = try? findCompositor(origin) {
      if let size {
        skip(
          "SNUG_SCREEN", "Xwayland takes no size, and has another one than \(size.text)", at: origin,
          hint: "Xephyr takes one: it needs the package xserver-xephyr, and DISPLAY set")
      }
      server = NestedServer(kind: .xwayland, program: program, compositor: compositor)
    } else if let program = helper("Xephyr") {
      let (outer, socket) = try findDisplay(origin)
      (display, secret) = (socket, callersCookie(outer.number))
      server = NestedServer(kind: .xephyr, program: program, size: size)
    } else {
      // One without a window of its own shows nothing to anybody.
      throw Diagnostic(
        "cannot make an X server: there is \(isWayland ? "neither Xwayland nor Xephyr" : "no Xephyr") in PATH",
        .cannotStartHere, at: origin,
        hint: "install the package \(isWayland ? "xwayland or " : "")xserver-xephyr; Xvfb alone shows no window")
    }
    let number = displayNumber(inside: 0)
    let policy = X11Policy(
      way: .nested(server), display: display, secret: secret, number: number,
      isOptional: profile.mayGoUnenforced(X11Policy.key), origin: origin)
    guard let target = destination(policy.socket, from: origin) else { return }
    let source = madeSocket(.x11, "X0", written: "the socket of the app's X server")
    put(.bind(Bind(source: source, target: target, access: .readOnly)), from: origin)
    set("DISPLAY", ":\(number)", from: origin)
    addCookie(.cookie(unknownCookie, for: number), from: origin)
    addClientSettings(from: origin)
    x11 = policy
  }

  /// What stands in a plan for a cookie that is made at the start.
  private var unknownCookie: [UInt8] { [UInt8](repeating: 0, count: 16) }

  private mutating func addClientSettings(from origin: Origin) {
    guard profile.files.root.value == .system else { return }
    pick("X11", from: origin)
    addToolkitSettings(from: origin)
  }

  private mutating func addCookie(_ entry: XauthorityEntry, from origin: Origin) {
    guard let target = destination(cookieFile, from: origin) else { return }
    put(.file(File(target: target, content: entry.bytes, mode: 0o600)), from: origin)
    set("XAUTHORITY", target, from: origin)
  }

  /// The cookie that the caller's programs show the server, for any machine name: inside, this machine has another one.
  private func callersCookie(_ display: Int) -> XauthorityEntry? {
    guard let content = host.read(callersCookieFile(host)),
      let found = cookie(for: display, on: host.hostName, in: readXauthority(content))
    else { return nil }
    return XauthorityEntry(
      family: XauthorityEntry.wild, address: [], number: found.number, name: found.name, data: found.data)
  }

  /// The display that DISPLAY names, and its socket. One that is named by its socket is number 0 inside.
  private mutating func findDisplay(_ origin: Origin) throws(Diagnostic) -> (
    display: (number: Int, screen: Int?), socket: Source
  ) {
    func refuse(_ reason: String, hint: String? = nil) -> Diagnostic {
      Diagnostic("cannot reach the X server: \(reason)", .cannotStartHere, at: origin, hint: hint)
    }
    guard let text = host.variable("DISPLAY"), !text.isEmpty else {
      throw refuse("DISPLAY is not set", hint: noScreenHint)
    }
    func judged(_ path: String) throws(Diagnostic) -> Source {
      switch hostSocket(path) {
      case .found(let socket): return socket
      case .missing: throw refuse("DISPLAY=\(text) asks for \(path), which does not exist", hint: noScreenHint)
      // Whoever listens there would be shown the caller's cookie.
      case .refused(let why): throw refuse(why, hint: "DISPLAY is that of another user's session")
      }
    }
    for (path, screen) in displayPaths(text) where source(path)?.type == .socket {
      return ((0, screen), try judged(path))
    }
    guard let display = localDisplay(text) else {
      if let path = displayPaths(text).first?.path {
        throw refuse("DISPLAY asks for \(path), which is no socket", hint: noScreenHint)
      }
      throw refuse(
        "DISPLAY is \(text), which is not a display of this machine",
        hint: "only local displays such as :0 are supported")
    }
    return (display, try judged(xSocket(display.number)))
  }

  /// X servers listen at a socket without a file too, and let in whoever runs as the caller where xhost(1) says so: then
  /// neither a cookie nor a server of its own keeps the app from the caller's windows.
  private func judgeAbstract(_ what: String, _ origin: Origin) throws(Diagnostic) {
    if !reachesAbstractSockets { return }
    throw Diagnostic(
      "cannot give the app \(what): over the host's network it reaches the abstract socket of yours",
      .cannotStartHere, at: origin,
      hint: "take the network away, or leave landlock.scope as it is on a kernel that has it")
  }
}

/// Number and screen of a display on this machine: `:0`, `:0.1`, `unix:0`, `host/unix:0`; nil for all others, see
/// X(7).
func localDisplay(_ text: String) -> (number: Int, screen: Int?)? {
  guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
  let machine = text[..<colon]
  guard machine.isEmpty || machine == "unix" || machine.utf8.suffix(5).elementsEqual("/unix".utf8) else { return nil }
  let parts = text[text.utf8.index(after: colon)...].utf8.split(
    separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
  guard let display = parts.first.flatMap(displayNumber) else { return nil }
  if parts.count == 1 { return (display, nil) }
  guard let screen = displayNumber(parts[1]) else { return nil }
  return (display, screen)
}

private func displayNumber(_ part: Substring.UTF8View) -> Int? {
  guard !part.isEmpty, part.count <= 5, part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
  return Int(Substring(part))
}

/// The paths that a display named by its socket may mean, in the order in which libxcb tries them: the whole text, then
/// without a screen; then without a number, too. Empty where no socket is named.
func displayPaths(_ text: String) -> [(path: String, screen: Int?)] {
  let prefix = "unix:"
  let named = text.hasPrefix(prefix + "/") ? text.utf8.dropFirst(prefix.utf8.count) : text.utf8[...]
  guard named.first == UInt8(ascii: "/"), !components(String(Substring(named))).contains(where: { $0 == ".." }) else {
    return []
  }
  var paths: [(path: String, screen: Int?)] = [(path: String(Substring(named)), screen: nil)]
  var rest = named
  var screen: Int?
  if let dot = rest.lastIndex(of: UInt8(ascii: ".")), let number = displayNumber(rest[rest.index(after: dot)...]) {
    (rest, screen) = (rest[..<dot], number)
    paths.append((path: String(Substring(rest)), screen: screen))
  }
  if let colon = rest.lastIndex(of: UInt8(ascii: ":")), displayNumber(rest[rest.index(after: colon)...]) != nil {
    paths.append((path: String(Substring(rest[..<colon])), screen: screen))
  }
  return paths
}
