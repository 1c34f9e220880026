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
struct RunProfile {
  let request: RunRequest
  let session: Session

  init(_ request: RunRequest) {
    self.request = request
    session = Session()
  }

  func run() -> Int32 {
    if request.shareNetworkWith != nil {
      let option = "--share-network-with"
      return fail(125, [Diagnostic("\(option) is not supported yet", at: .option(option))])
    }
    do throws(Sandbox.Failure) {
      let (profile, plan) = try makePlan()
      switch try claimName(profile, plan) {
      case .handOver(let name, let socket): return try handOver(plan, to: name, socket)
      case .ours(let claim): return try start(profile, plan, claim)
      }
    } catch {
      return fail(error.status, error.diagnostic.map { [$0] } ?? [])
    }
  }

  private func start(_ profile: Profile, _ plan: Plan, _ claim: Claim?) throws(Sandbox.Failure) -> Int32 {
    defer { claim?.release() }
    if request.verbose || csnug_isatty(2) == 1 { tellNotEnforced(plan) }
    let filter = try assemble(plan)
    if request.verbose { say(plan.text(instructions: filter?.count ?? 0)) }
    var background: Background?
    if request.detach, let claim {
      // Here, so that whatever can be told before is told by this process; the sandbox belongs to the one that stays.
      switch Background.fork() {
      case .stays(let link): background = link
      case .leaves(let status):
        if status == 0 { answer("\(claim.name)\n") }
        // Not by returning: the claim is the other process's, and must not be given back here.
        csnug_exit(status)
      case .failed(let code):
        throw Sandbox.Failure(status: 125, diagnostic: Diagnostic("cannot fork: \(errorText(code))"))
      }
    }
    let sandbox = Sandbox(
      plan, filter: filter, keeps: request.keep, isDetached: request.detach,
      listing: claim.map { listing($0, profile, plan) },
      traceTiming: request.traceTiming, readsNamespaces: request.statusDescriptor != nil
    ) { event in
      tell(event, plan, claim)
      if case .started = event { background?.tellStarted() }
    }
    do throws(Sandbox.Failure) {
      let ended = try sandbox.run()
      record(StatusRecord.ended(ended))
      return ended.end.status
    } catch {
      let status = fail(error.status, error.diagnostic.map { [$0] } ?? [])
      if background != nil {
        claim?.release()
        csnug_exit(status)
      }
      return status
    }
  }

  var profileName: String {
    let name = request.profile ?? (request.namesProgram ? nil : request.words.first) ?? Array("default".utf8)
    return String(decoding: name, as: UTF8.self)
  }

  private func makePlan() throws(Sandbox.Failure) -> (Profile, Plan) {
    let profileName = profileName
    let profile: Profile
    do throws(ProfileErrors) {
      profile = try session.load(profileName, request.settings)
    } catch {
      throw failure(125, error.diagnostics)
    }
    var line = ProgramRequest(passedDescriptors: request.passedDescriptors)
    line.needsProgram = !request.keep
    if request.namesProgram { line.command = request.words } else { line.arguments = Array(request.words.dropFirst()) }
    if !request.namesProgram, !request.keep, profile.command == nil, profile.programs.isEmpty {
      throw failure(
        127,
        [Diagnostic("profile \"\(profileName)\" names no program", hint: session.hint(withoutProgram: profileName))])
    }
    do throws(CompileError) {
      return (profile, try compile(profile, for: session.host, line))
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
  func failure(_ status: Int32, _ diagnostics: [Diagnostic]) -> Sandbox.Failure {
    for diagnostic in diagnostics.dropLast() { say(diagnostic.text + "\n") }
    return Sandbox.Failure(status: status, diagnostic: diagnostics.last)
  }

  private func fail(_ status: Int32, _ diagnostics: [Diagnostic]) -> Int32 {
    for diagnostic in diagnostics { say(diagnostic.text + "\n") }
    record(StatusRecord.failed(status: status, diagnostics.last))
    return status
  }

  func record(_ line: String) {
    if let descriptor = request.statusDescriptor { write(line, to: descriptor) }
  }

  private func tellNotEnforced(_ plan: Plan) {
    for key in plan.notEnforced { say("snug: not enforced on this machine: \(key)\n") }
  }

  private func tell(_ event: Sandbox.Event, _ plan: Plan, _ claim: Claim?) {
    switch event {
    case .started(let pid, let appPID, let namespaces):
      record(
        StatusRecord.started(plan, instance: claim?.name.text ?? "", pid: pid, appPID: appPID, namespaces: namespaces))
    case .timing(let text): say(text)
    case .assertFailed(let claim, let reason): say(assertFailure(claim, reason, profileName).text + "\n")
    case .timeUp(let processes):
      let names = processes.map { "\($0.name) (\($0.pid))" }.joined(separator: ", ")
      let what = processes.isEmpty ? "processes that were still running" : names
      say("snug: ending what outlived the app: \(escaped(what))\n")
    }
  }
}
