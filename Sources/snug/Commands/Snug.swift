import ArgumentParser
import CSnug
import SnugProfile
import SnugStart

/// The command line apart from the fast path of `run`.
struct Snug: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snug", abstract: "Runs installed programs in tight boxes that a short profile describes.",
    discussion: "Besides the subcommands, snug bwrap takes bubblewrap's command line; snug bwrap --help lists it.",
    version: "snug \(snugVersion)",
    subcommands: [
      RunCommand.self, CheckCommand.self, PlanCommand.self, ExplainCommand.self, DiffCommand.self, NewCommand.self,
      OverrideCommand.self, LintCommand.self, ListCommand.self, ShowCommand.self, HomeCommand.self, DesktopCommand.self,
      PsCommand.self,
      ExecCommand.self, StopCommand.self, PauseCommand.self, ResumeCommand.self, ResetCommand.self,
      CpCommand.self, SeccompCommand.self, DoctorCommand.self,
    ])

  /// Runs with given words; usage errors leave with status 2.
  static func main(_ words: [String]?) -> Never {
    do {
      var command = try parseAsRoot(words)
      try command.run()
      csnug_exit(0)
    } catch {
      leave(error)
    }
  }

  private static func leave(_ error: any Error) -> Never {
    if let status = error as? Status { csnug_exit(status.code) }
    let code = exitCode(for: error)
    let text = fullMessage(for: error)
    if code == .success {
      answer(text + "\n")
      csnug_exit(0)
    }
    say(usageText(message(for: error), readArguments().dropFirst().map { String(decoding: $0, as: UTF8.self) }) + "\n")
    csnug_exit(2)
  }
}

/// ArgumentParser's message in the words and the form of every other error.
func usageText(_ message: String, _ words: [String]) -> String {
  let names = Snug.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
  let command = words.first { !$0.hasPrefix("-") }
  guard let command, !names.contains(command) else {
    let lowered = message.prefix(1).lowercased() + message.dropFirst()
    return Diagnostic(lowered, hint: command.map { "snug \($0) --help" } ?? "snug --help").text
  }
  return Diagnostic("unknown command \"\(command)\"", hint: "snug --help lists the commands").text
}

/// Leaves a command with a status after it has said why.
struct Status: Error {
  var code: Int32
}

/// Runs a command's body, tells what went wrong and leaves with 1.
func orLeave(_ body: () throws(Diagnostic) -> Void) throws {
  do throws(Diagnostic) {
    try body()
  } catch {
    say(error.text + "\n")
    throw Status(code: 1)
  }
}
