import ArgumentParser
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// `snug check`: builds the sandbox, lets it check itself, tries the claims of `[assert]`, and starts nothing.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Build the sandbox, try what [assert] claims from inside, start nothing.",
    usage: "snug check NAME|FILE [OPTIONS OF RUN]")

  @Argument(parsing: .allUnrecognized, help: ArgumentHelp("Profile and options of run.", valueName: "name|file"))
  var words: [String] = []

  func run() throws {
    let request: RunRequest
    do {
      let name = words.first.flatMap { $0.hasPrefix("-") ? nil : Array($0.utf8) }
      request = try RunRequest.parse(words.dropFirst(name == nil ? 0 : 1).map { Array($0.utf8) }, name: name)
    } catch {
      say("snug: \(escaped(error.message))\n  hint: snug check --help\n")
      throw Status(code: 2)
    }
    let session = Session()
    let chosen = String(decoding: request.profile ?? request.words.first ?? Array("default".utf8), as: UTF8.self)
    do throws(Sandbox.Failure) {
      var plan = try makePlan(chosen, request, session)
      let claim = try plan.needsSockets ? claimName(plan, session.host) : nil
      defer { claim?.release() }
      let companions = try prepareCompanions(&plan, session.host, claim)
      let lost = try Sandbox(plan, filter: try filter(plan), companions: companions) { event in
        if case .assertFailed(let claim, let reason) = event { say(assertFailure(claim, reason, chosen).text + "\n") }
      }.check()
      for key in plan.notEnforced + lost { say("snug: not enforced on this machine: \(key)\n") }
      answer(summary(plan, chosen))
    } catch {
      if let diagnostic = error.diagnostic { say(diagnostic.text + "\n") }
      throw Status(code: 1)
    }
  }

  private func makePlan(_ name: String, _ request: RunRequest, _ session: Session) throws(Sandbox.Failure) -> Plan {
    let diagnostics: [Diagnostic]
    do throws(ProfileErrors) {
      let profile = try session.load(name, request.settings)
      return try session.compiled { () throws(CompileError) in
        try compile(profile, for: session.host, ProgramRequest(needsProgram: false))
      }
    } catch {
      diagnostics = error.diagnostics
    }
    for diagnostic in diagnostics.dropLast() { say(diagnostic.text + "\n") }
    throw Sandbox.Failure(status: 1, diagnostic: diagnostics.last)
  }

  /// A name that nobody sees: the sockets of companions need a place.
  private func claimName(_ plan: Plan, _ host: Host) throws(Sandbox.Failure) -> Claim? {
    do throws(Diagnostic) {
      return try Registry.open(host)?.claim(nil, profile: plan.profile)
    } catch {
      throw Sandbox.Failure(status: 1, diagnostic: error)
    }
  }

  private func filter(_ plan: Plan) throws(Sandbox.Failure) -> [UInt64]? {
    do throws(SeccompError) {
      return try assembleFilter(plan.seccomp)?.instructions
    } catch {
      throw Sandbox.Failure(status: 1, diagnostic: error.diagnostic(at: nil))
    }
  }

  private func summary(_ plan: Plan, _ name: String) -> String {
    var text = "\(escaped(name)): the sandbox stands, and what the kernel says of it is what the plan says"
    text += " (\(plan.ops.count) ops)\n"
    for claim in plan.asserts { text += "  holds: \(escaped(claim.text))\n" }
    if plan.asserts.isEmpty { text += "  the profile claims nothing in [assert]\n" }
    return text
  }
}
