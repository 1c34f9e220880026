import Glibc
import TestSupport
import Testing

extension Live {
  /// Random system calls from inside, while everything that must not change is watched outside.
  @Suite(.serialized) struct FuzzInside {
    /// A process of the user's, outside: what it is and has, before and after. Its listener is never called.
    private static let guardian = """
      import ctypes, os, resource, socket, sys
      library = ctypes.CDLL(None, use_errno=True)
      library.syscall.restype = ctypes.c_long
      # add_key into the user's keyring, keyctl's read, of x86_64.
      key = library.syscall(248, b"user", b"snug-canary", b"secret", 6, -4)
      listener = socket.socket(socket.AF_UNIX)
      listener.bind(sys.argv[1])
      listener.listen(5)
      listener.setblocking(False)
      def facts():
        buffer = ctypes.create_string_buffer(64)
        count = library.syscall(250, 11, key, buffer, 64)
        limits = [resource.getrlimit(number) for number in range(16)]
        signals = [line for line in open("/proc/self/status") if line.startswith(("Sig", "Cap", "Seccomp", "Uid"))]
        return (key > 0, buffer.raw[:max(count, 0)], os.getpriority(os.PRIO_PROCESS, 0), os.sched_getaffinity(0),
          os.sched_getscheduler(0), os.getcwd(), os.umask(0o22), limits, signals,
          open("/proc/self/oom_score_adj").read(), os.getpgrp() == os.getpid(), os.getsid(0))
      def callers():
        try: return listener.accept()
        except BlockingIOError: return None
      before = facts()
      print("ready", before[0] and before[1] == b"secret", flush=True)
      sys.stdin.readline()
      print(facts() == before, callers(), flush=True)
      """

    /// Numbers from the file in which workers count.
    private func counts(_ path: String) -> [UInt64] {
      let bytes = readBytes(path) ?? []
      return (0..<3).map { at in
        (0..<8).reduce(UInt64(0)) { sum, index in
          sum | (8 * at + index < bytes.count ? UInt64(bytes[8 * at + index]) << UInt64(8 * index) : 0)
        }
      }
    }

    private struct Round {
      var boxes = 0
      var refused: [String] = []
      var stopped = 0
    }

    /// Boxes one after the other, for that long: a worker may end its own.
    private func attack(
      _ stage: Stage, _ profile: String, _ options: [String], names: [String], outside: Int32, time: Int
    )
      throws -> Round
    {
      var round = Round()
      let end = milliseconds() + Double(time)
      while milliseconds() < end || round.boxes == 0 {
        round.boxes += 1
        let left = max(100, Int(end - milliseconds()))
        let words = ["random-calls", "\(round.boxes)", "\(left)", "\(stage.home)/counts", "\(outside)"] + names
        let running = try stage.begin(profile, words, options)
        // One that its own workers have stopped is stopped for good: then the launcher is asked to end it.
        let hasEnded = eventually(seconds: left / 1000 + 3) { isOver(running.pid) }
        if !hasEnded {
          round.stopped += 1
          running.signal(SIGTERM)
        }
        let done = running.finish(seconds: 30)
        // 137 is what SIGKILL among themselves gives; 125 would be the launcher's own trouble, and so would be words.
        if done.status == 125 || done.errors.contains("snug:") || done.errors.contains("rror") {
          round.refused.append(done.everything)
        }
      }
      return round
    }

    private func isOver(_ pid: Int32) -> Bool { readText("/proc/\(pid)/stat")?.contains(") Z ") ?? true }

