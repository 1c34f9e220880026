import SnugPlan
import SnugProfile

/// What `snug doctor` says about one cause of trouble.
public struct DoctorCheck: Hashable, Sendable {
  /// Name of the check, stable for scripts: `user-namespace`, `overlay` ...
  public var check: String
  /// Whether the machine has it.
  public var ok: Bool
  /// What was found; where it failed, the reason.
  public var detail: String
  /// The least-wide change that mends it; nil where nothing is to be done.
  public var remedy: String?
  /// Whether every start needs it. What is not required costs single profile keys, which `detail` names.
  public var required: Bool

  /// Makes a check's result.
  public init(check: String, ok: Bool, detail: String, remedy: String? = nil, required: Bool = true) {
    self.check = check
    self.ok = ok
    self.detail = detail
    self.remedy = remedy
    self.required = required
  }
}

/// Every probe, in the order of the report: a probe stands after those it needs.
let doctorProbes: [Probe] = [
  kernelVersionProbe,
  userNamespaceProbe, idMapsProbe, userNamespaceDepthProbe(2), userNamespaceDepthProbe(3),
  namespaceProbe("mount", Namespace.mount.cloneFlag), namespaceProbe("pid", Namespace.pid.cloneFlag),
  namespaceProbe("ipc", Namespace.ipc.cloneFlag),
  namespaceProbe("uts", Namespace.uts.cloneFlag), namespaceProbe("cgroup", Namespace.cgroup.cloneFlag),
  networkNamespaceProbe,
  mountAPIProbe, procProbe, devptsProbe, overlayProbe,
  seccompProbe, seccompNotificationProbe, landlockProbe,
  switchesProbe, cgroupDelegationProbe, busProxyProbe,
]

/// Tries what this machine supports, each thing in a child process of its own that is gone afterwards.
///
/// Runs in `snug doctor`; in every probe `run` is what the child does, `judge` is this process's.
///
/// Meant for a single-threaded caller: the children go on after clone3(2) without exec.
public func runDoctor() -> [DoctorCheck] { runDoctor(doctorProbes, readMachineFacts()) }

func runDoctor(_ probes: [Probe], _ facts: MachineFacts) -> [DoctorCheck] {
  var checks: [DoctorCheck] = []
  for probe in probes {
    let lacking = probe.needs.first { need in checks.contains { $0.check == need && !$0.ok } }
    // One cause is reported once: what fails only because something before it failed says so.
    let verdict =
      if let lacking {
        ProbeVerdict(ok: false, detail: "not tried: needs \(lacking)")
      } else {
        probe.judge(probe.run(facts), facts)
      }
    checks.append(
      DoctorCheck(
        check: probe.check, ok: verdict.ok, detail: verdict.detail, remedy: verdict.remedy, required: probe.required))
  }
  return checks
}

/// Exit status of `snug doctor`: 1 where something that every start needs is missing, else 0.
public func doctorExitStatus(_ checks: [DoctorCheck]) -> Int32 {
  checks.contains { $0.required && !$0.ok } ? 1 : 0
}

/// The report for a person: `ok`, `FAIL`, or `note` for what only some profiles need.
public func doctorText(_ checks: [DoctorCheck]) -> String {
  let width = checks.map({ $0.check.count }).max() ?? 0
  var lines: [String] = []
  for check in checks {
    let word = check.ok ? "ok  " : check.required ? "FAIL" : "note"
    let padding = String(repeating: " ", count: width - check.check.count)
    lines.append("\(word)  \(check.check)\(padding)  \(escaped(check.detail))")
    if let remedy = check.remedy { lines.append("        remedy: \(escaped(remedy))") }
  }
  return lines.map { $0 + "\n" }.joined()
}

/// The report for scripts: an array of `{check, ok, detail, remedy}`; `remedy` is null where there is none.
public func doctorJSON(_ checks: [DoctorCheck]) -> String {
  JSON.list(
    checks.map { check in
      .object([
        .init("check", .text(check.check)), .init("ok", .boolean(check.ok)), .init("detail", .text(check.detail)),
        .init("remedy", check.remedy.map { .text($0) } ?? .null),
      ])
    }
  ).pretty + "\n"
}
