import CSnug
import Glibc
import SnugPlan

let userNamespaceProbe = Probe(
  check: "user-namespace", required: true,
  run: { _ in runProbe(Namespace.user.cloneFlag) {} },
  judge: { outcome, facts in verdict(outcome, facts, passed: "can be made") })

/// The caller's own ids mapped onto themselves.
///
/// Apart from the namespace itself: Ubuntu's AppArmor lets it be made and takes the rights in it, which shows here first.
let idMapsProbe = Probe(
  check: "id-maps", required: true, needs: ["user-namespace"],
  run: { _ in
    let maps = IDMapLines()
    return runProbe(Namespace.user.cloneFlag) { () throws(ProbeStop) in try maps.write() }
  },
  judge: { outcome, facts in
    verdict(outcome, facts, passed: "own user and group map") { call, code in
      guard code == EPERM || code == EACCES else { return nil }
      return securityModuleCause(facts)
        ?? DoctorCause(
          "the rights in the new user namespace were taken away",
          remedy: "a security module or an enclosing sandbox does that; the kernel's log (journalctl -k) may name it")
    }
  })

/// User namespaces inside user namespaces: browsers, bubblewrap and snug itself make them inside a sandbox.
func userNamespaceDepthProbe(_ depth: Int) -> Probe {
  let check = "user-namespace-\(depth)"
  let use = "programs that make a sandbox of their own inside snug (seccomp.preset = \"nested\")"
  return Probe(
    check: check, required: false, needs: ["id-maps"],
    run: { _ in
      let maps = IDMapLines()
      return runProbe(Namespace.user.cloneFlag) { () throws(ProbeStop) in
        try maps.write()
        for _ in 1..<depth {
          try must(.unshare, csnug_unshare(Int32(Namespace.user.cloneFlag)))
          try maps.write()
        }
      }
    },
    judge: { outcome, facts in
      var judged = verdict(outcome, facts, passed: "\(depth) levels deep") { _, code in
        nestingCause(code, depth, canHoldAsMany: { canHoldUserNamespaces(depth) })
      }
      if !judged.ok { judged.detail += "; needed by \(use)" }
      return judged
    })
}

/// Why level `depth` failed where level one works. ENOSPC has two causes there, told apart by having as many namespaces
/// side by side: the count is then the same, the depth is not.
func nestingCause(_ code: Int32, _ depth: Int, canHoldAsMany: () -> Bool) -> DoctorCause? {
  switch code {
  case ENOSPC, EUSERS:
    return canHoldAsMany()
      ? DoctorCause(
        "this process already is in user namespaces nested nearly 32 deep, the kernel's limit",
        remedy: "start snug further outside")
      : DoctorCause(
        "a limit allows fewer than \(depth) user namespaces",
        remedy: "as root: raise user.max_user_namespaces, here or in the enclosing namespace that lowered it")
  case EPERM, EACCES:
    return DoctorCause(
      "a security module allows user namespaces but not nested ones",
      remedy: "the kernel's log (journalctl -k) may name it")
  default: return nil
  }
}

/// Whether this many user namespaces can exist side by side.
private func canHoldUserNamespaces(_ count: Int) -> Bool {
  var held: [ProbeChild] = []
  defer { for child in held { child.end() } }
  for _ in 0..<count {
    do throws(ProbeStop) { held.append(try ProbeChild.start(Namespace.user.cloneFlag) {}) } catch { return false }
  }
  return true
}
