import SnugProfile

/// Turns what bubblewrap's command line asks for into a plan on this machine.
///
/// - Throws: `BubblewrapFailure` in bubblewrap's words.
public func compile(_ request: BubblewrapRequest, for host: BubblewrapHost) throws(BubblewrapFailure) -> Plan {
  let hasNewUserNamespace: Bool =
    switch request.userNamespace {
    case .always: true
    // Without privileges nothing else would be allowed; with a namespace to enter, that one gives them.
    case .asNeeded: host.uid != 0 && request.userNamespaceDescriptor == nil
    case .ifPossible: (host.uid != 0 && request.userNamespaceDescriptor == nil) || host.allowsUserNamespaces()
    }

  // The parser has judged all but a namespace that the kernel turned out not to allow.
  if !hasNewUserNamespace && request.userNamespaceDescriptor == nil {
    if let uid = request.uid, uid != host.uid {
      throw BubblewrapFailure("Specifying --uid requires --unshare-user or --userns")
    }
    if let gid = request.gid, gid != host.gid {
      throw BubblewrapFailure("Specifying --gid requires --unshare-user or --userns")
    }
  }

  var namespaces: [Namespace] = hasNewUserNamespace ? [.user, .mount] : [.mount]
  if request.unsharePID { namespaces.append(.pid) }
  if request.unshareIPC { namespaces.append(.ipc) }
  if request.unshareUTS { namespaces.append(.uts) }
  if request.unshareCgroup || request.unshareCgroupIfPossible {
    if host.hasCgroupNamespaces() {
      namespaces.append(.cgroup)
    } else if request.unshareCgroup {
      throw BubblewrapFailure("Cannot create new cgroup namespace because the kernel does not support it")
    }
  }
  if request.unshareNetwork { namespaces.append(.network) }

  var policy = BubblewrapPolicy()
  let sharesProcesses = !request.unsharePID && request.pidNamespaceDescriptor == nil
  var ops: [PlannedOp] = []
  ops.reserveCapacity(request.operations.count)
  for operation in request.operations {
    if let op = try operation.op(on: host, sharesProcesses: sharesProcesses, &policy.usedDescriptors) {
      ops.append(PlannedOp(op, from: .option(operation.option)))
    }
  }
  let uid = request.uid ?? host.uid
  let hasTerminals = ops.contains { if case .dev = $0.op { true } else { false } }
  policy.setIdentity(request, host, hasNewUserNamespace: hasNewUserNamespace)
  // bubblewrap makes a devpts as id 0 and changes to the wanted id in a second namespace, in which the command's
  // capabilities reach no mount. Here one namespace does, but for a command that has capabilities.
  let keepsSome = if case .keep(let mask) = policy.capabilities { mask != 0 } else { true }
  policy.nestsUserNamespace =
    policy.writesMaps && (request.disableUserNamespaces || (hasTerminals && keepsSome && uid != 0))
  policy.setProcesses(request, host)

  return Plan(
    namespaces: namespaces, ops: ops, seccomp: SeccompPolicy(preset: .none), landlock: LandlockPolicy(abi: 0),
    environment: [],
    process: ProcessPolicy(
      uid: uid, gid: request.gid ?? host.gid, hostname: request.hostname ?? "", workingDirectory: "/",
      umask: host.umask, nice: 0, terminal: request.newSession ? .none : .shared, adoptWait: .forever,
      stopWait: .none, cancelSignal: nil, limits: []),
    executable: "", command: [request.argumentZero ?? request.command[0]] + request.command.dropFirst(), id: "",
    profile: "", bubblewrap: policy)
}

extension BubblewrapPolicy {
  fileprivate mutating func setIdentity(
    _ request: BubblewrapRequest, _ host: BubblewrapHost, hasNewUserNamespace: Bool
  ) {
    userNamespace = request.userNamespaceDescriptor
    secondUserNamespace = request.secondUserNamespaceDescriptor
    pidNamespace = request.pidNamespaceDescriptor
    mapsAwaited = request.userNamespaceBlockDescriptor
    writesMaps = hasNewUserNamespace && mapsAwaited == nil
    disablesUserNamespaces = request.disableUserNamespaces
    assertsUserNamespacesDisabled = request.assertUserNamespacesDisabled
    dropsBounding = hasNewUserNamespace || userNamespace != nil
    // Root keeps what it has unless it says otherwise; everybody else starts with nothing.
    if host.uid == 0 && request.capabilityChanges.isEmpty {
      capabilities = .unchanged(host.capabilities())
    } else {
      var mask = host.uid == 0 ? host.capabilities() : 0
      for change in request.capabilityChanges {
        switch change {
        case .add(let number): mask |= 1 << UInt64(number)
        case .drop(let number): mask &= ~(1 << UInt64(number))
        case .addAll: mask = .max
        case .dropAll: mask = 0
        }
      }
      capabilities = .keep(mask)
    }
  }

  fileprivate mutating func setProcesses(_ request: BubblewrapRequest, _ host: BubblewrapHost) {
    // Somebody has to reap in a pid namespace and to hold what is to be held.
    reaps =
      !request.isFirstProcess
      && (request.unsharePID || !request.lockFiles.isEmpty || request.syncDescriptor != nil)
    diesWithParent = request.diesWithParent
    newSession = request.newSession
    sync = request.syncDescriptor
    block = request.blockDescriptor
    info = request.infoDescriptor
    status = request.statusDescriptor
    lockFiles = request.lockFiles.map(placeInside)
    filters = request.filterDescriptors
    closesDescriptors = request.closesDescriptors
    setsHostname = request.hostname != nil
    directory = request.directory
    callerDirectory = host.workingDirectory
    environment = request.environment
    program = request.command[0]
    usesLevelPrefix = request.usesLevelPrefix
  }
}
