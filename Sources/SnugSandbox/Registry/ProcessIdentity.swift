import CSnug
import SnugPlan

/// A process that cannot be mistaken for a later one of the same number.
public struct ProcessIdentity: Hashable, Sendable {
  /// Host pid.
  public var pid: Int32
  /// Clock ticks from the machine's start to that of the process, field 22 of `proc_pid_stat(5)`; 0 where proc did not
  /// tell.
  public var startTime: UInt64

  /// Joins the two.
  public init(pid: Int32, startTime: UInt64) {
    self.pid = pid
    self.startTime = startTime
  }

  /// The process that has a pid now. Certain only of a child that was not waited for yet, and of this process.
  public init(of pid: Int32) { self.init(pid: pid, startTime: Self.startTime(of: pid) ?? 0) }

  /// This process.
  public static var own: ProcessIdentity { ProcessIdentity(of: Int32(csnug_getpid())) }

  /// Whether it runs: not ended, waited for or not, and no other one under the same number.
  public var isAlive: Bool {
    let pidfd = Int32(clamping: csnug_pidfd_open(pid))
    if pidfd < 0 { return false }
    defer { csnug_close(pidfd) }
    // A proc that hides what is not dumpable has no start time to compare; the pidfd alone has to do then.
    if startTime != 0, let now = Self.startTime(of: pid), now != startTime { return false }
    // Looked at last: as long as the process has not ended, what proc showed under the pid was its own.
    var ended: Int32 = 0
    return unsafe csnug_poll([pidfd], &ended, 1, 0) == 0
  }

  private static func startTime(of pid: Int32) -> UInt64? {
    let file = Int32(clamping: unsafe csnug_open("/proc/\(pid)/stat", false, true))
    if file < 0 { return nil }
    defer { csnug_close(file) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = unsafe csnug_read(file, &bytes, bytes.count)
    // The name stands in parentheses and may hold some itself: field 3 follows the last one.
    guard count > 0, let name = bytes[..<count].lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = bytes[(name + 1)..<count].split(separator: UInt8(ascii: " "))
    return fields.count > 19 ? UInt64(String(decoding: fields[19], as: UTF8.self)) : nil
  }
}
