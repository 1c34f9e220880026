import CSnug
import SnugPlan
import SnugProfile

/// Runs in the launcher: makes the processes of a plan and stays with them to the end.
///
/// Single-threaded to the last: the parent-death signal of PID 1 hangs on the thread that made it.
public struct Sandbox {
  /// What the launcher tells while it runs.
  public enum Event: Sendable {
    /// The app's exec has happened. Pids are the host's; namespace ids are there where they were asked for. `lost` are
    /// optional limits that turned out not to be had, beside what the plan does not enforce.
    case started(pid: Int32, appPID: Int32, namespaces: [(Namespace, UInt64)], lost: [String])
    /// A claim of `[assert]` that does not hold, and why. The start fails when all have been tried.
    case assertFailed(PlannedAssert, reason: String)
    /// Microseconds of each step of Init, one line each.
    case timing(String)
    /// `adopt-wait` is over and these still lived.
    case timeUp([LivingProcess])
  }

  /// How it ended.
  public struct Ended: Sendable {
    /// How the app ended.
    public var end: Supervisor.End
    /// CPU time in user space of everything inside that was waited for.
    public var userMilliseconds: Int
    /// CPU time in the kernel, likewise.
    public var systemMilliseconds: Int
    /// From the app's exec to its end.
    public var wallMilliseconds: Int
    /// The most memory of all processes together where that is counted, else the largest resident set of any of them.
    public var peakBytes: Int
    /// The shared limit that the kernel has enforced against somebody inside.
    public var limitHit: String?
  }

  /// Why it did not start, with the exit status: 125, 126, 127, or 128 and a signal that came during the set-up.
  public struct Failure: Error, Sendable {
    /// Exit status of `run`.
    public var status: Int32
    /// What to tell; nil where a signal ended the set-up.
    public var diagnostic: Diagnostic?

    /// Makes a failure.
    public init(status: Int32, diagnostic: Diagnostic?) {
      self.status = status
      self.diagnostic = diagnostic
    }
  }

  private let plan: Plan
  private let filter: [UInt64]?
  private let traceTiming: Bool
  private let readsNamespaces: Bool
  private let tell: (Event) -> Void
  private let newSession: Bool
  private let instance: String

  /// Makes a sandbox of a plan. `filter` is the assembled program of the plan's seccomp policy.
  public init(
    _ plan: Plan, filter: [UInt64]?, traceTiming: Bool = false, readsNamespaces: Bool = false,
    instance: String? = nil, tell: @escaping (Event) -> Void
  ) {
    self.plan = plan
    self.instance = instance ?? String(csnug_getpid())
    self.filter = filter
    self.traceTiming = traceTiming
    self.readsNamespaces = readsNamespaces
    self.tell = tell
    // Without a filter nothing refuses TIOCSTI on a shared terminal (CVE-2017-5226), but a terminal that is not the
    // controlling one does.
    newSession = plan.process.terminal == .none || filter == nil
  }

  /// Starts, supervises, waits. The caller's signals are taken over for the whole time.
  public func run() throws(Failure) -> Ended {
    var early: [csnug_signal] = []
    let group = try InstanceGroup.prepare(plan, instance: instance)
    defer { group?.remove() }
    let (child, appPID, namespaces) = try start(onlyChecks: false, group, &early)
    tell(
      .started(pid: child.pid, appPID: appPID, namespaces: namespaces, lost: group?.notEnforced ?? []))
    return supervise(child, early)
  }

  /// Sets everything up, lets PID 1 check itself and try the claims of `[assert]`, and ends it before the app.
  ///
  /// - Returns: optional limits that turned out not to be had, beside what the plan does not enforce.
  public func check() throws(Failure) -> [String] {
    var early: [csnug_signal] = []
    let group = try InstanceGroup.prepare(plan, instance: instance)
    defer { group?.remove() }
    let (child, _, _) = try start(onlyChecks: true, group, &early)
    _ = child.wait()
    return group?.notEnforced ?? []
  }

