import CSnug
import SnugPlan
import SnugProfile
import SnugSandbox

/// `snug run`: from argv to the exit status. No Foundation and no ArgumentParser on this path.
///
/// - Parameter began: when the launcher did, microseconds of `csnug_clock_us`.
package func runCommand(_ arguments: [[UInt8]], began: Int, help: (StartCommand) -> Never) -> Int32 {
  var request: RunRequest
  do {
    request = try RunRequest.parse(arguments)
  } catch {
    say("snug: \(escaped(error.message))\n  hint: \(escaped(error.hint))\n")
    return usageStatus
  }
  if request.help { help(.run) }
  var activation: Activation?
  do throws(Diagnostic) {
    activation = try handedSockets()
    request.passedDescriptors += try claimDescriptors(&request, activation)
  } catch {
    say(error.text + "\n")
    return usageStatus
  }
  return RunProfile(request, activation, began: began).run()
}

/// 2 could be the program's own status.
private let usageStatus: Int32 = 125

/// Everything the caller left open and no option names is closed at once: the launcher lives as long as the app, and a
/// pipe's reader elsewhere may wait for its last writer. The status descriptor becomes a copy: the given one may be
/// standard output or be passed on, which the launcher lets go while the app runs. Returns those of handed sockets that
/// no option names.
private func claimDescriptors(_ request: inout RunRequest, _ activation: Activation?) throws(Diagnostic) -> [Int32] {
  let handed = (activation?.descriptors ?? []).filter { !request.passedDescriptors.contains($0) }
  for number: Int32 in 0...2 { try judgePassed(number, nil) }
  for number in request.passedDescriptors { try judgePassed(number, .option("--fd")) }
  for number in handed { try judgePassed(number, .option("LISTEN_FDS")) }
  var kept = request.passedDescriptors + handed
  if let status = request.statusDescriptor {
    let copy = Int32(csnug_dup_above(status, 3))
    if copy < 0 { throw unusable(status, -copy, .option("--status-fd")) }
    request.statusDescriptor = copy
    kept.append(copy)
  }
  do {
    try LinuxKernel().closeAll(but: kept.map { Descriptor($0) })
  } catch {
    throw Diagnostic("cannot close inherited descriptors: \(errorText(error.code))")
  }
  // Whatever this process starts besides the sandbox gets none of them.
  let hidden = csnug_close_range(3, .max, true)
  if hidden < 0 { throw Diagnostic("cannot keep descriptors from other programs: \(errorText(Int32(-hidden)))") }
  return handed
}

/// Refuses a descriptor of the caller's that the app must not get.
private func judgePassed(_ number: Int32, _ origin: Origin?) throws(Diagnostic) {
  switch judge(passed: number) {
  case nil: return
  case .isDirectory:
    let name = ["standard input", "standard output", "standard error"]
    let shown = (0...2).contains(number) ? name[Int(number)] : "descriptor \(number)"
    throw Diagnostic(
      "cannot pass on \(shown): it is a directory, and through an open one the program could leave the box", at: origin,
      hint: "--read PATH shows a directory inside")
  case .failed(let code): throw unusable(number, code, origin)
  }
}

/// What to tell of a descriptor that an option or the caller names and that is not open, or cannot be copied.
package func unusable(_ number: Int32, _ code: Int32, _ origin: Origin?) -> Diagnostic {
  let isClosed = code == ErrorNumber.badDescriptor && origin != .option("LISTEN_FDS")
  let hint = isClosed ? "nothing is open there; a shell opens it with \(number)<FILE" : nil
  return Diagnostic("cannot use descriptor \(number): \(errorText(code))", at: origin, hint: hint)
}

