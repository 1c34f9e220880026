import Glibc
import TestSupport
import Testing

extension Live {
  /// Commands beside the app.
  @Suite(.serialized) struct InstanceExecTests {
    @Test(arguments: [
      Stage.Caller.plain, .awkward, Stage.Caller(umask: "077", open: 30, signals: "blocked"),
      Stage.Caller(closed: "0"), Stage.Caller(signals: "deaf"),
    ])
    func `streams and statuses pass, whoever calls`(caller: Stage.Caller) throws {
      let stage = try stage()
      try stage.withInstance(caller: caller) { box in
        // Nobody reads what would be sent to a descriptor that is closed.
        let input = caller.closed == "0" ? "" : "in"
        let done = try box.exec(["sh", "-c", "cat; echo no >&2; exit 3"], caller: caller, input: input)
        #expect(done.status == 3 && done.output == input && done.errors == "no\n", "\(done.everything)")
        for (line, status) in [("exit 0", 0), ("exit 255", 255), ("kill -TERM $$", 143), ("kill -SEGV $$", 139)] {
          let done = try box.exec(["sh", "-c", line], caller: caller)
          #expect(done.status == Int32(status) && done.errors == "", "\(line): \(done.everything)")
        }
        try box.expectRest()
      }
    }

    @Test func `what cannot be found or executed has its own status and one message`() throws {
      let stage = try stage()
      try stage.write("just text\n", to: "\(stage.home)/work/plain", mode: "644")
      defer { try? stage.remove("\(stage.home)/work") }
      try stage.withInstance("box", ["--read", "\(stage.home)/work"]) { box in
        let missing = try box.exec(["no-such-program"], ["--status-fd", "1"])
        #expect(missing.status == 127)
        #expect(
          missing.errors == """
            snug: cannot run no-such-program in box: No such file or directory
              hint: it is not in the PATH of the sandbox, or not visible there

            """)
        let record = try #require(JSONValue(missing.output))
        #expect(record["event"] == .text("failed") && record["status"].integer == 127)
        #expect(record.keys == ["event", "message", "origin", "status"])
        let plain = try box.exec(["\(stage.home)/work/plain"])
        #expect(plain.status == 126, "\(plain.everything)")
        expectOneMessage(plain.errors)
        #expect(plain.errors.contains("Permission denied"))
        let folder = try stage.shell("exec $SNUG exec box -- true </")
        #expect(folder.status == 125)
        expectOneMessage(folder.errors)
        #expect(folder.errors.contains("is a directory"), "CVE-2024-21626: \(folder.errors)")
        let closed = try stage.snug(["exec", "--status-fd", "99", "box", "--", "echo", "ran"])
        #expect(closed.status == 2 && closed.output == "")
        expectOneMessage(closed.errors)
        try box.expectRest()
      }
    }

