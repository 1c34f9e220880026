import Glibc
import TestSupport
import Testing

extension Live {
  /// The shared terminal, and none, under a shell with job control.
  @Suite(.serialized) struct TerminalTests {
    private static let (interrupt, suspend, quit) = ("\u{3}", "\u{1a}", "\u{1c}")

    /// A shell with job control; its prompt says how the last command ended.
    private func shell() throws -> OnTerminal {
      let stage = try stage()
      try stage.profile("shared", "process.terminal = \"shared\"")
      let terminal = try stage.startOnTerminal(
        ["/bin/bash", "--norc", "--noprofile", "--noediting", "-i"],
        extra: ["IN=\(stage.snug) run --read \(stage.probe)", "PROBE=\(stage.probe)", "SNUG=\(stage.snug)", "PS1=[$?]"])
      #expect(terminal.waitFor("[0]"))
      return terminal
    }

    private func leave(_ terminal: OnTerminal) throws {
      terminal.type("exit 0\n")
      #expect(terminal.finish() == 0, "\(terminal.shown)")
      #expect(try stage().leftovers() == [])
    }

    @Test func `ctrl-C ends once`() throws {
      let terminal = try shell()
      terminal.type("$SNUG run -p shared -- sh -c 'echo here; exec sleep 600'\n")
      #expect(terminal.waitFor("here\r\n"))
      terminal.forget()
      terminal.type(Self.interrupt)
      #expect(terminal.waitFor("[130]"), "\(terminal.shown)")
      terminal.forget()
      // Counted: the terminal reaches the app by itself, and the launcher must not pass it on again.
      terminal.type("$IN -p shared -- $PROBE catch 10 7\n")
      #expect(terminal.waitFor("ready"))
      terminal.type(Self.interrupt)
      #expect(terminal.waitFor("got 2\r\n"))
      usleep(2_200_000)
      terminal.type(Self.quit)
      #expect(terminal.waitFor("got 3\r\n"))
      terminal.resize(rows: 33, columns: 99)
      #expect(terminal.waitFor("got 28\r\n"))
      #expect(kill(terminal.foreground, SIGUSR1) == 0, "the job's leader is the launcher")
      #expect(terminal.waitFor("[7]"), "\(terminal.shown)")
      for line in ["count 2 1", "count 3 1", "count 10 1", "count 28 1"] {
        #expect(terminal.shown.contains(line + "\r\n"), "\(terminal.shown)")
      }
      try leave(terminal)
    }

    @Test func `a second ctrl-C within two seconds ends a deaf app`() throws {
      let terminal = try shell()
      terminal.type("$SNUG run -p shared -- sh -c 'trap \"echo ouch\" INT; echo here; while :; do sleep 0.1; done'\n")
      #expect(terminal.waitFor("here\r\n"))
      terminal.type(Self.interrupt)
      #expect(terminal.waitFor("ouch\r\n"))
      // A second one while the first waits is no second one, signal(7): until the launcher has taken it.
      let launcher = terminal.foreground
      #expect(
        eventually {
          let pending = readText("/proc/\(launcher)/status")?.split(separator: "\n").first { $0.hasPrefix("ShdPnd:") }
          return UInt64(pending?.dropFirst(8) ?? "", radix: 16).map { $0 & 2 == 0 } == true
        })
      terminal.forget()
      terminal.type(Self.interrupt)
      #expect(terminal.waitFor("[137]"), "\(terminal.shown)")
      try leave(terminal)
    }

    @Test func `ctrl-Z stops, fg goes on, for one process and for a pipeline`() throws {
      let terminal = try shell()
      for (command, result) in [
        ("$SNUG run -p shared -- sh -c 'echo here; read line; echo \"<$line>\"; exit 5'", "[5]"),
        ("$SNUG run -p shared -- sh -c 'echo here; read line; echo \"<$line>\"; exit 5' | cat", "[0]"),
      ] {
        terminal.forget()
        terminal.type(command + "\n")
        #expect(terminal.waitFor("here\r\n"))
        terminal.forget()
        terminal.type(Self.suspend)
        #expect(terminal.waitFor("[148]"), "the shell has the terminal again: \(terminal.shown)")
        let stopped = try stage().processes().filter {
          ["snug", "snug-init", "sh"].contains((readText("/proc/\($0)/comm") ?? "").dropLast())
        }
        let states = stopped.compactMap { pid in
          readText("/proc/\(pid)/status")?.split(separator: "\n").first { $0.hasPrefix("State:") }.map {
            $0.dropFirst(7).first
          }
        }
        #expect(states.filter { $0 == "T" }.count == 2, "launcher and app, but not PID 1: \(states)")
        terminal.forget()
        terminal.type("fg\n")
        usleep(200_000)
        terminal.type("word\n")
        #expect(terminal.waitFor("<word>\r\n"), "\(terminal.shown)")
        #expect(terminal.waitFor(result), "\(terminal.shown)")
      }
      try leave(terminal)
    }

