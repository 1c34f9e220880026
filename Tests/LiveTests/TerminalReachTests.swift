import Glibc
import TestSupport
import Testing

/// Types a line on every terminal that can be reached, by every way there is: TIOCSTI on what is open, on what other
/// processes have open, on every name. Says how many bytes were taken.
private let push = """
  for $f (glob("/proc/[0-9]*/fd/*"), "/dev/tty", glob("/dev/pts/*"), glob("/dev/tty[0-9]*"), "/dev/console") {
    open(my $t, "+<", $f) or next; $open++; push @t, $t
  }
  for $n (0..20) { open(my $t, "+<&=", $n) or open(my $t, "<&=", $n) or next; push @t, $t }
  for $t (@t) { -t $t or next; for (split //, "echo pus" . "hed\\n") { my $c = $_; ioctl($t, 0x5412, $c) and $n++ } }
  # TIOCLINUX, the console's own way.
  for $t (@t) { my $c = "\\x03"; -t $t and ioctl($t, 0x541C, $c) and $n++ }
  printf "took %d\\n", $n;
  """

extension Live {
  /// Nothing inside reaches the caller's terminal. Security rows 81 and 122, and CVE-2025-52565.
  @Suite(.serialized) struct TerminalReachTests {
    private func attacker(_ stage: Stage) throws -> String {
      try stage.write(push, to: "\(stage.home)/work/push.pl")
      return "\(stage.home)/work/push.pl"
    }

    @Test func `nothing can be typed on the caller's terminal`() throws {
      let stage = try stage()
      let script = try attacker(stage)
      try stage.profile("open", "seccomp.preset = \"none\"")
      let terminal = try stage.jobShell()
      let allowed = readText("/proc/sys/dev/tty/legacy_tiocsti") != "0\n"
      // The positive control: outside the shell reads it as its next command.
      terminal.enter("perl \(script)", "took")
      if allowed {
        #expect(terminal.waitFor("[0]pushed\r\n"), "\(terminal.shown)")
      } else {
        #expect(terminal.shown.contains("took 0"), "this kernel refuses it to all")
      }
      terminal.enter("echo cl''ear", "clear\r\n[0]")
      // With the filter no byte is taken; without it those that are taken go to the private terminal.
      for (profile, took) in [("default", "took 0\r\n"), ("open", "took ")] {
        for redirection in ["", " </dev/null", " | cat"] {
          terminal.enter("$RUN --read \(script) -p \(profile) -- perl \(script)\(redirection); echo ne''xt", "next\r\n")
          #expect(terminal.shown.contains(took), "\(terminal.shown)")
          // What was typed would have been run by now.
          terminal.enter("echo af''ter", "after\r\n[0]")
          #expect(!terminal.shown.contains("]pushed"), "\(profile)\(redirection): \(terminal.shown)")
        }
      }
      terminal.leave(stage)
    }

    @Test func `no descriptor and no name inside is the caller's terminal`() throws {
      let stage = try stage()
      let terminal = try stage.jobShell()
      let own = try #require(descriptors(of: terminal.pid)?[0])
      let look = "readlink /proc/self/fd/*; tty </dev/tty; ls /dev/pts; stat -L -c %t:%T:%d /proc/self/fd/0 /dev/pts/0"
      terminal.enter("$RUN --fd 5 -- sh -c '\(look)' 5<>/dev/tty; echo ne''xt", "next\r\n")
      let lines = terminal.shown.split(whereSeparator: \.isNewline)
      #expect(!lines.contains(Substring(own)) || own == "/dev/pts/0", "\(own): \(terminal.shown)")
      #expect(lines.contains("/dev/pts/0") && lines.contains("/dev/tty"), "\(terminal.shown)")
      #expect(lines.contains { $0.hasPrefix("0") && $0.contains("ptmx") }, "\(terminal.shown)")
      // The host's are not there, whatever their number: a file of the same name lies in a file system of its own.
      let device = try stage.outside(shell: "stat -c %d /dev/pts").split(separator: "\n").first
      #expect(!lines.contains { $0.hasPrefix("88:") && $0.hasSuffix(":\(device ?? "")") }, "\(terminal.shown)")
      #expect(lines.filter { $0.hasPrefix("88:0:") }.count == 2, "\(terminal.shown)")
      terminal.leave(stage)
    }

