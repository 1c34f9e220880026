import CSnug
import SnugPlan
import SnugProfile

/// Runs in the launcher: makes the processes that bubblewrap's command line asks for and waits for the command.
///
/// What `Sandbox` does for a profile this leaves to the caller, as its callers expect: signals are not passed on, what the
/// command leaves behind lives on, the launcher's end ends nothing unless `--die-with-parent`.
public struct BubblewrapSandbox {
  private let plan: Plan
  private let policy: BubblewrapPolicy
  private let callerUID: UInt32
  private let callerGID: UInt32

  /// Makes a sandbox of a plan that `compile` made of a `BubblewrapRequest`; the ids are the caller's real ones.
  public init(_ plan: Plan, _ policy: BubblewrapPolicy, callerUID: UInt32, callerGID: UInt32) {
    self.plan = plan
    self.policy = policy
    self.callerUID = callerUID
    self.callerGID = callerGID
  }

  /// Starts the command and returns its exit status, or 128 and the signal that ended it.
  public func run() throws(BubblewrapFailure) -> Int32 {
    let parent = csnug_getppid()
    let filters = try policy.filters.map { number throws(BubblewrapFailure) in try readFilter(number) }
    if csnug_prctl(38, 1, 0, 0, 0) < 0 { throw BubblewrapFailure("prctl(PR_SET_NO_NEW_PRIVS) failed") }
    try joinNamespaces()
    if policy.diesWithParent {
      try check("prctl(PR_SET_PDEATHSIG)", csnug_prctl(1, 9, 0, 0, 0))
      // It has ended meanwhile, and no signal will come.
      if csnug_getppid() != parent { csnug_exit(128 + 9) }
    }
    var pair: [Int32] = [-1, -1]
    try check("socketpair", unsafe csnug_socketpair(&pair, needsRelay))
    var pidfd: Int32 = -1
    let pid = needsRelay ? try startRelay(pair, filters, &pidfd) : try startFirst(pair, filters, &pidfd)
    let control = pair[0]
    _ = csnug_close(pair[1])
    do throws(BubblewrapFailure) {
      try tellStarted(needsRelay ? try firstProcess(control, relay: pid) : pid)
      if let number = policy.mapsAwaited {
        var byte: UInt8 = 0
        _ = unsafe csnug_read(number, &byte, 1)
      }
      let sent = Int32(-(unsafe csnug_send(control, [Message.go], 1)))
      // Without it both would wait for each other. One that has ended has said why.
      if sent > 0, sent != ErrorNumber.brokenPipe, sent != ErrorNumber.connectionReset {
        throw BubblewrapFailure("Can't tell the sandbox to go on", code: sent)
      }
    } catch {
      _ = csnug_pidfd_send_signal(pidfd, 9)
      throw error
    }
    // The command's readers and writers wait for the command, not for us.
    let kept = [control, pidfd] + [policy.status].compactMap { $0 }
    try? LinuxKernel().closeAll(but: kept.map { Descriptor($0) })
    // Whatever gave us rights: who only waits needs none.
    if callerUID == 0 || policy.userNamespace != nil { try? LinuxKernel().clearCapabilities() }
    return wait(pid, pidfd: pidfd, control: control)
  }

  // MARK: - The launcher

  /// Starts the sandbox's first process in the namespaces of the plan; returns in the caller alone.
  private func startFirst(_ pair: [Int32], _ filters: [[UInt64]], _ pidfd: inout Int32) throws(BubblewrapFailure)
    -> Int32
  {
    let pid = unsafe csnug_clone3(plan.namespaces.reduce(0) { $0 | $1.cloneFlag }, &pidfd, -1)
    if pid < 0 { throw namespaceFailure(Int32(-pid)) }
    if pid > 0 { return Int32(pid) }
    if needsRelay { tell(Message.go, Descriptor(pair[1])) } else { _ = csnug_close(pair[0]) }
    runChild(filters, Descriptor(pair[1]))
  }

  /// A pid namespace below one that was entered can only be made by a process that lives in that one: pid_namespaces(7),
  /// clone(2). It stays, because only a parent can wait.
  private var needsRelay: Bool { policy.pidNamespace != nil && plan.namespaces.contains(.pid) }

  private func startRelay(_ pair: [Int32], _ filters: [[UInt64]], _ pidfd: inout Int32) throws(BubblewrapFailure)
    -> Int32
  {
    let relay = unsafe csnug_clone3(0, &pidfd, -1)
    try check("Can't fork for --pidns", relay)
    if relay > 0 { return Int32(relay) }
    // The launcher's end: ours would keep its own end of life from being seen.
    _ = csnug_close(pair[0])
    do throws(BubblewrapFailure) {
      if policy.diesWithParent {
        try check("prctl(PR_SET_PDEATHSIG)", csnug_prctl(1, 9, 0, 0, 0))
        if (try? LinuxKernel().isHungUp(Descriptor(pair[1]))) != false { csnug_exit(128 + 9) }
      }
      var own: Int32 = -1
      let pid = try startFirst(pair, filters, &own)
      try? LinuxKernel().closeAll(but: [])
      var ended = csnug_ended()
      _ = unsafe csnug_wait(pid, true, false, &ended)
      csnug_exit(Supervisor.End(ended).status)
    } catch {
      leave(error)
    }
  }

