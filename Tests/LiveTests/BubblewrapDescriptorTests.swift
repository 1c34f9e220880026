import Glibc
import TestSupport
import Testing

#if arch(arm64)
  private let uname: UInt32 = 160
#else
  private let uname: UInt32 = 63
#endif

/// A filter in the kernel's binary form that lets uname(2) fail with an errno and everything else pass; see seccomp(2).
private func filter(errno: UInt32) -> [UInt8] {
  let rows: [(code: UInt16, yes: UInt8, no: UInt8, value: UInt32)] = [
    (0x20, 0, 0, 0),  // the number of the call
    (0x15, 0, 1, uname), (0x06, 0, 0, 0x0005_0000 | errno), (0x06, 0, 0, 0x7fff_0000),
  ]
  return rows.flatMap { row in
    withUnsafeBytes(of: row.code.littleEndian) { Array($0) } + [row.yes, row.no]
      + withUnsafeBytes(of: row.value.littleEndian) { Array($0) }
  }
}

extension OpenFile {
  /// Reads until a text has come; what was read.
  fileprivate func read(until text: String) -> String {
    var seen = ""
    var byte: UInt8 = 0
    while !seen.contains(text), Glibc.read(number, &byte, 1) == 1 { seen.unicodeScalars.append(Unicode.Scalar(byte)) }
    return seen
  }
}

extension Live {
  /// Options that name a descriptor.
  @Suite(.serialized) struct BubblewrapDescriptorTests {
    @Test func `twenty thousand words from --args`() throws {
      let stage = try stage()
      let words = (0..<10_000).map { "--dir\u{0}/d/\($0)\u{0}" }.joined()
      let done = try stage.box(["--args", "8", "sh", "-c", "ls /d | wc -l"], [8: try OpenFile(holding: words.utf8)])
      #expect(done.output == "10000\n", "\(done.everything)")
      var pipe = try PipeEnds()
      let data = Array("--setenv\u{0}A\u{0}1\u{0}".utf8)
      _ = write(try #require(pipe.writer).number, data, data.count)
      pipe.writer = nil
      let reader = try #require(pipe.reader)
      #expect(
        try stage.box(["--args", "8", "sh", "-c", "echo $A; { cat <&8; } 2>&- || echo closed"], [8: reader]).output
          == "1\nclosed\n")
    }

    @Test func `a descriptor is bound as what it is`() throws {
      let stage = try stage()
      let folder = try stage.boxFixture()
      let line = "cat /w/file; touch /w/new 2>&- || echo no"
      for (option, output) in [("--bind-fd", "text\n"), ("--ro-bind-fd", "text\nno\n")] {
        let done = try stage.box(
          [option, "8", "/w", "sh", "-c", line], [8: try OpenFile(folder, O_RDONLY | O_DIRECTORY)])
        #expect(done.output == output, "\(done.everything)")
      }
      let file = try stage.box(["--ro-bind-fd", "8", "/f", "cat", "/f"], [8: try OpenFile("\(folder)/file")])
      #expect(file.output == "text\n", "\(file.everything)")
      // The name of an open directory goes with it.
      let moved = try OpenFile("\(folder)/a", O_RDONLY | O_DIRECTORY)
      try stage.outside(shell: "cd \(folder); mv a z; mkdir a; echo other >a/a")
      #expect(try stage.box(["--bind-fd", "8", "/w", "cat", "/w/a"], [8: moved]).output == "a\n")
    }

