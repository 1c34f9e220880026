import ArgumentParser
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// `snug plan`: everything a start would do, in order, without doing it.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show what a start would do, in order, with the line that asked for each step.",
    usage: "snug plan NAME|FILE [--json] [OPTIONS OF RUN]")

  @Flag(help: "As JSON.") var json = false
  @Argument(parsing: .allUnrecognized, help: ArgumentHelp("Profile and options of run.", valueName: "name|file"))
  var words: [String] = []

  func run() throws {
    var rest = words
    var name: String?
    if let first = rest.first, !first.hasPrefix("-") { name = rest.removeFirst() }
    let request: RunRequest
    do {
      request = try RunRequest.parse(rest.map { Array($0.utf8) }, name: name.map { Array($0.utf8) })
    } catch {
      say("snug: \(escaped(error.message))\n  hint: snug plan --help\n")
      throw Status(code: 2)
    }
    let session = Session()
    do throws(ProfileErrors) {
      let chosen = request.profile ?? (request.namesProgram ? Array("default".utf8) : request.words[0])
      let profile = try session.load(String(decoding: chosen, as: UTF8.self), request.settings)
      var line = ProgramRequest(passedDescriptors: request.passedDescriptors, needsProgram: false)
      if request.namesProgram {
        line.command = request.words
      } else {
        line.arguments = Array(request.words.dropFirst())
      }
      let plan = try session.compiled { () throws(CompileError) in try compile(profile, for: session.host, line) }
      let instructions = try filterLength(plan)
      answer(json ? plan.json(instructions: instructions).pretty + "\n" : plan.text(instructions: instructions))
    } catch {
      say(error.text + "\n")
      throw Status(code: 1)
    }
  }

  private func filterLength(_ plan: Plan) throws(ProfileErrors) -> Int {
    do throws(SeccompError) {
      return try assembleFilter(plan.seccomp)?.instructions.count ?? 0
    } catch {
      throw ProfileErrors(diagnostics: [error.diagnostic(at: nil)])
    }
  }
}