  /// Up to the app's exec, or up to what comes before it where it `onlyChecks`. `early` are the signals for the app that
  /// came before.
  private func start(onlyChecks: Bool, _ group: InstanceGroup?, _ early: inout [csnug_signal]) throws(Failure)
    -> (Child, appPID: Int32, namespaces: [(Namespace, UInt64)])
  {
    let expectation = try readExpectation()
    let control = try socketPair(credentials: false)
    let report = try socketPair(credentials: true)
    // An ignored SIGCHLD, which a caller may leave behind, would let every exit status vanish.
    csnug_reset_signals()
    // Blocked before the clone, so that no signal finds PID 1 unprepared.
    var without: Int32 = 0
    let signals = unsafe Int32(csnug_signalfd_all(&without))
    if signals < 0 { throw setUpFailure("watch signals", Int32(-signals)) }

    var pidfd: Int32 = -1
    let flags = plan.namespaces.reduce(UInt64(0)) { $0 | $1.cloneFlag }
    var pid = unsafe csnug_clone3(flags, &pidfd, group?.descriptor ?? -1)
    // A cgroup that only makes pause and end easier stops no start.
    if pid < 0, let group, group.descriptor >= 0, !group.isNeeded {
      pid = unsafe csnug_clone3(flags, &pidfd, -1)
    }
    if pid < 0 { throw namespaceFailure(Int32(-pid)) }
    if pid == 0 {
      runInit(
        InitSetup(
          plan: plan, filter: filter, control: Descriptor(control.theirs), report: Descriptor(report.theirs),
          callerUID: expectation.callerUID, callerGID: expectation.callerGID, expectation: expectation,
          newSession: newSession, traceTiming: traceTiming, onlyChecks: onlyChecks))
    }
    for number in [control.theirs, report.theirs] + plan.passedDescriptors { _ = csnug_close(number) }
    let child = Child(
      pid: Int32(pid), pidfd: pidfd, control: control.ours, signals: signals, sharesTerminal: !newSession, group: group)
    // Only now: a machine that forbids namespaces keeps no directory of a start that never was.
    do {
      try group?.adopt(child.pid)
      try makeCreations()
    } catch {
      child.kill()
      _ = child.wait()
      throw error
    }
    // Before the go: once PID 1 is not dumpable nobody outside can read them.
    let namespaces =
      readsNamespaces ? plan.namespaces.map { ($0, namespaceID($0, of: child.pid)) } : []
    child.send([Message.go])
    let appPID = try awaitStart(child, report: report.ours, &early)
    _ = csnug_close(report.ours)
    return (child, appPID, namespaces)
  }

  // MARK: - Set-up

  private func makeCreations() throws(Failure) {
    for creation in plan.creations {
      if let error = makeDirectories(creation.value) {
        throw Failure(
          status: 125,
          diagnostic: Diagnostic(
            "cannot make directory \(creation.value): \(errorText(error))", at: creation.origin))
      }
    }
  }

  private func readExpectation() throws(Failure) -> SelfCheck.Expectation {
    var namespaces: [Namespace: String] = [:]
    for namespace in Namespace.allCases {
      guard let id = readLink("/proc/self/ns/\(namespace.procName)") else {
        throw Failure(
          status: 125,
          diagnostic: Diagnostic(
            "cannot read /proc/self/ns/\(namespace.procName): it says which namespaces are the host's",
            hint: "mount proc on /proc"))
      }
      namespaces[namespace] = id
    }
    let status = String(decoding: readFile("/proc/self/status") ?? [], as: UTF8.self)
    let filters = status.split(separator: "\n").first { $0.hasPrefix("Seccomp_filters:") }
      .flatMap { Int($0.drop { !$0.isNumber }) }
    return SelfCheck.Expectation(
      hostNamespaces: namespaces, filtersBefore: filters ?? 0, callerUID: callerIDs().uid, callerGID: callerIDs().gid)
  }

