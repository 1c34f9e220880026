import CSnug
import Glibc
import SnugPlan

private let userAndMount = Namespace.user.cloneFlag | Namespace.mount.cloneFlag
/// MOUNT_ATTR_RDONLY of mount_setattr(2).
private let readOnly: UInt64 = 0x1

/// A new file system of `type` with text options, detached. See fsopen(2).
private func newMount(_ type: StaticString, _ options: [(StaticString, StaticString)]) throws(ProbeStop) -> Int32 {
  let context = try must(.fsopen, unsafe csnug_fsopen(chars(type)))
  for (key, value) in options {
    try must(.fsconfig, unsafe csnug_fsconfig_string(context, chars(key), chars(value)))
  }
  try must(.fsconfig, csnug_fsconfig_create(context))
  return try must(.fsmount, csnug_fsmount(context, 0))
}

/// The text itself, without a copy: the child does not allocate.
private func chars(_ text: StaticString) -> UnsafePointer<CChar> {
  unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

/// What a start does with mounts: a tmpfs as the new root, a read-only copy of `/usr` in it, and the new root entered.
let mountAPIProbe = Probe(
  check: "mount-api", required: true, needs: ["id-maps", "mount-namespace"],
  run: { _ in
    let maps = IDMapLines()
    return runProbe(userAndMount) { () throws(ProbeStop) in
      try maps.write()
      try must(.mount, csnug_make_root_slave())
      let root = try must(.openat2, csnug_open_root())
      let usr = try must(.openat2, unsafe csnug_openat2(root, chars("usr"), Int32(csnug_how_path.rawValue), 0))
      let copy = try must(.openTree, csnug_open_tree_clone(usr, true))
      try must(.mountSetattr, csnug_mount_setattr(copy, readOnly, true, true))
      let new = try newMount("tmpfs", [("mode", "0755")])
      try must(.moveMount, csnug_move_mount(new, root))
      try must(.chdir, csnug_fchdir(new))
      try must(.pivotRoot, csnug_pivot_root_here())
      try must(.umount2, csnug_detach_root())
      try must(.mkdirat, unsafe csnug_mkdirat(new, chars("usr"), 0o755))
      let place = try must(.openat2, unsafe csnug_openat2(new, chars("usr"), Int32(csnug_how_path.rawValue), 0))
      try must(.moveMount, csnug_move_mount(copy, place))
    }
  },
  judge: { outcome, facts in
    verdict(outcome, facts, passed: "open_tree, mount_setattr, move_mount, fsopen, pivot_root")
  })

/// A new /proc. The kernel refuses one that shows more than the one at hand does (mount_too_revealing).
let procProbe = Probe(
  check: "proc", required: true, needs: ["id-maps", "mount-namespace", "pid-namespace"],
  run: { _ in
    let maps = IDMapLines()
    return runProbe(userAndMount | Namespace.pid.cloneFlag) { () throws(ProbeStop) in
      try maps.write()
      _ = try newMount("proc", [])
    }
  },
  judge: { outcome, facts in
    verdict(outcome, facts, passed: "can be mounted") { call, code in
      guard code == EPERM, call == .fsmount, let mask = facts.procMasks.first else { return nil }
      let remedy = containerRemedy(facts, docker: "systempaths=unconfined", what: "which opens /proc and /sys only")
      return DoctorCause(
        "mounts over parts of /proc (\(mask)) forbid a new one",
        remedy: facts.container == .podman
          ? "podman run --security-opt unmask=/proc/*"
          : remedy ?? "start snug where /proc is whole (Kubernetes: procMount: Unmasked)")
    }
  })

let devptsProbe = Probe(
  check: "devpts", required: true, needs: ["id-maps", "mount-namespace"],
  run: { _ in
    let maps = IDMapLines()
    return runProbe(userAndMount) { () throws(ProbeStop) in
      try maps.write()
      let pts = try newMount("devpts", [("ptmxmode", "0666"), ("mode", "0620")])
      try must(.openat2, unsafe csnug_openat2(pts, chars("ptmx"), Int32(csnug_how_read.rawValue), 0))
    }
  },
  judge: { outcome, facts in verdict(outcome, facts, passed: "can be mounted, a terminal opened") })

/// A throw-away overlay on a tmpfs, a file of its lower layer removed in it.
let overlayProbe = Probe(
  check: "overlay", required: false, needs: ["mount-api"],
  run: { _ in
    let maps = IDMapLines()
    return runProbe(userAndMount) { () throws(ProbeStop) in
      try maps.write()
      try must(.mount, csnug_make_root_slave())
      let root = try must(.openat2, csnug_open_root())
      let scratch = try newMount("tmpfs", [("mode", "0700"), ("size", "1m")])
      // Attached first: before Linux 6.15 an upper layer on a detached mount is refused.
      try must(.moveMount, csnug_move_mount(scratch, root))
      try must(.chdir, csnug_fchdir(scratch))
      try must(.mkdirat, unsafe csnug_mkdirat(scratch, chars("lower"), 0o700))
      try must(.mkdirat, unsafe csnug_mkdirat(scratch, chars("upper"), 0o700))
      try must(.mkdirat, unsafe csnug_mkdirat(scratch, chars("work"), 0o700))
      try must(.openat2, unsafe csnug_openat2(scratch, chars("lower/file"), Int32(csnug_how_create.rawValue), 0o600))
      let context = try must(.fsopen, unsafe csnug_fsopen(chars("overlay")))
      try must(.fsconfig, unsafe csnug_fsconfig_flag(context, chars("userxattr")))
      // Relative names: the working directory is the scratch tmpfs, which no name from "/" reaches.
      try must(.fsconfig, unsafe csnug_fsconfig_string(context, chars("lowerdir"), chars("lower")))
      try must(.fsconfig, unsafe csnug_fsconfig_string(context, chars("upperdir"), chars("upper")))
      try must(.fsconfig, unsafe csnug_fsconfig_string(context, chars("workdir"), chars("work")))
      try must(.fsconfig, csnug_fsconfig_create(context))
      let overlay = try must(.fsmount, csnug_fsmount(context, 0))
      try must(.unlinkat, unsafe csnug_unlinkat(overlay, chars("file")))
    }
  },
  judge: { outcome, facts in
    var judged = verdict(outcome, facts, passed: "with userxattr, upper layer on tmpfs") { call, code in
      switch (call, code) {
      case (.fsopen, ENODEV):
        DoctorCause(
          "the kernel has no overlay file system", remedy: "as root: modprobe overlay, or use a kernel with it")
      case (.fsconfig, EINVAL), (.fsconfig, EPERM):
        DoctorCause("the kernel refuses overlays in user namespaces", remedy: "use Linux 5.11 or newer")
      default: nil
      }
    }
    if !judged.ok { judged.detail += "; needed by home = \"overlay\" and overlay ops" }
    return judged
  })
