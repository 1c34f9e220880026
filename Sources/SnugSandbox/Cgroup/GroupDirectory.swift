import CSnug
import Glibc
import SnugPlan

// Directories of instances. Runs in the launcher.
//
// A launcher that is killed leaves its directory behind, empty: nothing inside outlives it. So each launcher holds a lock
// on its own directory, and the next one that starts in the same place takes away those that nobody holds.

/// What the directories of instances begin with.
private let prefix = "snug-"

/// Makes the directory of an instance and locks it; another name where that one is held by somebody.
func makeLocked(_ instance: String, in parent: Cgroup) throws(KernelError) -> (Cgroup, name: String) {
  if parent.hasChildren { sweep(parent) }
  for attempt in 0..<100 {
    let name = prefix + instance + (attempt == 0 ? "" : ".\(attempt)")
    let made = unsafe csnug_mkdirat(parent.descriptor, name, 0o755)
    if made == -Int(EEXIST) { continue }
    if made < 0 { throw KernelError("mkdir", "\(parent.path)/\(name)", code: Int32(clamping: -made)) }
    // Somebody who sweeps may take it for left behind until it is locked: then it is gone, and the next one is tried.
    guard let group = try? Cgroup("\(parent.path)/\(name)"), lock(group), isLinked(group) else { continue }
    return (group, name)
  }
  throw KernelError("mkdir", "\(parent.path)/\(prefix)\(instance)", code: EEXIST)
}

/// Takes away what launchers that were killed have left. What has processes stays: the kernel refuses.
func sweep(_ parent: Cgroup) {
  for name in HostFiles.list(parent.path) where name.hasPrefix(prefix) {
    guard let group = try? Cgroup("\(parent.path)/\(name)"), lock(group) else { continue }
    _ = parent.remove(name)
  }
}

/// Until the descriptor is closed. PID 1 closes its copy first thing.
private func lock(_ group: Cgroup) -> Bool { flock(group.descriptor, LOCK_EX | LOCK_NB) == 0 }

/// Whether its name still leads to it.
private func isLinked(_ group: Cgroup) -> Bool {
  var (held, named) = (csnug_statx(), csnug_statx())
  return unsafe csnug_statx(group.descriptor, "", false, &held) == 0
    && csnug_statx(AT_FDCWD, group.path, false, &named) == 0 && held.inode == named.inode
}
