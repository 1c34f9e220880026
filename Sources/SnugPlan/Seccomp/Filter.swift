import SnugProfile

/// What is wrong with a filter as asked for, or with its assembly.
public enum SeccompError: Error, Hashable, Sendable {
  /// A name that no system call has, and the nearest one that is.
  case unknownCall(String, nearest: String?)
  /// A name that stands in `allow` and in `deny`.
  case contradiction(String)
  /// A name in `deny` that PID 1 cannot be without: it runs under the same filter.
  case neededByInit(String)
  /// libseccomp or the kernel failed: the step, the system call whose rule it was (may be empty), and the errno.
  case assembly(String, call: String, code: Int32)

  /// What is wrong, without the leading `snug: `.
  public var message: String {
    switch self {
    case .unknownCall(let name, _): "unknown system call \"\(name)\""
    case .contradiction(let name): "system call \"\(name)\" is both allowed and denied"
    case .neededByInit(let name): "cannot deny \"\(name)\": the sandbox's own first process needs it"
    case .assembly(let step, let call, let code):
      "cannot make the seccomp filter: \(step)\(call.isEmpty ? "" : " for " + call): error \(code)"
    }
  }

  /// Name of the system call that it is about; nil where it is about none.
  public var call: String? {
    switch self {
    case .unknownCall(let name, _), .contradiction(let name), .neededByInit(let name): name
    case .assembly: nil
    }
  }

  /// The one known remedy.
  public var hint: String? {
    switch self {
    case .unknownCall(_, let nearest): nearest.map { "did you mean \"\($0)\"?" }
    case .contradiction(let name): "take it out of what a lower layer wrote with \"!\(name)\""
    case .neededByInit, .assembly: nil
    }
  }

  /// The same with the place of the name in the profile.
  public func diagnostic(at origin: Origin?) -> Diagnostic {
    var correction: Correction?
    if case .unknownCall(let name, .some(let near)) = self { correction = Correction(written: name, meant: near) }
    return Diagnostic(message, cause, at: origin, hint: hint, correction: correction)
  }

  private var cause: Cause {
    switch self {
    case .unknownCall: .unknownSystemCall
    case .contradiction: .contradictingSystemCall
    case .neededByInit: .neededSystemCall
    case .assembly: .cannotStartHere
    }
  }
}

/// What a preset is made of, before `allow` and `deny`; nothing for `none`.
public func presetGroups(_ preset: Seccomp.Preset, multiarch: Bool) -> [FilterGroup] {
  if preset == .none { return [] }
  var groups: [FilterGroup] = [.administration, .clock, .ports]
  if !multiarch { groups.append(.oldModes) }
  groups += [.keys, .memoryPlacement, .attackSurface, .fileHandles, .otherProcesses]
  if preset != .devel { groups.append(.tracing) }
  groups.append(.terminal)
  switch preset {
  case .base: groups.append(.namespaces(FilterGroup.userNamespace))
  case .desktop, .devel: groups.append(.namespaces(FilterGroup.anyNamespace))
  case .nested, .none: break
  }
  groups += [.newMountCalls, .socketcall]
  if preset != .base { groups += [.socketFamilies, .personality] }
  return groups
}

/// What is wrong with the names of a policy: unknown, contradicting, or needed by PID 1.
public func filterProblems(_ policy: SeccompPolicy) -> [SeccompError] {
  var problems = (policy.allow + policy.deny).filter { SystemCall.named($0) == nil }.map {
    SeccompError.unknownCall($0, nearest: SystemCall.nearest(to: $0))
  }
  let allowed = Set(policy.allow)
  for name in policy.deny {
    if allowed.contains(name) { problems.append(.contradiction(name)) }
    if SystemCall.neededByInit.contains(name) { problems.append(.neededByInit(name)) }
  }
  return problems
}

/// Throws the first of `filterProblems`.
public func checkFilter(_ policy: SeccompPolicy) throws(SeccompError) {
  if let first = filterProblems(policy).first { throw first }
}

/// The groups of a policy: its preset without what `allow` takes out, then `deny`, whatever the arguments are.
///
/// Names are taken as they are: `checkFilter` judges them.
public func filterGroups(_ policy: SeccompPolicy) -> [FilterGroup] {
  var groups = presetGroups(policy.preset, multiarch: policy.multiarch)
  if policy.refusesSegments, policy.preset != .none { groups.append(.segments) }
  if !policy.allow.isEmpty || !policy.deny.isEmpty {
    for index in groups.indices {
      groups[index].rules.removeAll { policy.allow.contains($0.call) || policy.deny.contains($0.call) }
    }
    groups.removeAll { $0.rules.isEmpty }
  }
  if !policy.deny.isEmpty {
    var rules: [FilterRule] = []
    for name in policy.deny where !rules.contains(where: { $0.call == name }) { rules.append(.init(name, .refused)) }
    groups.append(FilterGroup("denied", "the profile says so", rules))
  }
  return groups
}

/// Whether a policy has a filter at all: `none` has one only when it denies something.
public func hasFilter(_ policy: SeccompPolicy) -> Bool { policy.preset != .none || !policy.deny.isEmpty }

/// The rules that the filter of a policy is made of, in order.
///
/// At most one rule of a call holds for given arguments, so order does not decide.
public func filterRules(_ policy: SeccompPolicy) throws(SeccompError) -> [FilterRule] {
  try checkFilter(policy)
  return filterGroups(policy).flatMap({ $0.rules })
}

extension SystemCall {
  /// What PID 1 and the Swift runtime in it call after the filter is loaded. No preset denies them, no profile can.
  public static let neededByInit: Set<String> = [
    "brk", "chdir", "clock_gettime", "clone", "close", "close_range", "dup3", "epoll_ctl", "epoll_pwait", "execve",
    "execveat", "exit", "exit_group", "fcntl", "fstat", "futex", "getcwd", "getdents64", "getpid", "getppid",
    "getrandom", "gettid", "ioctl", "kill", "lseek", "madvise", "mmap", "mprotect", "mremap", "munmap", "nanosleep",
    "newfstatat", "openat", "openat2", "pidfd_open", "pidfd_send_signal", "poll", "ppoll", "prctl", "pread64",
    "prlimit64", "read", "readlinkat", "recvmsg", "restart_syscall", "rt_sigaction", "rt_sigpending",
    "rt_sigprocmask", "rt_sigreturn", "sendmsg", "sendto", "setpgid", "setsid", "signalfd4", "statx", "tgkill",
    "wait4", "waitid", "write",
  ]
}
