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

  var isRunning: Bool { child != nil }

  /// Starts it, to its exec; `early` are the signals for the app that came before. The plan passes on the descriptor by
  /// which the program tells that it is ready.
  func start(signals: Int32, _ early: inout [csnug_signal], _ plan: (_ ready: Int32) -> Plan) throws(Sandbox.Failure) {
    let (told, words): (Int32, Int32)
    do throws(KernelError) {
      (ready, told) = try makePipe()
      (printed, words) = try makePipe()
    } catch {
      throw Self.failure("make a pipe: \(errorText(error.code))")
    }
    var isPassedOn = false
    defer {
      _ = csnug_close(words)
      if !isPassedOn { _ = csnug_close(told) }
    }
    _ = csnug_set_nonblocking(printed)
    let null = Int32(unsafe csnug_open("/dev/null", false, true))
    if null < 0 { throw Self.failure("open /dev/null: \(errorText(-null))") }
    defer { _ = csnug_close(null) }
    let plan = plan(told)
    let filter: [UInt64]?
    do throws(SeccompError) {
      filter = try assembleFilter(plan.seccomp)?.instructions
    } catch {
      throw Sandbox.Failure(status: 125, diagnostic: error.diagnostic(at: nil))
    }
    let box = Sandbox(plan, filter: filter, streams: [null, words, words], hasGroup: false) { _ in }
    // It closes what it has passed on.
    isPassedOn = true
    child = try box.start(signals: signals, &early).child
    isReady = false
  }

  /// Waits until it tells that it is ready.
  ///
  /// - Returns: nil where it is; else in plain words what it did in place of that.
  func awaitReady(signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) -> String? {
    if isReady { return nil }
    switch try Readiness.await(ready, signals: signals, &early) {
    case .ready:
      isReady = true
      return nil
    case .ended: return "ended at once" + (waitForEnd().map { " with \($0)" } ?? "")
    case .late: return "is not ready after \(Readiness.patience / 1000) s"
    }
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

  private static func failure(_ action: String) -> Sandbox.Failure {
    Sandbox.Failure(status: 125, diagnostic: Diagnostic("cannot \(action)"))
  }
}
