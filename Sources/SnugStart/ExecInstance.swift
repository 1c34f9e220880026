import CSnug
import SnugPlan
import SnugProfile
import SnugSandbox

/// `snug exec`: from argv to the exit status. No ArgumentParser on this path.
package func execCommand(_ arguments: [[UInt8]], help: (StartCommand) -> Never) -> Int32 {
  let line: ExecLine
  do throws(RunRequest.UsageError) {
    line = try ExecLine.parse(arguments)
  } catch {
    say("snug: \(escaped(error.message))\n  hint: \(escaped(error.hint))\n")
    return 2
  }
  if line.help { help(.exec) }
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
package func execute(
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