/// One start.
package struct RunProfile {
  let request: RunRequest
  let activation: Activation?
  let session: Session
  private let timing: StartTiming?
  /// Where it was started from a menu.
  let menu: MenuStart?

  init(_ request: RunRequest, _ activation: Activation?, began: Int) {
    self.request = request
    self.activation = activation
    timing = request.traceTiming ? StartTiming(began: began) : nil
    timing?.begin("close what was inherited, read the machine and the caller")
    session = Session()
    menu = MenuStart(session.host, isMarked: request.fromMenu)
  }

  func run() -> Int32 {
    do throws(Sandbox.Failure) {
      // Before the plan is made, which hides its directory from an app that is granted what holds it.
      let registry = try openRegistry()
      let (profile, plan) = try makePlan()
      timing?.begin("take the name")
      switch try claimName(profile, plan, registry) {
      case .handOver(let name, let socket): return try handOver(plan, to: name, socket)
      case .ours(let claim): return try start(profile, plan, claim)
      }
    } catch {
      return fail(error.status, error.diagnostic.map { [$0] } ?? [])
    }
  }

  private func start(_ profile: Profile, _ plan: Plan, _ claim: Claim?) throws(Sandbox.Failure) -> Int32 {
    defer { claim?.release() }
    var plan = plan
    if let other = request.shareNetworkWith { try shareNetwork(of: String(decoding: other, as: UTF8.self), &plan) }
    var companions = try prepareCompanions(&plan, session.host, claim)
    if let watch = nameWatch(plan, isMenuStart: menu != nil) { companions.append(watch) }
    tellNotEnforced(plan.notEnforced)
    tellNotShown(plan.skipped)
    tellSkipped(plan.skipped)
    timing?.begin("make the filter")
    let filter = try assemble(plan)
    if request.verbose { say(plan.text(instructions: filter?.count ?? 0)) }
    var background: Background?
    if request.detach, let claim {
      // Here, so that whatever can be told before is told by this process; the sandbox belongs to the one that stays.
      switch Background.fork() {
      case .stays(let link):
        background = link
        // Who connects is shown who listens, and asks whether that one lives.
        _ = csnug_listen(claim.listener, 128)
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
      timing: timing, readsNamespaces: request.statusDescriptor != nil, companions: companions
    ) { event in
      tell(event, plan, claim)
      if case .started = event, let background, !background.tellStarted() {
        // Who would have been told its name was ended: nobody knows of it.
        claim?.release()
        csnug_exit(125)
      }
    }
    do throws(Sandbox.Failure) {
      let ended = try sandbox.run()
      record(StatusRecord.ended(ended))
      if ended.hadTerminal {
        claim?.release()
        endAlike(ended.end)
      }
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
    timing?.begin("read the profile")
    let profileName = profileName
    let profile: Profile
    do throws(ProfileErrors) {
      profile = try session.load(profileName, request.settings)
    } catch {
      throw failure(125, HostTrouble.take().map { [$0] } ?? error.diagnostics)
    }
    if let name = request.busName, let problem = profile.busProblem(String(decoding: name, as: UTF8.self)) {
      throw failure(125, [problem])
    }
    timing?.begin("make the plan")
    var line = ProgramRequest(passedDescriptors: request.passedDescriptors, activation: activation)
    line.needsProgram = !request.keep
    if request.namesProgram, !request.keep {
      line.command = request.words
    } else {
      line.arguments = Array(request.words.dropFirst())
    }
    if !request.namesProgram, !request.keep, profile.command == nil, profile.programs.isEmpty {
      throw failure(
        127,
        [Diagnostic("profile \"\(profileName)\" names no program", hint: session.hint(withoutProgram: profileName))])
    }
    let plan: Plan
    do throws(CompileError) {
      plan = try compile(profile, for: session.host, line)
    } catch {
      if let trouble = HostTrouble.take() { throw failure(125, [trouble]) }
      var diagnostics = error.diagnostics
      if error.kind == .notFound, request.namesProgram, request.profile == nil, !diagnostics.isEmpty,
        let better = session.hint(forProgram: String(decoding: request.words[0], as: UTF8.self))
      {
        diagnostics[0].hint = better
      }
      throw failure(error.exitStatus, diagnostics)
    }
    if let trouble = HostTrouble.take() { throw failure(125, [trouble]) }
    return (profile, plan)
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
    for diagnostic in diagnostics.dropLast() { complain(diagnostic) }
    return Sandbox.Failure(status: status, diagnostic: diagnostics.last)
  }

  private func fail(_ status: Int32, _ diagnostics: [Diagnostic]) -> Int32 {
    for diagnostic in diagnostics { complain(diagnostic) }
    menu?.tell(profileName, session.host)
    record(StatusRecord.failed(status: status, diagnostics.last))
    return status
  }

  private func complain(_ diagnostic: Diagnostic) {
    say(diagnostic.text + "\n")
    menu?.messages.append(diagnostic)
  }

  func record(_ line: String) {
    if let descriptor = request.statusDescriptor { write(line, to: descriptor) }
  }

  private func tellNotEnforced(_ keys: [String]) {
    guard request.verbose || csnug_isatty(2) == 1 else { return }
    for key in keys { say("snug: not enforced on this machine: \(key)\n") }
  }

  /// A file that was named for this start and that the app does not get: it would only say that there is none.
  private func tellNotShown(_ skipped: [SkippedEntry]) {
    let named = skipped.filter { $0.origin == .commandLine }
    for entry in named.prefix(10) {
      say("snug: not shown to the app: \(escaped(entry.path)): \(escaped(entry.reason))\n")
    }
    if named.count > 10 { say("snug: nor are \(named.count - 10) more of the files that were named\n") }
  }

  /// Parts of the machine that the app goes without, where something can be done about it.
  private func tellSkipped(_ entries: [SkippedEntry]) {
    guard request.verbose || csnug_isatty(2) == 1 else { return }
    for entry in entries {
      guard let hint = entry.hint else { continue }
      say(Diagnostic("goes without \(entry.path): \(entry.reason)", at: entry.origin, hint: hint).text + "\n")
    }
  }

  private func tell(_ event: Sandbox.Event, _ plan: Plan, _ claim: Claim?) {
    switch event {
    case .started(let pid, let appPID, let namespaces, let lost):
      if let timing { say(timing.text) }
      tellNotEnforced(lost)
      record(
        StatusRecord.started(
          plan, instance: claim?.name.text ?? "", pid: pid, appPID: appPID, namespaces: namespaces, lost: lost))
    case .companion(let diagnostic): say(diagnostic.text + "\n")
    case .assertFailed(let claim, let reason): complain(assertFailure(claim, reason, profileName))
    case .timeUp(let processes):
      let names = processes.map { "\($0.name) (\($0.pid))" }.joined(separator: ", ")
      let what = processes.isEmpty ? "processes that were still running" : names
      say("snug: ending what outlived the app: \(escaped(what))\n")
    }
  }
}