  /// Host pid of the first process: the credentials of its first word.
  private func firstProcess(_ control: Int32, relay: Int32) throws(BubblewrapFailure) -> Int32 {
    var byte: UInt8 = 0
    var sender: Int32 = 0
    if unsafe csnug_receive(control, &byte, 1, &sender) == 1 { return sender }
    // It has said why.
    var ended = csnug_ended()
    _ = unsafe csnug_wait(relay, true, false, &ended)
    csnug_exit(Supervisor.End(ended).status)
  }

  private func check(_ action: String, _ result: Int) throws(BubblewrapFailure) {
    if result < 0 { throw BubblewrapFailure(action, code: Int32(-result)) }
  }

  private func joinNamespaces() throws(BubblewrapFailure) {
    if let number = policy.userNamespace {
      try check("Joining specified user namespace failed", csnug_setns(number, Namespace.user.cloneFlag))
    }
    if let number = policy.pidNamespace {
      try check("Setting pidns failed", csnug_setns(number, Namespace.pid.cloneFlag))
    }
  }

  private func readFilter(_ number: Int32) throws(BubblewrapFailure) -> [UInt64] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe csnug_read(number, &buffer, buffer.count)
      if count < 0 { throw BubblewrapFailure("Can't read seccomp data", code: Int32(-count)) }
      if count == 0 { break }
      bytes += buffer[..<count]
      // 4096 instructions are the most that the kernel takes.
      if bytes.count > 8 * 4096 { throw BubblewrapFailure("Invalid seccomp data, more than 4096 instructions") }
    }
    _ = csnug_close(number)
    if bytes.count % 8 != 0 { throw BubblewrapFailure("Invalid seccomp data, must be multiple of 8") }
    return unsafe bytes.withUnsafeBytes { data in
      (0..<data.count / 8).map { unsafe data.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }
    }
  }

  private func namespaceFailure(_ code: Int32) -> BubblewrapFailure {
    switch code {
    case ErrorNumber.invalid:
      return BubblewrapFailure(
        "Creating new namespace failed, likely because the kernel does not support user namespaces")
    case ErrorNumber.notPermitted, ErrorNumber.accessDenied:
      let (reason, hint) = explainUserNamespaceFailure(code)
      return BubblewrapFailure(
        "No permissions to create a new namespace: \(reason)" + (hint.map { "; \($0)" } ?? ""))
    case ErrorNumber.noSpace:
      return BubblewrapFailure(
        "Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)")
    default: return BubblewrapFailure("Creating new namespace failed", code: code)
    }
  }

  /// Both before the go: once the command runs it can make /proc/PID unreadable.
  private func tellStarted(_ pid: Int32) throws(BubblewrapFailure) {
    guard policy.info != nil || policy.status != nil else { return }
    let order: [Namespace] = [.cgroup, .ipc, .mount, .network, .pid, .uts]
    let members =
      ["\"child-pid\": \(pid)"]
      + order.filter(plan.namespaces.contains).map { "\"\($0.procName)-namespace\": \(namespaceID($0, of: pid))" }
    if let info = policy.info {
      try write("{\n    " + members.joined(separator: ",\n    ") + "\n}\n", to: info, "Write to info_fd")
      if info > 2 { _ = csnug_close(info) }
    }
    if let status = policy.status {
      try write("{ " + members.joined(separator: ", ") + " }\n", to: status, "Write to json_status_fd")
    }
  }

  private func write(_ text: String, to number: Int32, _ action: String) throws(BubblewrapFailure) {
    do throws(KernelError) {
      try LinuxKernel().write(Descriptor(number), Array(text.utf8))
    } catch {
      throw BubblewrapFailure(action, code: error.code)
    }
  }

  /// Returns when the command has ended, or the sandbox before it.
  private func wait(_ pid: Int32, pidfd: Int32, control: Int32) -> Int32 {
    var isExecuted = false
    var ended: Int32?
    func receive() {
      while ended == nil {
        var events: Int32 = 0
        guard unsafe csnug_poll([control], &events, 1, 0) > 0, events & 1 != 0 else { return }
        var bytes: [UInt8] = [0, 0]
        var sender: Int32 = 0
        let count = unsafe csnug_receive(control, &bytes, 2, &sender)
        if count <= 0 { return }
        switch bytes[0] {
        case Message.exec: isExecuted = true
        case Message.failed: isExecuted = false
        case Message.ended: ended = Int32(bytes[1])
        default: break
        }
      }
    }
    while true {
      var events: [Int32] = [0, 0]
      _ = unsafe csnug_poll([pidfd, control], &events, 2, -1)
      receive()
      if ended == nil && events[0] != 0 {
        var result = csnug_ended()
        // The last words may have come while we looked.
        _ = unsafe csnug_wait(pid, true, false, &result)
        receive()
        ended = ended ?? Supervisor.End(result).status
      } else if ended == nil && events[1] & 2 != 0 {
        // Closed by the exec of a command that runs without a reaper: only the process itself is left to wait for.
        var result = csnug_ended()
        _ = unsafe csnug_wait(pid, true, false, &result)
        ended = Supervisor.End(result).status
      }
      if let ended {
        if let status = policy.status, isExecuted {
          try? write("{ \"exit-code\": \(ended) }\n", to: status, "")
        }
        return ended
      }
    }
  }

  // MARK: - The child

  private func runChild(_ filters: [[UInt64]], _ control: Descriptor) -> Never {
    let kernel = LinuxKernel()
    // The launcher alone writes there: the command could lie about itself, and who reads would wait for its end.
    for number in [policy.info, policy.status].compactMap({ $0 }) where number > 2 { _ = csnug_close(number) }
    let initProcess = BubblewrapInit(
      plan, policy, filters: filters, control: control, callerUID: callerUID, callerGID: callerGID, on: kernel)
    do throws(BubblewrapFailure) {
      let environment = try initProcess.setUp()
      guard policy.reaps else {
        try start(initProcess, environment, control)
      }
      let reaper = csnug_getpid()
      // Not in our memory: that would have us stand still until the command runs, and it must not meet us before what
      // follows here is done.
      let command = csnug_fork()
      try check("Can't fork for pid 1", command)
      if command == 0 {
        // The reaper's end ends a pid namespace anyway; without one it has to be told.
        if policy.diesWithParent && !plan.namespaces.contains(.pid) {
          try check("prctl(PR_SET_PDEATHSIG)", csnug_prctl(1, 9, 0, 0, 0))
          // It has ended meanwhile, and no signal will come.
          if csnug_getppid() != reaper { csnug_exit(128 + 9) }
        }
        if let sync = policy.sync { _ = csnug_close(sync) }
        try start(initProcess, environment, control)
      }
      let kept = [control] + [policy.sync].compactMap { $0 }.map { Descriptor($0) } + initProcess.locks
      try? kernel.closeAll(but: kept)
      try? kernel.clearCapabilities()
      // A launcher that is gone is no reason to end.
      csnug_ignore_write_signals()
      try initProcess.filterCalls()
      reap(Int32(command), control)
    } catch {
      leave(error)
    }
  }

  /// The command's process up to its exec.
  private func start(_ initProcess: BubblewrapInit, _ environment: [[UInt8]], _ control: Descriptor)
    throws(BubblewrapFailure) -> Never
  {
    if policy.closesDescriptors { _ = csnug_close_range(3, .max, true) }
    var arguments = unsafe plan.command.map { unsafe cString($0) } + [nil]
    var variables = unsafe environment.map { unsafe cString($0) } + [nil]
    let program = unsafe cString(policy.program)
    if policy.status != nil { tell(Message.exec, control) }
    try initProcess.filterCalls()
    let code = Int32(-(unsafe csnug_execvp(program, &arguments, &variables)))
    if policy.status != nil { tell(Message.failed, control) }
    throw BubblewrapFailure("execvp \(String(decoding: policy.program, as: UTF8.self))", code: code)
  }

  private func tell(_ message: UInt8, _ control: Descriptor) {
    var byte = message
    _ = unsafe csnug_write(control.number, &byte, 1)
  }

  private func leave(_ error: BubblewrapFailure) -> Never {
    let text = Array(error.line(usesLevelPrefix: policy.usesLevelPrefix).utf8)
    _ = unsafe csnug_write(2, text, text.count)
    csnug_exit(1)
  }

  /// Stays until nothing is left. Under the caller's filters: three calls, wait4(2), write(2) and exit_group(2), and no
  /// memory is asked for.
  private func reap(_ command: Int32, _ control: Descriptor) -> Never {
    var ended = csnug_ended()
    var status: Int32 = 1
    while unsafe csnug_wait(-1, true, false, &ended) > 0 {
      guard ended.pid == command else { continue }
      status = ended.how == 0 ? ended.code : 128 + ended.code
      var word = UInt16(Message.ended) | UInt16(UInt8(truncatingIfNeeded: status)) << 8
      _ = unsafe csnug_write(control.number, &word, 2)
    }
    csnug_exit(status)
  }
}

extension BubblewrapFailure {
  /// The line that a person reads, ended: `bwrap: Can't chdir to /x: No such file or directory`. Names may hold any byte,
  /// a terminal gets none that steers it.
  public func line(usesLevelPrefix: Bool) -> String {
    let reason = code.map { ": " + errorText($0) } ?? ""
    return (usesLevelPrefix ? "<3>" : "") + "bwrap: " + escaped(message) + reason + "\n"
  }
}

/// A C string that lives to the exec.
func cString(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar>? {
  let memory = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
  for (index, byte) in bytes.enumerated() { unsafe memory[index] = CChar(bitPattern: byte) }
  unsafe memory[bytes.count] = 0
  return unsafe memory
}
