import ArgumentParser
import SnugStart

/// Declares `snug exec` for help, completions and the manual. What runs is `execCommand`, which reads argv by itself.
struct ExecCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec", abstract: "Run a command in a running sandbox, beside its program.",
    usage: "snug exec [OPTIONS] INSTANCE [OPTIONS] [--] CMD [ARGS...]",
    discussion: """
      CMD runs under exactly the locks of the sandbox's own program: same files, same filter, same rules. Its end, or the \
      end of snug exec itself, ends CMD; with a limit also everything that CMD has started.

      The exit status is the command's own; 128+N when signal N ended it; 125 when it could not be started; 126 when it was \
      found but cannot be executed; 127 when it was not found; 1 when there is no such instance.
      """)

  @Option(help: ArgumentHelp("End it after this time.", valueName: "duration"))
  var time: String?
  @Option(help: ArgumentHelp("Memory it may use.", valueName: "size"))
  var memory: String?
  @Option(help: ArgumentHelp("Bytes it may write to 1 and 2 together.", valueName: "size"))
  var output: String?
  @Option(help: ArgumentHelp("Processes and threads it may have at once.", valueName: "n"))
  var processes: String?
  @Option(help: ArgumentHelp("Write how it ended as one JSON line to this descriptor.", valueName: "n"))
  var statusFd: Int32?
  @Argument(help: ArgumentHelp("Name of the instance, see snug ps.", valueName: "instance"))
  var instance: String
  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("Command and arguments.", valueName: "cmd"))
  var words: [String] = []
}
