import CSnug
import SnugPlan
import SnugProfile

extension Init {
  /// Step 24 and what follows: starts the app as a child of PID 1 and stays with it to the end. Never returns.
  ///
  /// Runs in the sandbox's PID 1, under the app's own filter and landlock domain and without any capability.
  package func startAndSupervise() -> Never {
    switch setup.purpose {
    case .check:
      try? kernel.send(setup.report, [Message.checked])
      csnug_exit(0)
    case .keep:
      let signals = watchSignals()
      tellKept()
      finishStart()
      supervise(nil, signals)
    case .filterSound(let listener):
      tellKept()
      _ = csnug_close(setup.report.number)
      for number: Int32 in 0...2 { _ = csnug_close(number) }
      SoundRelay(listener: listener.number, lifeline: setup.control.number).run()
    case .app:
      // Before the app: without it nobody would hear of its end.
      let signals = watchSignals()
      let app: Int
      if let terminal, let wanted = setup.terminal {
        app = csnug_fork()
        if app == 0 {
          _ = csnug_close(signals)
          // Stays, as the app's leader.
          leadApp(wanted, terminal)
        }
      } else {
        app = startInOurMemory {
          _ = csnug_close(signals)
          self.becomeApp()
        }
      }
      if app < 0 { fail(KernelError("fork", code: Int32(-app))) }
      finishStart()
      supervise(Int32(app), signals)
    }
  }

  func watchSignals() -> Int32 {
    var without: Int32 = 0
    let signals = unsafe Int32(csnug_signalfd_all(&without))
    if signals < 0 { fail(KernelError("signalfd", code: -signals)) }
    return signals
  }

  private func tellKept() {
    do throws(KernelError) { try kernel.send(setup.report, [Message.kept]) } catch { fail(error) }
  }

  private func finishStart() {
    if setup.traceTiming { reportTiming() }
    // End of file at the launcher's end now means: the app's own copy was closed by its exec.
    _ = csnug_close(setup.report.number)
    for number in plan.passedDescriptors { _ = csnug_close(number) }
    // A reader of the app's output must see its end when the app closes it, not when we do.
    for number: Int32 in 0...2 { _ = csnug_close(number) }
    for own in [terminal, setup.terminal?.channel] { if let own { _ = csnug_close(own.number) } }
  }

  /// Sends the error to the launcher and leaves, which ends everything inside.
  package func fail(_ error: SetupError) -> Never {
    // A launcher that is gone needs no report.
    try? kernel.send(setup.report, error.encoded)
    csnug_exit(125)
  }

  func fail(_ cause: KernelError) -> Never { fail(SetupError(step: .startApp, cause: cause)) }

  private func reportTiming() {
    try? kernel.send(setup.report, [Message.timing] + StartTiming.encode(timing, end: Int(csnug_clock_us())))
  }

  // MARK: - The app's process, up to its exec

  func becomeApp() -> Never {
    // The caller may have ignored or blocked signals; an app expects defaults.
    csnug_reset_signals()
    csnug_unblock_signals()
    do throws(KernelError) {
      if setup.newSession { try kernel.setsid() }
      try takeAppLimits()
      try kernel.send(setup.report, [Message.exec])
    } catch {
      fail(error)
    }
    if Layer.descriptorsExec.stands {
      let hidden = csnug_close_range(3, .max, true)
      if hidden < 0 { fail(KernelError("close_range", code: Int32(-hidden))) }
    }
    for number in plan.passedDescriptors {
      let passed = csnug_set_cloexec(number, false)
      if passed < 0 { fail(KernelError("fcntl", "descriptor \(number)", code: Int32(-passed))) }
    }
    var arguments = unsafe plan.command.map { unsafe cString($0) } + [nil]
    let ownPID = Array(String(csnug_getpid()).utf8)
    var environment =
      unsafe plan.environment.map { unsafe cString(Array("\($0.name)=".utf8) + ($0.isOwnPID ? ownPID : $0.value)) } + [
        nil
      ]
    let result = unsafe csnug_execve(plan.executable, &arguments, &environment)
    let code = Int32(-result)
    try? kernel.send(
      setup.report, SetupError(step: .startApp, cause: KernelError("execve", plan.executable, code: code)).encoded)
    csnug_exit(code == ErrorNumber.noEntry ? 127 : 126)
  }

