import Glibc
import TestSupport
import Testing

/// Host pid of the user's only process of that name.
private func pid(_ name: String, _ stage: Stage) -> Int32? {
  stage.processes().first { readText("/proc/\($0)/comm") == name + "\n" }.flatMap { Int32($0) }
}

extension Live {
  /// A private terminal ends, and the caller's is as it was.
  @Suite(.serialized) struct TerminalEndTests {
    /// Who is killed, and what the shell then shows: the launcher's own end, or what the launcher says.
    private static let victims = [
      ("snug", "[137]"), ("snug-relay", "[129]"), ("snug-init", "[137]"), ("snug-leader", "[137]"), ("sleep", "[137]"),
    ]

    @Test(arguments: victims) func `whoever is killed, the terminal is given back`(name: String, prompt: String) throws
    {
      let stage = try stage()
      let terminal = try stage.jobShell()
      let before = terminal.modes
      for _ in 0..<(wantsLongForm ? 100 : 3) {
        terminal.enter("$RUN -- sh -c 'echo he''re; exec sleep 600'", "here\r\n")
        #expect(eventually { terminal.isRaw && pid(name, stage) != nil })
        terminal.forget()
        kill(try #require(pid(name, stage)), SIGKILL)
        #expect(terminal.waitFor(prompt), "\(terminal.shown)")
        #expect(eventually { terminal.modes == before }, "\(terminal.modes)")
        // The shell alone.
        #expect(eventually { stage.processes().count == 1 })
      }
      terminal.leave(stage)
    }

    @Test(arguments: ["snug", "snug-relay", "snug-init", "snug-leader", "sleep"])
    func `killed at any moment of the start`(name: String) throws {
      let stage = try stage()
      let terminal = try stage.jobShell()
      let before = terminal.modes
      for round in 0..<(wantsLongForm ? 100 : 12) {
        terminal.forget()
        terminal.type("$RUN -- sleep 600; echo en''ded\n")
        usleep(UInt32(round % 12) * 3_000)
        // Not there yet, or there for good: the launcher then ends it.
        if let found = pid(name, stage) ?? pid("snug", stage) { kill(found, SIGKILL) }
        for _ in 0..<200 where !terminal.waitFor("ended\r\n", milliseconds: 100) {
          if let found = pid(name, stage) ?? pid("snug", stage) { kill(found, SIGKILL) }
        }
        #expect(terminal.waitFor("ended\r\n"), "\(terminal.shown)")
        #expect(eventually { terminal.modes == before && stage.processes().count == 1 }, "\(terminal.modes)")
      }
      terminal.leave(stage)
    }

    @Test func `modes that a shell has set in the meantime are not touched`() throws {
      let stage = try stage()
      let terminal = try stage.jobShell()
      let before = terminal.modes
      terminal.enter("$RUN -- sh -c 'echo he''re; exec sleep 600'", "here\r\n")
      #expect(eventually { terminal.isRaw })
      let launcher = try #require(pid("snug", stage))
      // Without a word to it: the shell takes the terminal back by itself.
      terminal.forget()
      kill(launcher, SIGSTOP)
      #expect(terminal.waitFor("[147]"), "\(terminal.shown)")
      #expect(eventually { terminal.modes == before })
      terminal.enter("stty -echoe; echo do''ne", "done\r\n")
      let own = terminal.modes
      #expect(own != before)
      kill(try #require(pid("snug-relay", stage)), SIGKILL)
      kill(launcher, SIGKILL)
      #expect(eventually { stage.processes().count == 1 })
      #expect(terminal.modes == own)
      terminal.leave(stage)
    }

    @Test func `stopped by SIGSTOP from outside, fg takes the terminal again`() throws {
      let stage = try stage()
      let terminal = try stage.jobShell()
      terminal.enter("$RUN -- sh -c 'echo he''re; read line; echo \"<$line>\"; exit 5'", "here\r\n")
      #expect(eventually { terminal.isRaw })
      terminal.forget()
      kill(try #require(pid("snug", stage)), SIGSTOP)
      #expect(terminal.waitFor("[147]"), "\(terminal.shown)")
      terminal.enter("echo sh''ell", "shell\r\n")
      terminal.enter("fg", "\r\n")
      #expect(eventually { terminal.isRaw })
      terminal.type("word\n")
      #expect(terminal.waitFor("<word>\r\n") && terminal.waitFor("[5]"), "\(terminal.shown)")
      terminal.leave(stage)
    }

    @Test func `a terminal that hangs up reaches the app as SIGHUP, and all ends`() throws {
      let stage = try stage()
      let folder = try stage.workFolder()
      let terminal = try stage.jobShell()
      let file = "\(folder)/hung"
      terminal.enter(
        "$RUN --write \(folder) -- sh -c 'trap \"echo hup >>\(file); exit\" HUP; echo he''re; while :; do sleep 0.1; done'",
        "here\r\n")
      _ = terminal.hangUp()
      #expect(stage.leftovers() == [])
      #expect(readText(file) == "hup\n")
      // In the background nothing is read, and who is deaf has its time.
      try stage.profile("brief", "process.stop-wait = \"300ms\"")
      for end in ["", " &"] {
        let deaf = try stage.jobShell()
        deaf.enter("$RUN -p brief -- sh -c 'trap \"\" HUP TERM; echo he''re; sleep 600; sleep 600'\(end)", "here\r\n")
        _ = deaf.hangUp()
        #expect(stage.leftovers() == [])
      }
      try Stage.shell("rm -f \(file)")
    }

    @Test func `the last words are shown, also those of what goes on after the app`() throws {
      let stage = try stage()
      let terminal = try stage.jobShell()
      let before = terminal.modes
      for round in 0..<20 {
        terminal.enter("$RUN -- sh -c 'seq 5000; printf la''st\(round)'", "\r\n5000\r\nlast\(round)[0]")
      }
      terminal.enter("$RUN -- sh -c '(sleep 1; echo la''te; echo error >&2) & exit 3'", "late\r\nerror\r\n[3]")
      // The keys are the shell's as soon as the app itself has ended.
      terminal.enter("$RUN -- sh -c '(sleep 2; echo la''te) & echo fi''rst; exit 3'", "first\r\n")
      #expect(eventually { terminal.modes == before })
      #expect(!terminal.shown.contains("late"), "\(terminal.shown)")
      #expect(terminal.waitFor("late\r\n[3]"))
      terminal.leave(stage)
    }

    @Test func `neither a reader that waits nor a stopped screen keeps a key from the app`() throws {
      let stage = try stage()
      let terminal = try stage.jobShell()
      let before = terminal.modes
      // Nobody reads while it writes: everything on the way is full.
      terminal.enter("$RUN -- sh -c 'echo he''re; exec yes'", "here\r\n")
      let yes = try #require(pid("yes", stage))
      #expect(eventually { readText("/proc/\(yes)/wchan") == "wait_woken" || state(of: yes) == "S" })
      terminal.forget()
      terminal.type(interruptKey)
      #expect(terminal.waitFor("[130]", seconds: 40), "\(terminal.shown.suffix(100))")
      #expect(terminal.modes == before)
      // ctrl-S is for the app's own terminal.
      terminal.enter("$RUN -- sh -c 'echo he''re; read line; echo \"<$line>\"; exec sleep 600'", "here\r\n")
      #expect(eventually { terminal.isRaw })
      terminal.forget()
      terminal.type("\u{13}word\n")
      usleep(300_000)
      #expect(!terminal.shown.contains("<word>"))
      terminal.type("\u{11}")
      #expect(terminal.waitFor("<word>\r\n"), "\(terminal.shown)")
      terminal.type("\u{13}")
      terminal.press(interruptKey, "[130]")
      terminal.leave(stage)
    }

    @Test func `a screen that takes nothing at the end is waited for, until a signal comes`() throws {
      let stage = try stage()
      let terminal = try stage.jobShell()
      let before = terminal.modes
      terminal.enter("$RUN -- sh -c 'echo he''re; exec head -c 3000000 /dev/zero' >/dev/tty 2>&1", "here\r\n")
      let head = try #require(pid("head", stage))
      #expect(eventually { state(of: head) == "S" })
      kill(head, SIGKILL)
      #expect(eventually { pid("snug-init", stage) == nil }, "the app is gone, and its words are on the way")
      let launcher = try #require(pid("snug", stage))
      #expect(pid("snug-relay", stage) != nil)
      kill(launcher, SIGTERM)
      terminal.forget()
      #expect(terminal.waitFor("[137]"), "\(terminal.shown.suffix(100))")
      #expect(terminal.modes == before)
      terminal.leave(stage)
    }

    @Test func `no line of the launcher is shown while the app owns the screen`() throws {
      let stage = try stage()
      try stage.profile("hasty", "process.adopt-wait = \"100ms\"")
      let terminal = try stage.jobShell()
      let before = terminal.modes
      // What lingers is named only when the terminal is the shell's again, as a line of its own.
      terminal.enter("$RUN -p hasty -- sh -c 'sleep 600 & printf fi''rst; exit 3'", "first")
      #expect(terminal.waitFor("snug: ending what outlived the app: sleep ("))
      #expect(terminal.modes == before)
      #expect(terminal.waitFor("[3]"), "\(terminal.shown)")
      terminal.leave(stage)
    }

    private func state(of pid: Int32) -> Character? {
      readText("/proc/\(pid)/stat")?.split(separator: ")").last?.first { $0 != " " }
    }
  }
}
