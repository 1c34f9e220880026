import SnugPlan
import SnugProfile
import SnugSandbox

/// Has the compositor listen at the app's own socket; nil where the plan has no Wayland, or falls back as its profile
/// allows.
func prepareWayland(_ plan: inout Plan, _ claim: Claim?) throws(Sandbox.Failure) -> WaylandContext? {
  guard let policy = plan.wayland else { return nil }
  do throws(Diagnostic) {
    let claim = try place(claim, "make a Wayland security context", policy.origin)
    let directory = try claim.makeSocketDirectory(of: .wayland)
    do throws(WaylandContext.Obstacle) {
      let context = try WaylandContext(policy, in: directory, id: plan.id, instance: claim.name.text)
      plan.setSockets(of: .wayland, in: directory)
      return context
    } catch {
      switch error.kind {
      case .unsupported where policy.isOptional: plan.useCompositorSocket()
      case .missing where policy.isOptional: plan.removeWayland()
      default: throw error.diagnostic
      }
      return nil
    }
  } catch {
    throw Sandbox.Failure(status: 125, diagnostic: error)
  }
}

/// Makes ready how the app reaches an X server; nil where nothing has to run or to be held for it.
func prepareX11(_ plan: inout Plan, _ host: Host, _ claim: Claim?) throws(Sandbox.Failure) -> Companion? {
  guard let policy = plan.x11 else { return nil }
  do throws(Diagnostic) {
    switch policy.way {
    case .shared:
      try policy.probe()
      return nil
    case .untrusted:
      let cookie = try policy.untrusted()
      plan.setCookie(cookie.data)
      return cookie
    case .nested(let server): return try prepareOwnServer(&plan, policy, server, host, claim)
    }
  } catch {
    guard policy.isOptional else { throw Sandbox.Failure(status: 125, diagnostic: error) }
    plan.removeX11()
    return nil
  }
}

private func prepareOwnServer(
  _ plan: inout Plan, _ policy: X11Policy, _ server: NestedServer, _ host: Host, _ claim: Claim?
) throws(Diagnostic) -> OwnServer? {
  let claim = try place(claim, "make an X server", policy.origin)
  // Also asks whether there is a server to show it on.
  let around = server.kind == .xephyr ? try policy.screenSize() : nil
  guard let outer = policy.display ?? server.compositor else { return nil }
  let cookie: [UInt8]
  do throws(KernelError) {
    cookie = try randomBytes(16)
  } catch {
    throw Diagnostic("cannot make an X server: \(error.call): \(errorText(error.code))", at: policy.origin)
  }
  let directory = try claim.makeSocketDirectory(of: .x11)
  plan.setSockets(of: .x11, in: directory)
  plan.setCookie(cookie)
  return OwnServer(
    policy, server, for: plan, on: host, outer: outer, size: server.size ?? around?.inside ?? .usual,
    directory: directory, cookie: cookie)
}

/// The name of the start, below which sockets are made.
private func place(_ claim: Claim?, _ action: String, _ origin: Origin) throws(Diagnostic) -> Claim {
  if let claim { return claim }
  throw Diagnostic(
    "cannot \(action): there is no directory for its socket, XDG_RUNTIME_DIR is not set", at: origin,
    hint: "log in through a session manager, or set it to a directory of your own, mode 0700")
}
