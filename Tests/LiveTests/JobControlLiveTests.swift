import Glibc
import TestSupport
import Testing

let (interruptKey, suspendKey, quitKey) = ("\u{3}", "\u{1a}", "\u{1c}")

extension Stage {
  /// A shell with job control on a terminal of its own; its prompt says how the last command ended. `$RUN` is `snug run`
  /// with the probe visible.
  func jobShell() throws -> OnTerminal {
    let terminal = try startOnTerminal(
      ["/bin/bash", "--norc", "--noprofile", "--noediting", "-i"],
      extra: ["RUN=\(snug) run --read \(probe)", "PROBE=\(probe)", "PS1=[$?]"])
    #expect(terminal.waitFor("[0]"))
    terminal.forget()
    return terminal
  }
}

/// Whether a process of that name is in the foreground of its terminal and runs, see proc_pid_stat(5).
private func ownsItsTerminal(_ pid: String, name: String) -> Bool {
  guard let words = readText("/proc/\(pid)/stat")?.split(separator: ")").last?.split(separator: " "),
    words.count > 5, readText("/proc/\(pid)/comm") == "\(name)\n"
  else { return false }
  return words[0] != "T" && words[2] == words[5]
}

extension OnTerminal {
  /// Types a line and waits for what it shows after its own echo.
  func enter(_ line: String, _ text: String, seconds: Int = 20) {
    forget()
    type(line + "\n")
    #expect(waitFor(line) && waitFor(text, seconds: seconds), "\(line): \(shown.debugDescription)")
  }

  /// Presses a key and waits.
  func press(_ key: String, _ text: String) {
    forget()
    type(key)
    #expect(waitFor(text), "\(shown)")
  }

  /// Leaves the shell: nothing of it stays.
  func leave(_ stage: Stage) {
    type("exit 0\n")
    #expect(finish() == 0, "\(shown)")
    #expect(stage.leftovers() == [])
  }
}

extension Live {
  /// The private terminal of `terminal = "auto"`: the app's job control and the shell's are one.
  @Suite(.serialized) struct JobControlLiveTests {
    @Test func `keys, sizes and signals arrive once`() throws {
      let stage = try stage()
      let terminal = try stage.jobShell()
      let before = terminal.modes
      terminal.enter("$RUN -- $PROBE catch 10 7", "ready")
      #expect(eventually { terminal.isRaw })
      terminal.press(interruptKey, "got 2\r\n")
      terminal.press(interruptKey, "got 2\r\n")
      terminal.press(quitKey, "got 3\r\n")
      terminal.forget()
      terminal.resize(rows: 33, columns: 99)
      #expect(terminal.waitFor("got 28\r\n"))
      #expect(kill(terminal.foreground, SIGUSR2) == 0, "the job's leader is the launcher")
      #expect(terminal.waitFor("got 12\r\n"))
      #expect(kill(terminal.foreground, SIGUSR1) == 0)
      #expect(terminal.waitFor("[7]"), "\(terminal.shown)")
      for line in ["count 2 2", "count 3 1", "count 10 1", "count 12 1", "count 28 1"] {
        #expect(terminal.shown.contains(line + "\r\n"), "\(terminal.shown)")
      }
      #expect(terminal.modes == before)
      terminal.leave(stage)
    }

    @Test(arguments: [(interruptKey, "[130]"), (quitKey, "[131]")])
    func `a key that ends the app ends the launcher by the same signal`(key: String, prompt: String) throws {
      let stage = try stage()
      let terminal = try stage.jobShell()
      // A shell ends its loop only where it sees the signal.
      terminal.enter("while :; do $RUN -- sh -c 'echo he''re; exec sleep 600'; done", "here\r\n")
      if key == interruptKey {
        terminal.press(key, prompt)
      } else {
        terminal.press(key, "here\r\n")
        terminal.press(interruptKey, "[130]")
      }
      terminal.leave(stage)
    }

