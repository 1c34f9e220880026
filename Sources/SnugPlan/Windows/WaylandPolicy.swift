import SnugProfile

/// The name by which compositors, and whoever else asks, know Snug among the programs that make sandboxes.
public let sandboxEngine = "io.github.snug"

/// How the app reaches the Wayland compositor: over a socket of its own, which carries a security context.
public struct WaylandPolicy: Hashable, Sendable {
  /// The compositor's own socket, judged when the plan was compiled. It is not inside.
  public var compositor: Source
  /// Where the app's socket is inside.
  public var socket: String
  /// Whether the app gets the compositor's own socket where the compositor knows no security contexts, and none where
  /// there is no compositor.
  public var isOptional: Bool
  /// Whether the app has no X11 because it has this: without a compositor it would have no screen at all.
  public var isInPlaceOfX11: Bool
  /// The line that asked for it.
  public var origin: Origin

  /// Makes a policy.
  public init(compositor: Source, socket: String, isOptional: Bool, isInPlaceOfX11: Bool = false, origin: Origin) {
    self.compositor = compositor
    self.socket = socket
    self.isOptional = isOptional
    self.isInPlaceOfX11 = isInPlaceOfX11
    self.origin = origin
  }

  /// The profile's key.
  static let key = "desktop.wayland"
  /// Name of the app's socket in its directory.
  public static let socketName = "wayland"
}

extension Plan {
  /// Whether the app's Wayland socket stands at a place inside.
  func isWaylandSocket(_ place: String) -> Bool { wayland.map { samePath($0.socket, place) } ?? false }

  /// Gives the app the compositor's own socket in place of one with a context, and says so.
  public mutating func useCompositorSocket() {
    guard let policy = wayland else { return }
    for index in ops.indices {
      guard case .bind(var bind) = ops[index].op, samePath(bind.target, policy.socket), bind.source.identity == nil
      else { continue }
      bind.source = policy.compositor
      ops[index].op = .bind(bind)
    }
    wayland = nil
    lose(WaylandPolicy.key)
  }

  /// Takes Wayland out where there is no compositor and the profile lets it go.
  public mutating func removeWayland() {
    guard let policy = wayland else { return }
    removeSocket(at: policy.socket)
    environment.removeAll {
      $0.origin == policy.origin && ($0.name == "WAYLAND_DISPLAY" || $0.name == "XDG_SESSION_TYPE")
    }
    wayland = nil
    lose(WaylandPolicy.key)
  }
}

extension WaylandPolicy {
  /// For `plan --json`.
  func json(_ id: String) -> JSON {
    .object([
      .init("compositor", .text(compositor.path)), .init("socket", .text(socket)),
      .init("engine", .text(sandboxEngine)), .init("app-id", .text(id)), .init("optional", .boolean(isOptional)),
      .init("origin", origin.json),
    ])
  }
}
