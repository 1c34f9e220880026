import SnugProfile

/// What PID 1 decides while the app runs, as a state machine without system calls: events in, actions out.
///
/// "The app ended" and "nothing is left" are two events. When the app ends its status is kept and what lingers is adopted:
/// `adopt-wait` counts from the app's own end.
///
/// Runs in the sandbox's PID 1.
public struct Supervisor {
  /// What has happened.
  public enum Event: Hashable, Sendable {
    /// A child was reaped.
    case reaped(pid: Int32, End)
    /// wait4 says ECHILD.
    case noChildrenLeft
    /// The launcher passes a signal on.
    case signal(Int32)
    /// The launcher was asked to stop the app.
    case cancel
    /// The app's terminal has hung up, and the app was told by it.
    case hungUp
    /// The launcher is gone.
    case launcherGone
    /// The launcher has named what lingers.
    case named
    /// The deadline that `wakeAt` told has come.
    case deadline
  }

  /// How a process ended.
  public enum End: Hashable, Sendable {
    case exited(Int32)
    case killed(signal: Int32)

    /// 0 to 255: the exit code, or 128 and the signal's number.
    public var status: Int32 {
      switch self {
      case .exited(let code): code
      case .killed(let signal): 128 + signal
      }
    }
  }

  /// What to do about it.
  public enum Action: Hashable, Sendable {
    case signalApp(Int32)
    /// To everything but PID 1.
    case signalAll(Int32)
    /// Tell the launcher how the app ended.
    case reportEnded(End)
    /// Tell the launcher that lingering processes are about to be ended.
    case reportTimeUp
    /// Leave, which kills everything that is left.
    case exit(Int32)
  }

  private enum State: Hashable {
    case running
    /// The app has ended, others live.
    case lingering
    /// Their time is up and the launcher looks who they are: after SIGTERM they would be gone.
    case naming
    /// They have had SIGTERM.
    case ending
  }

  /// Nil: there is none, and nothing but the launcher ends it.
  private let app: Int32?
  private let adoptWait: Wait
  private let stopWait: Wait
  private let cancelSignal: Int32?
  private var state = State.running
  private var end: End?
  private var stopDeadline: Int?
  private var waitDeadline: Int?
  private var lastCancel: Int?
  private static let terminationGrace = 1_000
  /// A launcher that is stopped, or slow, puts off no end.
  private static let namingGrace = 1_000
  private static let sigkill: Int32 = 9
  private static let sigterm: Int32 = 15

  /// Starts with the app running, if there is one.
  public init(app: Int32?, adoptWait: Wait, stopWait: Wait, cancelSignal: Int32?) {
    self.app = app
    self.adoptWait = adoptWait
    self.stopWait = stopWait
    self.cancelSignal = cancelSignal
  }

  /// Milliseconds of the clock at which `deadline` is due; nil: never.
  public var wakeAt: Int? {
    switch (stopDeadline, waitDeadline) {
    case (let stop?, let wait?): min(stop, wait)
    case (let stop, let wait): stop ?? wait
    }
  }

  /// Takes an event at a time of the clock in milliseconds.
  public mutating func handle(_ event: Event, at now: Int) -> [Action] {
    switch event {
    case .reaped(let pid, let end):
      guard pid == app, self.end == nil else { return [] }
      self.end = end
      state = .lingering
      switch adoptWait {
      case .none: return [.reportEnded(end), .exit(end.status)]
      case .milliseconds(let time): waitDeadline = now + time
      case .forever: break
      }
      return [.reportEnded(end)]
    case .noChildrenLeft:
      if app == nil { return [] }
      return [.exit(end?.status ?? 128 + Self.sigkill)]
    case .signal(let number):
      return state == .running ? [.signalApp(number)] : []
    case .cancel:
      return cancel(at: now)
    case .hungUp:
      return hungUp(at: now)
    case .launcherGone:
      return [.exit(128 + Self.sigkill)]
    case .deadline:
      guard let due = wakeAt, due <= now else { return [] }
      if let stop = stopDeadline, stop <= now { return leave() }
      switch state {
      case .running, .ending: return leave()
      case .naming: return terminate(at: now)
      case .lingering:
        state = .naming
        waitDeadline = now + Self.namingGrace
        return [.reportTimeUp]
      }
    case .named:
      return state == .naming ? terminate(at: now) : []
    }
  }

  private mutating func terminate(at now: Int) -> [Action] {
    state = .ending
    waitDeadline = now + Self.terminationGrace
    return [.signalAll(Self.sigterm)]
  }

  private mutating func cancel(at now: Int) -> [Action] {
    guard app != nil, state == .running, let cancelSignal else { return leave() }
    // timeout(1) and service managers signal a process and its whole group: one request.
    if let last = lastCancel, now - last < 1_000 { return [] }
    lastCancel = now
    if stopWait == .none { return leave() }
    startDeadline(at: now)
    return [.signalApp(cancelSignal)]
  }

  /// As `cancel`, but SIGHUP was the signal.
  private mutating func hungUp(at now: Int) -> [Action] {
    guard app != nil, state == .running, cancelSignal != nil, stopWait != .none else { return leave() }
    startDeadline(at: now)
    return []
  }

  private mutating func startDeadline(at now: Int) {
    if case .milliseconds(let time) = stopWait { stopDeadline = stopDeadline ?? now + time }
  }

  private func leave() -> [Action] {
    if let end { return [.exit(end.status)] }
    return [.reportEnded(.killed(signal: Self.sigkill)), .exit(128 + Self.sigkill)]
  }
}
