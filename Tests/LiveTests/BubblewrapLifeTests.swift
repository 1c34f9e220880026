import Glibc
import TestSupport
import Testing

extension Stage {
  /// Pids of the user's processes that have not ended.
  fileprivate func living() -> [Int32] {
    processes().filter { readText("/proc/\($0)/status")?.contains("\nState:\tZ") == false }.compactMap { Int32($0) }
  }

  /// A shell that starts `bwrap` with words and waits for it: the parent that a test ends.
  fileprivate func startParent(_ words: String) throws -> Running {
    try start(
      ["/bin/sh", "-c", "$BWRAP --dev-bind / / \(words); true"], extra: ["BWRAP=\(bwrap)"])
  }
}

private func childPIDs(of pid: Int32) -> [Int32] {
  (readText("/proc/\(pid)/task/\(pid)/children") ?? "").split(separator: " ").compactMap { Int32($0) }
}

extension Live {
  /// What ends with what.
  @Suite(.serialized) struct BubblewrapLifeTests {
    @Test(arguments: [
      ("--unshare-pid", "sleep 600 & sleep 600"), ("", "exec sleep 600"),
      ("--unshare-pid --as-pid-1", "sleep 600 & wait"),
      ("--lock-file /etc/passwd", "exec sleep 600"),
    ])
    func `--die-with-parent leaves nothing, whenever the parent is killed`(options: String, line: String) throws {
      let stage = try stage()
      var numbers = Numbers(state: 1)
      var met = 0
      for _ in 0..<(wantsLongForm ? 500 : 15) {
        let running = try stage.startParent("--die-with-parent \(options) sh -c '\(line)'")
        // A launcher whose parent ends before it has looked who that is cannot know; from its first child on it must.
        #expect(eventually { running.initPID.map { !childPIDs(of: $0).isEmpty } ?? false })
        usleep(UInt32.random(in: 0..<12_000, using: &numbers))
        if stage.living().count > 2 { met += 1 }
        running.signal(SIGKILL)
        #expect(running.finish().status == 137)
        #expect(eventually { stage.living().isEmpty }, "\(stage.processes())")
      }
      #expect(met > 0, "some were killed when there was a sandbox")
      #expect(stage.leftovers() == [])
    }

    @Test func `without it the sandbox outlives parent and launcher`() throws {
      let stage = try stage()
      let running = try stage.startParent("--unshare-pid sh -c 'echo ready; exec sleep 600'")
      #expect(running.waitFor("ready"))
      let launcher = try #require(running.initPID)
      running.signal(SIGKILL)
      #expect(eventually { stage.living().count == 3 }, "launcher, first process and command")
      kill(launcher, SIGTERM)
      #expect(eventually { stage.living().count == 2 }, "signals to the launcher are not passed on")
      for pid in stage.living() { kill(pid, SIGKILL) }
      #expect(running.finish().status == 137)
      #expect(stage.leftovers() == [])
    }

    @Test func `the launcher returns with the command, and what that leaves keeps the first process alive`() throws {
      let stage = try stage()
      let folder = try stage.boxFixture()
      try stage.outside(shell: "mkfifo \(folder)/pipe")
      let line = "(read line </w/pipe) </dev/null >/dev/null 2>&1 & exit 3"
      let words = ["--unshare-pid", "--bind", folder, "/w", "--dev", "/dev", "sh", "-c", line]
      // The first process keeps the standard descriptors, as bubblewrap's does: no pipe of ours to wait for.
      let quiet = ["/bin/sh", "-c", "exec \"$0\" \"$@\" </dev/null >/dev/null 2>&1", stage.bwrap] + stage.smallRoot
      #expect(try stage.run(quiet + words).status == 3)
      #expect(stage.living().count == 2, "the first process and what is left")
      _ = try OpenFile("\(folder)/pipe", O_WRONLY)
      #expect(stage.leftovers() == [], "the end of the pipe was the end of all")
      // With --die-with-parent the launcher's end is everybody's.
      #expect(try stage.run(quiet + ["--die-with-parent"] + words).status == 3)
      #expect(stage.leftovers() == [])
    }

    @Test(arguments: ["ignored", "blocked", "deaf"])
    func `signals that the caller ignores or blocks cost no status`(signals: String) throws {
      let stage = try stage()
      let caller = Stage.Caller(signals: signals)
      for options in [[], ["--unshare-pid"], ["--unshare-pid", "--as-pid-1"]] {
        let done = try stage.box(options + ["sh", "-c", "(exit 4); exit $(($? + 3))"], caller: caller)
        #expect(done.status == 7, "\(options): \(done.everything)")
      }
      let facts = Fingerprint(try stage.box(["--proc", "/proc", "/probe", "report"], caller: caller)).facts
      let children: UInt64 = 1 << UInt64(SIGCHLD - 1)
      for set in ["SigIgn", "SigBlk"] {
        let mask = try #require(facts[set].flatMap { UInt64($0, radix: 16) })
        #expect(mask & children == 0, "a command that finds SIGCHLD \(signals) loses its children")
        // 32 and 33 are the C library's own and nobody's to reset.
        #expect(
          (mask & ~0x1_8000_0000 != 0) == ((set == "SigBlk") == (signals == "blocked")),
          "all others are passed on: \(set)")
      }
    }

