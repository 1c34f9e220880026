import CSnug
import Glibc

/// One thing that is tried, and what its outcome means.
///
/// Trying and judging are apart so that the judgement is a pure function of the outcome and of the machine's facts.
struct Probe: Sendable {
  let check: String
  /// Whether every start needs it.
  let required: Bool
  /// Checks that must have passed for this one to say anything of its own.
  var needs: [String] = []
  /// Tries it; a probe that only reads facts passes.
  var run: @Sendable (MachineFacts) -> ProbeOutcome = { _ in .passed }
  let judge: @Sendable (ProbeOutcome, MachineFacts) -> ProbeVerdict
}

/// A judgement: `DoctorCheck` without the name.
struct ProbeVerdict: Hashable {
  var ok: Bool
  var detail: String
  var remedy: String? = nil
}

/// How trying ended.
enum ProbeOutcome: Hashable {
  case passed
  /// A call failed with this errno.
  case stopped(ProbeCall, Int32)
  /// No answer in time.
  case timedOut
  /// The child died of this signal, or left with no answer (0).
  case died(signal: Int32)
}

/// The calls that probes make; a report carries the number, a message the manual page's name.
enum ProbeCall: UInt8 {
  case socketpair, clone3, unshare, setgroups, uidMap, gidMap
  case mount, openat2, openTree, mountSetattr, moveMount, fsopen, fsconfig, fsmount, mkdirat, unlinkat
  case chdir, pivotRoot, umount2, loopback, prctl, seccomp, landlockCreateRuleset, landlockRestrictSelf

  /// `open_tree` for `openTree`.
  var name: String { String("\(self)".flatMap { $0.isUppercase ? "_\($0.lowercased())" : "\($0)" }) }
}

/// A call that failed inside a probe.
struct ProbeStop: Error {
  var call: ProbeCall
  var code: Int32
}

/// Options of prctl(2).
enum Prctl {
  static let setParentDeathSignal: Int32 = 1
  static let getSeccomp: Int32 = 21
  static let setNoNewPrivileges: Int32 = 38
}

/// Passes a csnug result on; -errno becomes the stop of the probe.
@discardableResult
func must(_ call: ProbeCall, _ result: Int) throws(ProbeStop) -> Int32 {
  if result < 0 { throw ProbeStop(call: call, code: Int32(-result)) }
  return Int32(truncatingIfNeeded: result)
}

/// A probe's child, held until `end` so that what it made can be counted while it lives.
struct ProbeChild {
  let pid: Int32
  let pidfd: Int32
  let channel: Int32

  /// Starts a child in new `namespaces` (CLONE_NEW* bits) that runs `body` and reports.
  ///
  /// `body` makes system calls only: in a copy of a process with several threads a lock may be held for ever by a thread
  /// that was not copied. What it needs is computed before.
  static func start(
    _ namespaces: UInt64, _ body: () throws(ProbeStop) -> Void
  ) throws(ProbeStop) -> ProbeChild {
    var ends: (Int32, Int32) = (-1, -1)
    try unsafe withUnsafeMutableBytes(of: &ends) { (raw) throws(ProbeStop) in
      _ = try must(.socketpair, unsafe csnug_socketpair(raw.baseAddress?.assumingMemoryBound(to: Int32.self), false))
    }
    var pidfd: Int32 = -1
    let pid = unsafe csnug_clone3(namespaces, &pidfd, -1)
    if pid == 0 {
      // The doctor may be killed while a probe hangs: nothing of it stays behind.
      _ = csnug_prctl(Prctl.setParentDeathSignal, UInt(SIGKILL), 0, 0, 0)
      _ = csnug_close(ends.0)
      var report: (UInt8, UInt8) = (0, 0)
      do throws(ProbeStop) { try body() } catch { report = (error.call.rawValue, UInt8(clamping: error.code)) }
      unsafe withUnsafeBytes(of: &report) { raw in _ = unsafe csnug_send(ends.1, raw.baseAddress, raw.count) }
      var sender: Int32 = 0
      unsafe withUnsafeMutableBytes(of: &report) { raw in
        _ = unsafe csnug_receive(ends.1, raw.baseAddress, raw.count, &sender)
      }
      csnug_exit(0)
    }
    _ = csnug_close(ends.1)
    if pid < 0 {
      _ = csnug_close(ends.0)
      throw ProbeStop(call: .clone3, code: Int32(-pid))
    }
    return ProbeChild(pid: Int32(pid), pidfd: pidfd, channel: ends.0)
  }