  private func socketPair(credentials: Bool) throws(Failure) -> (ours: Int32, theirs: Int32) {
    var pair: [Int32] = [-1, -1]
    let result = unsafe csnug_socketpair(&pair, credentials)
    if result < 0 { throw setUpFailure("make a socket pair", Int32(-result)) }
    return (pair[0], pair[1])
  }

  private func setUpFailure(_ action: String, _ code: Int32) -> Failure {
    Failure(status: 125, diagnostic: Diagnostic("cannot \(action): \(errorText(code))"))
  }

  private func namespaceFailure(_ code: Int32) -> Failure {
    let (reason, hint) = explainUserNamespaceFailure(code)
    return Failure(status: 125, diagnostic: Diagnostic("cannot make the sandbox's namespaces: \(reason)", hint: hint))
  }

  /// The child of the clone, from its first instruction on.
  private func runInit(_ setup: InitSetup) -> Never {
    let kernel = LinuxKernel()
    let initProcess = Init(setup, on: kernel, clock: { Int(csnug_clock_us()) })
    // The launcher's arguments name what the user opened to whom; /proc/1/cmdline can be read from inside.
    unsafe csnug_hide_arguments("snug-init")
    do throws(SetupError) {
      try initProcess.setUp()
    } catch {
      initProcess.fail(error)
    }
    initProcess.startAndSupervise()
  }

  /// Waits until the report socket ends. Returns the app's host pid, or that of PID 1 where it only checks; `early` are the signals for the app that came
  /// before.
  private func awaitStart(_ child: Child, report: Int32, _ early: inout [csnug_signal]) throws(Failure) -> Int32 {
    var appPID: Int32 = 0
    var bytes = [UInt8](repeating: 0, count: 32 << 10)
    while true {
      var events: [Int32] = [0, 0]
      _ = unsafe csnug_poll([report, child.signals], &events, 2, -1)
      // The report first: a signal that answers what the app has said came after its exec, and is the app's.
      if events[0] == 0 {
        guard events[1] & 1 != 0, var signal = child.readSignal() else { continue }
        if appPID == 0 {
          if [1, 2, 3, 15].contains(signal.number) {
            child.kill()
            _ = child.wait()
            throw Failure(status: 128 + signal.number, diagnostic: nil)
          }
          // There is no app yet that the terminal could have reached.
          signal.code = 0
        }
        early.append(signal)
        continue
      }
      var sender: Int32 = 0
      let count = unsafe csnug_receive(report, &bytes, bytes.count, &sender)
      if count <= 0 {
        if appPID != 0 { return appPID }
        let ended = child.wait()
        throw Failure(
          status: 125,
          diagnostic: Diagnostic("cannot set up the sandbox: its init was ended by \(ended.end.words)"))
      }
      let packet = bytes[..<count]
      switch packet.first {
      case Message.exec, Message.checked: appPID = sender
      case Message.assertFailed:
        let index = packet.count > 2 ? Int(packet[1]) | Int(packet[2]) << 8 : -1
        guard plan.asserts.indices.contains(index) else { continue }
        tell(.assertFailed(plan.asserts[index], reason: String(decoding: packet.dropFirst(3), as: UTF8.self)))
      case Message.timing: tell(.timing(String(decoding: packet.dropFirst(), as: UTF8.self)))
      default:
        child.kill()
        _ = child.wait()
        guard let error = SetupError(encoded: packet) else {
          throw Failure(status: 125, diagnostic: Diagnostic("cannot set up the sandbox: its report cannot be read"))
        }
        throw Failure(status: exitStatus(of: error), diagnostic: describe(error, plan))
      }
    }
  }

  // MARK: - Supervision

