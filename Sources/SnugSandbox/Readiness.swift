import CSnug
import SnugPlan
import SnugProfile

// How programs that work beside an instance tell that they are ready: a byte on a pipe. Runs in the launcher.

/// What came of waiting for a program.
enum Readiness {
  case ready
  /// Its end of the pipe is closed, and nothing came.
  case ended
  /// Neither, for as long as an ordinary program needs on a machine that is busy.
  case late

  /// Milliseconds.
  static let patience = 10_000

  /// Waits. `early` takes the signals for the app that come in the meantime; one that cancels ends the start.
  static func await(_ pipe: Int32, signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) -> Readiness {
    let last = Int(csnug_clock_ms()) + patience
    while true {
      var events: [Int32] = [0, 0]
      let wait = Int32(clamping: last - Int(csnug_clock_ms()))
      _ = unsafe csnug_poll([pipe, signals], &events, 2, max(0, wait))
      if events[0] != 0 {
        var byte: UInt8 = 0
        return unsafe csnug_read(pipe, &byte, 1) == 1 ? .ready : .ended
      }
      if events[1] & 1 != 0, var signal = readSignal(signals) {
        if [1, 2, 3, 15].contains(signal.number) {
          throw Sandbox.Failure(status: 128 + signal.number, diagnostic: nil)
        }
        signal.code = 0
        early.append(signal)
      } else if wait <= 0 {
        return .late
      }
    }
  }
}

/// Makes a pipe: the end to read from, the end to write to.
func makePipe() throws(KernelError) -> (read: Int32, write: Int32) {
  var ends: [Int32] = [-1, -1]
  let made = unsafe csnug_pipe(&ends)
  if made < 0 { throw KernelError("pipe", code: Int32(-made)) }
  return (ends[0], ends[1])
}