    @Test func `ctrl-Z stops, fg goes on: one process, a pipeline inside, and a script that runs it`() throws {
      let stage = try stage()
      try stage.write("#!/bin/sh\n\"$@\"\n", to: "\(stage.home)/bin/script", mode: "755")
      let terminal = try stage.jobShell()
      let before = terminal.modes
      for command in [
        "$RUN -- sh -c 'echo he''re; read line; echo \"<$line>\"; exit 5'",
        "$RUN -- sh -c 'echo he''re; cat | sed \"s/word/<word>/\"; exit 5'",
        "~/bin/script $RUN -- sh -c 'echo he''re; read line; echo \"<$line>\"; exit 5'",
      ] {
        terminal.enter(command, "here\r\n")
        #expect(eventually { terminal.isRaw })
        terminal.press(suspendKey, "[148]")
        #expect(terminal.modes == before, "the shell has its own modes")
        terminal.enter("jobs", "Stopped")
        terminal.enter("fg", "\r\n")
        #expect(eventually { terminal.isRaw })
        terminal.type("word\n")
        if command.contains("cat") { terminal.type("\u{4}") }
        #expect(terminal.waitFor("<word>\r\n") && terminal.waitFor("[5]"), "\(terminal.shown)")
      }
      #expect(terminal.modes == before)
      terminal.leave(stage)
    }

    @Test func `after bg it is shown and goes on, and reading stops it`() throws {
      let stage = try stage()
      let terminal = try stage.jobShell()
      let before = terminal.modes
      terminal.enter(
        "$RUN -- sh -c 'echo he''re; read a; echo sl''ept; read line; echo \"<$line>\"; exit 5'", "here\r\n")
      #expect(eventually { terminal.isRaw })
      terminal.press(suspendKey, "[148]")
      // Its first read stops it in the background: at once.
      terminal.enter("bg", "[0]")
      #expect(eventually { jobs(terminal).contains("Stopped") })
      terminal.enter("fg", "\r\n")
      #expect(eventually { terminal.isRaw })
      terminal.type("a\n")
      #expect(terminal.waitFor("slept\r\n"), "\(terminal.shown)")
      terminal.type("word\n")
      #expect(terminal.waitFor("<word>\r\n") && terminal.waitFor("[5]"), "\(terminal.shown)")
      terminal.enter(
        "$RUN -- bash -c 'trap \"echo w''oken\" CONT; echo he''re; while :; do sleep 0.1; done'", "here\r\n")
      #expect(eventually { terminal.isRaw })
      terminal.press(suspendKey, "[148]")
      terminal.enter("bg", "woken\r\n")
      #expect(terminal.modes == before, "it is shown in the background, and the keys are the shell's")
      terminal.enter("kill %1; wait %1", "[143]")
      terminal.leave(stage)
    }

    private func jobs(_ terminal: OnTerminal) -> String {
      terminal.forget()
      terminal.type("jobs\n")
      _ = terminal.waitFor("\r\n[0]")
      return terminal.shown
    }

    @Test func `started in the background it is shown, and reading stops it`() throws {
      let stage = try stage()
      let terminal = try stage.jobShell()
      let before = terminal.modes
      terminal.enter("$RUN -- sh -c 'echo sh''own; read line; echo \"<$line>\"; exit 5' &", "shown\r\n")
      #expect(terminal.modes == before)
      #expect(eventually { jobs(terminal).contains("Stopped") })
      terminal.enter("fg", "\r\n")
      #expect(eventually { terminal.isRaw })
      terminal.type("word\n")
      #expect(terminal.waitFor("<word>\r\n") && terminal.waitFor("[5]"), "\(terminal.shown)")
      #expect(terminal.modes == before)
      terminal.leave(stage)
    }

