import CSnug
import Glibc
import SnugPlan

/// One other kind of namespace, made together with a user namespace as a start does it.
func namespaceProbe(_ name: String, _ kind: UInt64) -> Probe {
  Probe(
    check: "\(name)-namespace", required: true, needs: ["user-namespace"],
    run: { _ in runProbe(Namespace.user.cloneFlag | kind) {} },
    judge: { outcome, facts in
      verdict(outcome, facts, passed: "can be made") { _, code in namespaceCause(name, code, facts) }
    })
}

/// The network namespace with its loopback interface up and one datagram sent over it.
let networkNamespaceProbe = Probe(
  check: "network-namespace", required: true, needs: ["id-maps"],
  run: { _ in
    let maps = IDMapLines()
    return runProbe(Namespace.user.cloneFlag | Namespace.network.cloneFlag) { () throws(ProbeStop) in
      try maps.write()
      try must(.loopback, csnug_loopback_up())
      try must(.loopback, csnug_loopback_echo())
    }
  },
  judge: { outcome, facts in
    verdict(outcome, facts, passed: "with loopback up") { call, code in
      call == .loopback
        ? securityModuleCause(facts) ?? DoctorCause("the loopback interface cannot be used in a new network namespace")
        : namespaceCause("network", code, facts)
    }
  })

/// A user namespace alone can be made, so what fails here is this kind: its own limit, or the kernel's configuration.
private func namespaceCause(_ name: String, _ code: Int32, _ facts: MachineFacts) -> DoctorCause? {
  let word = ["mount": "mnt", "network": "net"][name] ?? name
  switch code {
  case ENOSPC:
    let limit = "user.max_\(word)_namespaces"
    guard let value = facts.switches[limit] else {
      return DoctorCause("an enclosing user namespace allows no more", remedy: "start snug outside of it")
    }
    return DoctorCause(
      value == 0 ? "\(limit) is 0" : "the limit \(limit) of \(value), or one of an enclosing namespace, is used up",
      remedy: value == 0
        ? "as root: sysctl -w \(limit)=15000; a line in /etc/sysctl.d keeps it"
        : "end programs that hold namespaces (lsns -t \(word) lists them)")
  case EINVAL:
    return DoctorCause(
      "the kernel is built without \(name) namespaces", remedy: "use a kernel with CONFIG_NAMESPACES=y and all below it"
    )
  default: return nil
  }
}
