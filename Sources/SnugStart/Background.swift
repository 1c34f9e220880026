import CSnug
import SnugSandbox

/// The way back to the caller's shell of a start with `--detach`, in the process that stays.
package final class Background {
  /// Which of the two processes this is.
  package enum Fork {
    /// The one that stays, a session of its own.
    case stays(Background)
    /// The one that leaves, with this status, once the other one has started the sandbox or failed.
    case leaves(Int32)
    case failed(Int32)
  }

  private let link: Int32

  private init(_ link: Int32) { self.link = link }

  /// Splits off the process that stays.
  package static func fork() -> Fork {
    var pair: [Int32] = [-1, -1]
    let piped = csnug_pipe(&pair)
    if piped < 0 { return .failed(Int32(-piped)) }
    let child = csnug_fork()
    if child < 0 { return .failed(Int32(-child)) }
    if child == 0 {
      _ = csnug_close(pair[0])
      // Neither the terminal's hang-up nor its ctrl-C is for us, and no directory stays in use.
      _ = csnug_setsid()
      _ = csnug_chdir("/")
      return .stays(Background(pair[1]))
    }
    _ = csnug_close(pair[1])
    var byte: UInt8 = 0
    if csnug_read(pair[0], &byte, 1) == 1 { return .leaves(0) }
    var ended = csnug_ended()
    _ = csnug_wait(Int32(child), true, false, &ended)
    // It has said why itself.
    return .leaves(ended.how == 0 ? ended.code : 128 + ended.code)
  }

  /// The app runs: the caller may go on, and nothing is said from here on. False where the caller was ended.
  package func tellStarted() -> Bool {
    var byte: UInt8 = 1
    let told = csnug_write(link, &byte, 1) == 1
    _ = csnug_close(link)
    csnug_replace_with_null(2)
    return told
  }
}