  /// What the child reports within `milliseconds`.
  func report(within milliseconds: Int) -> ProbeOutcome {
    let deadline = csnug_clock_ms() + milliseconds
    while true {
      var fd = channel
      var event: Int32 = 0
      let left = max(0, deadline - csnug_clock_ms())
      let ready = unsafe csnug_poll(&fd, &event, 1, Int32(left))
      if ready == -Int(EINTR) { continue }
      if ready <= 0 { return .timedOut }
      var answer: (UInt8, UInt8) = (0, 0)
      var sender: Int32 = 0
      let count = unsafe withUnsafeMutableBytes(of: &answer) { raw in
        unsafe csnug_receive(channel, raw.baseAddress, raw.count, &sender)
      }
      guard count == 2 else { return .died(signal: 0) }
      if answer.1 == 0 { return .passed }
      return ProbeCall(rawValue: answer.0).map { .stopped($0, Int32(answer.1)) } ?? .died(signal: 0)
    }
  }

  /// Ends the child and everything in its namespaces, and reaps it. The signal it had died of before, else 0.
  @discardableResult
  func end() -> Int32 {
    _ = csnug_close(channel)
    // Closing lets a live child leave by itself; one that hangs is killed.
    var fd = pidfd
    var event: Int32 = 0
    if unsafe csnug_poll(&fd, &event, 1, 50) <= 0 { _ = csnug_pidfd_send_signal(pidfd, SIGKILL) }
    _ = csnug_close(pidfd)
    var ended = csnug_ended()
    guard unsafe csnug_wait(pid, true, false, &ended) > 0, ended.how == 1 else { return 0 }
    return ended.code
  }
}

/// How long a probe may take. Each takes a few milliseconds; a loaded machine must not look like a broken one.
let probePatience = 5_000

/// Runs `body` in a throw-away child in new `namespaces` and returns how it ended.
func runProbe(_ namespaces: UInt64, _ body: () throws(ProbeStop) -> Void) -> ProbeOutcome {
  do throws(ProbeStop) {
    let child = try ProbeChild.start(namespaces, body)
    let outcome = child.report(within: probePatience)
    let signal = child.end()
    return outcome == .died(signal: 0) ? .died(signal: signal) : outcome
  } catch {
    return .stopped(error.call, error.code)
  }
}

/// The lines that map the caller's ids onto themselves, made before the child so that it need not allocate.
struct IDMapLines {
  private let user: [UInt8]
  private let group: [UInt8]

  init() {
    user = Array("\(geteuid()) \(geteuid()) 1".utf8)
    group = Array("\(getegid()) \(getegid()) 1".utf8)
  }

  /// Maps the caller of a new user namespace, see user_namespaces(7): setgroups is denied first, or gid_map is refused.
  func write() throws(ProbeStop) {
    try put(.setgroups, "/proc/self/setgroups", Self.deny)
    try put(.uidMap, "/proc/self/uid_map", user)
    try put(.gidMap, "/proc/self/gid_map", group)
  }

  private static let deny = Array("deny".utf8)

  private func put(_ call: ProbeCall, _ path: StaticString, _ bytes: [UInt8]) throws(ProbeStop) {
    let fd = unsafe path.utf8Start.withMemoryRebound(to: CChar.self, capacity: path.utf8CodeUnitCount) {
      unsafe open($0, O_WRONLY | O_CLOEXEC)
    }
    if fd < 0 { throw ProbeStop(call: call, code: errno) }
    try must(call, unsafe csnug_write(fd, bytes, bytes.count))
    _ = csnug_close(fd)
  }
}
