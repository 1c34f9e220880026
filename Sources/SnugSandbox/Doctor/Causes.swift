import Glibc

/// Why something failed and the least-wide change that mends it.
///
/// Runs in `snug doctor`, and in the launcher where the clone was refused.
struct DoctorCause: Hashable {
  var reason: String
  var remedy: String?

  init(_ reason: String, remedy: String? = nil) {
    self.reason = reason
    self.remedy = remedy
  }
}

/// The installed form of the one remedy for AppArmor's restriction: it frees this program, the sysctl would free all.
private let appArmorRemedy =
  "install the AppArmor profile that allows user namespaces to snug alone: as root, share/install --apparmor"

/// Why the kernel refused a new user namespace, with or without other namespaces beside it.
func userNamespaceCause(_ code: Int32, _ facts: MachineFacts) -> DoctorCause {
  switch code {
  case ENOSPC, EUSERS: return limitCause(facts)
  case EINVAL:
    return DoctorCause("the kernel is built without user namespaces", remedy: "use a kernel with CONFIG_USER_NS=y")
  case EAGAIN:
    return DoctorCause(
      "no more processes are allowed (RLIMIT_NPROC or the cgroup's pids.max)",
      remedy: "end some processes or raise `ulimit -u`")
  case EPERM, EACCES, ENOSYS: return refusalCause(code, facts)
  default: return DoctorCause(errorText(code))
  }
}

/// ENOSPC means a limit of zero, a limit used up, a limit of an outer namespace, or 32 levels of nesting.
private func limitCause(_ facts: MachineFacts) -> DoctorCause {
  let limits = facts.switches.filter { $0.key.hasPrefix("user.max_") }
  if let none = limits.filter({ $0.value == 0 }).keys.sorted().last {
    return DoctorCause(
      "\(none) is 0",
      remedy: "as root: sysctl -w \(none)=15000; a line in /etc/sysctl.d keeps it")
  }
  if !facts.inInitialUserNamespace {
    return DoctorCause(
      "an enclosing user namespace allows no more, or namespaces are nested 32 deep",
      remedy: "start snug outside of the sandbox or container that it is in")
  }
  let limit = limits["user.max_user_namespaces"].map { " of \($0)" } ?? ""
  return DoctorCause(
    "the limit user.max_user_namespaces\(limit) is used up",
    remedy: "end programs that hold namespaces (lsns -t user lists them)")
}

/// The order is that of the kernel: a filter answers first, then the checks before the security modules, then those.
private func refusalCause(_ code: Int32, _ facts: MachineFacts) -> DoctorCause {
  if facts.isNamespaceFilter { return filterCause("clone3 and unshare", facts) }
  if code == ENOSYS { return DoctorCause("the kernel lacks clone3", remedy: "use Linux 5.12 or newer") }
  if facts.switches["kernel.unprivileged_userns_clone"] == 0, !facts.isPrivileged {
    return DoctorCause(
      "kernel.unprivileged_userns_clone is 0",
      remedy: "as root: sysctl -w kernel.unprivileged_userns_clone=1; a line in /etc/sysctl.d keeps it")
  }
  if !facts.rootIsMount {
    return DoctorCause(
      "this process is in a chroot, where the kernel refuses user namespaces",
      remedy: "enter the tree by a mount namespace instead (systemd-nspawn, unshare with pivot_root)")
  }
  return securityModuleCause(facts)
    ?? DoctorCause(
      "a security module or an enclosing sandbox refuses", remedy: "the kernel's log (journalctl -k) may name it")
}

