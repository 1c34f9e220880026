/// The distributions' switches against namespaces, read from files.
///
/// As an ordinary user the probes above have the last word: AppArmor's switch is on and harmless where snug has its
/// profile. A privileged doctor is not bound by them and tells what an ordinary user would meet.
let switchesProbe = Probe(
  check: "switches", required: false, needs: ["id-maps"],
  judge: { _, facts in
    let known = switchNames.compactMap { name in facts.switches[name].map { (name, $0) } }
    let listing = known.filter { isWorthNaming($0.0, $0.1) }.map { "\($0.0) = \($0.1)" }
    let against = facts.isPrivileged ? known.filter(isAgainst) : []
    var detail = listing.isEmpty ? "none is set against namespaces" : listing.joined(separator: ", ")
    // Scope 1 already forbids to attach to what is not a child; only 2 and 3 take debugging from ordinary users.
    if let scope = facts.switches["kernel.yama.ptrace_scope"], scope > 1 {
      detail += "; kernel.yama.ptrace_scope = \(scope): debuggers do not work inside"
    }
    guard let first = against.first else { return ProbeVerdict(ok: true, detail: detail) }
    var user = facts
    user.isPrivileged = false
    let cause =
      securityModuleCause(user) ?? DoctorCause("", remedy: "as root: sysctl -w \(first.0)=\(first.1 == 0 ? "1" : "0")")
    return ProbeVerdict(
      ok: false, detail: "\(first.0) = \(first.1) stops ordinary users, not this privileged one",
      remedy: cause.remedy)
  })

/// Limits are tens of thousands by default; a low one was set by somebody.
private func isWorthNaming(_ name: String, _ value: Int) -> Bool {
  name.hasPrefix("user.max_") ? value < 1_000 : name != "kernel.yama.ptrace_scope"
}

private func isAgainst(_ name: String, _ value: Int) -> Bool {
  switch name {
  case "kernel.unprivileged_userns_clone": value == 0
  case "kernel.apparmor_restrict_unprivileged_userns": value != 0
  default: false
  }
}