  private func supervise(_ child: Child, _ early: [csnug_signal]) -> Ended {
    let began = Int(csnug_clock_ms())
    // The app's readers and writers wait for the app, not for the launcher.
    replaceWithNull(0)
    replaceWithNull(1)
    var forwarding = SignalForwarding(sharesTerminal: child.sharesTerminal, ownPID: Int32(csnug_getpid()))
    var end: (Supervisor.End, at: Int)?

    func drain() {
      while let message = child.receive() {
        switch message.first {
        case Message.ended:
          if let how = Supervisor.End(encoded: message.dropFirst()) { end = (how, Int(csnug_clock_ms())) }
          child.group?.note()
        case Message.timeUp:
          tell(.timeUp(livingProcesses(below: child.pid)))
          child.send([Message.named])
        default: break
        }
      }
    }

    func handle(_ signal: csnug_signal) {
      for action in forwarding.handle(signal, at: Int(csnug_clock_ms())) {
        switch action {
        case .forward(let number): child.send([Message.signal, UInt8(truncatingIfNeeded: number)])
        case .cancel: child.send([Message.cancel])
        case .endNow: child.kill()
        case .stopSelf(let number): csnug_stop_self(number)
        }
      }
    }

    for signal in early { handle(signal) }
    var control = child.control
    while true {
      var events: [Int32] = [0, 0, 0]
      _ = unsafe csnug_poll([child.pidfd, control, child.signals], &events, 3, -1)
      if events[2] & 1 != 0 {
        while let signal = child.readSignal() { handle(signal) }
      }
      if events[1] & 1 != 0 { drain() }
      // PID 1 has closed its end, but is gone only when all inside is: until then poll would return at once, again and
      // again.
      if events[1] & 2 != 0 { control = -1 }
      if events[0] != 0 {
        drain()
        let ended = child.wait()
        let how = end?.0 ?? ended.end
        return Ended(
          end: how, userMilliseconds: Int(ended.usage.user_us / 1000),
          systemMilliseconds: Int(ended.usage.system_us / 1000),
          wallMilliseconds: (end?.at ?? Int(csnug_clock_ms())) - began,
          peakBytes: child.group?.peak ?? Int(ended.usage.peak_kib) << 10, limitHit: child.group?.limitHit)
      }
    }
  }
}

/// PID 1 as the launcher holds it.
private struct Child {
  var pid: Int32
  var pidfd: Int32
  var control: Int32
  var signals: Int32
  var sharesTerminal: Bool
  var group: InstanceGroup?

  func send(_ bytes: [UInt8]) { _ = unsafe csnug_send(control, bytes, bytes.count) }

  /// Ends PID 1 and with it all inside; its cgroup does so even while it is frozen.
  func kill() {
    if group?.kill() != true { _ = csnug_pidfd_send_signal(pidfd, 9) }
  }

  /// The next packet of Init; nil where none is waiting.
  func receive() -> [UInt8]? {
    var events: Int32 = 0
    guard unsafe csnug_poll([control], &events, 1, 0) > 0, events & 1 != 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16)
    var sender: Int32 = 0
    let count = unsafe csnug_receive(control, &bytes, bytes.count, &sender)
    return count > 0 ? Array(bytes[..<count]) : nil
  }

  func readSignal() -> csnug_signal? {
    var signal = csnug_signal()
    return unsafe csnug_read_signal(signals, &signal) > 0 ? signal : nil
  }

  /// Returns when the last process inside is gone.
  func wait() -> (end: Supervisor.End, usage: csnug_ended) {
    var ended = csnug_ended()
    _ = unsafe csnug_wait(pid, true, false, &ended)
    return (Supervisor.End(ended), ended)
  }
}

extension Supervisor.End {
  /// `signal KILL` or `exit status 3`.
  public var words: String {
    switch self {
    case .exited(let code): "exit status \(code)"
    case .killed(let signal): "signal \(signalName(signal))"
    }
  }
}
