import SnugPlan
import SnugProfile
import SnugSandbox

/// Makes ready what runs beside an instance of a plan. What cannot be had and may go is taken out of the plan.
///
/// - Parameter claim: the name of the start, below which sockets are made.
package func prepareCompanions(_ plan: inout Plan, _ host: Host, _ claim: Claim?) throws(Sandbox.Failure) -> [Companion]
{
  do throws(Diagnostic) {
    try probeServices(&plan)
  } catch {
    throw Sandbox.Failure(status: 125, diagnostic: error)
  }
  var companions: [Companion] = []
  if let claim { plan.setInstance(claim.name.text) }
  if let bus = try prepareBus(&plan, host, claim) { companions.append(bus) }
  if let network = try prepareNetwork(&plan) { companions.append(network) }
  let context = try prepareWayland(&plan, claim)
  if let context { companions.append(context) }
  companions += try prepareX11(&plan, host, claim, context)
  if let portals = try preparePortals(&plan, host) { companions.append(portals) }
  if let sound = try prepareSound(&plan, host, claim) { companions.append(sound) }
  return companions
}

/// Asks whether somebody listens at the sockets of services that the plan names: their files stay when they have ended.
private func probeServices(_ plan: inout Plan) throws(Diagnostic) {
  for service in plan.services {
    guard let problem = socketProblem(service.source) else { continue }
    if service.isNeeded {
      throw Diagnostic("cannot reach \(service.words): \(problem)", at: service.origin, hint: service.hint)
    }
    plan.skipped.append(
      SkippedEntry(path: service.words, reason: problem, origin: service.origin, hint: service.hint))
  }
}

/// Makes ready the filter before the sound server of a plan; nil where it has none.
private func prepareSound(_ plan: inout Plan, _ host: Host, _ claim: Claim?) throws(Sandbox.Failure) -> SoundFilter? {
  guard let policy = plan.sound else { return nil }
  do throws(Diagnostic) {
    if claim == nil, policy.isOptional {
      plan.removeSoundFilter()
      return nil
    }
    let claim = try socketPlace(claim, "filter sound", policy.origin)
    let directory = try claim.makeSocketDirectory(of: .sound)
    plan.setSockets(of: .sound, in: directory)
    return SoundFilter(policy, for: host, id: plan.id, directory: directory)
  } catch {
    throw Sandbox.Failure(status: 125, diagnostic: error)
  }
}

/// Makes ready what stands before the message buses of a plan; nil where it has none.
///
/// A bus that does not answer stops the start, or is taken out of the plan where the profile lets it go.
///
/// - Parameter claim: the name of the start, below which the proxy's sockets are made.
private func prepareBus(_ plan: inout Plan, _ host: Host, _ claim: Claim?) throws(Sandbox.Failure) -> BusProxy? {
  if claim == nil { for bus in plan.bus?.buses ?? [] where bus.isOptional { plan.removeBus(bus.kind) } }
  guard let asked = plan.bus, let first = asked.buses.first else { return nil }
  do throws(Diagnostic) {
    let claim = try socketPlace(claim, "filter \(first.kind.words)", first.origin)
    for bus in asked.buses {
      do throws(Diagnostic) {
        var bus = bus
        if bus.upstream == .asked {
          try plan.setAccessibilityBus(try askAccessibilityBus(for: bus), on: host)
          bus = plan.bus?.buses.first { $0.kind == bus.kind } ?? bus
        }
        try bus.probe()
      } catch {
        guard bus.isOptional else { throw error }
        plan.removeBus(bus.kind)
      }
    }
    guard let policy = plan.bus, !policy.buses.isEmpty else { return nil }
    let directory = try claim.makeSocketDirectory(of: .bus)
    plan.setSockets(of: .bus, in: directory)
    let files = plan.portals.map { [$0.infoFile] } ?? []
    return BusProxy(policy, for: host, id: plan.id, directory: directory, files: files)
  } catch {
    throw Sandbox.Failure(status: 125, diagnostic: error)
  }
}

/// The name of the start, below which sockets are made.
func socketPlace(_ claim: Claim?, _ action: String, _ origin: Origin) throws(Diagnostic) -> Claim {
  if let claim { return claim }
  throw Diagnostic(
    "cannot \(action): there is no directory for the socket, XDG_RUNTIME_DIR is not set", at: origin,
    hint: "log in through a session manager, or set it to a directory of your own, mode 0700")
}

/// Makes ready what connects a private network; nil where the plan has none.
private func prepareNetwork(_ plan: inout Plan) throws(Sandbox.Failure) -> UserNetwork? {
  guard let network = plan.privateNetwork else { return nil }
  do throws(Diagnostic) {
    try network.probe()
  } catch {
    guard network.isOptional else { throw Sandbox.Failure(status: 125, diagnostic: error) }
    plan.removePrivateNetwork()
    return nil
  }
  return UserNetwork(network)
}
