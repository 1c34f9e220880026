import CSnug
import SnugPlan
import SnugSandbox

/// Version of this executable.
package let snugVersion = "0.1.0"

/// The two commands with options of their own that are read here.
package enum StartCommand {
  case run, exec
}

/// What both executables do first: `run`, `exec` and bubblewrap's command line, without any other command's costs.
///
/// - Parameters:
///   - help: shows a command's manual.
///   - others: takes argv where it is none of these commands.
package func enter(help: (StartCommand) -> Never, others: ([[UInt8]]) -> Never) -> Never {
  let began = Int(csnug_clock_us())
  csnug_note_start()
  csnug_restore_environment()
  let words = readArguments()
  let bubblewrapWords = bubblewrapArguments(words)
  if bubblewrapWords == nil {
    // Swift's runtime takes the signals of crashes where it finds swift-backtrace: a SIGQUIT would start that program, print
    // a page and be forgotten. And neither a reader of our messages that has gone nor a limit of file sizes may end us
    // unheard.
    csnug_reset_signals()
    csnug_ignore_write_signals()
  }
  // Before anything is opened: a closed 0, 1 or 2 would be taken by a file of ours, and messages would be written into it.
  // bubblewrap's command gets them closed, as they were.
  let filled = csnug_fill_stdio(bubblewrapWords != nil)
  if csnug_getuid_mismatch() != 0 {
    say("snug: refuses to run set-uid, set-gid or with file capabilities: it needs no privilege\n")
    csnug_exit(125)
  }
  if filled < 0 {
    say("snug: cannot open /dev/null: \(errorText(Int32(-filled)))\n")
    csnug_exit(125)
  }
  if words.isEmpty {
    say("snug: no arguments at all, not even a name\n")
    csnug_exit(2)
  }
  // Without proc neither the caller's environment nor the shipped profiles would be found, and nothing would say why.
  do throws(KernelError) {
    _ = try textOfLink("/proc/self")
  } catch {
    if bubblewrapWords != nil {
      say("bwrap: Can't open /proc: \(errorText(error.code))\n")
      csnug_exit(1)
    }
    say("snug: cannot read /proc/self: \(errorText(error.code))\n  hint: mount proc on /proc\n")
    csnug_exit(words.dropFirst().first == Array("run".utf8) ? 125 : 1)
  }
  if let bubblewrapWords { csnug_exit(bubblewrapCommand(bubblewrapWords)) }
  if words.count > 1, words[1] == Array("run".utf8) {
    csnug_exit(runCommand(Array(words.dropFirst(2)), began: began, help: help))
  }
  if words.count > 1, words[1] == Array("exec".utf8) {
    csnug_exit(execCommand(Array(words.dropFirst(2)), help: help))
  }
  others(words)
}
