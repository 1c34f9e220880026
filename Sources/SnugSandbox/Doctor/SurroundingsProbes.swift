/// Whether groups can be made below our own, which `limits.memory`, `tasks` and `cpu` need.
let cgroupDelegationProbe = Probe(
  check: "cgroup-delegation", required: false,
  judge: { _, facts in
    let use = "; needed by limits.memory, limits.tasks, limits.cpu"
    guard let path = facts.cgroup.path else {
      return Verdict(
        ok: false, detail: "no cgroup version 2 at /sys/fs/cgroup" + use,
        remedy: "boot with systemd.unified_cgroup_hierarchy=1, or mount cgroup2 at /sys/fs/cgroup")
    }
    guard facts.cgroup.isDelegated else {
      return Verdict(
        ok: false, detail: "\(path) is not writable for this user" + use,
        remedy: "start from a systemd user session, or: systemd-run --user --scope -p Delegate=yes snug ...")
    }
    let missing = ["memory", "pids", "cpu"].filter { !facts.cgroup.controllers.contains($0) }
    guard missing.isEmpty else {
      return Verdict(
        ok: false, detail: "\(path) lacks the controllers \(missing.joined(separator: ", "))" + use,
        remedy: "as root: a drop-in for user@.service with [Service] Delegate=\(missing.joined(separator: " "))")
    }
    return Verdict(ok: true, detail: path)
  })

/// The program that filters a bus; profiles with a `[bus.*]` table need it.
let busProxyProbe = Probe(
  check: "dbus-proxy", required: false,
  judge: { _, facts in
    guard let path = facts.busProxy else {
      return Verdict(
        ok: false, detail: "no xdg-dbus-proxy in PATH; needed by [bus.session] and [bus.system]",
        remedy: "install the package xdg-dbus-proxy")
    }
    return Verdict(ok: true, detail: path)
  })