    @Test func `random system calls change nothing outside`() throws {
      #if !arch(x86_64)
        return skip("numbers of system calls are those of x86_64")
      #endif
      let stage = try stage()
      let home = stage.home
      try stage.write("-----KEY-----\n", to: "\(home)/.ssh/id_canary", mode: "600")
      try stage.write("plain\n", to: "\(home)/Documents/letter")
      try stage.profile("fuzz-devel", "extends = [\"default\"]\nseccomp.preset = \"devel\"")
      try stage.profile("fuzz-base", "seccomp.preset = \"base\"\nlandlock.files = false")
      let socket = "\(stage.runtime)/canary.sock"
      let guardian = try stage.start(["/usr/bin/python3", "-c", Self.guardian, socket])
      #expect(guardian.waitFor("ready True"), "\(guardian.errorsSoFar)")
      let outside = guardian.pid

      let before = try Outside(stage)
      var table = ProofTable(
        "fuzz-inside", title: "Random system calls from inside (numbers 0 to 600)",
        header: ["profile", "boxes", "workers", "calls", "EPERM or ENOSYS", "canaries outside", "launcher"])
      let time = wantsLongForm ? 60_000 : 5_000
      for profile in ["default", "fuzz-devel", "fuzz-base"] {
        try stage.outside(
          shell:
            "mkdir -p ~/reach/dir && echo canary >~/reach/a && echo canary >~/reach/b && head -c 24 /dev/zero >~/counts"
        )
        let reach = try stage.fingerprint(["\(home)/reach"])
        let paths = [
          "\(home)/reach/a", "\(home)/reach/b", "\(home)/reach/dir", "\(home)/reach/new", "\(home)/.ssh/id_canary",
          "\(home)/.ssh", "\(home)/Documents/letter", home, socket, "/", "..", ".", "/proc/1/root", "/proc/1/mem",
          "/proc/\(outside)/mem", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/dev/tty", "/dev/shm/x",
          "/sys",
          "/tmp/x", "/usr/bin/env", "user", "tmpfs", "",
        ]
        let round = try attack(
          stage, profile, ["--write", "\(home)/reach", "--write", "\(home)/counts"], names: paths, outside: outside,
          time: time / 3)
        let after = try Outside(stage)
        #expect(after == before, "\(after.difference(before))")
        #expect(round.refused == [])
        // The positive control: what is within reach is changed.
        #expect((try? stage.fingerprint(["\(home)/reach"])) != reach, "nothing within reach was changed")
        let counts = counts("\(home)/counts")
        #expect(counts[0] > 1_000, "\(counts) calls")
        table.rows.append([
          profile, "\(round.boxes)", "\(counts[2])", "\(counts[0])", "\(counts[1])",
          after == before ? "unchanged" : "CHANGED", round.refused.isEmpty ? "alive to the end" : "FAILED",
        ])
        // Modes have changed, too.
        try Stage.shell("chmod -R u+rwX '\(home)/reach' '\(home)/counts' || true")
        try stage.remove("\(home)/reach", "\(home)/counts")
      }
      guardian.send(Array("\n".utf8))
      let said = guardian.finish()
      #expect(said.output == "ready True\nTrue None\n", "\(said.everything)")
      #expect(stage.leftovers() == [])
      try table.publish()
      try stage.remove("\(home)/.ssh", "\(home)/Documents", socket, "\(home)/.config/snug/profiles")
    }

    /// The caller's own terminal, behind the relay, while the other side is thrown random calls at.
    @Test func `random system calls leave the caller's terminal as it was`() throws {
      let stage = try stage()
      try stage.outside(shell: "head -c 24 /dev/zero >~/counts")
      let time = wantsLongForm ? 10_000 : 1_500
      let terminal = try stage.startOnTerminal(["/bin/sh", "-i"], extra: ["PS1=prompt-$? "])
      #expect(terminal.waitFor("prompt-0 "))
      let modes = terminal.modes
      let foreground = terminal.foreground
      for seed in 1...2 {
        terminal.forget()
        let words = "random-calls \(seed) \(time) \(stage.home)/counts 1 /dev/tty /dev/pts/0 /dev/ptmx /"
        let line = "\(stage.snug) run --read \(stage.probe) --write ~/counts -- \(stage.probe) \(words)"
        terminal.type("\(line); echo e''nd-\(seed)\r")
        // One that its workers have stopped is a stopped job, behind which the shell goes on; it ends with the terminal.
        #expect(terminal.waitFor("end-\(seed)", seconds: time / 1000 + 20), "\(terminal.shown.suffix(500))")
      }
      #expect(eventually { terminal.modes == modes }, "\(terminal.modes) and before \(modes)")
      #expect(eventually { terminal.foreground == foreground })
      #expect(counts("\(stage.home)/counts")[0] > 1_000)
      // The positive control: a program in its place changes them.
      terminal.type("stty raw -echo; sleep 600\r")
      #expect(eventually { terminal.modes != modes })
      _ = terminal.hangUp()
      #expect(stage.leftovers() == [])
      try stage.remove("\(stage.home)/counts")
    }

    /// What nobody inside may change.
    private struct Outside: Equatable {
      var files: [String]
      var mounts: String?
      var runtime: [String]
      var temporary: [String]

      init(_ stage: Stage) throws {
        files = try stage.fingerprint(
          [stage.home],
          except: ["\(stage.home)/reach", "\(stage.home)/counts", "\(stage.home)/.local", "\(stage.home)/.cache"])
        mounts = readText("/proc/self/mountinfo")
        runtime = (names(in: stage.runtime) ?? []).filter { $0 != "snug" }.sorted()
        temporary = ["/tmp", "/dev/shm", "/var/tmp"].flatMap { names(in: $0) ?? [] }.filter { $0.contains("snug") }
          .sorted()
      }

      func difference(_ other: Outside) -> [String] {
        files.filter { !other.files.contains($0) } + other.files.filter { !files.contains($0) }
          + (mounts == other.mounts ? [] : ["mounts"]) + (runtime == other.runtime ? [] : runtime)
          + (temporary == other.temporary ? [] : temporary)
      }
    }
  }
}
