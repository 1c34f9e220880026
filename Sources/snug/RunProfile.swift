import CSnug
import SnugPlan
import SnugProfile
import SnugSandbox

/// `snug run`: from argv to the exit status. No Foundation and no ArgumentParser on this path.
func runCommand(_ arguments: [[UInt8]]) -> Int32 {
  var request: RunRequest
  do {
    request = try RunRequest.parse(arguments)
  } catch {
    say("snug: \(escaped(error.message))\n  hint: \(escaped(error.hint))\n")
    return usageStatus
  }
  if request.help {
    answer(Snug.helpMessage(for: RunCommand.self) + "\n")
    return 0
  }
  if let problem = claimDescriptors(&request) {
    say(problem.text + "\n")
    return usageStatus
  }
  return RunProfile(request).run()
}

/// 2 could be the program's own status.
private let usageStatus: Int32 = 125

/// Everything the caller left open and no option names is closed at once: the launcher lives as long as the app, and a
/// pipe's reader elsewhere may wait for its last writer. The status descriptor becomes a copy: the given one may be
/// standard output or be passed on, which the launcher lets go while the app runs. Returns what is wrong with the
/// descriptors that are named.
private func claimDescriptors(_ request: inout RunRequest) -> Diagnostic? {
  var kept = request.passedDescriptors
  var named = request.passedDescriptors.map { ("--fd", $0) }
  if let status = request.statusDescriptor { named.append(("--status-fd", status)) }
  for (option, number) in named {
    let copy = Int32(csnug_dup_above(number, 3))
    if copy < 0 {
      let isClosed = -copy == ErrorNumber.badDescriptor
      let hint = isClosed ? "nothing is open there; a shell opens it with \(number)<FILE" : nil
      return Diagnostic("cannot use descriptor \(number): \(errorText(-copy))", at: .option(option), hint: hint)
    }
    if option == "--status-fd" {
      request.statusDescriptor = copy
      kept.append(copy)
    } else {
      _ = csnug_close(copy)
    }
  }
  do {
    try LinuxKernel().closeAll(but: kept.map { Descriptor($0) })
  } catch {
    return Diagnostic("cannot close inherited descriptors: \(errorText(error.code))")
  }
  // Whatever this process starts besides the sandbox gets none of them.
  _ = csnug_close_range(3, .max, true)
  return nil
}

/// One start.
private struct RunProfile {
  let request: RunRequest
  let session: Session

  init(_ request: RunRequest) {
    self.request = request
    session = Session()
  }

  func run() -> Int32 {
    if let option = unsupportedOption {
      return fail(125, [Diagnostic("\(option) is not supported yet", at: .option(option))])
    }
    do throws(Sandbox.Failure) {
      let plan = try makePlan()
      tellNotEnforced(plan.notEnforced)
      let filter = try assemble(plan)
      if request.verbose { say(plan.text(instructions: filter?.count ?? 0)) }
      let sandbox = Sandbox(
        plan, filter: filter, traceTiming: request.traceTiming, readsNamespaces: request.statusDescriptor != nil
      ) { tell($0, plan) }
      let ended = try sandbox.run()
      record(StatusRecord.ended(ended))
      return ended.end.status
    } catch {
      return fail(error.status, error.diagnostic.map { [$0] } ?? [])
    }
  }

  private var profileName: String {
    let name = request.profile ?? (request.namesProgram ? Array("default".utf8) : request.words[0])
    return String(decoding: name, as: UTF8.self)
  }

  private var unsupportedOption: String? {
    if request.instance != nil { return "--name" }
    if request.detach { return "--detach" }
    if request.keep { return "--keep" }
    if request.shareNetworkWith != nil { return "--share-network-with" }
    return nil
  }

  private func makePlan() throws(Sandbox.Failure) -> Plan {
    let profileName = profileName
    let profile: Profile
    do throws(ProfileErrors) {
      profile = try session.load(profileName, request.settings)
    } catch {
      throw failure(125, error.diagnostics)
    }
    var line = ProgramRequest(passedDescriptors: request.passedDescriptors)
    if request.namesProgram { line.command = request.words } else { line.arguments = Array(request.words.dropFirst()) }
    if !request.namesProgram, profile.command == nil, profile.programs.isEmpty {
      throw failure(
        127,
        [Diagnostic("profile \"\(profileName)\" names no program", hint: session.hint(withoutProgram: profileName))])
    }
    do throws(CompileError) {
      return try compile(profile, for: session.host, line)
    } catch {
      var diagnostics = error.diagnostics
      if error.kind == .notFound, request.namesProgram, request.profile == nil, !diagnostics.isEmpty,
        let better = session.hint(forProgram: String(decoding: request.words[0], as: UTF8.self))
      {
        diagnostics[0].hint = better
      }
      throw failure(error.exitStatus, diagnostics)
    }
  }

  private func assemble(_ plan: Plan) throws(Sandbox.Failure) -> [UInt64]? {
    do throws(SeccompError) {
      return try assembleFilter(plan.seccomp)?.instructions
    } catch {
      throw failure(125, [error.diagnostic(at: nil)])
    }
  }

  /// All diagnostics are told here; the last one travels on for the record.
  private func failure(_ status: Int32, _ diagnostics: [Diagnostic]) -> Sandbox.Failure {
    for diagnostic in diagnostics.dropLast() { say(diagnostic.text + "\n") }
    return Sandbox.Failure(status: status, diagnostic: diagnostics.last)
  }

  private func fail(_ status: Int32, _ diagnostics: [Diagnostic]) -> Int32 {
    for diagnostic in diagnostics { say(diagnostic.text + "\n") }
    record(StatusRecord.failed(status: status, diagnostics.last))
    return status
  }

  private func record(_ line: String) {
    if let descriptor = request.statusDescriptor { write(line, to: descriptor) }
  }

  private func tellNotEnforced(_ keys: [String]) {
    guard request.verbose || csnug_isatty(2) == 1 else { return }
    for key in keys { say("snug: not enforced on this machine: \(key)\n") }
  }

  private func tell(_ event: Sandbox.Event, _ plan: Plan) {
    switch event {
    case .started(let pid, let appPID, let namespaces, let lost):
      tellNotEnforced(lost)
      record(StatusRecord.started(plan, pid: pid, appPID: appPID, namespaces: namespaces, lost: lost))
    case .timing(let text): say(text)
    case .assertFailed(let claim, let reason): say(assertFailure(claim, reason, profileName).text + "\n")
    case .timeUp(let processes):
      let names = processes.map { "\($0.name) (\($0.pid))" }.joined(separator: ", ")
      let what = processes.isEmpty ? "processes that were still running" : names
      say("snug: ending what outlived the app: \(escaped(what))\n")
    }
  }
}
