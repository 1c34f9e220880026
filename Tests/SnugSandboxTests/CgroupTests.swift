import Glibc
import SnugPlan
import SnugProfile
import TestSupport
import Testing

@testable import SnugSandbox

/// Where a process stands in the tree, and what is written to a group. This machine's kernel has no memory, pids and cpu
/// controller of version 2: plain files of the same names stand in for them.
@Suite struct CgroupTests {
  static let hybrid = """
    32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
    41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:3 - cgroup2 cgroup2 rw,nsdelegate

    """

  @Test(arguments: [
    ("0::/\n", hybrid, "/sys/fs/cgroup/unified", "/sys/fs/cgroup/unified"),
    ("2:cpu:/x\n0::/a b/c\n", hybrid, "/sys/fs/cgroup/unified", "/sys/fs/cgroup/unified/a b/c"),
    ("0::/a/b\n", "1 2 0:3 / /my\\040tree\\134 rw - cgroup2 none rw\n", "/my tree\\", "/my tree\\/a/b"),
    // A part of the tree that is mounted alone, as containers without a cgroup namespace have it; the fitting one of two.
    ("0::/pod/x/y\n", "1 2 0:3 /pod/x /sys/fs/cgroup rw - cgroup2 none rw\n", "/sys/fs/cgroup", "/sys/fs/cgroup/y"),
    ("0::/pod/x\n", "1 2 0:3 /pod/x /sys/fs/cgroup rw - cgroup2 none rw\n", "/sys/fs/cgroup", "/sys/fs/cgroup"),
    (
      "0::/b\n", "1 2 0:3 /a /one rw - cgroup2 none rw\n1 2 0:3 /b /two rw - cgroup2 none rw\n", "/two", "/two"
    ),
  ]) func `a process is found where the tree is mounted`(own: String, mounts: String, top: String, path: String) {
    #expect(CgroupPlace(cgroup: own, mountinfo: mounts) == CgroupPlace(mount: top, path: path))
  }

  @Test(arguments: [
    ("1:name=systemd:/x\n", hybrid), ("0::/x\n", ""), ("0::/../x\n", hybrid), ("0::/x (deleted)\n", hybrid),
    ("0::/podium\n", "1 2 0:3 /pod /sys/fs/cgroup rw - cgroup2 none rw\n"), ("", hybrid),
    ("0::/x\n", "1 2 0:3 / /sys/fs/cgroup rw -\n"), ("0::/x\n", "1 2 0:3 / /c2 rw - cgroup cgroup2 rw\n"),
  ]) func `what is not there is not guessed`(own: String, mounts: String) {
    #expect(CgroupPlace(cgroup: own, mountinfo: mounts) == nil)
  }

  @Test func `the directory above ends at the mount`() {
    #expect(CgroupPlace(mount: "/m", path: "/m/a/b").parent == "/m/a")
    #expect(CgroupPlace(mount: "/m", path: "/m").parent == nil)
  }

  @Test func `our own place is a real one`() throws {
    guard let place = CgroupPlace.find(searchesMounts: true) else { return skip("no cgroup version 2 is mounted") }
    #expect(try Cgroup(place.path).isOwn)
    #expect(CgroupPlace.find(pid: getpid(), searchesMounts: true) == place)
    #expect(throws: KernelError.self) { try Cgroup("/tmp") }
  }

  // MARK: - The kernel's own

  /// A directory below our own, where this process may make one.
  private func realParent(_ name: String) throws -> Cgroup? {
    guard let place = CgroupPlace.find(searchesMounts: true), let own = try? Cgroup(place.path), own.isDelegated else {
      return nil
    }
    guard mkdir("\(place.path)/\(name)", 0o755) == 0 else { return nil }
    return try Cgroup("\(place.path)/\(name)")
  }

  @Test func `a real group stops, goes on and ends as one`() throws {
    let name = "snugtest-unit-\(getpid())"
    guard let parent = try realParent(name) else { return skip("no cgroup version 2 to make groups in") }
    defer { rmdir(parent.path) }
    let (made, _) = try makeLocked("x", in: parent)
    let group = InstanceGroup(GroupPolicy(keeper: .cgroup, limits: []), in: made)
    // It counts by itself what it writes: standing still shows.
    let script = "echo $$ >'\(made.path)/cgroup.procs'; sleep 600 & while :; do echo; done"
    let running = try Running(["/bin/sh", "-c", script], environment: ["PATH=/usr/bin:/bin"])
    #expect(running.waitFor("\n\n"))
    try group.freeze()
    #expect(made.number("frozen", in: "cgroup.events") == 1)
    try group.thaw()
    #expect(made.number("frozen", in: "cgroup.events") == 0)
    try group.freeze()
    #expect(group.isThere && group.kill())
    #expect(running.finish(seconds: 20).status == 137, "frozen or not")
    #expect(eventually { made.number("populated", in: "cgroup.events") == 0 }, "the sleeper, too")
    // What an app has made below, where it can mount the tree, goes with it.
    #expect(mkdir("\(made.path)/a", 0o755) == 0 && mkdir("\(made.path)/a/b", 0o755) == 0)
    #expect(parent.remove("snug-x") && !parent.hasChildren && parent.remove("snug-x"))
  }

