import SnugProfile

/// Turns a profile into a plan on this machine.
///
/// The order is fixed: what is lower is laid first, and what comes later at the same place takes it over. Root and home
/// are the lowest layers; features come next; grants decide over both; exact ops come last, as they are written.
///
/// - Throws: `CompileError` with everything that is wrong, or with what is wrong with the program alone.
public func compile(_ profile: Profile, for host: Host, _ line: ProgramRequest = ProgramRequest()) throws(CompileError)
  -> Plan
{
  let (plan, error) = attempt(profile, for: host, line)
  if let error { throw error }
  return plan
}

/// The plan without what cannot be, and the error that `compile` would throw: what lint judges is the rest of a profile
/// too, on a machine that lacks what the profile names.
package func attempt(_ profile: Profile, for host: Host, _ line: ProgramRequest) -> (plan: Plan, error: CompileError?) {
  var draft = Draft(profile, host)
  draft.addRoot()
  draft.addEtc()
  draft.addLocaleAndTime()
  var notEnforced: [String] = []
  draft.addPrivateNetwork(notEnforced: &notEnforced)
  draft.addNameResolution()
  draft.addCertificates()
  draft.addHome()
  draft.addFonts()
  draft.addThemes()
  draft.addPrinting()
  draft.addWayland(notEnforced: &notEnforced)
  draft.addX11(notEnforced: &notEnforced)
  draft.addNotifySocket()
  draft.addGraphics()
  draft.addCameras()
  draft.addGameControllers()
  draft.addVirtualMachines()
  draft.addUSBDevices()
  draft.addDeviceNodes()
  draft.addInputMethod()
  draft.addAccessibility()
  draft.addPortals(notEnforced: &notEnforced)
  draft.addBuses(notEnforced: &notEnforced)
  draft.fileWords = draft.readFileWords(line.words)
  draft.addSound(notEnforced: &notEnforced)
  draft.addSSHAgent()
  draft.addGPGAgent(notEnforced: &notEnforced)
  draft.addGrants()
  draft.lendFileWords(line.words.count)
  draft.hideRegistry()

  var ops = draft.orderedOps()
  var placed = ops.map { PlacedOp(op: $0.op, place: $0.op.target) }
  let firstExact = ops.count
  for (op, place) in draft.addExactOps() {
    ops.append(op)
    placed.append(PlacedOp(op: op.op, place: place))
  }
  let hidden = hiddenOps(placed, firstExact: firstExact)
  // Whoever lays something on / has said how it is to be.
  if !placed[firstExact...].contains(where: { $0.place == "/" }) {
    ops.append(PlannedOp(.remount(Remount(target: "/")), from: profile.files.root.origin))
  }

  draft.checkSystemCalls()
  let directory = draft.workingDirectory()
  draft.addActivation(line.activation)
  draft.addVariables(workingDirectory: directory)
  let gone = Set(hidden.map({ $0.index }))
  let standing = placed.indices.filter { !gone.contains($0) }.map { placed[$0] }
  let landlock = draft.landlockPolicy(standing, notEnforced: &notEnforced)
  let group = draft.groupPolicy(notEnforced: &notEnforced)
  let asserts = draft.asserts()
  var error = draft.problems.isEmpty ? nil : CompileError(.setUp, draft.problems)
  var command: [[UInt8]] = []
  do throws(CompileError) {
    command = try draft.command(line, workingDirectory: directory)
  } catch let missing {
    error = error ?? missing
  }
  // The caller's own words are the last ones.
  if command.count > line.words.count { draft.correctFileWords(&command, line.words.count, directory) }
  let executable = command.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
  // What was found by its bare name is called by it, as a shell does: messages and programs of many names go by it.
  let slash = UInt8(ascii: "/")
  let asked = line.command?.first ?? profile.command.map { Array(($0.value.first ?? "").utf8) } ?? []
  if !asked.contains(slash), let name = command.first?.split(separator: slash).last { command[0] = Array(name) }

  var plan = Plan(
    namespaces: Namespace.allCases.filter { $0 != .network || profile.network.mode.value != .host },
    ops: ops, skipped: draft.skipped, hidden: hidden, creations: draft.creations,
    privateHome: draft.privateHome,
    seccomp: SeccompPolicy(
      preset: profile.seccomp.preset.value, allow: profile.seccomp.allow.map({ $0.value }),
      deny: profile.seccomp.deny.map({ $0.value }), multiarch: profile.seccomp.multiarch.value,
      refusesSegments: draft.x11 != nil),
    landlock: landlock,
    environment: draft.environment.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) },
    process: draft.processPolicy(workingDirectory: directory, group: group),
    executable: executable,
    command: command, id: profile.id.value,
    profile: profile.name, notEnforced: notEnforced, passedDescriptors: line.passedDescriptors,
    asserts: asserts, bus: draft.bus, privateNetwork: draft.privateNetwork,
    wayland: draft.wayland, x11: draft.x11, portals: draft.portals, sound: draft.sound)
  // There is no way to portals but the bus.
  if draft.bus?.buses.contains(where: { $0.kind == .session }) != true { plan.removePortals() }
  let leaks =
    plan.busProblems(profile, host) + plan.networkProblems(profile, host) + plan.soundProblems(profile, host)
    + plan.judgeWindows(profile, host)
  if !leaks.isEmpty, error?.kind != .setUp { error = CompileError(.setUp, leaks) }
  return (plan, error)
}

extension Draft {
  /// Names of system calls are known or refused at the line that wrote them.
  mutating func checkSystemCalls() {
    let asked = profile.seccomp
    let policy = SeccompPolicy(
      preset: asked.preset.value, allow: asked.allow.map({ $0.value }), deny: asked.deny.map({ $0.value }),
      multiarch: asked.multiarch.value)
    let names = asked.deny + asked.allow
    for problem in filterProblems(policy) {
      problems.append(problem.diagnostic(at: names.first { $0.value == problem.call }?.origin))
    }
  }
}