  /// What holds for the app and for each command beside it, but not for PID 1.
  func takeAppLimits() throws(KernelError) {
    let process = plan.process
    if process.nice != 0 { try kernel.setpriority(min(19, Int32(csnug_getpriority()) + process.nice)) }
    try limitOpenFiles()
    // Counted in this user namespace, PID 1 included.
    for limit in process.limits where limit.kind == .processes {
      try kernel.setrlimit(.processes, soft: limit.value, hard: limit.value)
    }
    kernel.umask(process.umask)
  }

  private func limitOpenFiles() throws(KernelError) {
    if let limit = plan.process.limits.first(where: { $0.kind == .openFiles }) {
      try kernel.setrlimit(.openFiles, soft: limit.value, hard: limit.value)
    } else if let openFiles {
      try kernel.setrlimit(.openFiles, soft: openFiles.soft, hard: openFiles.hard)
    }
  }

  // MARK: - PID 1 while the app runs

  /// Without an app it goes on until it is told to end.
  private func supervise(_ app: Int32?, _ signals: Int32) -> Never {
    var supervisor = Supervisor(
      app: app, adoptWait: plan.process.adoptWait, stopWait: plan.process.stopWait,
      cancelSignal: plan.process.cancelSignal)
    let control = setup.control.number

    func act(_ event: Supervisor.Event) {
      for action in supervisor.handle(event, at: Int(csnug_clock_ms())) {
        switch action {
        case .signalApp(let number): if let app { _ = csnug_kill(app, number) }
        // Without a pid namespace of our own, -1 would be everybody.
        case .signalAll(let number): if Layer.pid.stands { _ = csnug_kill(-1, number) }
        case .reportEnded(let end): try? kernel.send(setup.control, [Message.ended] + end.encoded)
        case .reportTimeUp: try? kernel.send(setup.control, [Message.timeUp])
        case .exit(let status): csnug_exit(status)
        }
      }
    }

    // Both loops below are bounded: processes inside can end and send signals as fast as we take them, and neither the
    // launcher's words nor the deadline may wait for them.
    let share = 256

    var failures = 0

    /// False where more may be waiting.
    func reap() -> Bool {
      var ended = csnug_ended()
      for _ in 0..<share {
        let result = unsafe csnug_wait(-1, false, false, &ended)
        if result == 0 { return true }
        if result == -Int(ErrorNumber.noChild) {
          act(.noChildrenLeft)
          return true
        }
        // Nobody knows whether somebody is left: asked again at once, though not for ever.
        if result < 0 {
          failures += 1
          if failures > 1000 { act(.noChildrenLeft) }
          return false
        }
        act(.reaped(pid: ended.pid, Supervisor.End(ended)))
      }
      return false
    }

    // What somebody sends to the launcher's whole process group reaches us, the app and the launcher, which passes it on.
    var sentToGroup: [Int32: Int] = [:]

    func readSignals() {
      var signal = csnug_signal()
      for _ in 0..<share {
        guard unsafe csnug_read_signal(signals, &signal) > 0 else { break }
        if signal.pid == 0 && signal.code <= 0 { sentToGroup[signal.number] = Int(csnug_clock_ms()) }
        // From inside (a sender with a pid) nothing is heeded: any process of the app could send it. From outside, what
        // the terminal sends to the whole group (SI_KERNEL) has reached the app already.
        // A shell passes a terminal's hang-up on, which means the app's own terminal, and the launcher sees to that.
        let cancels = signal.number == 15 || (signal.number == 1 && setup.terminal == nil)
        if signal.pid == 0 && signal.code <= 0 && cancels { act(.cancel) }
      }
    }

    while true {
      // Before poll, whatever woke us: the signal of a child's end may stand behind thousands of others.
      let reaped = reap()
      var events: [Int32] = [0, 0]
      let wait = supervisor.wakeAt.map { Int32(clamping: max(0, $0 - Int(csnug_clock_ms()))) } ?? -1
      _ = unsafe csnug_poll([signals, control], &events, 2, reaped ? wait : 0)
      if events[0] != 0 { readSignals() }
      if events[1] & 1 != 0 {
        receive { event in
          if case .signal(let number) = event {
            // The kernel signals a group's newest member first, so ours is here when the launcher's word comes. The app is
            // still of that group where its own lies outside this pid namespace, getpgid(2): 0.
            readSignals()
            if let app, let at = sentToGroup[number], Int(csnug_clock_ms()) - at < 200, csnug_getpgid(app) == 0 {
              return
            }
          }
          act(event)
        }
      }
      if events[1] & 2 != 0 { act(.launcherGone) }
      act(.deadline)
    }
  }

