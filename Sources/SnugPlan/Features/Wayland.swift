import SnugProfile

extension Draft {
  /// `desktop.wayland`: a socket that the launcher has made and told the compositor whose it is. The compositor's own
  /// socket is not inside: whoever has that one may take pictures of the screen and type for the person at it.
  mutating func addWayland(notEnforced: inout [String]) {
    guard profile.desktop.wayland.value else { return }
    let origin = profile.desktop.wayland.origin
    let isOptional = profile.mayGoUnenforced(WaylandPolicy.key)
    let compositor: Source
    do throws(Diagnostic) {
      compositor = try findCompositor(origin)
    } catch {
      // Told by `addX11` where there is no X server either.
      if isInstead {
        missingCompositor = error
      } else if isOptional {
        notEnforced.append(WaylandPolicy.key)
      } else {
        problems.append(error)
      }
      return
    }
    guard let target = destination(joined(runtimeDirectory, "wayland-0"), from: origin) else { return }
    let source = madeSocket(.wayland, WaylandPolicy.socketName, written: "the app's Wayland socket")
    put(.bind(Bind(source: source, target: target, access: .readOnly)), from: origin)
    set("WAYLAND_DISPLAY", "wayland-0", from: origin)
    // Toolkits that know several ways to a screen choose by it.
    set("XDG_SESSION_TYPE", "wayland", from: origin)
    addToolkitSettings(from: origin)
    wayland = WaylandPolicy(
      compositor: compositor, socket: target, isOptional: isOptional, isInPlaceOfX11: isInstead, origin: origin)
  }

  /// What the machine's administrator has set for programs with windows.
  mutating func addToolkitSettings(from origin: Origin) {
    guard profile.files.root.value == .system else { return }
    for name in ["xdg", "gtk-2.0", "gtk-3.0", "gtk-4.0"] { pick(name, from: origin) }
  }

  /// The socket that a Wayland client of the caller's would connect to, as wl_display_connect(3) finds it.
  mutating func findCompositor(_ origin: Origin) throws(Diagnostic) -> Source {
    func refuse(_ reason: String, hint: String? = nil) -> Diagnostic {
      Diagnostic("cannot reach the Wayland compositor: \(reason)", .cannotStartHere, at: origin, hint: hint)
    }
    let connection = host.environment.last { $0.name == "WAYLAND_SOCKET" }?.value ?? []
    if !connection.isEmpty {
      throw refuse(
        "WAYLAND_SOCKET is set: a connection that was made for one program, and cannot be shared",
        hint: "start snug without it: env -u WAYLAND_SOCKET snug run ...")
    }
    let written = host.environment.last { $0.name == "WAYLAND_DISPLAY" }?.value ?? []
    // In a session of X11 a socket at the usual place is what another session has left, or a compositor of nobody's.
    if written.isEmpty, isInstead, host.variable("DISPLAY")?.isEmpty == false {
      throw refuse("WAYLAND_DISPLAY is not set")
    }
    guard let name = written.isEmpty ? usualCompositor : validText(written) else {
      throw refuse("WAYLAND_DISPLAY is \(escaped(written)), which is not UTF-8")
    }
    let names = components(name)
    if names.isEmpty || names.contains(".") || names.contains("..") {
      throw refuse("WAYLAND_DISPLAY is \(name), which is no name of a socket")
    }
    guard let path = compositorPath(name, host) else {
      throw refuse(
        "\(name) stands in XDG_RUNTIME_DIR, and that is not set to a directory of yours, mode 0700",
        hint: "log in through a session manager, or set WAYLAND_DISPLAY to the path of the socket")
    }
    switch hostSocket(path) {
    case .found(let source): return source
    case .refused(let why): throw refuse(why)
    case .missing:
      let what =
        written.isEmpty
        ? "WAYLAND_DISPLAY is not set, and there is no \(path)"
        : "WAYLAND_DISPLAY asks for \(path), which does not exist"
      throw refuse(what, hint: "start snug in a Wayland session; in a session of X11: x11 = true under [desktop]")
    }
  }
}

/// Where a compositor listens that nobody has named.
let usualCompositor = "wayland-0"

/// The path of a compositor's socket; nil for a name that stands in a runtime directory, and there is none.
func compositorPath(_ name: String, _ host: Host) -> String? {
  if name.utf8.first == UInt8(ascii: "/") { return "/" + components(name).joined(separator: "/") }
  return host.runtimeDirectory.map { joined($0, name) }
}