/// What a security module that is in force does to a user namespace: refuses it, or makes it without rights in it.
func securityModuleCause(_ facts: MachineFacts) -> DoctorCause? {
  let isUnconfined = facts.appArmorLabel.map { $0.hasPrefix("unconfined") || $0.hasPrefix("unprivileged_userns") }
  let isRestricted = facts.switches["kernel.apparmor_restrict_unprivileged_userns"] ?? 0 > 0
  if isRestricted, isUnconfined != false, !facts.isPrivileged {
    let remedy =
      facts.isAppArmorProfileInstalled
      ? "the profile /etc/apparmor.d/snug stands but does not hold for this executable: as root, apparmor_parser -r "
        + "/etc/apparmor.d/snug, and start snug by the path that the profile names"
      : appArmorRemedy
    return DoctorCause("AppArmor gives unconfined programs no rights in user namespaces", remedy: remedy)
  }
  if isUnconfined == false, let label = facts.appArmorLabel {
    return DoctorCause(
      "AppArmor's profile \(label) refuses",
      remedy: containerRemedy(facts, docker: "apparmor=PROFILE", what: "with a profile that has `userns,` and `mount,`")
        ?? "add `userns,` and `mount,` to that profile, or start snug outside of it")
  }
  if facts.isSELinuxEnforcing {
    return DoctorCause(
      "SELinux refuses",
      remedy: "ausearch -m AVC -ts recent names the rule; allow it to this domain with audit2allow -M snug")
  }
  return nil
}

/// A seccomp filter of something around us refuses `calls`.
func filterCause(_ calls: String, _ facts: MachineFacts) -> DoctorCause {
  switch facts.container {
  case .flatpak:
    return DoctorCause(
      "a flatpak sandbox is around this process and refuses \(calls)",
      remedy: "start snug on the host: flatpak-spawn --host snug ...")
  default:
    let remedy =
      containerRemedy(facts, docker: "seccomp=FILE", what: "with a filter that allows \(calls)")
      ?? "start snug outside of what set the filter (for a systemd unit: RestrictNamespaces=, SystemCallFilter=)"
    return DoctorCause("a seccomp filter around this process refuses \(calls)", remedy: remedy)
  }
}

/// The option of a container that opens one thing; never `--privileged`, which opens all.
func containerRemedy(_ facts: MachineFacts, docker option: String, what: String) -> String? {
  switch facts.container {
  case .docker: "docker run --security-opt \(option), \(what)"
  case .podman: "podman run --security-opt \(option), \(what)"
  case .flatpak: "start snug on the host: flatpak-spawn --host snug ..."
  case .other, nil: nil
  }
}

/// Judges an outcome whose causes are common to all probes; `known` names those of this one.
func verdict(
  _ outcome: ProbeOutcome, _ facts: MachineFacts, passed detail: String,
  known: (ProbeCall, Int32) -> DoctorCause? = { _, _ in nil }
) -> ProbeVerdict {
  switch outcome {
  case .passed: return ProbeVerdict(ok: true, detail: detail)
  case .timedOut:
    return ProbeVerdict(
      ok: false, detail: "no answer within \(probePatience / 1000) seconds",
      remedy: "try again; a network or FUSE file system that does not answer would explain it")
  case .died(let signal):
    if signal == SIGSYS {
      let cause = filterCause("a call that snug needs", facts)
      return ProbeVerdict(ok: false, detail: cause.reason, remedy: cause.remedy)
    }
    return ProbeVerdict(ok: false, detail: "the probe ended without an answer (signal \(signal))")
  case .stopped(let call, let code):
    let cause = known(call, code) ?? commonCause(call, code, facts)
    return ProbeVerdict(ok: false, detail: "\(call.name): \(errorText(code)): \(cause.reason)", remedy: cause.remedy)
  }
}

private func commonCause(_ call: ProbeCall, _ code: Int32, _ facts: MachineFacts) -> DoctorCause {
  if call == .clone3 || call == .unshare { return userNamespaceCause(code, facts) }
  if code == EPERM || code == ENOSYS, facts.isFiltered { return filterCause(call.name, facts) }
  if code == ENOSYS { return DoctorCause("the kernel lacks it", remedy: "use Linux 5.12 or newer") }
  if code == EPERM || code == EACCES, let cause = securityModuleCause(facts) { return cause }
  return DoctorCause("the kernel refused", remedy: nil)
}

/// The text of an errno, as strerror(3) gives it.

/// Why clone3(2) with user and other namespaces failed, for the message of a start that failed. Reads a few files and
/// makes two harmless calls; starts nothing.
public func explainUserNamespaceFailure(_ code: Int32) -> (reason: String, hint: String?) {
  let cause = userNamespaceCause(code, readMachineFacts())
  return (cause.reason, cause.remedy)
}
