import SnugProfile

/// `desktop.audio = "playback"`: what stands before the sound server, see `PulseFilter`.
public struct SoundPolicy: Hashable, Sendable {
  /// The server's own socket, judged when the plan was compiled.
  public var server: Source
  /// Where the filter's socket is inside.
  public var socket: String
  /// Whether the app may have the server's own socket where there can be no filter.
  public var isOptional: Bool
  /// The line that asked for it.
  public var origin: Origin

  /// Makes a policy.
  public init(server: Source, socket: String, isOptional: Bool, origin: Origin) {
    self.server = server
    self.socket = socket
    self.isOptional = isOptional
    self.origin = origin
  }
}

extension SoundPolicy {
  /// The profile's key.
  public static var key: String { "desktop.audio" }

  /// For `plan --json`.
  var json: JSON {
    .object([
      .init("server", .text(server.path)), .init("socket", .text(socket)), .init("filter", .text("playback")),
      .init("origin", origin.json),
    ])
  }
}

/// Where the sound server's socket stands in the filter's box.
public let soundServerPlace = "/run/snug/server"

/// The box of the filter: the server's socket and nothing else, not even a program. Its PID 1 is the filter.
///
/// - Parameters:
///   - id: app id of the app that it works for.
///   - listener: descriptor of the socket that apps connect to.
public func soundFilterPlan(_ policy: SoundPolicy, for host: Host, id: String, listener: Int32) -> Plan {
  let server = Op.bind(Bind(source: policy.server, target: soundServerPlace, access: .readOnly))
  return helperPlan("sound", [server], for: host, id: id, from: policy.origin, passing: [listener])
}

extension Plan {
  /// Takes the filter out where it cannot be had and may go: the server's own socket stands in its place.
  public mutating func removeSoundFilter() {
    guard let gone = sound else { return }
    sound = nil
    notEnforced.append(SoundPolicy.key)
    removeSocket(at: gone.socket)
    let bind = PlannedOp(.bind(Bind(source: gone.server, target: gone.socket, access: .readOnly)), from: gone.origin)
    // Before the root is made read-only.
    let last = ops.lastIndex { planned in if case .remount = planned.op { true } else { false } }
    ops.insert(bind, at: last ?? ops.count)
  }
}