    @Test func `a caller without a terminal at 0, 1 and 2 still has one, and it is out of reach`() throws {
      let stage = try stage()
      let folder = try stage.workFolder()
      let terminal = try stage.jobShell()
      let before = terminal.modes
      terminal.enter(
        "$RUN --write \(folder) -- sh -c 'echo re''ached >/dev/tty; tty </dev/tty >\(folder)/name' "
          + "</dev/null >/dev/null 2>&1; echo ne''xt", "next\r\n")
      // It has one of its own, and what it writes there is for the person.
      #expect(terminal.shown.contains("reached\r\n"), "\(terminal.shown)")
      #expect(readText("\(folder)/name") == "/dev/tty\n")
      #expect(terminal.modes == before)
      try Stage.shell("rm -f \(folder)/name")
      terminal.leave(stage)
    }

    @Test func `the caller's terminal is found though it belongs to somebody else`() throws {
      let stage = try stage()
      guard stage.isRoot else { return skip("needs root: it makes a terminal of root's for the user") }
      // The stage's terminals are root's own: after su(1) it is the same.
      let terminal = try stage.jobShell()
      let own = try #require(descriptors(of: terminal.pid)?[0])
      terminal.enter("echo >\(own)", "denied")
      terminal.enter("$RUN -- sh -c 'stty size; exit 3'", "[3]")
      terminal.leave(stage)
    }

    @Test func `commands beside the app have terminals of their own`() throws {
      let stage = try stage()
      let terminal = try stage.jobShell()
      let before = terminal.modes
      let snug = stage.snug
      terminal.resize(rows: 31, columns: 91)
      terminal.enter("\(snug) run --detach --keep --name beside", "beside\r\n[0]")
      terminal.enter("\(snug) exec beside sh -c 'tty; stty size; readlink /proc/self/fd/[012]; exit 3'", "[3]")
      #expect(terminal.shown.contains("/dev/pts/0\r\n31 91\r\n/dev/pts/0\r\n/dev/pts/0\r\n/dev/pts/0\r\n"))
      terminal.enter("\(snug) exec beside sh -c 'echo he''re; read line; echo \"<$line>\"; exit 4'", "here\r\n")
      #expect(eventually { terminal.isRaw })
      terminal.press(suspendKey, "[148]")
      #expect(terminal.modes == before)
      terminal.enter("fg", "\r\n")
      #expect(eventually { terminal.isRaw })
      terminal.type("word\n")
      #expect(terminal.waitFor("<word>\r\n") && terminal.waitFor("[4]"), "\(terminal.shown)")
      for round in 0..<10 {
        terminal.enter("\(snug) exec beside sh -c 'seq 3000; printf la''st\(round)'", "\r\n3000\r\nlast\(round)[0]")
      }
      terminal.enter("\(snug) exec beside sh -c 'echo he''re; exec sleep 600'", "here\r\n")
      #expect(eventually { terminal.isRaw })
      terminal.press(interruptKey, "[130]")
      terminal.enter("echo x | \(snug) exec beside cat | od -c", "x  \\n\r\n")
      // A client that is killed leaves nothing in raw mode, and nothing running.
      terminal.enter("\(snug) exec beside sh -c 'echo he''re; exec sleep 600'", "here\r\n")
      #expect(eventually { terminal.isRaw })
      #expect(kill(terminal.foreground, SIGKILL) == 0)
      #expect(terminal.waitFor("[137]"))
      #expect(eventually { terminal.modes == before })
      #expect(eventually { !stage.processes().contains { readText("/proc/\($0)/comm") == "sleep\n" } })
      terminal.enter("\(snug) stop beside --now", "[0]")
      terminal.leave(stage)
    }
  }
}
