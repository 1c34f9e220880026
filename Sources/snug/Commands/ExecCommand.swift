import ArgumentParser
import CSnug
import SnugPlan
import SnugProfile
import SnugSandbox

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

/// `snug exec`: from argv to the exit status. No ArgumentParser on this path.
func execCommand(_ arguments: [[UInt8]]) -> Int32 {
  let line: ExecLine
  do throws(RunRequest.UsageError) {
    line = try ExecLine.parse(arguments)
  } catch {
    say("snug: \(escaped(error.message))\n  hint: \(escaped(error.hint))\n")
    return 2
  }
  if line.help {
    answer(Snug.helpMessage(for: ExecCommand.self) + "\n")
    return 0
  }
  // A copy, before anything is opened: a number that is free would become that of a socket of ours.
  let status = line.statusDescriptor.map { Int32(csnug_dup_above($0, 3)) }
  if let status, status < 0, let number = line.statusDescriptor {
    say(unusable(number, -status, .option("--status-fd")).text + "\n")
    return 2
  }
  let record: (String) -> Void = { text in if let status { write(text, to: status) } }
  do throws(Diagnostic) {
    let socket = try connect(to: line.instance)
    var request = ExecRequest(words: line.words, limits: line.limits)
    request.limits.output = line.output.map { UInt64($0) }
    return execute(request, in: line.instance, socket, outputLimit: line.output, record)
  } catch {
    say(error.text + "\n")
    record(StatusRecord.failed(status: 1, error))
    return 1
  }
}

/// Runs a command in an instance to its end and tells what went wrong.
func execute(
  _ request: ExecRequest, in instance: String, _ socket: ControlSocket, outputLimit: Int?, _ record: (String) -> Void
) -> Int32 {
  do throws(CommandClient.Failure) {
    let client = CommandClient(socket, request, outputLimit: outputLimit)
    let end = try client.run()
    record(StatusRecord.ended(end))
    if client.hadTerminal { endAlike(end.end) }
    return end.end.status
  } catch {
    let name = String(decoding: request.words.first ?? [], as: UTF8.self)
    let diagnostic = Diagnostic("cannot run \(name) in \(instance): \(error.message)", hint: error.hint)
    if !error.message.isEmpty { say(diagnostic.text + "\n") }
    record(StatusRecord.failed(status: error.status, diagnostic))
    return error.status
  }
}
