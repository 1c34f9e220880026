import Glibc
import TestSupport
import Testing

extension Live {
  /// Many sandboxes, and many processes in one.
  @Suite(.serialized) struct LoadTests {
    @Test func `hundreds at once: none fails, nothing is left`() throws {
      let stage = try stage()
      let most = wantsLongForm ? 1_000 : 200
      // Three pipes each, more than shells allow their programs.
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      limit.rlim_cur = limit.rlim_max
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      let before = MachineState()
      let memory = MachineState.usedMemory
      let began = milliseconds()
      let all = try (0..<most).map { index in
        try stage.start([stage.snug, "run", "--", "sh", "-c", "echo here; read line; exit \(index % 100)"])
      }
      // All run at the same time before the first may end.
      #expect(all.allSatisfy { $0.waitFor("here", seconds: 120) })
      let started = milliseconds() - began
      #expect(stage.processes().count == 3 * most, "launcher, PID 1 and app of each")
      let each = (MachineState.usedMemory - memory) / most
      var failed: [String] = []
      for (index, running) in all.enumerated() {
        let done = running.finish()
        if done.status != Int32(index % 100) || !done.errors.isEmpty { failed.append("\(index): \(done.everything)") }
      }
      let ended = milliseconds() - began
      #expect(failed == [])
      #expect(stage.leftovers() == [])
      #expect(MachineState() == before)
      try LoadTable.add(
        "sandboxes at once", "\(most)", failed: failed.count + stage.processes().count,
        "all run after \(rounded(started)) ms, all ended after \(rounded(ended)) ms; \(each) KiB of the machine each")
    }

    @Test func `one after the other: none fails, nothing is left`() throws {
      let stage = try stage()
      let count = wantsLongForm ? 10_000 : 400
      let before = MachineState()
      let memory = MachineState.usedMemory
      var failed: [String] = []
      var times: [Double] = []
      for index in 0..<count {
        let began = milliseconds()
        let done = try stage.snug(["run", "--", "sh", "-c", "exit \(index % 100)"])
        times.append(milliseconds() - began)
        if done.status != Int32(index % 100) || !done.errors.isEmpty { failed.append("\(index): \(done.everything)") }
      }
      let tenth = count / 10
      let (first, last) = (median(Array(times.prefix(tenth))), median(Array(times.suffix(tenth))))
      #expect(failed == [])
      #expect(stage.leftovers() == [])
      #expect(MachineState() == before, "mounts, descriptors, temporary files")
      try LoadTable.add(
        "runs one after the other", "\(count)", failed: failed.count,
        "median \(rounded(median(times))) ms; of the first tenth \(rounded(first)), of the last \(rounded(last)); memory of "
          + "the machine \(MachineState.usedMemory - memory) KiB more")
    }

    @Test func `a user without room for keys starts all the same`() throws {
      let stage = try stage()
      #if !arch(x86_64)
        return skip("the numbers of add_key and keyctl are those of x86_64")
      #endif
      // Without the filter, which refuses all key calls, the keyring is the only wall.
      try stage.profile("bare", "seccomp.preset = \"none\"")
      // Keys in a session of its own until the quota is reached, keyrings(7); what others held before is given back late.
      let script = """
        import ctypes, subprocess, sys, time
        c = ctypes.CDLL(None, use_errno=True)
        number = 0
        def fill():
          global number
          while c.syscall(248, b"user", b"snug-test-%d" % number, b"x", 1, -3) > 0: number += 1
          return ctypes.get_errno()
        def settle():
          quiet = 0
          while quiet < 10:
            last = number
            error = fill()
            quiet = quiet + 1 if number == last else 0
            time.sleep(0.05)
          return error
        for attempt in range(200):
          if c.syscall(250, 1, None) > 0: break
          time.sleep(0.05)
        print(settle(), flush=True)
        for words in (["--"], ["-p", "bare", "--"]):
          print(subprocess.call([sys.argv[1], "run"] + words + ["sh", "-c", "echo inside; exit 3"]), settle(), flush=True)
        """
      let done = try stage.run(["/usr/bin/python3", "-c", script, stage.snug])
      #expect(
        done.output == "122\ninside\n3 122\n125 122\n",
        "EDQUOT before and after, the positive control: \(done.everything)")
      #expect(done.errors.hasPrefix("snug: cannot join a new session keyring"), "\(done.errors)")
      #expect(stage.leftovers() == [])
    }

    @Test func `thousands of orphans at once and short ones are reaped`() throws {
      let stage = try stage()
      let count = wantsLongForm ? 50_000 : 5_000
      // Beside them live PID 1, the probe, and the shell.
      for (words, most, said) in [
        (["orphans", "5000", "together"], 5_000, "made 5000 living 5003\nzombies 0 living 3\ndone\n"),
        (["orphans", "\(count)", "short"], count, "zombies 0 living 3\ndone\n"),
      ] {
        let began = milliseconds()
        // The shell stays until PID 1 has been looked at.
        let line = "\(stage.probe) \(words.joined(separator: " ")); echo done; read line"
        let running = try stage.start(
          [stage.snug, "run", "--read", stage.probe, "-p", "default", "--", "sh", "-c", line])
        #expect(running.waitFor("done\n", seconds: 300), "\(running.errorsSoFar)")
        let time = milliseconds() - began
        let used = running.initPID.flatMap { processorTime($0) } ?? -1
        let memory = running.initPID.map { ownMemory($0) } ?? -1
        let done = running.finish()
        #expect(done.output.hasPrefix("made \(most) ") && done.output.hasSuffix(said), "\(done.everything)")
        try LoadTable.add(
          words[2] == "together" ? "orphans at once" : "short orphans", "\(most)", failed: stage.leftovers().count,
          "\(rounded(time)) ms, of which PID 1 took \(used) ms of a processor; it has \(memory) KiB of its own")
      }
      #expect(stage.leftovers() == [])
    }

    @Test func `a long life does not grow the launcher or PID 1`() throws {
      let stage = try stage()
      let line =
        "echo ready; while read n; do i=0; while [ $i -lt 300 ]; do (exit 0) & i=$((i+1)); done; wait; echo did $n; done"
      let running = try stage.start([stage.snug, "run", "--", "sh", "-c", line])
      #expect(running.waitFor("ready"))
      let initPID = try #require(running.initPID)
      guard geteuid() == 0 else { return skip("only root can list the descriptors of PID 1") }
      func facts() -> [String] {
        [running.pid, initPID].map { pid in
          let memory = readText("/proc/\(pid)/status")?.split(separator: "\n").first { $0.hasPrefix("RssAnon") } ?? ""
          return "\(descriptors(of: pid)?.count ?? -1) \(memory)"
        }
      }
      // The first round touches what is touched once.
      running.send(Array("0\n".utf8))
      #expect(running.waitFor("did 0\n"))
      for number in 1...200 { running.signal(number % 2 == 0 ? SIGCONT : SIGWINCH) }
      usleep(100_000)
      let before = facts()
      for number in 1...5 {
        running.send(Array("\(number)\n".utf8))
        for _ in 0..<200 { running.signal(number % 2 == 0 ? SIGCONT : SIGWINCH) }
        #expect(running.waitFor("did \(number)\n"))
      }
      #expect(facts() == before, "descriptors and memory")
      #expect(running.finish().status == 0)
      #expect(stage.leftovers() == [])
    }
  }
}
