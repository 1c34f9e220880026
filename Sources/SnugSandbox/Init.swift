import SnugPlan
import SnugProfile

/// What a sandbox is started for.
package enum InitPurpose: Hashable, Sendable {
  /// To run the app.
  case app
  /// To leave where the app would be started.
  case check
  /// To stay without an app, for commands.
  case keep
  /// To stand before the sound server, as PID 1 itself: see `SoundRelay`. The descriptor is one of those passed on.
  case filterSound(listener: Descriptor)
}

/// What Init needs besides the plan; made by the launcher before the clone, so that Init reads nothing from outside.
package struct InitSetup {
  package var plan: Plan
  /// The filter, ready to load; nil: none.
  package var filter: [UInt64]?
  package var control: Descriptor
  package var report: Descriptor
  /// The launcher's ids, which the ids inside are mapped to.
  package var callerUID: UInt32
  package var callerGID: UInt32
  /// What must be true at the end, see `SelfCheck`.
  package var expectation: SelfCheck.Expectation
  /// Whether the app leaves the caller's session and terminal.
  package var newSession: Bool
  /// Whether the time of each step is reported.
  package var traceTiming: Bool
  /// What PID 1 does once everything is built and locked.
  package var purpose: InitPurpose
  /// The app's private terminal; nil: none.
  package var terminal: TerminalSetup?

  /// Makes a setup.
  package init(
    plan: Plan, filter: [UInt64]?, control: Descriptor, report: Descriptor, callerUID: UInt32, callerGID: UInt32,
    expectation: SelfCheck.Expectation, newSession: Bool = false, traceTiming: Bool = false,
    purpose: InitPurpose = .app, terminal: TerminalSetup? = nil
  ) {
    self.plan = plan
    self.filter = filter
    self.control = control
    self.report = report
    self.callerUID = callerUID
    self.callerGID = callerGID
    self.expectation = expectation
    self.newSession = newSession
    self.traceTiming = traceTiming
    self.purpose = purpose
    self.terminal = terminal
  }
}