    @Test func `in the background it goes on after bg, and reading stops it`() throws {
      let terminal = try shell()
      terminal.type(
        "$SNUG run -p shared -- sh -c 'echo here; sleep 1; echo slept; read line; echo \"<$line>\"; exit 5'\n")
      #expect(terminal.waitFor("here\r\n"))
      terminal.type(Self.suspend)
      #expect(terminal.waitFor("[148]"))
      terminal.forget()
      terminal.type("bg\n")
      #expect(terminal.waitFor("slept\r\n"), "\(terminal.shown)")
      // SIGTTIN goes to the whole group, the launcher's too.
      usleep(300_000)
      terminal.forget()
      terminal.type("jobs\n")
      #expect(terminal.waitFor("Stopped"), "\(terminal.shown)")
      terminal.forget()
      terminal.type("fg\n")
      usleep(200_000)
      terminal.type("word\n")
      #expect(terminal.waitFor("<word>\r\n"), "\(terminal.shown)")
      #expect(terminal.waitFor("[5]"), "\(terminal.shown)")
      try leave(terminal)
    }

    @Test func `the window's size is seen inside and follows`() throws {
      let terminal = try shell()
      terminal.resize(rows: 30, columns: 90)
      terminal.type(
        "$SNUG run -p shared -- sh -c 'stty size; trap \"stty size; exit 4\" WINCH; echo here; while :; do sleep 0.1; done'\n"
      )
      #expect(terminal.waitFor("30 90\r\n"), "\(terminal.shown)")
      #expect(terminal.waitFor("here\r\n"))
      terminal.resize(rows: 41, columns: 77)
      #expect(terminal.waitFor("41 77\r\n"), "\(terminal.shown)")
      #expect(terminal.waitFor("[4]"))
      try leave(terminal)
    }

    @Test func `a terminal that hangs up ends everything`() throws {
      let stage = try stage()
      for command in ["$SNUG run -p shared -- sh -c 'echo here; exec sleep 600'", "$IN -p shared -- $PROBE catch 10 7"]
      {
        let terminal = try shell()
        terminal.type(command + "\n")
        #expect(terminal.waitFor(command.contains("catch") ? "ready" : "here\r\n"))
        if command.contains("catch") {
          // Deaf to all of it: stop-wait, ten seconds by default, is for the app.
          _ = terminal.hangUp()
          #expect(stage.processes().count == 3, "launcher, PID 1 and app: it may save its work")
          let launcher = stage.processes().first { readText("/proc/\($0)/comm") == "snug\n" }.flatMap { Int32($0) }
          kill(try #require(launcher), SIGKILL)
        } else {
          _ = terminal.hangUp()
        }
        #expect(stage.leftovers() == [])
      }
    }

    @Test func `an app without a terminal of its own has none`() throws {
      try stage().profile("none", "process.terminal = \"none\"")
      let terminal = try shell()
      terminal.type("$SNUG run -p shared -- sh -c 'echo shared >/dev/tty && echo reached'\n")
      #expect(terminal.waitFor("reached\r\n[0]"), "the positive control: \(terminal.shown)")
      terminal.forget()
      terminal.type("$SNUG run -p none -- sh -c 'echo none >/dev/tty && echo reached; exit 6'\n")
      #expect(terminal.waitFor("[6]"), "\(terminal.shown)")
      #expect(!terminal.shown.contains("\r\nreached"), "\(terminal.shown)")
      // Then the terminal does not reach it, and the launcher passes on what comes.
      terminal.forget()
      terminal.type("$IN -p none -- $PROBE catch 2 7\n")
      #expect(terminal.waitFor("ready"))
      terminal.type(Self.interrupt)
      #expect(terminal.waitFor("count 2 1\r\n"), "\(terminal.shown)")
      #expect(terminal.waitFor("[7]"))
      try leave(terminal)
    }
  }
}