  @Test func `a held directory is nobody else's, and one that is left is taken away`() throws {
    guard let parent = try realParent("snugtest-held-\(getpid())") else {
      return skip("no cgroup version 2 to make groups in")
    }
    defer { rmdir(parent.path) }
    let (first, name) = try makeLocked("x", in: parent)
    #expect(name == "snug-x" && first.path == "\(parent.path)/snug-x")
    do {
      let (_, second) = try makeLocked("x", in: parent)
      #expect(second == "snug-x.1", "the name is held: another one")
    }
    mkdir("\(parent.path)/other", 0o755)
    sweep(parent)
    #expect(
      Set(HostFiles.list(parent.path).filter { $0.hasPrefix("snug-") }) == ["snug-x"], "what nobody holds is gone")
    #expect(access("\(parent.path)/other", F_OK) == 0, "what has another name is not ours")
    rmdir("\(parent.path)/other")
    withExtendedLifetime(first) {}
    #expect(parent.remove("snug-x"))
    #expect(throws: KernelError.self) { try makeLocked("x/y", in: parent) }
  }

  // MARK: - Plain files

  private func group(_ limits: [GroupLimit], _ files: [String: String]) throws -> (InstanceGroup, Folder) {
    let folder = try Folder(files)
    let policy = GroupPolicy(keeper: .cgroup, limits: limits)
    return (InstanceGroup(policy, in: try Cgroup(folder.path, mustBeReal: false)), folder)
  }

  private func limit(_ kind: GroupLimit.Kind, _ value: UInt64) -> GroupLimit {
    GroupLimit(kind, value, written: "\(value)", origin: .defaults)
  }

  @Test func `limits are written as the kernel reads them`() throws {
    let (group, folder) = try group(
      [], ["memory.max": "max\n", "memory.swap.max": "max\n", "pids.max": "max\n", "cpu.max": "max 100000\n"])
    try group.write(limit(.memory, 4 << 30))
    try group.write(limit(.tasks, 200))
    try group.write(limit(.cpu, 150))
    #expect(folder.read("memory.max")?.hasPrefix("4294967296") == true)
    #expect(folder.read("memory.swap.max")?.hasPrefix("0") == true)
    #expect(folder.read("pids.max")?.hasPrefix("200") == true)
    #expect(folder.read("cpu.max")?.hasPrefix("150000 100000") == true)
  }

  @Test func `without a file there is no limit`() throws {
    let (group, folder) = try group([], ["memory.max": "max\n"])
    defer { withExtendedLifetime(folder) {} }
    try group.write(limit(.memory, 1 << 20))
    #expect(throws: KernelError.self) { try group.write(limit(.tasks, 5)) }
    #expect(throws: KernelError.self) { try group.write(limit(.cpu, 5)) }
  }

  @Test(arguments: [
    ("memory.max", "max", false), ("memory.max", "4096", true), ("memory.max", "8192", false),
    ("memory.max", "", false), ("pids.max", "max", false), ("pids.max", "5000", true), ("pids.max", "5001", false),
    ("cpu.max", "max 100000", false),
    ("cpu.max", "2500000 50000", true), ("cpu.max", "2600000 50000", false), ("cpu.max", "5000", false),
  ]) func `what a group says is read for what it means`(file: String, text: String, holds: Bool) throws {
    let (group, folder) = try group([], [file: text + "\n"])
    defer { withExtendedLifetime(folder) {} }
    let kind: GroupLimit.Kind = file == "memory.max" ? .memory : file == "pids.max" ? .tasks : .cpu
    #expect(group.isHeld(limit(kind, 5000)) == holds)
  }

  @Test func `a command's group holds what its files take, and says which limit was met`() throws {
    let limits = CommandLimits(time: 5, memory: 1 << 20, processes: 7)
    func group(_ files: [String: String]) throws -> (CommandGroup, Folder) {
      let folder = try Folder(files)
      return (CommandGroup(try Cgroup(folder.path, mustBeReal: false), limits), folder)
    }
    let whole = ["memory.max": "", "memory.swap.max": "", "memory.oom.group": "", "pids.max": ""]
    let (full, folder) = try group(
      whole.merging(["memory.peak": "8192\n", "cpu.stat": "usage_usec 9\nuser_usec 5\nsystem_usec 4\n"]) { $1 })
    #expect(full.holdsMemory && full.holdsProcesses)
    #expect(folder.read("memory.max") == "1048576" && folder.read("memory.swap.max") == "0")
    #expect(folder.read("pids.max") == "8", "its leader is one, too")
    #expect(folder.read("memory.oom.group") == "1")
    var told = CommandUsage()
    told.userMicroseconds = 100
    told.peakBytes = 1
    let usage = full.usage(told)
    #expect(usage.userMicroseconds == 100 && usage.systemMicroseconds == 4 && usage.peakBytes == 8192)
    #expect(full.limitHit == nil)
    // Without controllers nothing is claimed.
    let (bare, other) = try group(["memory.events": "oom_kill 1\n", "pids.events": "max 1\n"])
    defer { withExtendedLifetime(other) {} }
    #expect(!bare.holdsMemory && !bare.holdsProcesses && bare.limitHit == nil && bare.usage(told) == told)
    for (events, name) in [("memory.events", "memory"), ("pids.events", "processes")] {
      let line = events == "memory.events" ? "oom 1\noom_kill 1\n" : "max 3\n"
      let (hit, folder) = try group(whole.merging([events: line]) { $1 })
      defer { withExtendedLifetime(folder) {} }
      #expect(hit.limitHit == name)
    }
  }

  private static let hits: [([String: String], String?)] = [
    ([:], nil), (["memory.events": "low 0\nmax 7\noom 0\noom_kill 0\n", "pids.events": "max 0\n"], nil),
    (["memory.events": "max 7\noom 1\noom_kill 2\n", "pids.events": "max 3\n"], "memory"),
    (["pids.events": "max 3\n"], "tasks"),
  ]

  @Test(arguments: hits) func `a limit is named where the kernel has enforced it`(
    files: [String: String], name: String?
  ) throws {
    let (group, folder) = try group([], files)
    #expect(group.limitHit == name)
    group.note()
    for file in files.keys { unlink("\(folder.path)/\(file)") }
    #expect(group.limitHit == name, "noted, it stays known when the scope is gone")
  }

  @Test func `use is read in bytes, and nothing is made up`() throws {
    let (group, folder) = try group([], ["memory.current": "12288\n", "memory.peak": "40960\n"])
    #expect(group.memory == 12288 && group.peak == 40960)
    group.note()
    unlink("\(folder.path)/memory.peak")
    #expect(group.peak == 40960)
    let (bare, _) = try self.group([], [:])
    #expect(bare.memory == nil && bare.peak == nil && bare.limitHit == nil)
  }

  @Test func `a controller is passed on where the kernel lets it`() throws {
    func obstacles(_ files: [String: String]) throws -> [GroupLimit.Kind: String] {
      let folder = try Folder(files)
      let found = GroupBase(try Cgroup(folder.path, mustBeReal: false), for: GroupLimit.Kind.allCases).obstacles
      return found.mapValues { $0.replacing(folder.path, with: "X") }
    }
    let busy = try obstacles([
      "cgroup.controllers": "cpu memory\n", "cgroup.subtree_control": "cpu\n", "cgroup.procs": "7\n",
      "cgroup.type": "domain\n",
    ])
    #expect(
      busy == [
        .memory: "the cgroup X cannot pass its memory controller on while processes are in it",
        .tasks: "the cgroup X has no pids controller",
      ])
    let free = ["cgroup.controllers": "cpu memory pids\n", "cgroup.procs": "", "cgroup.type": "domain\n"]
    #expect(try obstacles(free) == [:])
    // The machine's own top has no type, and the rule does not hold for it.
    #expect(try obstacles(["cgroup.controllers": "cpu memory pids\n", "cgroup.procs": "1\n"]) == [:])
  }

  @Test func `enabling is left out where it is done, and a refusal is an error`() throws {
    let folder = try Folder(["cgroup.controllers": "memory pids\n", "cgroup.subtree_control": "pids\n"])
    let base = GroupBase(try Cgroup(folder.path, mustBeReal: false), for: [.memory, .tasks])
    try base.pass(.tasks)
    #expect(folder.read("cgroup.subtree_control") == "pids\n")
    try base.pass(.memory)
    #expect(folder.read("cgroup.subtree_control")?.hasPrefix("+memory") == true)
    unlink("\(folder.path)/cgroup.subtree_control")
    #expect(throws: KernelError.self) { try base.pass(.tasks) }
  }

  @Test func `a helper is looked for where it is installed, else beside the executable`() {
    // The tests' own executable lies in a build directory.
    #expect(helperPath("snug-bus").hasSuffix("/snug-bus") && !helperPath("snug-bus").contains("libexec"))
    #expect(installationPrefix() == nil)
  }
}

/// A directory of plain files, removed at its end.
private final class Folder {
  let path: String
  private let names: [String]

  init(_ files: [String: String]) throws {
    var name = Array(("/tmp/snug-cgroup-" + String(repeating: "X", count: 6)).utf8CString)
    let made = name.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } }
    try #require(made != nil)
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    names = Array(files.keys)
    for (name, text) in files {
      let file = open("\(path)/\(name)", O_WRONLY | O_CREAT, 0o600)
      _ = text.withCString { write(file, $0, text.utf8.count) }
      close(file)
    }
  }

  func read(_ name: String) -> String? { readText("\(path)/\(name)") }

  deinit {
    for name in names { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}
