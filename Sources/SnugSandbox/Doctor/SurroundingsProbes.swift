import SnugPlan

/// Whether systemd makes cgroups for us, or they can be made below our own: `limits.memory`, `tasks` and `cpu` need it.
let cgroupDelegationProbe = Probe(
  check: "cgroup-delegation", required: false,
  judge: { _, facts in
    let use = "; needed by limits.memory, limits.tasks, limits.cpu"
    if facts.groups.scopeObstacles.isEmpty {
      return ProbeVerdict(ok: true, detail: "by a scope of systemd's user manager")
    }
    guard let path = facts.cgroup.path else {
      return ProbeVerdict(
        ok: false, detail: "no cgroup version 2 is mounted" + use,
        remedy: "boot with systemd.unified_cgroup_hierarchy=1, or mount cgroup2 at /sys/fs/cgroup")
    }
    guard facts.cgroup.isDelegated else {
      return ProbeVerdict(
        ok: false, detail: "\(path) is not writable for this user" + use,
        remedy: "start from a systemd user session, or: systemd-run --user --scope -p Delegate=yes snug ...")
    }
    let missing = ["memory", "pids", "cpu"].filter { !facts.cgroup.controllers.contains($0) }
    guard missing.isEmpty else {
      return ProbeVerdict(
        ok: false, detail: "\(path) lacks the controllers \(missing.joined(separator: ", "))" + use,
        remedy: "as root: a drop-in for user@.service with [Service] Delegate=\(missing.joined(separator: " "))")
    }
    let obstacles = GroupLimit.Kind.allCases.compactMap { facts.groups.cgroupObstacles[$0] }
    guard obstacles.isEmpty else {
      return ProbeVerdict(
        ok: false, detail: obstacles.joined(separator: ", ") + use,
        remedy: "start in a cgroup below the delegated one, whose parent has no process and passes its controllers on")
    }
    return ProbeVerdict(ok: true, detail: path)
  })

/// The program that filters a bus; profiles with a `[bus.*]` table need it.
let busProxyProbe = Probe(
  check: "dbus-proxy", required: false,
  judge: { _, facts in
    guard let path = facts.busProxy else {
      return ProbeVerdict(
        ok: false, detail: "no xdg-dbus-proxy in PATH; needed by [bus.session] and [bus.system]",
        remedy: "install the package xdg-dbus-proxy")
    }
    return ProbeVerdict(ok: true, detail: path)
  })