    @Test func `every byte of the arguments arrives, up to a size that is told`() throws {
      let stage = try stage()
      try stage.withInstance { box in
        let words = "\"$(printf 'a\\377\\303b')\" '' \"$(printf 'x\\ny')\" '-v' '--'"
        let outside = try stage.shell("exec $PROBE arguments \(words)")
        let inside = try stage.shell("exec $SNUG exec box -- $PROBE arguments \(words)")
        #expect(outside.status == 0 && inside.output == outside.output && inside.errors == "", "\(inside.everything)")
        let many = (0..<1000).map { "\($0)" + String(repeating: "z", count: 90) }
        #expect(
          try box.exec([stage.probe, "arguments"] + many).output == stage.outside(["arguments"] + many).output)
        let long = try box.exec(["true"] + [String](repeating: String(repeating: "y", count: 70 << 10), count: 2))
        #expect(long.status == 125)
        expectOneMessage(long.errors)
        #expect(long.errors.contains("its arguments are longer than 128 KiB: put them into a file"))
        try box.expectRest()
      }
    }

    /// The app's own process and a command beside it, asked the same questions.
    @Test func `a command is under exactly the locks of the app`() throws {
      let stage = try stage()
      try stage.profile(
        "locked",
        """
        process.umask = "027"
        process.nice = 5
        process.hostname = "boxed"
        [limits]
        open-files = 99
        core = "1M"
        file-size = "2M"
        """)
      defer { try? stage.remove("\(stage.home)/.config") }
      let line = """
        "$0" report; cat /proc/self/limits; nice; "$0" try keyctl , ptrace 1 , unshare-user , mount /tmp , kill 1 , \
        socket 16 , io_uring , prlimit 1 , write /usr/bin/env , create /tmp/x$$ , setuid , tiocsti , abstract x
        """
      for caller in [Stage.Caller.plain, .awkward] {
        let running = try stage.start(
          [stage.snug, "run", "--name", "box", "--read", stage.probe, "-p", "locked", "--", "sh", "-c"]
            + [line + "; echo ready; cat >/dev/null", stage.probe], caller: caller)
        #expect(running.waitFor("ready"))
        let app = running.outputSoFar.split(separator: "\n").dropLast()
        let done = try stage.snug(["exec", "box", "--", "sh", "-c", line, stage.probe], caller: caller)
        #expect(done.errors == "", "\(done.errors)")
        let command = done.output.split(separator: "\n")
        #expect(app.count > 100 && app.contains { $0.contains("Seccomp:\t2") } && app.contains("umask 027"))
        #expect(comparable(command) == comparable(app[...]))
        #expect(running.finish().status == 0)
      }
      stage.expectNothingLeft()
    }

    /// Without what belongs to a process and not to its locks: its numbers, its memory, its session, its streams.
    private func comparable(_ lines: some Collection<Substring>) -> [Substring] {
      let own = [
        "pid ", "session ", "status Pid:", "status Tgid:", "status Ngid:", "status PPid:", "status NS", "status Vm",
        "status Rss", "status Hugetlb", "status State:", "status SigQ:", "status voluntary", "status nonvoluntary",
        "status StaPm:", "env _=", "link 0", "link 1", "link 2",
      ]
      return lines.filter { line in !own.contains { line.hasPrefix($0) } }
    }

    @Test func `several run at once, and the end of one client ends that command alone`() throws {
      let stage = try stage()
      try stage.withInstance { box in
        let line =
          "sleep 600 >/dev/null 2>&1 & (setsid sleep 600 >/dev/null 2>&1 &) ; trap 'echo told; exit 9' TERM; echo ready; wait"
        let all = try (0..<6).map { _ in try box.begin(["sh", "-c", line]) }
        #expect(all.allSatisfy { $0.waitFor("ready") })
        // Leader, shell and two sleepers each.
        #expect(eventually { box.processes.count == 24 }, "\(box.processes.count)")
        all[0].signal(SIGKILL)
        #expect(all[0].finish().status == 137)
        #expect(eventually { box.processes.count == 20 }, "\(box.processes.count)")
        all[1].signal(SIGTERM)
        let told = all[1].finish()
        #expect(told.status == 9 && told.output == "ready\ntold\n" && told.errors == "", "\(told.everything)")
        #expect(eventually { box.processes.count == 16 }, "\(box.processes.count)")
        all[2].signal(SIGINT)
        #expect(all[2].finish().status == 130)
        // Its end by itself: what it has left behind goes on, as after a shell's end.
        #expect(eventually { box.processes.count == 14 }, "\(box.processes.count)")
        all[3].signal(SIGINT)
        usleep(100_000)
        all[3].signal(SIGINT)
        #expect(all[3].finish().status == 130)
        for running in all[4...] {
          running.signal(SIGHUP)
          #expect(running.finish().status == 129)
        }
        #expect(eventually { box.processes.count <= 4 }, "\(box.processes)")
        #expect(try box.exec(["true"]).status == 0)
      }
    }

    @Test func `a deaf command is ended soon after its client is cancelled`() throws {
      let stage = try stage()
      try stage.withInstance { box in
        let running = try box.begin(["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"])
        #expect(running.waitFor("ready"))
        running.signal(SIGTERM)
        #expect(running.finish(seconds: 30).status == 137)
        try box.expectRest()
      }
    }

    @Test func `a launcher that is stopped holds no client that is asked to leave`() throws {
      let stage = try stage()
      try stage.withInstance { box in
        let before = try box.begin(["sh", "-c", "echo ready; exec >/dev/null 2>&1; exec sleep 600"])
        #expect(before.waitFor("ready"))
        #expect(kill(box.launcher, SIGSTOP) == 0)
        let waiting = try box.begin(["true"])
        usleep(300_000)
        waiting.signal(SIGINT)
        before.signal(SIGTERM)
        #expect(eventually { hasEnded(waiting.pid) && hasEnded(before.pid) })
        // Their streams are on their way to it still.
        #expect(kill(box.launcher, SIGCONT) == 0)
        #expect(waiting.finish().status == 130)
        let left = before.finish()
        #expect(left.status == 143, "\(left.everything)")
        expectOneMessage(left.errors)
        try box.expectRest()
      }
    }

    @Test func `signals reach the command, and only it`() throws {
      let stage = try stage()
      try stage.withInstance { box in
        let running = try box.begin([stage.probe, "catch", "10", "7"])
        let other = try box.begin([stage.probe, "catch", "10", "8"])
        #expect(running.waitFor("ready") && other.waitFor("ready"))
        for number in [SIGUSR2, SIGINT, SIGQUIT, SIGWINCH, SIGALRM] { running.signal(number) }
        #expect(running.waitFor("got 14"))
        running.signal(SIGUSR1)
        let done = running.finish()
        #expect(done.status == 7, "\(done.everything)")
        for number in [SIGUSR2, SIGINT, SIGQUIT, SIGWINCH, SIGALRM] {
          #expect(done.output.contains("count \(number) 1\n"), "\(done.output)")
        }
        other.signal(SIGUSR1)
        let last = other.finish()
        #expect(last.status == 8 && last.output.hasSuffix("got 10\ncount 10 1\n"), "\(last.output)")
      }
    }
  }
}
