import CSnug
import Glibc
import SnugPlan

/// The cgroup of one command beside the app: its limits hold for all that it starts, wherever that goes, and all of it
/// ends at once.
///
/// Runs in the launcher.
final class CommandGroup {
  private let group: Cgroup
  private let limits: CommandLimits
  /// Which limits the kernel holds here; of the others each process has its own.
  let holdsMemory: Bool, holdsProcesses: Bool

  /// Writes the limits into a new group. What a missing controller cannot hold is left to others.
  init(_ group: Cgroup, _ limits: CommandLimits) {
    self.group = group
    self.limits = limits
    holdsMemory =
      limits.memory.map { most in
        // Else the limit would be one of what is in memory, and the rest fill the disk.
        try? group.write("0", to: "memory.swap.max")
        // A command that has lost one of its processes is not what was asked for: all of it ends.
        try? group.write("1", to: "memory.oom.group")
        return Self.hold(most, group, "memory.max")
      } ?? false
    // Its leader is one, too.
    holdsProcesses = limits.processes.map { Self.hold($0 + 1, group, "pids.max") } ?? false
  }

  private static func hold(_ most: UInt64, _ group: Cgroup, _ file: String) -> Bool {
    guard (try? group.write(String(most), to: file)) != nil else { return false }
    // Bytes are rounded down to pages.
    return group.read(file).flatMap { UInt64($0) }.map { $0 <= most } ?? false
  }

  /// Takes the leader in, before it starts the command.
  func take(_ pid: Int32) throws(KernelError) { try group.write(String(pid), to: "cgroup.procs") }

  /// Ends all at once; nothing that is being made escapes. Linux 5.14.
  func kill() { try? group.kill() }

  /// The limit that the kernel has enforced: `memory` where it ended a process for it, `processes` where it refused one.
  var limitHit: String? {
    if holdsMemory, let kills = group.number("oom_kill", in: "memory.events"), kills > 0 { return "memory" }
    if holdsProcesses, let refusals = group.number("max", in: "pids.events"), refusals > 0 { return "processes" }
    return nil
  }

  /// What all of it together has used; as far as the kernel counts it here, else as it was told.
  func usage(_ told: CommandUsage) -> CommandUsage {
    func microseconds(_ name: String, _ known: Int64) -> Int64 {
      max(known, group.number(name, in: "cpu.stat").map { Int64(clamping: $0) } ?? 0)
    }
    var usage = told
    usage.userMicroseconds = microseconds("user_usec", told.userMicroseconds)
    usage.systemMicroseconds = microseconds("system_usec", told.systemMicroseconds)
    // Linux 5.19.
    if let peak = group.read("memory.peak").flatMap({ Int64($0) }) { usage.peakBytes = peak }
    return usage
  }
}

extension InstanceGroup {
  /// A group for a command with limits; nil where the instance's own has no room for others, and its processes are known
  /// by their ancestors alone.
  func makeCommandGroup(_ limits: CommandLimits) -> (group: CommandGroup, name: String)? {
    guard limits != CommandLimits(), let top = roomForCommands else { return nil }
    removeCommandGroups()
    for kind in [GroupLimit.Kind.memory, .tasks] where top.words("cgroup.controllers").contains(kind.controller) {
      try? top.write("+\(kind.controller)", to: "cgroup.subtree_control")
    }
    let name = "command-\(nextCommand)"
    guard unsafe csnug_mkdirat(top.descriptor, name, 0o755) == 0 else { return nil }
    guard let made = try? Cgroup("\(top.path)/\(name)") else {
      _ = top.remove(name)
      return nil
    }
    return (CommandGroup(made, limits), name)
  }

  /// Takes a command's group away when its last process has left it, which takes a moment.
  func discardCommandGroup(_ name: String) {
    leftCommands.append(name)
    removeCommandGroups()
  }

  private func removeCommandGroups() {
    guard let top = roomForCommands else { return }
    leftCommands.removeAll { top.remove($0) }
  }
}