    @Test(arguments: ["0", "1", "2", "01", "02", "12", "012"])
    func `standard descriptors that are closed stay closed`(closed: String) throws {
      let stage = try stage()
      let folder = try stage.boxFixture()
      let words = [
        "--unshare-pid", "--proc", "/proc", "--bind", folder, "/w", "sh", "-c", "ls -l /proc/$$/fd >/w/fds; exit 9",
      ]
      let done = try stage.box(words, caller: Stage.Caller(closed: closed))
      #expect(done.status == 9, "\(done.everything)")
      let list = readText("\(folder)/fds") ?? ""
      // The shell puts its own file on 1 while it lists.
      for number in closed where number != "1" { #expect(!list.contains(" \(number) -> "), "\(list)") }
      for number in "012" where !closed.contains(number) { #expect(list.contains(" \(number) -> "), "\(list)") }
    }

    @Test func `descriptors are passed on as they are, and none with --close-fds`() throws {
      let stage = try stage()
      let caller = Stage.Caller(open: 50)
      func numbers(_ done: Finished) -> Set<String> {
        Set(Fingerprint(done).facts.keys.filter { $0.hasPrefix("descriptor ") })
      }
      let outside = numbers(try stage.run([stage.probe, "report"], caller: caller))
      #expect(outside.count > 50)
      for options in [[], ["--unshare-pid"]] {
        let words = options + ["--proc", "/proc", "/probe", "report"]
        #expect(numbers(try stage.box(words, caller: caller)) == outside)
        #expect(
          numbers(try stage.box(["--close-fds"] + words, caller: caller))
            == ["descriptor 0", "descriptor 1", "descriptor 2"])
      }
      #expect(try stage.box(["umask"], caller: Stage.Caller(umask: "027")).status == 1, "a word of the shell alone")
      #expect(try stage.box(["sh", "-c", "umask"], caller: Stage.Caller(umask: "027")).output == "0027\n")
    }

    @Test func `more binds than a soft limit of open files, and the limit is given back`() throws {
      let stage = try stage()
      let binds = (0..<200).flatMap { ["--ro-bind", "/etc/passwd", "/f/\($0)"] }
      let words = stage.smallRoot + binds + ["/probe", "process"]
      let soft = try stage.run([stage.probe, "limit", "24", "0", stage.bwrap] + words)
      #expect(soft.output.contains("files 24 "), "\(soft.everything)")
      let hard = try stage.run([stage.probe, "limit", "24", "24", stage.bwrap] + words)
      #expect(hard.status == 1 && hard.errors.contains(": Too many open files"), "\(hard.everything)")
      #expect(
        hard.errors.hasPrefix("bwrap: Can't bind mount ") || hard.errors.hasPrefix("bwrap: Can't find source path "))
    }

    @Test func `a sandbox in a sandbox`() throws {
      let stage = try stage()
      let own = ["--ro-bind", "/", "/", "--unshare-all", "--dev", "/dev", "--tmpfs", "/tmp"]
      let command = ["sh", "-c", "echo $$; exit 5"]
      let inner = [stage.bwrap] + own + ["--proc", "/proc"] + command
      let outer = ["--ro-bind", "/", "/", "--dev", "/dev", "--unshare-pid", "--proc", "/proc"]
      for level in [inner, [stage.bwrap] + outer + inner, [stage.bwrap] + outer + [stage.bwrap] + outer + inner] {
        let done = try stage.run(level)
        #expect(done.status == 5 && done.output == "2\n", "\(done.everything)")
      }
      // The preset tells programs that these are absent, so that they fall back to mount(2); there is no fallback here.
      let mountCalls = ["fsconfig", "fsmount", "fsopen", "mount_setattr", "move_mount", "open_tree", "clone3"]
        .map { "\"\($0)\"" }.joined(separator: ", ")
      try stage.profile("outer", "[seccomp]\npreset = \"nested\"\nallow = [\(mountCalls)]")
      let profile = ["run", "--read", "\(stage.folder)/prefix/bin", "-p", "outer", "--"]
      // Nor can a new proc be mounted where the old one is covered.
      let done = try stage.snug(profile + [stage.bwrap] + own + command)
      #expect(done.status == 5 && done.output == "2\n", "\(done.everything)")
      #expect(stage.leftovers() == [])
    }
  }
}