    @Test func `a descriptor whose name is another file's is refused`() throws {
      let stage = try stage()
      let folder = try stage.boxFixture()
      let start = "bwrap: Can't bind mount /proc/self/fd/8: "
      let memory = try stage.box(["--bind-fd", "8", "/f", "true"], [8: try OpenFile(holding: "x".utf8)])
      #expect(memory.status == 1 && memory.errors.hasPrefix(start), "\(memory.everything)")
      let gone = try OpenFile("\(folder)/b", O_RDONLY | O_DIRECTORY)
      try stage.outside(shell: "rm -r \(folder)/b")
      let deleted = try stage.box(["--bind-fd", "8", "/w", "true"], [8: gone])
      #expect(deleted.status == 1 && deleted.errors.hasPrefix(start), "\(deleted.everything)")
      // Another one of the very name that proc gives for a deleted one.
      try stage.outside(shell: "mkdir '\(folder)/b (deleted)'")
      #expect(try stage.box(["--bind-fd", "8", "/w", "true"], [8: gone]).errors.hasPrefix(start))
      guard stage.isRoot else { return skip("only root can mount over a name") }
      let covered = try OpenFile("\(folder)/a", O_RDONLY | O_DIRECTORY)
      try Stage.shell("mkdir \(folder)/0; chown \(stage.uid) \(folder)/0")
      let under = try OpenFile("\(folder)/0", O_RDONLY | O_DIRECTORY)
      let words = [stage.bwrap] + stage.smallRoot
      let over = try stage.run(
        words + ["--bind-fd", "8", "/w", "true"], mounts: (folder, 1), descriptors: [8: under.number])
      #expect(over.status == 1 && over.errors.hasPrefix(start), "\(over.everything)")
      let beside = try stage.run(
        words + ["--bind-fd", "8", "/w", "ls", "/w"], mounts: (folder, 1), descriptors: [8: covered.number])
      #expect(beside.output == "a\nboth\n", "\(beside.everything)")
    }

    @Test func `filters are loaded in order, and the last one decides`() throws {
      let stage = try stage()
      func outcome(_ options: [String], _ errors: [UInt32]) throws -> String {
        var files: [Int32: OpenFile] = [:]
        for (index, code) in errors.enumerated() {
          files[Int32(8 + index)] = try OpenFile(holding: filter(errno: code))
        }
        return try stage.box(options + ["/probe", "try", "syscall", String(uname)], files).output
      }
      #expect(try outcome([], []) == "syscall: EFAULT\n", "the positive control")
      #expect(try outcome(["--seccomp", "8"], [1]) == "syscall: EPERM\n")
      #expect(try outcome(["--add-seccomp-fd", "8", "--add-seccomp-fd", "9"], [1, 13]) == "syscall: EACCES\n")
      #expect(try outcome(["--add-seccomp-fd", "9", "--add-seccomp-fd", "8"], [1, 13]) == "syscall: EPERM\n")
      let first = try stage.box(
        ["--unshare-pid", "--proc", "/proc", "--seccomp", "8", "grep", "Seccomp:", "/proc/1/status"],
        [8: try OpenFile(holding: filter(errno: 1))])
      #expect(first.output == "Seccomp:\t2\n", "the first process has it, too")
      let broken = try stage.box(["--seccomp", "8", "true"], [8: try OpenFile(holding: [1, 2, 3])])
      #expect(broken.errors == "bwrap: Invalid seccomp data, must be multiple of 8\n")
      let wrong = try stage.box(
        ["--seccomp", "8", "true"], [8: try OpenFile(holding: [UInt8](repeating: 255, count: 8))])
      #expect(wrong.errors == "bwrap: prctl(PR_SET_SECCOMP): Invalid argument\n")
    }