    @Test func `pipes stay pipes, and the terminal is taken when the app asks for it`() throws {
      let stage = try stage()
      let terminal = try stage.jobShell()
      let before = terminal.modes
      terminal.enter("$RUN -- sh -c 'test -p /proc/self/fd/1 && seq 3; echo al''so >&2' | od -c", "[0]")
      #expect(terminal.shown.contains("1  \\n   2  \\n   3  \\n\r\n"), "\(terminal.shown)")
      #expect(terminal.shown.contains("\r\nalso\r\n"), "\(terminal.shown)")
      // Keys and modes are the pager's, so to speak, until then.
      terminal.enter(
        "seq 3 | $RUN -- sh -c 'sort -r; echo re''ady; read line </dev/tty; echo \"<$line>\"'", "ready\r\n")
      #expect(terminal.shown.contains("3\r\n2\r\n1\r\n"), "\(terminal.shown)")
      #expect(eventually { terminal.isRaw })
      terminal.type("word\n")
      #expect(terminal.waitFor("<word>\r\n") && terminal.waitFor("[0]"), "\(terminal.shown)")
      #expect(!terminal.shown.contains("\r\r"), "each newline has its return once")
      #expect(terminal.modes == before)
      // ctrl-C in a pipeline reaches all of it.
      terminal.enter("$RUN -- sh -c 'echo he''re >&2; exec sleep 600' | cat", "here\r\n")
      #expect(terminal.modes == before)
      terminal.press(interruptKey, "[130]")
      terminal.leave(stage)
    }

    @Test func `a shell inside has job control of its own`() throws {
      let stage = try stage()
      let terminal = try stage.jobShell()
      terminal.enter("$RUN --setenv 'PS1=in[$?]' -- bash --norc --noprofile --noediting -i", "in[0]")
      terminal.enter("tty; sleep 600", "/dev/pts/0\r\n")
      #expect(eventually { stage.processes().contains { readText("/proc/\($0)/comm") == "sleep\n" } })
      terminal.press(suspendKey, "in[148]")
      terminal.enter("sleep 500 &", "in[0]")
      terminal.enter("jobs", "in[0]")
      #expect(terminal.shown.contains("Stopped") && terminal.shown.contains("Running"), "\(terminal.shown)")
      terminal.enter("fg %1", "sleep 600\r\n")
      // The shell shows its words before it gives the terminal away.
      #expect(eventually { stage.processes().contains { ownsItsTerminal($0, name: "sleep") } })
      terminal.press(interruptKey, "in[130]")
      // The shell itself: bash stops by SIGTTOU or so, whatever it is, the one outside has the terminal.
      terminal.enter("suspend", "]")
      terminal.enter("echo out''side", "outside\r\n")
      terminal.enter("fg", "\r\n")
      terminal.enter("echo in''side", "inside\r\n")
      terminal.enter("kill %2; exit 9", "[9]")
      terminal.leave(stage)
    }

    @Test func `the window's size is there from the start and follows, also while it is stopped`() throws {
      let stage = try stage()
      let terminal = try stage.jobShell()
      terminal.resize(rows: 30, columns: 90)
      terminal.enter(
        "$RUN -- sh -c 'stty size; trap \"stty size\" WINCH; echo he''re; while :; do read line; stty size; done'",
        "here\r\n")
      #expect(terminal.shown.contains("30 90\r\n"), "\(terminal.shown)")
      terminal.resize(rows: 41, columns: 77)
      // By the trap, then by the loop, whose read the signal has ended. A dash that is stopped between its vfork and the
      // exec waits for the child where no signal reaches it, so both are to be over.
      #expect(terminal.waitFor("41 77\r\n41 77\r\n"), "\(terminal.shown)")
      terminal.press(suspendKey, "[148]")
      terminal.resize(rows: 42, columns: 78)
      terminal.enter("fg", "\r\n")
      #expect(eventually { terminal.isRaw })
      terminal.press("\n", "42 78\r\n")
      terminal.press(interruptKey, "[130]")
      // In a pipeline it is no foreground job of its terminal, and is told all the same.
      terminal.enter(
        "$RUN -- sh -c 'trap \"stty size <&2 >&2; exit 4\" WINCH; echo he''re >&2; while :; do sleep 0.1; done' | cat",
        "here\r\n")
      terminal.resize(rows: 43, columns: 79)
      #expect(terminal.waitFor("43 79\r\n"), "\(terminal.shown)")
      terminal.leave(stage)
    }
  }
}
