import CSnug
import Glibc

/// The landlock ABI to count with: the kernel's, or a lower one where `limit` (the variable SNUG_LANDLOCK_ABI) names it.
/// It can only be lowered; a negative -errno stays what it is.
public func effectiveLandlockABI(_ kernel: Int, limit: String?) -> Int {
  guard let limit = limit.flatMap({ Int($0) }), limit >= 0 else { return kernel }
  return min(kernel, limit)
}

/// Which ABI each profile key needs, and the kernel that brought it. See landlock(7).
private let keys: [(key: String, abi: Int, kernel: String)] = [
  ("landlock.files", 3, "6.2"), ("landlock.connect-tcp", 4, "6.7"), ("landlock.scope", 6, "6.12"),
]

/// LANDLOCK_ACCESS_FS_EXECUTE, there from the first ABI on.
private let executeRight: UInt64 = 0x1

let landlockProbe = Probe(
  check: "landlock", required: false,
  run: { facts in
    // An ABI that is absent is judged from its number; there is nothing to try.
    guard facts.landlock > 0 else { return .passed }
    return runProbe(0) { () throws(ProbeStop) in
      try must(.prctl, csnug_prctl(Prctl.setNoNewPrivileges, 1, 0, 0, 0))
      let ruleset = try must(.landlockCreateRuleset, csnug_landlock_create(executeRight, 0, 0))
      try must(.landlockRestrictSelf, csnug_landlock_restrict(ruleset))
    }
  },
  judge: { outcome, facts in
    if facts.landlock <= 0 { return absentLandlock(facts) }
    let served = keys.filter { $0.abi <= facts.landlock }.map({ $0.key })
    let missing = keys.filter { $0.abi > facts.landlock }
    var judged = verdict(
      outcome, facts, passed: (["ABI \(facts.landlock)"] + served).joined(separator: ", ")
    ) { call, code in
      code == E2BIG ? DoctorCause("16 landlock domains are stacked already", remedy: "start snug further outside") : nil
    }
    if judged.ok, let newest = missing.last {
      judged.ok = false
      judged.detail += "; not enforced: " + missing.map { "\($0.key) (ABI \($0.abi))" }.joined(separator: ", ")
      judged.remedy =
        "use Linux \(newest.kernel) or newer; until then profiles need \"landlock\" in `optional`, as by default"
    }
    return judged
  })

/// ENOSYS: not built in, or filtered. EOPNOTSUPP: built in but left out of the `lsm=` list at boot.
private func absentLandlock(_ facts: MachineFacts) -> ProbeVerdict {
  let cause =
    switch -Int32(facts.landlock) {
    case EOPNOTSUPP:
      DoctorCause("off at boot", remedy: "add landlock to the kernel's lsm= boot parameter")
    case ENOSYS where facts.isFiltered, EPERM: filterCause("landlock_create_ruleset", facts)
    case ENOSYS: DoctorCause("not in this kernel", remedy: "use a kernel with CONFIG_SECURITY_LANDLOCK=y")
    default: DoctorCause("no landlock", remedy: "SNUG_LANDLOCK_ABI is set to 0: unset it")
    }
  return ProbeVerdict(
    ok: false, detail: "\(cause.reason); not enforced: \(keys.map({ $0.key }).joined(separator: ", "))",
    remedy: cause.remedy
  )
}
