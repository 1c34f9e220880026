import CSnug
import Glibc
import SnugPlan

/// The cgroup below which instances get theirs, and which limits it cannot hold. Runs in the launcher.
struct GroupBase {
  let cgroup: Cgroup
  /// Why a limit cannot be held there; one that is not in it can be.
  let obstacles: [GroupLimit.Kind: String]

  /// The best of what is delegated to the caller; the reason where nothing is.
  ///
  /// The caller's own cgroup has a process in it, us, and so cannot pass memory on: the kernel wants processes in leaves
  /// alone. The one above may: who is given a tree to play in stands in a leaf of it.
  static func find(for kinds: [GroupLimit.Kind]) -> (base: GroupBase?, reason: String) {
    guard let place = CgroupPlace.find(searchesMounts: true) else { return (nil, "no cgroup version 2 is mounted") }
    guard let own = try? Cgroup(place.path), own.isDelegated else {
      return (nil, "the cgroup \(place.path) is not delegated to you")
    }
    var best = GroupBase(own, for: kinds)
    if !best.obstacles.isEmpty, let path = place.parent, let above = try? Cgroup(path), above.isDelegated {
      let other = GroupBase(above, for: kinds)
      if other.obstacles.count < best.obstacles.count { best = other }
    }
    return (best, "")
  }

  init(_ cgroup: Cgroup, for kinds: [GroupLimit.Kind]) {
    self.cgroup = cgroup
    let passed = cgroup.words("cgroup.subtree_control")
    let present = cgroup.words("cgroup.controllers")
    // The machine's own top may have processes and pass on all the same; it is the one without a type.
    let isFull = cgroup.read("cgroup.type") != nil && cgroup.hasProcesses
    var obstacles: [GroupLimit.Kind: String] = [:]
    for kind in kinds where !passed.contains(kind.controller) {
      if !present.contains(kind.controller) {
        obstacles[kind] = "the cgroup \(cgroup.path) has no \(kind.controller) controller"
      } else if isFull {
        obstacles[kind] =
          "the cgroup \(cgroup.path) cannot pass its \(kind.controller) controller on while processes are in it"
      }
    }
    self.obstacles = obstacles
  }

  /// Lets the groups below have what limits need.
  func pass(_ kind: GroupLimit.Kind) throws(KernelError) {
    if cgroup.words("cgroup.subtree_control").contains(kind.controller) { return }
    try cgroup.write("+\(kind.controller)", to: "cgroup.subtree_control")
  }
}

/// Who could hold limits that processes share. Nothing is changed, and nobody is asked: whether the manager lives shows
/// in its socket.
func readGroupFacts(uid: UInt32, runtimeDirectory: String?, busAddress: String?, helper: String) -> GroupFacts {
  var facts = GroupFacts()
  let all = GroupLimit.Kind.allCases
  let place = CgroupPlace.find(searchesMounts: true)
  if let why = scopeObstacle(runtimeDirectory, busAddress, helper) {
    for kind in all { facts.scopeObstacles[kind] = why }
  } else if let mount = place?.mount {
    // Where systemd keeps its managers of users: what it may pass on stands there.
    let manager = "\(mount)/user.slice/user-\(uid).slice/user@\(uid).service/cgroup.controllers"
    if let bytes = readFile(manager) {
      let present = String(decoding: bytes, as: UTF8.self).split(whereSeparator: { $0.isWhitespace })
      for kind in all where !present.contains(Substring(kind.controller)) {
        facts.scopeObstacles[kind] = "the systemd user manager has no \(kind.controller) controller"
      }
    }
  } else {
    for kind in all { facts.scopeObstacles[kind] = "a systemd scope limits nothing without cgroup version 2" }
  }
  let (base, reason) = GroupBase.find(for: all)
  if let base {
    facts.cgroupObstacles = base.obstacles
  } else {
    for kind in all { facts.cgroupObstacles[kind] = reason }
  }
  return facts
}

/// Why systemd's user manager cannot be asked; nil where it can.
private func scopeObstacle(_ runtimeDirectory: String?, _ busAddress: String?, _ helper: String) -> String? {
  guard let runtimeDirectory else { return "no systemd user manager: XDG_RUNTIME_DIR is not set, or not yours alone" }
  let socket = "\(runtimeDirectory)/systemd/private"
  guard HostFiles.owner(socket)?.type == .socket else { return "no systemd user manager: no socket \(socket)" }
  if busAddress == nil, HostFiles.owner("\(runtimeDirectory)/bus")?.type != .socket {
    return "no session bus to ask the systemd user manager on"
  }
  if !HostFiles.isExecutable(helper) { return "cannot run \(helper), which asks systemd: it is not there" }
  return nil
}
