import CSnug
import Glibc

/// SECCOMP_RET_USER_NOTIF and SECCOMP_FILTER_FLAG_NEW_LISTENER of seccomp(2).
private let userNotification: UInt32 = 0x7fc0_0000
private let newListener: UInt32 = 1 << 3

/// One instruction that returns SECCOMP_RET_ALLOW: code, two jumps, constant, as struct sock_filter lays them out.
private let allowAll: [UInt64] = [0x7fff_0000 << 32 | 0x06]

/// A filter is loaded and found in force. See seccomp(2).
let seccompProbe = Probe(
  check: "seccomp", required: true,
  run: { _ in
    let filter = allowAll
    return runProbe(0) { () throws(ProbeStop) in
      try must(.prctl, csnug_prctl(Prctl.setNoNewPrivileges, 1, 0, 0, 0))
      try must(.seccomp, unsafe csnug_seccomp(filter, filter.count, 0))
      let mode = try must(.prctl, csnug_prctl(Prctl.getSeccomp, 0, 0, 0, 0))
      if mode != 2 { throw ProbeStop(call: .prctl, code: EINVAL) }
    }
  },
  judge: { outcome, facts in
    verdict(outcome, facts, passed: "filters can be loaded") { _, code in
      code == EINVAL || code == ENOSYS && !facts.isFiltered
        ? DoctorCause(
          "the kernel is built without seccomp filters", remedy: "use a kernel with CONFIG_SECCOMP_FILTER=y")
        : nil
    }
  })

/// A filter that hands calls to an observer, and its listener.
let seccompNotificationProbe = Probe(
  check: "seccomp-notification", required: false, needs: ["seccomp"],
  run: { _ in
    let filter = allowAll
    return runProbe(0) { () throws(ProbeStop) in
      try must(.prctl, csnug_prctl(Prctl.setNoNewPrivileges, 1, 0, 0, 0))
      try must(.seccomp, csnug_seccomp_action_available(userNotification))
      try must(.seccomp, unsafe csnug_seccomp(filter, filter.count, newListener))
    }
  },
  judge: { outcome, facts in
    verdict(outcome, facts, passed: "a listener can be had") { _, code in
      switch code {
      case EBUSY:
        DoctorCause(
          "something around this process listens already, and the kernel allows one",
          remedy: "start snug outside of it")
      case EOPNOTSUPP, EINVAL: DoctorCause("the kernel has no notification", remedy: "use Linux 5.0 or newer")
      default: nil
      }
    }
  })
