import CSnug
import SnugPlan
import SnugProfile

/// Runs in the first process of a sandbox that bubblewrap's command line asks for: builds the root, gives up what is to be
/// given up, and stays as the reaper where one is needed.
///
/// Not `Init`: what a profile's app is always locked into, these callers bring themselves or do without.
package final class BubblewrapInit {
  let kernel: any Kernel
  let plan: Plan
  let policy: BubblewrapPolicy
  let control: Descriptor
  let callerUID: UInt32
  let callerGID: UInt32
  /// The filters that the caller brought, in the order in which they are loaded.
  let filters: [[UInt64]]
  /// Files that the first process holds locks on.
  package private(set) var locks: [Descriptor] = []
  private var openFiles: OpenFileLimit?

  /// Makes one; `control` is this process's end of the socket to the launcher.
  package init(
    _ plan: Plan, _ policy: BubblewrapPolicy, filters: [[UInt64]], control: Descriptor, callerUID: UInt32,
    callerGID: UInt32, on kernel: any Kernel
  ) {
    self.kernel = kernel
    self.plan = plan
    self.policy = policy
    self.filters = filters
    self.control = control
    self.callerUID = callerUID
    self.callerGID = callerGID
  }

  /// Everything up to the command. Returns its environment.
  package func setUp() throws(BubblewrapFailure) -> [[UInt8]] {
    // First of all, and then the look whether it came too late: a launcher that died before sent no signal.
    if policy.diesWithParent { try armDeathSignal() }
    try attempt("Lost the launcher") { () throws(KernelError) in
      if !(try kernel.awaitGo(control)) { throw KernelError(refused: "recv", because: "it has ended") }
    }
    let hostRoot = try attempt("Can't open /") { () throws(KernelError) in try kernel.openRoot() }
    try takeIdentity(hostRoot)
    if plan.namespaces.contains(.uts) && policy.setsHostname {
      try attempt("Can't set hostname to \(plan.process.hostname)") { () throws(KernelError) in
        try kernel.sethostname(plan.process.hostname)
      }
    }
    if plan.namespaces.contains(.network) {
      try attempt("loopback: Failed to bring up lo") { () throws(KernelError) in try kernel.loopbackUp() }
    }
    // Held over the change of the root for the second user namespace, whose maps can only be opened once it is there.
    var proc: Descriptor?
    if policy.nestsUserNamespace {
      proc = try attempt("Can't open /proc") { () throws(KernelError) in
        try kernel.openat2(hostRoot, "/proc", .path)
      }
    }
    try limitUserNamespaces(hostRoot)
    try buildRoot(hostRoot)
    try leaveUserNamespace(proc)
    try dropCapabilities()
    try awaitOthers()
    let directory = try enterDirectory()
    if policy.newSession {
      try attempt("setsid") { () throws(KernelError) in try kernel.setsid() }
    }
    return policy.environment.filter { !$0.starts(with: Array("PWD=".utf8)) } + [Array("PWD=\(directory)".utf8)]
  }

  // MARK: - Identity

  private func armDeathSignal() throws(BubblewrapFailure) {
    try attempt("prctl(PR_SET_PDEATHSIG)") { () throws(KernelError) in
      try kernel.setParentDeathSignal()
      if try kernel.isHungUp(control) { throw KernelError(refused: "poll", because: "the launcher is gone") }
    }
  }

  private func takeIdentity(_ hostRoot: Descriptor) throws(BubblewrapFailure) {
    if policy.userNamespace != nil {
      if plan.process.uid != callerUID {
        try attempt("unable to switch to uid \(plan.process.uid)") { () throws(KernelError) in
          try kernel.setuid(plan.process.uid)
        }
      }
      if plan.process.gid != callerGID {
        try attempt("unable to switch to gid \(plan.process.gid)") { () throws(KernelError) in
          try kernel.setgid(plan.process.gid)
        }
      }
    }
    if policy.dropsBounding { try dropBounding() }
    if policy.writesMaps {
      try writeMaps(hostRoot, "/proc/", outside: (callerUID, callerGID), deniesGroups: true)
    }
  }

  /// One entry each; `setgroups` must be denied before the group map, user_namespaces(7).
  private func writeMaps(
    _ directory: Descriptor, _ prefix: String, outside: (uid: UInt32, gid: UInt32), deniesGroups: Bool
  ) throws(BubblewrapFailure) {
    let lines = [
      ("uid_map", "\(plan.process.uid) \(outside.uid) 1\n", "setting up uid map"),
      ("setgroups", "deny\n", "error writing to setgroups"),
      ("gid_map", "\(plan.process.gid) \(outside.gid) 1\n", "setting up gid map"),
    ]
    for (name, text, action) in lines where deniesGroups || name != "setgroups" {
      try attempt(action) { () throws(KernelError) in
        let file = try kernel.openat2(directory, "\(prefix)self/\(name)", .write)
        // A file of that name that is not proc's would take the map and change nothing: CVE-2025-52881.
        if try kernel.fstatfs(file) != procMagic {
          throw KernelError(refused: "fstatfs", because: "/proc is not proc")
        }
        try kernel.write(file, Array(text.utf8))
        kernel.close(file)
      }
    }
  }

  private func limitUserNamespaces(_ hostRoot: Descriptor) throws(BubblewrapFailure) {
    guard policy.disablesUserNamespaces else { return }
    // One: the nested namespace of our own. What is in it cannot raise the limit of the one above.
    try attempt("cannot open /proc/sys/user/max_user_namespaces") { () throws(KernelError) in
      let file = try kernel.openat2(hostRoot, "/proc/sys/user/max_user_namespaces", .write)
      try kernel.write(file, Array("1".utf8))
      kernel.close(file)
    }
  }

  /// What is done about user namespaces once no mount is made any more.
  private func leaveUserNamespace(_ proc: Descriptor?) throws(BubblewrapFailure) {
    if let second = policy.secondUserNamespace {
      try attempt("Setting userns2 failed") { () throws(KernelError) in
        try kernel.enterUserNamespace(Descriptor(second))
      }
    }
    if let proc {
      try attempt("unshare user ns") { () throws(KernelError) in try kernel.unshareUserNamespace() }
      try dropBounding()
      try writeMaps(proc, "", outside: (plan.process.uid, plan.process.gid), deniesGroups: false)
      kernel.close(proc)
    }
    if policy.disablesUserNamespaces || policy.assertsUserNamespacesDisabled {
      do {
        try kernel.unshareUserNamespace()
      } catch {
        return
      }
      throw BubblewrapFailure("creation of new user namespaces was not disabled as requested")
    }
  }

  // MARK: - The root

  private func buildRoot(_ hostRoot: Descriptor) throws(BubblewrapFailure) {
    try attempt("Failed to make / slave") { () throws(KernelError) in try kernel.makeRootSlave() }
    kernel.umask(0)
    // Every source is a descriptor until it is placed: thousands of binds are more than a usual soft limit.
    openFiles = try attempt("Can't raise the limit of open files") { () throws(KernelError) in
      try kernel.raiseOpenFiles()
    }
    let root = try attempt("Failed to mount tmpfs") { () throws(KernelError) in try kernel.makeRoot("tmpfs") }
    let site = Site(kernel: kernel, hostRoot: hostRoot, newRoot: root, tmpfsSource: "tmpfs", keepsRecord: false)
    var op: Int?
    do throws(KernelError) {
      let mounts = try site.openSources(plan.ops, rootAttributes, &op)
      try site.dropRootBeneath(root)
      kernel.close(hostRoot)
      try site.place(plan.ops, mounts, &op)
    } catch {
      guard let op else { throw BubblewrapFailure(error, "pivot_root") }
      throw BubblewrapFailure(error, plan.ops[op].op)
    }
    for number in policy.usedDescriptors { kernel.close(Descriptor(number)) }
  }

  /// The caller's directory if that exists inside, else the home, else `/`.
  private func enterDirectory() throws(BubblewrapFailure) -> String {
    if let directory = policy.directory {
      try attempt("Can't chdir to \(directory)") { () throws(KernelError) in try kernel.chdir(directory) }
      return directory
    }
    let name = Array("HOME=".utf8)
    let home = policy.environment.last { $0.starts(with: name) }
      .flatMap { validText($0.dropFirst(name.count)) }
    for directory in [policy.callerDirectory, home].compactMap({ $0 }) {
      if (try? kernel.chdir(directory)) != nil { return directory }
    }
    try attempt("Can't chdir to /") { () throws(KernelError) in try kernel.chdir("/") }
    return "/"
  }

  // MARK: - Capabilities

  private var kept: UInt64 {
    switch policy.capabilities {
    case .unchanged(let mask), .keep(let mask): mask
    }
  }

  private func dropBounding() throws(BubblewrapFailure) {
    try attempt("Dropping capabilities from the bounding set") { () throws(KernelError) in
      for number in Int32(0)..<64 where kept >> UInt64(number) & 1 == 0 {
        if !(try kernel.dropBounding(number)) { return }
      }
    }
  }

  /// After the last mount. Dumpable again, which the changes of identity took away: /proc/self belongs to the command.
  private func dropCapabilities() throws(BubblewrapFailure) {
    if case .keep(let mask) = policy.capabilities {
      try attempt("Setting capabilities") { () throws(KernelError) in
        try kernel.setCapabilities(mask)
        for number in Int32(0)..<64 where mask >> UInt64(number) & 1 == 1 {
          do throws(KernelError) {
            try kernel.raiseAmbient(number)
          } catch  where error.code == ErrorNumber.invalid {
          }
        }
      }
    }
    try attempt("prctl(PR_SET_DUMPABLE)") { () throws(KernelError) in try kernel.setDumpable(true) }
    // Every change of credentials has taken the signal away, prctl(2).
    if policy.diesWithParent { try armDeathSignal() }
  }

  // MARK: - Before the command

  private func awaitOthers() throws(BubblewrapFailure) {
    if let block = policy.block {
      // Whoever holds the other end answers or closes it: nothing is wrong with either.
      try attempt("Can't read from --block-fd") { () throws(KernelError) in
        try kernel.awaitByte(Descriptor(block))
      }
      kernel.close(Descriptor(block))
    }
    kernel.umask(plan.process.umask)
    if let openFiles {
      try attempt("setrlimit") { () throws(KernelError) in
        try kernel.setrlimit(.openFiles, soft: openFiles.soft, hard: openFiles.hard)
      }
    }
    for path in policy.lockFiles {
      let file = try attempt("Unable to open lock file \(path)") { () throws(KernelError) in
        let root = try kernel.openRoot()
        defer { kernel.close(root) }
        return try kernel.openat2(root, path, .read)
      }
      locks.append(file)
      try attempt("Unable to lock file \(path)") { () throws(KernelError) in try kernel.lock(file) }
    }
  }

  /// Loads the caller's filters, the first one first.
  package func filterCalls() throws(BubblewrapFailure) {
    for filter in filters {
      try attempt("prctl(PR_SET_SECCOMP)") { () throws(KernelError) in try kernel.seccomp(filter) }
    }
  }
}

/// Does something; what goes wrong gets bubblewrap's words for it.
private func attempt<Result>(_ action: String, _ body: () throws(KernelError) -> Result) throws(BubblewrapFailure)
  -> Result
{
  do throws(KernelError) {
    return try body()
  } catch {
    throw BubblewrapFailure(error, action)
  }
}
