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
    /// `adopt-wait` is over and these still lived.
    case timeUp([LivingProcess])
    /// What a companion has to tell: what it refused, where that is to be shown, or its own end.
    case companion(Diagnostic)
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
    /// ctrl-C or ctrl-\ on its private terminal may have ended it: see `endAlike`.
    public var hadTerminal = false
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

  /// What makes a sandbox an instance that other commands find.
  public struct Listing {
    /// The instance's name.
    public var instance: String
    /// Listening seqpacket socket, see `ControlRequest`.
    public var listener: Int32
    /// Writes the entry, with the host pid of PID 1, whether everything inside is halted, and optional limits that turned
    /// out not to be had: after the clone and before the app, where what is wrong ends the start, and whenever that
    /// changes.
    public var publish: (_ pid: Int32, _ isPaused: Bool, _ lost: [String]) -> Diagnostic?

    /// Makes a listing.
    public init(
      instance: String, listener: Int32,
      publish: @escaping (_ pid: Int32, _ isPaused: Bool, _ lost: [String]) -> Diagnostic?
    ) {
      self.instance = instance
      self.listener = listener
      self.publish = publish
    }
  }

  let plan: Plan
  let listing: Listing?
  let tell: (Event) -> Void
  let companions: [Companion]
  private let streams: [Int32]?
  private let hasGroup: Bool
  private let filter: [UInt64]?
  private let timing: StartTiming?
  private let readsNamespaces: Bool
  private let newSession: Bool
  private let isDetached: Bool
  var purpose: InitPurpose
  private let home = HeldHome()
  private let instance: String

  /// Makes a sandbox of a plan.
  ///
  /// - Parameters:
  ///   - filter: the assembled program of the plan's seccomp policy.
  ///   - keeps: there is no app: it stays for commands.
  ///   - isDetached: the app gets nothing of the caller's terminal and pipes: of 0, 1 and 2 only what is a file.
  ///   - timing: takes when each step began.
  ///   - companions: what runs beside it, and the plan counts on.
  ///   - streams: what the app gets as 0, 1 and 2 in place of the caller's.
  ///   - hasGroup: whether it gets a cgroup of its own.
  public init(
    _ plan: Plan, filter: [UInt64]?, keeps: Bool = false, isDetached: Bool = false, listing: Listing? = nil,
    timing: StartTiming? = nil,
    readsNamespaces: Bool = false, companions: [Companion] = [], streams: [Int32]? = nil, hasGroup: Bool = true,
    tell: @escaping (Event) -> Void
  ) {
    #if SNUG_TEST_BUILD
      let plan = TestLayers.applied(plan)
      let filter = Layer.seccomp.stands ? filter : nil
    #endif
    self.plan = plan
    self.companions = companions
    self.streams = streams
    self.hasGroup = hasGroup
    instance = listing?.instance ?? String(csnug_getpid())
    self.filter = filter
    self.isDetached = isDetached
    self.listing = listing
    self.timing = timing
    self.readsNamespaces = readsNamespaces
    self.tell = tell
    purpose = keeps ? .keep : .app
    // Without a filter nothing refuses TIOCSTI on a shared terminal (CVE-2017-5226), but a terminal that is not the
    // controlling one does.
    newSession = Layer.terminal.stands && (plan.process.terminal == .none || filter == nil)
  }

  /// Whether the app is in the launcher's own process group, so that the terminal reaches it by itself.
  var sharesTerminal: Bool { !newSession && callerTerminal == nil }

  /// The terminal that the app gets a private one in place of; nil: it gets none, or the caller's own.
  private(set) var callerTerminal: CallerTerminal?

  /// Starts, supervises, waits. The caller's signals are taken over for the whole time.
  public func run() throws(Failure) -> Ended {
    var early: [csnug_signal] = []
    var sandbox = self
    if purpose == .app && !isDetached && plan.process.terminal == .auto {
      _ = HostTrouble.take()
      sandbox.callerTerminal = CallerTerminal(passed: plan.passedDescriptors)
      // There may be one, which the app would then share.
      if sandbox.callerTerminal == nil, let trouble = HostTrouble.take() {
        throw Failure(status: 125, diagnostic: trouble)
      }
    }
    let signals = try takeSignals()
    defer { for companion in companions { companion.end() } }
    let (child, appPID, namespaces) = try sandbox.start(signals: signals, &early)
    tell(
      .started(pid: child.pid, appPID: appPID, namespaces: namespaces, lost: child.group?.notEnforced ?? []))
    return Supervision(sandbox, child, signals: signals).run(early)
  }

  /// Sets everything up, lets PID 1 check itself and try the claims of `[assert]`, and ends it before the app.
  ///
  /// - Returns: optional limits that turned out not to be had, beside what the plan does not enforce.
  public func check() throws(Failure) -> [String] {
    var early: [csnug_signal] = []
    var sandbox = self
    sandbox.purpose = .check
    defer { for companion in companions { companion.end() } }
    let (child, _, _) = try sandbox.start(signals: try takeSignals(), &early)
    defer { child.close() }
    _ = child.wait()
    return child.group?.notEnforced ?? []
  }

  private func takeSignals() throws(Failure) -> Int32 {
    // An ignored SIGCHLD, which a caller may leave behind, would let every exit status vanish.
    csnug_reset_signals()
    // Blocked before the clone, so that no signal finds PID 1 unprepared.
    var without: Int32 = 0
    let signals = unsafe Int32(csnug_signalfd_all(&without))
    if signals < 0 { throw setUpFailure("watch signals", Int32(-signals)) }
    return signals
  }

  /// Up to the app's exec, or up to what comes in place of it. `early` are the signals for the app that came before.
  func start(signals: Int32, _ early: inout [csnug_signal]) throws(Failure)
    -> (child: Child, appPID: Int32, namespaces: [(Namespace, UInt64)])
  {
    timing?.begin("start companions, read what the self-check compares with")
    // First of all: they get ready while the rest is set up.
    for companion in companions { try companion.start(signals: signals, &early) }
    var group = hasGroup ? try InstanceGroup.prepare(plan, instance: instance, isKept: purpose == .keep) : nil
    // From the clone on the child has it.
    var isCloned = false
    defer {
      if !isCloned {
        group?.remove()
        for number in plan.passedDescriptors { _ = csnug_close(number) }
      }
    }
    let expectation = try readExpectation()
    let control = try socketPair(credentials: false)
    let report: (ours: Int32, theirs: Int32)
    do throws(Failure) {
      report = try socketPair(credentials: true)
    } catch {
      for number in [control.ours, control.theirs] { _ = csnug_close(number) }
      throw error
    }
    let leader = callerTerminal == nil ? nil : try socketPair(credentials: false)
    let terminal = callerTerminal.map { TerminalSetup(CommandTerminal($0), channel: Descriptor(leader?.theirs ?? -1)) }

    timing?.begin("make the namespaces")
    var pidfd: Int32 = -1
    let flags = plan.namespaces.reduce(UInt64(0)) { $0 | $1.cloneFlag }
    var pid = unsafe csnug_clone3(flags, &pidfd, group?.descriptor ?? -1)
    // A cgroup that only makes pause and end easier stops no start.
    if pid < 0, let unused = group, unused.descriptor >= 0, !unused.isNeeded {
      // What is not in it is neither frozen nor killed through it.
      unused.remove()
      group = nil
      pid = unsafe csnug_clone3(flags, &pidfd, -1)
    }
    if pid < 0 {
      for number in [control.ours, control.theirs, report.ours, report.theirs] { _ = csnug_close(number) }
      throw namespaceFailure(Int32(-pid))
    }
    if pid == 0 {
      for (number, stream) in (streams ?? []).enumerated() { _ = csnug_dup_to(stream, Int32(number)) }
      runInit(
        InitSetup(
          plan: plan, filter: filter, control: Descriptor(control.theirs), report: Descriptor(report.theirs),
          callerUID: expectation.callerUID, callerGID: expectation.callerGID, expectation: expectation,
          // The leader makes a session, and nothing in it has a descriptor of the caller's terminal.
          newSession: newSession && terminal == nil, traceTiming: timing != nil, purpose: purpose, terminal: terminal))
    }
    let theirs = [control.theirs, report.theirs] + (leader.map { [$0.theirs] } ?? [])
    for number in theirs + plan.passedDescriptors { _ = csnug_close(number) }
    var child = Child(pid: Int32(pid), pidfd: pidfd, control: control.ours, group: group)
    if let leader, let terminal {
      child.leader = Child.Leader(channel: leader.ours, startsInForeground: terminal.terminal.startsInForeground)
    }
    isCloned = true
    timing?.begin("publish the entry, hold the home, await companions")
    do throws(Failure) {
      try group?.adopt(child.pid)
      // Only now: a machine that forbids namespaces keeps no directory of a start that never was.
      try makeCreations()
      try home.hold(plan.privateHome)
      if let problem = listing?.publish(child.pid, false, group?.notEnforced ?? []) {
        throw Failure(status: 125, diagnostic: problem)
      }
      for companion in companions { try companion.attach(to: child.pid, signals: signals, &early) }
      // What the plan binds is there from now on.
      for companion in companions { try companion.awaitReady(signals: signals, &early) }
    } catch {
      child.kill()
      _ = child.wait()
      child.close()
      _ = csnug_close(report.ours)
      throw error
    }
    // Before the go: once PID 1 is not dumpable nobody outside can read them.
    let namespaces =
      readsNamespaces ? plan.namespaces.map { ($0, namespaceID($0, of: child.pid)) } : []
    if listing != nil, plan.namespaces.contains(.network) { child.networkNamespaces = openNetwork(of: child.pid) }
    timing?.begin("wait for the app's exec")
    defer { _ = csnug_close(report.ours) }
    do throws(Failure) {
      let sent = child.send([Message.go])
      // Without it both would wait for each other. One that has ended has said why.
      if sent < 0, ![ErrorNumber.brokenPipe, ErrorNumber.connectionReset].contains(Int32(-sent)) {
        throw ended(child, setUpFailure("tell the sandbox's init to go on", Int32(-sent)))
      }
      return (child, try awaitStart(child, signals, report: report.ours, &early), namespaces)
    } catch {
      child.close()
      throw error
    }
  }

  /// Empty where the machine does not let us: then the network is not shared, and nothing else is lost.
  private func openNetwork(of pid: Int32) -> [Int32] {
    let opened = [Namespace.user, .network].map { namespace in
      Int32(unsafe csnug_open("/proc/\(pid)/ns/\(namespace.procName)", false, true))
    }
    if opened.allSatisfy({ $0 >= 0 }) { return opened }
    for descriptor in opened where descriptor >= 0 { _ = csnug_close(descriptor) }
    return []
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
      do throws(KernelError) {
        namespaces[namespace] = try textOfLink("/proc/self/ns/\(namespace.procName)")
      } catch {
        throw Failure(
          status: 125,
          diagnostic: Diagnostic(
            "cannot read \(error.path): \(errorText(error.code)): it says which namespaces are the host's",
            hint: error.code == ErrorNumber.noEntry ? "mount proc on /proc" : nil))
      }
    }
    let filters = StatusFields(readFile("/proc/self/status") ?? [])["Seccomp_filters"].flatMap { Int($0) }
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

  /// Ends what is there, for this reason.
  private func ended(_ child: Child, _ failure: Failure) -> Failure {
    child.kill()
    _ = child.wait()
    return failure
  }

  /// The child of the clone, from its first instruction on.
  private func runInit(_ setup: InitSetup) -> Never {
    let kernel = LinuxKernel()
    let initProcess = Init(setup, on: kernel, clock: { Int(csnug_clock_us()) })
    // The launcher's arguments name what the user opened to whom; /proc/1/cmdline can be read from inside.
    unsafe csnug_hide_arguments("snug-init")
    // A pipe's reader, such as a shell that takes our output for a variable, must not wait for the app's end.
    if isDetached { for number: Int32 in 0...2 where !isRegularFile(number) { replaceWithNull(number) } }
    do throws(SetupError) {
      try initProcess.setUp()
    } catch {
      initProcess.fail(error)
    }
    initProcess.startAndSupervise()
  }

  /// Waits until the report socket ends. Returns the app's host pid, or that of PID 1 where there is no app; `early` are the signals for the app
  /// that came before.
  private func awaitStart(_ child: Child, _ signals: Int32, report: Int32, _ early: inout [csnug_signal])
    throws(Failure) -> Int32
  {
    var appPID: Int32 = 0
    var bytes = [UInt8](repeating: 0, count: 32 << 10)
    while true {
      var events: [Int32] = [0, 0]
      _ = unsafe csnug_poll([report, signals], &events, 2, -1)
      // The report first: a signal that answers what the app has said came after its exec, and is the app's.
      if events[0] == 0 {
        guard events[1] & 1 != 0, var signal = readSignal(signals) else { continue }
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
      // The app is there or about to be: PID 1 tells the rest by its end.
      if count <= 0 && appPID != 0 { return appPID }
      if count < 0 { throw ended(child, setUpFailure("hear the sandbox's init", Int32(-count))) }
      if count == 0 {
        let ended = child.wait()
        throw Failure(
          status: 125,
          diagnostic: Diagnostic("cannot set up the sandbox: its init was ended by \(ended.end.words)"))
      }
      let packet = bytes[..<count]
      switch packet.first {
      case Message.exec, Message.checked, Message.kept: appPID = sender
      case Message.assertFailed:
        let index = packet.count > 2 ? Int(packet[1]) | Int(packet[2]) << 8 : -1
        guard plan.asserts.indices.contains(index) else { continue }
        tell(.assertFailed(plan.asserts[index], reason: String(decoding: packet.dropFirst(3), as: UTF8.self)))
      case Message.timing: timing?.add(packet.dropFirst())
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
}
