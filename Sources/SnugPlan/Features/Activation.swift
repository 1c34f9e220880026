import SnugProfile

/// Listening sockets that a service manager hands to a program, see sd_listen_fds(3).
public struct Activation: Hashable, Sendable {
  /// How many: descriptor 3 and those that follow.
  public var count: Int32
  /// Their names with colons between them, as `LISTEN_FDNAMES` has them; nil where it is not set.
  public var names: [UInt8]?

  /// Makes an activation.
  public init(count: Int32, names: [UInt8]? = nil) {
    self.count = count
    self.names = names
  }

  /// Their numbers, which stay the same inside.
  public var descriptors: [Int32] { Array(3..<(3 + count)) }

  /// The variables that tell of them. They are never taken over from the caller: they mean one process.
  public static let variables: Set = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"]
}

extension Draft {
  /// The sockets that this start was handed: nobody else could tell the app of them.
  mutating func addActivation(_ activation: Activation?) {
    guard let activation else { return }
    let origin = Origin.option("LISTEN_FDS")
    set("LISTEN_FDS", String(activation.count), from: origin)
    if let names = activation.names {
      environment["LISTEN_FDNAMES"] = PlannedVariable(name: "LISTEN_FDNAMES", value: names, origin: origin)
    }
    environment["LISTEN_PID"] = PlannedVariable(name: "LISTEN_PID", value: [], origin: origin, isOwnPID: true)
  }
}
