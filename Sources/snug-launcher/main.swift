import CSnug
import SnugProfile
import SnugSandbox
import SnugStart

// The installed `snug`: what starts something is here, everything else in an executable of its own. Compiled as Embedded
// Swift this one needs no runtime that looks up types at each start, and its image is a fifth as large.

/// Goes on as the executable with all commands, with the same arguments.
func handOver() -> Never {
  let path = helperPath(commandsExecutable)
  let code = Int32(-csnug_exec_again(path))
  say(
    Diagnostic(
      "cannot run \(path), which has all commands but run, exec and bwrap: \(errorText(code))",
      hint: "install snug again"
    ).text + "\n")
  csnug_exit(1)
}

enter(help: { _ in handOver() }, others: { _ in handOver() })
