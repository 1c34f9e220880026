import TestSupport
import Testing

/// The stage, or a failed test that says why there is none.
func stage() throws -> Stage { try Stage.shared.get() }

/// All suites of this target share one user and look for what it left running: one test after the other.
@Suite(.serialized) struct Live {}

extension Live {
  @Suite(.serialized) struct BasicTests {
    @Test func `the status of the program is the status of run`() throws {
      let stage = try stage()
      for (line, status) in [("exit 0", 0), ("exit 3", 3), ("kill -TERM $$", 143), ("kill -SEGV $$", 139)] {
        let done = try stage.snug(["run", "--", "sh", "-c", line])
        #expect(done.status == Int32(status), "\(line): \(done.everything)")
        #expect(done.errors == "")
      }
      #expect(stage.leftovers() == [])
    }

    @Test func `what cannot be found or executed has its own status`() throws {
      let stage = try stage()
      let missing = try stage.snug(["run", "--", "no-such-program"])
      #expect(missing.status == 127)
      #expect(missing.errors.contains("no-such-program"))
      try stage.write("just text\n", to: "\(stage.home)/work/plain", mode: "644")
      let plain = try stage.snug(["run", "--read", "\(stage.home)/work", "--", "\(stage.home)/work/plain"])
      #expect(plain.status == 126, "\(plain.everything)")
      try stage.write("#!/no/such/interpreter\n", to: "\(stage.home)/work/script", mode: "755")
      let script = try stage.snug(["run", "--read", "\(stage.home)/work", "--", "\(stage.home)/work/script"])
      #expect(script.status == 126, "\(script.everything)")
      #expect(script.errors.contains("interpreter"))
    }

    @Test(arguments: [
      Stage.Caller.plain, .awkward, Stage.Caller(open: 30, signals: "blocked"),
      Stage.Caller(umask: "000", asRoot: true),
    ])
    func `whoever calls, the program finds the same clean process`(caller: Stage.Caller) throws {
      let stage = try stage()
      let done = try stage.inside("default", [], ["report"], caller: caller)
      #expect(done.status == 0, "\(done.everything)")
      let lines = done.output.split(separator: "\n").map(String.init)
      for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        #expect(lines.contains("status \(set):\t0000000000000000"))
      }
      #expect(lines.contains("status NoNewPrivs:\t1"))
      #expect(lines.contains("status Seccomp:\t2"))
      #expect(lines.contains("status SigBlk:\t0000000000000000"))
      #expect(lines.contains("status SigIgn:\t0000000000000000"))
      #expect(lines.contains("umask \(caller.umask)"), "the caller's umask is kept")
      // 0, 1, 2 and nothing else; the probe's own directory descriptor is left out by itself.
      let descriptors = lines.drop { !$0.hasPrefix("link pid") }.filter { $0.hasPrefix("link ") }
        .compactMap { Int32($0.split(separator: " ")[1]) }
      #expect(descriptors.allSatisfy { $0 <= 2 }, "\(descriptors)")
      let variables = Set(
        lines.filter { $0.hasPrefix("env ") }.compactMap { $0.dropFirst(4).split(separator: "=").first })
      for name in ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "XDG_RUNTIME_DIR"] {
        #expect(variables.contains(Substring(name)), "\(name)")
      }
      #expect(stage.leftovers() == [])
    }

    @Test(arguments: ["0", "1", "2", "01", "02", "12", "012"])
    func `closed standard descriptors are filled`(closed: String) throws {
      let stage = try stage()
      let done = try stage.inside(
        "default", [], ["try", "read", "/etc/passwd"], caller: Stage.Caller(closed: closed))
      #expect(done.status == 0, "\(done.everything)")
      if !closed.contains("1") { #expect(done.output == "read: ok\n") }
    }

    @Test func `the program is cut off from the host`() throws {
      let stage = try stage()
      try stage.write("secret\n", to: "\(stage.home)/.ssh/id", mode: "600")
      let words = [
        "try", "read", "\(stage.home)/.ssh/id", ",", "list", "/root", ",", "read", "/etc/hostname", ",", "kill", "1",
        "9",
        ",", "ptrace", "1", ",", "read", "/proc/1/environ", ",", "read", "/proc/1/mem", ",", "unshare-user", ",",
        "mount",
        "/tmp", ",", "umount", "/proc", ",", "remount", "/usr", ",", "mknod", "/tmp/node", ",", "setuid", ",",
        "setgroups", ",", "tiocsti", ",", "tiocsti-high", ",", "keyctl", ",", "io_uring", ",", "prlimit", "1", ",",
        "socket", "40", ",", "write", "/usr/bin/true", ",", "create", "/usr/x", ",", "create", "/x",
      ]
      let inside = try stage.inside("default", [], words)
      let outside = try stage.outside(["try", "read", "\(stage.home)/.ssh/id", ",", "unshare-user"])
      #expect(outside.output == "read: ok\nunshare-user: ok\n", "the positive control")
      let expected = [
        "read: ENOENT", "list: ENOENT", "read: ENOENT", "kill: ok", "ptrace: EPERM", "read: EACCES", "read: EACCES",
        "unshare-user: EPERM", "mount: EPERM", "umount: EPERM", "remount: EPERM", "mknod: E", "setuid: E",
        "setgroups: EPERM", "tiocsti: EPERM", "tiocsti-high: EPERM", "keyctl: EPERM", "io_uring: ENOSYS",
        "prlimit: EPERM", "socket: EAFNOSUPPORT", "write: E", "create: E", "create: E",
      ]
      let lines = inside.output.split(separator: "\n").map(String.init)
      #expect(lines.count == expected.count, "\(inside.everything)")
      for (line, wanted) in zip(lines, expected) { #expect(line.hasPrefix(wanted), "\(line), wanted \(wanted)") }
    }
  }
}
