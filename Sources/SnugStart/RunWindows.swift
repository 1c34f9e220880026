import SnugPlan
import SnugProfile
import SnugSandbox

/// Has the compositor listen at the app's own socket; nil where the plan has no Wayland, or falls back as its profile
/// allows.
func prepareWayland(_ plan: inout Plan, _ claim: Claim?) throws(Sandbox.Failure) -> WaylandContext? {
  guard let policy = plan.wayland else { return nil }
  do throws(Diagnostic) {
    if claim == nil, policy.isOptional {
      plan.useCompositorSocket()
      return nil
    }
    let claim = try socketPlace(claim, "make a Wayland security context", policy.origin)
    let directory = try claim.makeSocketDirectory(of: .wayland)
    do throws(WaylandContext.Obstacle) {
      let context = try WaylandContext(policy, in: directory, id: plan.id, instance: claim.name.text)
      plan.setSockets(of: .wayland, in: directory)
      return context
    } catch {
      switch error.kind {
      case .unsupported where policy.isOptional: plan.useCompositorSocket()
      case .missing where policy.isOptional && !policy.isInPlaceOfX11: plan.removeWayland()
      default: throw error.diagnostic
      }
      return nil
    }
  } catch {
    throw Sandbox.Failure(status: 125, diagnostic: error)
  }
}

/// Makes ready how the app reaches an X server: what has to run or to be held for it.
///
/// - Parameter context: the app's own way to the compositor, where it has one.
func prepareX11(_ plan: inout Plan, _ host: Host, _ claim: Claim?, _ context: WaylandContext?)
  throws(Sandbox.Failure) -> [Companion]
{
  guard let policy = plan.x11 else { return [] }
  do throws(Diagnostic) {
    switch policy.way {
    case .shared:
      try policy.probe()
      return []
    case .untrusted:
      let cookie = try policy.untrusted()
      plan.setCookie(cookie.data)
      return [cookie]
    case .nested(let server): return try prepareOwnServer(&plan, policy, server, host, claim, context)
    }
  } catch {
    guard policy.isOptional else { throw Sandbox.Failure(status: 125, diagnostic: error) }
    plan.removeX11()
    return []
  }
}

private func prepareOwnServer(
  _ plan: inout Plan, _ policy: X11Policy, _ server: NestedServer, _ host: Host, _ claim: Claim?,
  _ context: WaylandContext?
) throws(Diagnostic) -> [Companion] {
  let claim = try socketPlace(claim, "make an X server", policy.origin)
  // Also asks whether there is a server to show it on.
  let around = server.kind == .xephyr ? try policy.screenSize() : nil
  var companions: [Companion] = []
  guard var outer = policy.display ?? server.compositor else { return [] }
  if server.kind == .xwayland {
    if let context {
      outer = context.socket
    } else if let own = try prepareContext(plan, policy, server, claim) {
      // What the server is talked into shows no more than the app could see by itself.
      outer = own.socket
      companions.append(own)
    }
  }
  let cookie: [UInt8]
  do throws(KernelError) {
    cookie = try randomBytes(16)
  } catch {
    throw Diagnostic("cannot make an X server: \(error.call): \(errorText(error.code))", at: policy.origin)
  }
  let directory = try claim.makeSocketDirectory(of: .x11)
  plan.setSockets(of: .x11, in: directory)
  plan.setCookie(cookie)
  companions.append(
    OwnServer(
      policy, server, for: plan, on: host, outer: outer, size: server.size ?? around?.inside ?? .usual,
      directory: directory, cookie: cookie))
  return companions
}

/// A security context for the app's X server; nil where the compositor knows none. The server is no program of the app's,
/// so that this stops no start.
private func prepareContext(_ plan: Plan, _ policy: X11Policy, _ server: NestedServer, _ claim: Claim)
  throws(Diagnostic) -> WaylandContext?
{
  // The app's own Wayland has been asked for before, and there were no contexts.
  guard let compositor = server.compositor, let directory = try? claim.makeSocketDirectory(of: .wayland) else {
    return nil
  }
  let wayland = WaylandPolicy(compositor: compositor, socket: "", isOptional: true, origin: policy.origin)
  do throws(WaylandContext.Obstacle) {
    return try WaylandContext(wayland, in: directory, id: plan.id, instance: claim.name.text)
  } catch {
    if error.kind == .unsupported { return nil }
    throw error.diagnostic
  }
}