    @Test func `info and status tell the process and its namespaces, and --block-fd waits`() throws {
      let stage = try stage()
      var (block, info, status) = (try PipeEnds(), try PipeEnds(), try PipeEnds())
      let options = ["--unshare-all", "--share-net", "--block-fd", "8", "--info-fd", "9", "--json-status-fd", "10"]
      let running = try stage.startBwrap(
        stage.smallRoot + options + ["sh", "-c", "echo ran; exit 3"],
        [8: try #require(block.reader), 9: try #require(info.writer), 10: try #require(status.writer)])
      info.writer = nil
      status.writer = nil
      block.reader = nil
      let text = try #require(info.reader).read(until: "\n}\n")
      let object = try #require(JSONValue(text))
      let line = try #require(status.reader).read(until: "\n")
      #expect(JSONValue(line) == object, "the same in one line")
      let pid = try #require(object["child-pid"].integer)
      for name in ["cgroup", "ipc", "mnt", "pid", "uts"] {
        #expect(linkText("/proc/\(pid)/ns/\(name)") == object["\(name)-namespace"].integer.map { "\(name):[\($0)]" })
      }
      #expect(object["net-namespace"] == .null)
      #expect(running.outputSoFar == "", "it waits")
      _ = write(try #require(block.writer).number, "x", 1)
      let done = running.finish()
      #expect(done.status == 3 && done.output == "ran\n", "\(done.everything)")
      #expect(try #require(status.reader).readAll() == "{ \"exit-code\": 3 }\n")
    }

    @Test func `an exec that fails has no exit code, and the end of --block-fd is a byte, too`() throws {
      let stage = try stage()
      var (block, status) = (try PipeEnds(), try PipeEnds())
      block.writer = nil
      let done = try stage.box(
        ["--block-fd", "8", "--json-status-fd", "9", "/not-there"],
        [8: try #require(block.reader), 9: try #require(status.writer)])
      status.writer = nil
      #expect(done.status == 1 && done.errors == "bwrap: execvp /not-there: No such file or directory\n")
      let lines = try #require(status.reader).readAll()
      #expect(lines.hasPrefix("{ \"child-pid\": ") && !lines.contains("exit-code"), "\(lines)")
    }

    @Test func `a lock is held until the last process ends, and seen from outside`() throws {
      let stage = try stage()
      let folder = try stage.boxFixture()
      func lock() throws -> String { try stage.run([stage.probe, "lock", "\(folder)/file"]).output }
      #expect(try lock() == "none 0\n")
      let running = try stage.startBwrap(
        stage.smallRoot + ["--ro-bind", folder, "/w", "--lock-file", "/w/file", "sh", "-c", "echo ready; read line"])
      #expect(running.waitFor("ready"))
      #expect(try lock() == "read \(try #require(running.initPID))\n")
      #expect(running.finish().status == 1)
      #expect(try lock() == "none 0\n")
    }

    @Test(arguments: [[], ["--unshare-pid"], ["--unshare-pid", "--as-pid-1"]])
    func `--sync-fd is open as long as anything lives inside`(options: [String]) throws {
      let stage = try stage()
      var sync = try PipeEnds()
      let running = try stage.startBwrap(
        stage.smallRoot + options + ["--sync-fd", "8", "sh", "-c", "echo ready; read line"],
        [8: try #require(sync.writer)])
      sync.writer = nil
      #expect(running.waitFor("ready"))
      let reader = try #require(sync.reader)
      #expect(!reader.isHungUp)
      let app = try #require(options.contains("--as-pid-1") ? running.initPID : running.appPIDs.first)
      let open = try #require(descriptors(of: app))
      #expect((open[8] != nil) == options.contains("--as-pid-1"), "the first process alone holds it: \(open)")
      running.closeInput()
      #expect(eventually { reader.isHungUp })
      #expect(running.finish().status == 1)
      #expect(stage.leftovers() == [])
    }

    @Test func `namespaces of others are entered`() throws {
      let stage = try stage()
      let line = "echo outer; unshare -U -r sh -c 'echo inner; read line'"
      let owner = try stage.start(["/usr/bin/unshare", "-U", "-r", "-p", "-f", "sh", "-c", line])
      #expect(owner.waitFor("inner"))
      let outer = try #require(owner.initPID)
      let inner = try #require(
        (readText("/proc/\(outer)/task/\(outer)/children") ?? "").split(separator: " ").first.flatMap { Int32($0) })
      let files: [Int32: OpenFile] = [
        8: try OpenFile("/proc/\(outer)/ns/user"), 9: try OpenFile("/proc/\(outer)/ns/pid"),
        10: try OpenFile("/proc/\(inner)/ns/user"),
      ]
      func link(_ pid: Int32, _ name: String) -> String { (linkText("/proc/\(pid)/ns/\(name)") ?? "?") + "\n" }
      let root = ["--proc", "/proc", "readlink"]
      #expect(try stage.box(["--userns", "8"] + root + ["/proc/self/ns/user"], files).output == link(outer, "user"))
      let second = try stage.box(["--userns", "8", "--userns2", "10"] + root + ["/proc/self/ns/user"], files)
      #expect(second.output == link(inner, "user"), "\(second.everything)")
      let pids = try stage.box(["--userns", "8", "--pidns", "9"] + root + ["/proc/self/ns/pid"], files)
      #expect(pids.output == link(outer, "pid"), "\(pids.everything)")
      // Below the one that is entered: a new one, in which the command is the second process, and the status arrives.
      for options in [[], ["--die-with-parent"], ["--as-pid-1"]] {
        let words = ["--userns", "8", "--pidns", "9", "--unshare-pid", "--proc", "/proc"] + options
        let below = try stage.box(words + ["sh", "-c", "echo $$; readlink /proc/self/ns/pid; exit 7"], files)
        let lines = below.output.split(separator: "\n").map(String.init)
        #expect(below.status == 7 && lines.first == (options == ["--as-pid-1"] ? "1" : "2"), "\(below.everything)")
        #expect(lines.last.map { $0 + "\n" != link(outer, "pid") && $0 != linkText("/proc/self/ns/pid") } == true)
      }
      if geteuid() == 0 {
        // The caller's own pid namespace, in which the launcher has a number.
        let same = try stage.box(
          ["--pidns", "9", "--unshare-pid", "--die-with-parent", "--proc", "/proc", "sh", "-c", "echo $$; exit 7"],
          [9: try OpenFile("/proc/self/ns/pid")], caller: Stage.Caller(asRoot: true))
        #expect(same.status == 7 && same.output == "2\n", "\(same.everything)")
      }
      var info = try PipeEnds()
      let told = try stage.startBwrap(
        stage.smallRoot + [
          "--userns", "8", "--pidns", "9", "--unshare-pid", "--info-fd", "11", "sh", "-c", "read line",
        ],
        files.merging([11: try #require(info.writer)]) { first, _ in first })
      info.writer = nil
      let object = JSONValue(try #require(info.reader).read(until: "\n}\n"))
      let first = try #require(object?["child-pid"].integer)
      #expect(linkText("/proc/\(first)/ns/pid") == object?["pid-namespace"].integer.map { "pid:[\($0)]" })
      #expect(link(Int32(first), "pid") != link(outer, "pid"))
      told.closeInput()
      #expect(told.finish().status == 1)
      let stranger = try stage.box(["--userns", "8", "true"], [8: try OpenFile("/proc/self/ns/user")])
      #expect(stranger.status == 1 && stranger.errors.hasPrefix("bwrap: Joining specified user namespace failed: "))
      #expect(owner.finish().status == 1)
      #expect(stage.leftovers() == [])
    }

    @Test func `maps are written by somebody else while --userns-block-fd waits`() throws {
      let stage = try stage()
      var (block, info) = (try PipeEnds(), try PipeEnds())
      let running = try stage.startBwrap(
        stage.smallRoot + ["--unshare-user", "--userns-block-fd", "8", "--info-fd", "9", "sh", "-c", "id -u; id -g"],
        [8: try #require(block.reader), 9: try #require(info.writer)])
      block.reader = nil
      info.writer = nil
      let object = JSONValue(try #require(info.reader).read(until: "\n}\n"))
      let pid = try #require(object?["child-pid"].integer)
      try stage.outside(
        shell: """
          cd /proc/\(pid); echo deny >setgroups
          echo '1234 \(stage.uid) 1' >uid_map; echo '5678 \(stage.gid) 1' >gid_map
          """)
      _ = write(try #require(block.writer).number, "x", 1)
      let done = running.finish()
      #expect(done.output == "1234\n5678\n", "\(done.everything)")
    }
  }
}
