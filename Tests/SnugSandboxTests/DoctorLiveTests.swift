import CSnug
import Glibc
import SnugPlan
import Testing

@testable import SnugSandbox

/// On this machine. The children of probes are copies of a process, so each test runs in a process of its own, where no
/// other test's thread can hold a lock.
@Suite struct DoctorLive {
  @Test func thisMachineHasWhatEveryStartNeeds() async {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      let checks = runDoctor()
      let report = Array(doctorText(checks).utf8)
      _ = unsafe csnug_write(2, report, report.count)
      exit(0)
    }
    let report = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(report.contains("ok    user-namespace "))
    #expect(!report.contains("FAIL  "))
    #expect(!report.contains("not tried"))
  }

  @Test func nothingStaysBehind() async {
    await #expect(processExitsWith: .success) {
      // In a copy: this process has threads of the test library that open what they like.
      let outcome = runProbe(0) { () throws(ProbeStop) in
        let before = openDescriptors()
        _ = runDoctor()
        var ended = csnug_ended()
        let noChildren = csnug_wait(-1, false, false, &ended) == -Int(ECHILD)
        if openDescriptors() != before || !noChildren { throw ProbeStop(call: .clone3, code: EBUSY) }
      }
      exit(outcome == .passed ? 0 : 1)
    }
  }

  @Test func aHangingProbeIsEnded() async {
    await #expect(processExitsWith: .success) {
      let start = csnug_clock_ms()
      let child = try ProbeChild.start(0) { while true { _ = unsafe csnug_poll(nil, nil, 0, -1) } }
      if child.report(within: 50) != .timedOut { exit(2) }
      if child.end() != SIGKILL { exit(3) }
      if csnug_pidfd_open(child.pid) != -Int(ESRCH) { exit(4) }
      exit(csnug_clock_ms() - start < 2_000 ? 0 : 5)
    }
  }

  @Test func aDyingProbeIsNamed() async {
    await #expect(processExitsWith: .success) {
      if runProbe(0, { _ = csnug_kill(getpid(), SIGSYS) }) != .died(signal: SIGSYS) { exit(2) }
      let stopped = runProbe(0) { () throws(ProbeStop) in throw ProbeStop(call: .fsopen, code: EPERM) }
      exit(stopped == .stopped(.fsopen, EPERM) ? 0 : 3)
    }
  }

  /// Limits set inside an outer user namespace of our own: the switches for real, without touching the machine's.
  @Test(arguments: ["user", "net", "mnt"])
  func aLimitOfZero(_ kind: String) async {
    await #expect(processExitsWith: .success) { [kind] in
      exitInsideUserNamespace(limiting: kind, to: 0) { facts in
        if kind == "user" {
          guard case .stopped(.clone3, let code) = userNamespaceProbe.run(facts) else { return false }
          return explainUserNamespaceFailure(code).reason == "user.max_user_namespaces is 0"
        }
        let probe = kind == "net" ? networkNamespaceProbe : namespaceProbe("mount", Namespace.mount.cloneFlag)
        return probe.judge(probe.run(facts), facts).detail.contains("user.max_\(kind)_namespaces is 0")
      }
    }
  }

  @Test func aLimitIsNotTakenForDepth() async {
    await #expect(processExitsWith: .success) {
      exitInsideUserNamespace(limiting: "user", to: 1) { facts in
        let probe = userNamespaceDepthProbe(2)
        return userNamespaceProbe.run(facts) == .passed
          && probe.judge(probe.run(facts), facts).detail.contains("fewer than 2")
      }
    }
  }

  @Test func depthIsNotTakenForALimit() async {
    await #expect(processExitsWith: .success) {
      exitInsideUserNamespace(limiting: nil, to: 0) { facts in
        let probe = userNamespaceDepthProbe(2)
        // The kernel allows 33 levels below the first: go down until one more is possible and two are not.
        for _ in 0..<40 where probe.run(facts) == .passed {
          let maps = IDMapLines()
          guard csnug_unshare(Int32(Namespace.user.cloneFlag)) == 0, (try? maps.write()) != nil else { return false }
        }
        return userNamespaceProbe.run(facts) == .passed
          && probe.judge(probe.run(facts), facts).detail.contains("nested nearly 32 deep")
      }
    }
  }

  @Test func aFilterIsNotTakenForASwitch() async {
    await #expect(processExitsWith: .success) {
      if readMachineFacts().isNamespaceFilter { exit(2) }
      let outcome = runProbe(0) { () throws(ProbeStop) in
        // ld nr; jeq unshare or clone3: errno EPERM; else allow.
        let filter: [UInt64] = [
          0x20, unshareNumber << 32 | 1 << 16 | 0x15, 435 << 32 | 1 << 24 | 0x15, 0x0005_0001 << 32 | 0x06,
          0x7fff_0000 << 32 | 0x06,
        ]
        try must(.prctl, csnug_prctl(Prctl.setNoNewPrivileges, 1, 0, 0, 0))
        try must(.seccomp, unsafe csnug_seccomp(filter, filter.count, 0))
        let facts = readMachineFacts()
        guard facts.isNamespaceFilter, facts.isFiltered,
          explainUserNamespaceFailure(EPERM).reason.contains("seccomp filter")
        else { throw ProbeStop(call: .seccomp, code: EINVAL) }
      }
      exit(outcome == .passed ? 0 : 3)
    }
  }
}

/// Number of unshare(2).
private var unshareNumber: UInt64 {
  #if arch(x86_64)
    272
  #else
    97
  #endif
}

private func openDescriptors() -> Int {
  (0..<1024).filter { fcntl(Int32($0), F_GETFD) >= 0 }.count
}

/// Leaves with 0 when `body` holds in a child with a user namespace of its own, where user.max_KIND_namespaces has been
/// lowered.
private func exitInsideUserNamespace(
  limiting kind: String?, to limit: Int, _ body: (MachineFacts) -> Bool
) -> Never {
  // Read before: without a map the ids inside are the overflow ids. Root inside, whose the limits are to write.
  var files = [
    ("/proc/self/setgroups", "deny"), ("/proc/self/uid_map", "0 \(geteuid()) 1"),
    ("/proc/self/gid_map", "0 \(getegid()) 1"),
  ]
  if let kind { files.append(("/proc/sys/user/max_\(kind)_namespaces", "\(limit)")) }
  let outcome = runProbe(Namespace.user.cloneFlag) { () throws(ProbeStop) in
    for (path, text) in files {
      let fd = unsafe open(path, O_WRONLY)
      let bytes = Array(text.utf8)
      try must(.uidMap, unsafe csnug_write(fd, bytes, bytes.count))
      close(fd)
    }
    if !body(readMachineFacts()) { throw ProbeStop(call: .unshare, code: EINVAL) }
  }
  exit(outcome == .passed ? 0 : outcome == .stopped(.unshare, EINVAL) ? 1 : 2)
}
