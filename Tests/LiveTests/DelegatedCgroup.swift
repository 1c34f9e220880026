import Glibc
import TestSupport
import Testing

/// A part of the machine's cgroup tree that is delegated to the stage's user, as systemd or an administrator does it.
/// Takes root. This machine's kernel offers no controller but hugetlb there, so pause and end are real, limits are not.
final class DelegatedCgroup {
  let stage: Stage
  let path: String
  /// The path in the tree, as /proc/PID/cgroup has it.
  let name: String

  /// Nil where there is no version 2, or no root.
  init?(_ stage: Stage) throws {
    guard stage.isRoot else { return nil }
    let mounts = (readText("/proc/self/mountinfo") ?? "").split(separator: "\n").map { $0.split(separator: " ") }
    guard let mount = mounts.first(where: { $0.contains("cgroup2") && $0.count > 4 && $0[3] == "/" }) else {
      return nil
    }
    name = "/snugtest-\(getpid())"
    path = mount[4] + name
    self.stage = stage
    try Stage.shell(
      "mkdir '\(path)'; chown \(stage.uid):\(stage.gid) '\(path)' '\(path)'/cgroup.procs "
        + "'\(path)'/cgroup.threads '\(path)'/cgroup.subtree_control")
  }

  deinit {
    // A test that failed leaves nothing running; a directory is empty a moment after what was in it has been killed.
    let remove = "find '\(path)' -depth -type d -exec rmdir {} + 2>/dev/null"
    _ = try? Stage.shell("echo 1 >'\(path)/cgroup.kill'")
    _ = eventually { (try? Stage.shell(remove)) != nil }
  }

  /// Names of the groups in it.
  var children: [String] { (names(in: path) ?? []).filter { names(in: "\(path)/\($0)") != nil } }

  /// Starts a command of the user's in it.
  func start(_ argv: [String], extra: [String] = [], in below: String = "") throws -> Running {
    let wrapper = ["/bin/sh", "-c", "echo $$ >\"$0\" && exec \"$@\"", "\(path)\(below)/cgroup.procs"]
    let person = [stage.probe, "awkward", String(stage.uid), String(stage.gid), String(stage.gid), "022", "-", "0"]
    let kept = stage.environment.filter { line in
      !extra.contains { $0.split(separator: "=").first == line.split(separator: "=").first }
    }
    return try Running(wrapper + person + ["default", stage.home] + argv, environment: kept + extra)
  }

  /// Where a process is, below this one; nil where it is elsewhere or gone.
  func place(of pid: Int32) -> String? {
    let line = (readText("/proc/\(pid)/cgroup") ?? "").split(separator: "\n").first { $0.hasPrefix("0::\(name)") }
    return line.map { String($0.dropFirst(3 + name.count)) }
  }

  func read(_ file: String) -> String? { readText("\(path)/\(file)") }

  func write(_ text: String, to file: String) throws { try Stage.shell("echo '\(text)' >'\(path)/\(file)'") }
}
