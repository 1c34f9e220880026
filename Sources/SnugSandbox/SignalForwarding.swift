import CSnug

/// What the launcher does with each signal it gets while the app runs: a state machine without system calls.
///
/// Runs in the launcher.
public struct SignalForwarding {
  /// What to do.
  public enum Action: Hashable, Sendable {
    /// Pass it on to the app as it is.
    case forward(Int32)
    /// Ask Init to stop the app the profile's way.
    case cancel
    /// Kill everything inside.
    case endNow
    /// Stop the launcher itself, by the same signal: a shell tells which one it was, and the kernel drops it where nobody
    /// could continue us (an orphaned process group, setpgid(2)).
    case stopSelf(Int32)
  }

  private static let (sighup, sigint, sigpipe, sigterm, sigchld): (Int32, Int32, Int32, Int32, Int32) = (
    1, 2, 13, 15, 17
  )
  /// TSTP, TTIN, TTOU.
  private static let stops: Set<Int32> = [20, 21, 22]
  private static let fromKernel: Int32 = 128

  private let sharesTerminal: Bool
  private let ownPID: Int32
  private var lastInterrupt: Int?

  /// `sharesTerminal`: the app is in the launcher's own process group, so the terminal reaches it by itself.
  public init(sharesTerminal: Bool, ownPID: Int32) {
    self.sharesTerminal = sharesTerminal
    self.ownPID = ownPID
  }

  /// Takes a signal at a time of the clock in milliseconds.
  public mutating func handle(_ signal: csnug_signal, at now: Int) -> [Action] {
    let number = signal.number
    let delivered = sharesTerminal && signal.code == Self.fromKernel
    switch number {
    case Self.sigchld: return []
    // Our own write to a reader that has gone.
    case Self.sigpipe where signal.pid == ownPID: return []
    case Self.sighup, Self.sigterm: return [.cancel]
    case Self.sigint:
      defer { lastInterrupt = now }
      if let last = lastInterrupt, now - last < 2_000 { return [.endNow] }
      return delivered ? [] : [.forward(number)]
    case _ where Self.stops.contains(number):
      return delivered ? [.stopSelf(number)] : [.forward(number), .stopSelf(number)]
    default: return delivered ? [] : [.forward(number)]
    }
  }
}