  private func receive(_ act: (Supervisor.Event) -> Void) {
    // Its length first: a buffer for the longest that can come would stay for as long as the app runs.
    let length = csnug_next_length(setup.control.number)
    if length <= 0 { return act(.launcherGone) }
    var bytes = [UInt8](repeating: 0, count: length)
    var descriptors = [Int32](repeating: -1, count: 4)
    var number = descriptors.count
    var sender: Int32 = 0
    let count = unsafe csnug_receive_descriptors(
      setup.control.number, &bytes, bytes.count, &descriptors, &number, &sender)
    if count <= 0 { return act(.launcherGone) }
    descriptors.removeLast(descriptors.count - number)
    switch bytes[0] {
    case Message.signal where count == 2: act(.signal(Int32(bytes[1])))
    case Message.cancel: act(.cancel)
    case Message.hungUp: act(.hungUp)
    case Message.named: act(.named)
    case Message.pause: _ = csnug_kill(-1, 19)
    case Message.resume: _ = csnug_kill(-1, 18)
    case Message.ping: try? kernel.send(setup.control, [Message.ping])
    case Message.command: startLeader(bytes.dropFirst(), descriptors)
    case Message.open: open(bytes.dropFirst())
    default: break
    }
    for descriptor in descriptors { _ = csnug_close(descriptor) }
  }

  /// A command beside the app. The first descriptor is the launcher's socket for it, the others are its streams.
  private func startLeader(_ body: ArraySlice<UInt8>, _ descriptors: [Int32]) {
    guard let channel = descriptors.first, let request = CommandRequest(encoded: body),
      descriptors.count == 4 - (request.terminal?.streams.count ?? 0)
    else { return }
    var leader = Leader(
      initProcess: self, request: request, channel: channel, streams: Array(descriptors.dropFirst()))
    let pid = csnug_fork()
    if pid == 0 { leader.run() }
    if pid < 0 { leader.fail(Int32(-pid), "fork") }
  }

  /// Opens a path for the launcher as the app would: beneath the root, under the app's landlock domain and filter. The
  /// answer is the errno, or 0 and the descriptor.
  private func open(_ path: ArraySlice<UInt8>) {
    guard let path = validText(path), path.hasPrefix("/") else {
      try? kernel.send(setup.control, [Message.opened, 22])
      return
    }
    do throws(KernelError) {
      let root = try kernel.openRoot()
      defer { kernel.close(root) }
      let file = try kernel.openat2(root, path, .path)
      defer { kernel.close(file) }
      let sent = unsafe csnug_send_descriptors(setup.control.number, [Message.opened, 0], 2, [file.number], 1)
      // Too many descriptors of this user are on their way, ETOOMANYREFS: who asks must hear of it.
      if sent < 0 { throw KernelError("sendmsg", code: Int32(-sent)) }
    } catch {
      try? kernel.send(setup.control, [Message.opened, UInt8(truncatingIfNeeded: error.code)])
    }
  }
}

extension Supervisor.End {
  /// From what wait4 told.
  init(_ ended: csnug_ended) {
    self = ended.how == 0 ? .exited(ended.code) : .killed(signal: ended.code)
  }

  /// Two bytes for the control socket.
  var encoded: [UInt8] {
    switch self {
    case .exited(let code): [0, UInt8(truncatingIfNeeded: code)]
    case .killed(let signal): [1, UInt8(truncatingIfNeeded: signal)]
    }
  }

  init?(encoded bytes: ArraySlice<UInt8>) {
    guard bytes.count == 2, let kind = bytes.first, let value = bytes.last, kind < 2 else { return nil }
    self = kind == 0 ? .exited(Int32(value)) : .killed(signal: Int32(value))
  }
}