/// Runs in the sandbox's PID 1: builds the root, locks the doors, checks itself.
///
/// Every step goes through `Kernel`, so that a recorded run can be replayed with each call failing in turn. Any failure
/// stops it: a protection that cannot be had has been taken out of the plan before, or must be there.
package final class Init {
  let kernel: any Kernel
  let setup: InitSetup
  var plan: Plan { setup.plan }
  private var step = InitStep.armDeathSignal
  private var op: Int?
  private let clock: () -> Int
  /// Microseconds at which each step began, for `--trace-timing`.
  package private(set) var timing: [(step: InitStep, began: Int)] = []
  /// The limit of open files as the launcher had it, for the app.
  package private(set) var openFiles: OpenFileLimit?
  /// The app's private terminal; nil: none.
  package private(set) var terminal: Descriptor?

  /// Makes an Init; `clock` gives microseconds.
  package init(_ setup: InitSetup, on kernel: any Kernel, clock: @escaping () -> Int = { 0 }) {
    self.setup = setup
    self.kernel = kernel
    self.clock = clock
  }

  /// Steps 1 to 23. When it returns, everything is built, locked and confirmed, and only the app is missing.
  package func setUp() throws(SetupError) {
    do throws(KernelError) {
      // 1. First of all: until this is armed, a launcher that is killed leaves us alive.
      begin(.armDeathSignal)
      try kernel.setParentDeathSignal()

      // 2. A launcher that died before step 1 sent no signal; getppid() is 0 here before and after its death, but its end
      // of the control socket is closed. Our own copy of that end, and whatever the caller left open, goes first.
      begin(.checkLifeline)
      try kernel.closeAll(but: channels + plan.passedDescriptors.map(Descriptor.init))
      if try kernel.isHungUp(setup.control) { throw KernelError(refused: "poll", because: "the launcher is gone") }

      // 3. Before anything that makes files: without a map there is no valid owner. Before the go: what the launcher puts
      // into our namespaces has an id here.
      begin(.mapIdentity)
      let hostRoot = try kernel.openRoot()
      if plan.namespaces.contains(.user) { try mapIdentity(hostRoot) }

      // 4. The launcher has done its part: limits, helpers, records.
      begin(.awaitGo)
      if !(try kernel.awaitGo(setup.control)) { throw KernelError(refused: "recv", because: "the launcher is gone") }

      // 5. The caller's session keyring holds its secrets and is shared across user namespaces.
      begin(.joinKeyring)
      try joinKeyring()

      begin(.setHostname)
      if plan.namespaces.contains(.uts) { try kernel.sethostname(plan.process.hostname) }

      // 7. Before the first mount, else ours would appear on the host.
      begin(.stopPropagation)
      try kernel.makeRootSlave()

      begin(.raiseLoopback)
      if plan.namespaces.contains(.network) { try kernel.loopbackUp() }

      // 9. Every source is a descriptor until it is placed: thousands of binds are more than a usual soft limit.
      begin(.raiseLimits)
      let limit = try kernel.raiseOpenFiles()
      openFiles = limit
      let needed = UInt64(plan.ops.count + 64)
      if needed > limit.hard {
        throw KernelError(
          refused: "setrlimit",
          because: "the plan has \(plan.ops.count) ops and the hard limit of open files is \(limit.hard)")
      }

      // 10 and 11. Old root and new root are never reachable together while destinations are made.
      kernel.umask(0)
      begin(.openSources)
      let root = try kernel.makeRoot()
      let site = Site(kernel: kernel, hostRoot: hostRoot, newRoot: root)
      let mounts = try site.openSources(plan.ops, rootAttributes, &op)
      // While the host's proc is in sight. The self-check reads a proc of our own even where the plan has none.
      let ownProc = plan.procTarget != nil ? nil : try site.makeFileSystem("proc", [], Proc.attributes)
      begin(.enterRoot)
      if Layer.oldRoot.stands { try site.dropRootBeneath(root) }
      kernel.close(hostRoot)

      // 12. The root's own read-only remount is the last op.
      begin(.placeOps)
      try site.place(plan.ops, mounts, &op)
      if !Layer.oldRoot.stands, site.newRoot == root { try site.dropRootBeneath(root) }

      // 13. A directory that was left open outside would show here (CVE-2024-21626): the kernel says "(unreachable)".
      begin(.changeDirectory)
      try kernel.chdir(plan.process.workingDirectory)
      if !(try kernel.getcwd()).hasPrefix("/") {
        throw KernelError(refused: "getcwd", plan.process.workingDirectory, because: "it lies outside the new root")
      }

      // 14. While devpts can still be made, for a plan that shows none.
      begin(.openTerminal)
      if let terminal = setup.terminal { self.terminal = try openTerminal(terminal, site) }

      // 15. Opened before landlock, which would refuse; read after the last lock.
      begin(.openSelfCheck)
      let trial = try AssertTrial(ownProc, site, plan, on: kernel)
      let check = try SelfCheck.open(ownProc, site, plan, on: kernel)

      // 16. After the maps, which need us dumpable; for good. This alone keeps memory, descriptors and the control socket of
      // PID 1 from the app, which has the same uid and the same landlock domain.
      begin(.hideFromTracing)
      if Layer.dumpable.stands { try kernel.setDumpable(false) }

      begin(.limitResources)
      for limit in plan.process.limits where limit.kind != .openFiles && limit.kind != .processes {
        try kernel.setrlimit(limit.kind, soft: limit.value, hard: limit.value)
      }

      // 18. After the last mount. The bounding set and the securebits need CAP_SETPCAP, so the sets themselves go last.
      begin(.dropCapabilities)
      if Layer.noNewPrivileges.stands { try dropCapabilities() }

      // 19. Landlock and seccomp need it of a process without capabilities.
      begin(.refusePrivileges)
      if Layer.noNewPrivileges.stands { try kernel.setNoNewPrivileges() }

      // 20. On the final tree. Any file rule forbids mounts from here on.
      begin(.restrictFiles)
      try enforceLandlock(plan.landlock, site, on: kernel)

      // 21. Last: it refuses calls that the steps above make.
      begin(.filterCalls)
      if let filter = setup.filter { try kernel.seccomp(filter) }
      if !Layer.noNewPrivileges.stands { try dropCapabilities() }

      begin(.checkSelf)
      try check.confirm(
        setup.expectation, plan, site, keeping: channels + (terminal.map { [$0] } ?? []) + trial.routes, on: kernel)

      // 23. With the app's own rights and walls: what is true for PID 1 now is true for the app.
      begin(.tryAsserts)
      try tryAsserts(trial)
      begin(.startApp)
    } catch {
      throw SetupError(step: step, op: op, cause: error)
    }
  }

  /// What the launcher is reached by.
  private var channels: [Descriptor] {
    [setup.control, setup.report] + (setup.terminal.map { [$0.channel] } ?? [])
  }

  private func begin(_ next: InitStep) {
    step = next
    timing.append((next, clock()))
  }

  /// One entry, own id: needs no helper. `setgroups` must be denied before the group map, `user_namespaces(7)`.
  private func mapIdentity(_ hostRoot: Descriptor) throws(KernelError) {
    let lines = [
      ("setgroups", "deny"), ("uid_map", "\(plan.process.uid) \(setup.callerUID) 1"),
      ("gid_map", "\(plan.process.gid) \(setup.callerGID) 1"),
    ]
    for (name, text) in lines {
      let file = try kernel.openat2(hostRoot, "/proc/self/\(name)", .write)
      // A file of that name that is not proc's would take the map and change nothing: CVE-2025-52881.
      if try kernel.fstatfs(file) != procMagic {
        throw KernelError(refused: "fstatfs", "/proc/self/\(name)", because: "/proc is not proc")
      }
      try kernel.write(file, Array(text.utf8))
      kernel.close(file)
    }
  }

  /// All are tried, and each that does not hold is told.
  private func tryAsserts(_ trial: AssertTrial) throws(KernelError) {
    var failed = 0
    for (index, claim) in plan.asserts.enumerated() {
      guard let reason = try trial.problem(claim.claim, on: kernel) else { continue }
      failed += 1
      try kernel.send(
        setup.report,
        [Message.assertFailed, UInt8(truncatingIfNeeded: index), UInt8(truncatingIfNeeded: index >> 8)]
          + Array(reason.utf8))
    }
    for table in trial.routes { kernel.close(table) }
    if failed > 0 {
      throw KernelError(refused: "assert", because: "\(failed) of \(plan.asserts.count) do not hold")
    }
  }

  /// Keyrings count against a quota of the caller (200 by default), which many sandboxes at once use up. Then, and where
  /// the kernel has no keys, the filter's refusal of all key calls is the wall; without a filter it is fatal.
  private func joinKeyring() throws(KernelError) {
    guard Layer.keyring.stands else { return }
    let quotaExceeded: Int32 = 122
    do {
      try kernel.joinSessionKeyring()
    } catch  where (error.code == quotaExceeded && setup.filter != nil) || error.code == ErrorNumber.notSupported {
    }
  }

  private func dropCapabilities() throws(KernelError) {
    #if SNUG_TEST_BUILD
      guard Layer.capabilities.stands else { return try TestLayers.keepCapabilities(kernel) }
    #endif
    var capability: Int32 = 0
    while capability < 64, try kernel.dropBounding(capability) { capability += 1 }
    try kernel.clearAmbient()
    try kernel.lockSecurebits()
    try kernel.clearCapabilities()
  }
}

let rootAttributes: MountAttributes = [.noSetuid, .noDevices]

extension Kernel {
  /// The new root: a tmpfs that nothing is written to once it is read-only.
  func makeRoot(_ source: String = "snug") throws(KernelError) -> Descriptor {
    let context = try fsopen("tmpfs")
    try fsconfig(context, "source", source)
    try fsconfig(context, "mode", "755")
    try fsconfigCreate(context)
    let root = try fsmount(context, rootAttributes)
    close(context)
    return root
  }
}
