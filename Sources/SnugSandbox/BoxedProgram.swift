import CSnug
import SnugPlan
import SnugProfile

/// A program that works for an instance, in a box of its own: its start, its readiness, what it prints, its end.
///
/// Runs in the launcher. The box's PID 1 is tied to the launcher as every PID 1 is.
final class BoxedProgram {
  private var child: Child?
  private var ready: Int32 = -1
  /// What it prints, non-blocking; -1 while it does not run.
  private(set) var printed: Int32 = -1
  private(set) var isReady = false
  /// Time for an ordinary program to start on a machine that is busy.
  private static let patience = 10_000

  var isRunning: Bool { child != nil }

  /// Starts it, to its exec; `early` are the signals for the app that came before. The plan passes on the descriptor by
  /// which the program tells that it is ready.
  func start(signals: Int32, _ early: inout [csnug_signal], _ plan: (_ ready: Int32) -> Plan) throws(Sandbox.Failure) {
    let readiness = try pipe()
    ready = readiness[0]
    let words: [Int32]
    do throws(Sandbox.Failure) {
      words = try pipe()
    } catch {
      _ = csnug_close(readiness[1])
      throw error
    }
    printed = words[0]
    _ = csnug_set_nonblocking(printed)
    let null = Int32(unsafe csnug_open("/dev/null", false, true))
    defer { for number in [words[1], null] where number >= 0 { _ = csnug_close(number) } }
    if null < 0 { throw Self.failure("open /dev/null: \(errorText(-null))") }
    let plan = plan(readiness[1])
    let filter: [UInt64]?
    do throws(SeccompError) {
      filter = try assembleFilter(plan.seccomp)?.instructions
    } catch {
      throw Sandbox.Failure(status: 125, diagnostic: error.diagnostic(at: nil))
    }
    let box = Sandbox(plan, filter: filter, streams: [null, words[1], words[1]], hasGroup: false) { _ in }
    // It closes what it has passed on.
    child = try box.start(signals: signals, &early).child
    isReady = false
  }

  /// Waits until it tells that it is ready.
  ///
  /// - Returns: nil where it is; else in plain words what it did in place of that.
  func awaitReady(signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) -> String? {
    if isReady { return nil }
    let last = Int(csnug_clock_ms()) + Self.patience
    while true {
      var events: [Int32] = [0, 0]
      let wait = Int32(clamping: last - Int(csnug_clock_ms()))
      _ = unsafe csnug_poll([ready, signals], &events, 2, max(0, wait))
      if events[0] != 0 { break }
      if events[1] & 1 != 0, var signal = readSignal(signals) {
        if [1, 2, 3, 15].contains(signal.number) {
          throw Sandbox.Failure(status: 128 + signal.number, diagnostic: nil)
        }
        signal.code = 0
        early.append(signal)
      } else if wait <= 0 {
        return "is not ready after \(Self.patience / 1000) s"
      }
    }
    var byte: UInt8 = 0
    isReady = unsafe csnug_read(ready, &byte, 1) == 1
    if isReady { return nil }
    return "ended at once" + (waitForEnd().map { " with \($0)" } ?? "")
  }

  /// Waits for the box, which ends when the program does, and makes sure of it.
  ///
  /// - Returns: how the program ended, as far as its PID 1 tells.
  func waitForEnd() -> String? {
    guard let child else { return nil }
    var event: Int32 = 0
    _ = unsafe csnug_poll([child.pidfd], &event, 1, 1000)
    child.kill()
    let end = child.wait().end
    child.close()
    self.child = nil
    // As every PID 1 of ours it passes on a signal as 128 and its number.
    if case .exited(let code) = end, code > 128 { return Supervisor.End.killed(signal: code - 128).words }
    return end.words
  }

  /// What it has printed, at most 16 KiB; empty at its end, nil where there is nothing yet.
  func read() -> [UInt8]? {
    guard printed >= 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16 << 10)
    let count = unsafe csnug_read(printed, &bytes, bytes.count)
    return count < 0 ? nil : Array(bytes[..<count])
  }

  /// Ends it, with all that runs in its box.
  func end() {
    if let child {
      child.kill()
      _ = child.wait()
      child.close()
    }
    child = nil
    for number in [ready, printed] where number >= 0 { _ = csnug_close(number) }
    (ready, printed, isReady) = (-1, -1, false)
  }

  private func pipe() throws(Sandbox.Failure) -> [Int32] {
    var ends: [Int32] = [-1, -1]
    let made = unsafe csnug_pipe(&ends)
    if made < 0 { throw Self.failure("make a pipe: \(errorText(Int32(-made)))") }
    return ends
  }

  private static func failure(_ action: String) -> Sandbox.Failure {
    Sandbox.Failure(status: 125, diagnostic: Diagnostic("cannot \(action)"))
  }
}
