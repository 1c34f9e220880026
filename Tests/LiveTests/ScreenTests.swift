import Glibc
import TestSupport
import Testing

/// A terminal emulator without a window, 80 columns and 24 rows: the screens that it holds are compared.
private final class Screen {
  private let stage: Stage
  private let name: String

  /// Starts a shell; its prompt is `> `.
  init(_ stage: Stage, _ name: String) throws {
    self.stage = stage
    self.name = name
    let start = "new-session -d -x 80 -y 24 env PS1='> ' bash --norc --noprofile --noediting"
    try tmux("-f /dev/null \(start)")
    #expect(waitFor(">"))
  }

  @discardableResult
  private func tmux(_ words: String) throws -> String {
    try stage.outside(shell: "cd; TMUX_TMPDIR=\(stage.home) tmux -L \(name) \(words)")
  }

  /// Presses keys, as tmux(1) names them.
  func press(_ keys: String...) throws {
    for key in keys { try tmux("send-keys '\(key)'") }
  }

  func type(_ line: String) throws {
    let quoted = line.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
    try tmux("send-keys -l '\(quoted)'")
    try press("Enter")
  }

  /// What is on it now.
  var text: String { (try? tmux("capture-pane -p")) ?? "" }

  func waitFor(_ part: String) -> Bool { eventually { text.contains(part) } }

  func close() { _ = try? tmux("kill-server") }
}

private struct Step {
  var keys: [String] = []
  var line: String?
  var until: String

  static func type(_ line: String, _ until: String) -> Step { Step(line: line, until: until) }
  static func press(_ keys: String..., until: String) -> Step { Step(keys: keys, until: until) }
}

extension Live {
  /// Programs on a private terminal show what they show without.
  @Suite(.serialized) struct ScreenTests {
    /// The program, what is done, and what differs by nature.
    private static let programs: [(name: String, program: String, command: String, steps: [Step], mask: Bool)] = [
      (
        "vim", "/usr/bin/vim", "vim -u NONE -N -i NONE --cmd 'set shortmess+=I'",
        [
          .press(until: "~"), .press("i", "one", "Enter", "two", "Tab", "three", "Escape", until: "three"),
          .type(":set number ruler", "1 one"), .press("g", "g", "d", "d", "p", until: "2 one"),
          .type(":%s/o/0/g", "0ne"), .press("C-z", until: "Stopped"), .type("fg", "0ne"),
          .type(":q!", "> "),
        ], false
      ),
      (
        "bash", "/bin/bash", "env 'PS1=$ ' bash --norc --noprofile",
        [
          .press(until: "$"), .type("stty -a", "echoke"), .type("sleep 600", "sleep"), .press("C-z", until: "Stopped"),
          .type("jobs", "$ "), .type("fg", "sleep 600"), .press("C-c", until: "^C"),
          .type("for i in a b; do echo $i; done", "b"), .press("f", "o", "o", "Left", "BSpace", "C-a", until: "$ fo"),
          .press("C-u", "C-k", "e", "x", "i", "t", "Enter", until: "exit"),
        ], false
      ),
      (
        "python3", "/usr/bin/python3", "python3 -q",
        [
          .press(until: ">>>"), .type("1 + 1", "2"), .type("def f(x):", "..."), .type("  return x * 2", "..."),
          .type("", ">>>"),
          .type("f(21)", "42"), .press("C-c", until: "KeyboardInterrupt"), .type("input(\"name? \")", "name?"),
          .type("me", "'me'"), .type("exit(3)", "> "), .type("echo $?", "3"),
        ], false
      ),
      (
        "ssh-keygen", "/usr/bin/ssh-keygen", "ssh-keygen -t ed25519 -C me -f /tmp/key-of-a-test",
        [
          .press(until: "Enter passphrase"), .type("secret", "again"), .type("other", "do not match"),
          .type("secret", "again"), .type("secret", "SHA256"),
        ], true
      ),
      (
        "top", "/usr/bin/top", "top -d 100 -p 1",
        [
          .press(until: "Tasks"), .press("h", until: "Help for"), .press("q", until: "Tasks"),
          .press("q", until: "\n>"),
        ], true
      ),
    ]

    /// Pids, times, keys and the art made of them.
    private func masked(_ text: String) -> String {
      text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        if line.hasPrefix("|") || line.hasPrefix("SHA256") { return "" }
        // Process 1 is another one inside.
        if line.split(separator: " ").first == "1" { return "" }
        return String(line.map { $0.isNumber || ".:, +-".contains($0) ? "#" : $0 })
          .split(separator: "#").joined(separator: "#")
      }.joined(separator: "\n")
    }

    private func record(_ index: Int, _ prefix: String, _ stage: Stage) throws -> [String] {
      let program = Self.programs[index]
      let screen = try Screen(stage, "\(program.name)-\(prefix.isEmpty ? "outside" : "inside")")
      defer { screen.close() }
      // The shell outside shows the command line of a job that has stopped: the same for both.
      try stage.write("#!/bin/sh\nexec \(prefix) \"$@\"\n", to: "\(stage.home)/bin/box", mode: "755")
      try screen.type("clear; ~/bin/box \(program.command)")
      var screens: [String] = []
      for step in program.steps {
        if screens.isEmpty { #expect(eventually { !screen.text.contains("bin/box") }) }
        let before = screens.isEmpty ? "" : screen.text
        if let line = step.line { try screen.type(line) }
        for key in step.keys { try screen.press(key) }
        // What is waited for may stand there from an earlier step.
        #expect(
          eventually { screen.text != before && screen.text.contains(step.until) },
          "\(program.name), \(step.until): \(screen.text)")
        // Until it has come to rest.
        var last = ""
        #expect(
          eventually {
            defer { last = screen.text }
            usleep(150_000)
            return screen.text == last
          })
        let text = screen.text
        screens.append(program.mask ? masked(text) : text)
      }
      return screens
    }

    @Test(arguments: programs.indices) func `the screens equal those outside`(index: Int) throws {
      let stage = try stage()
      let program = Self.programs[index]
      for tool in [program.program, "/usr/bin/tmux"] where access(tool, X_OK) != 0 {
        return skip("\(tool) is not installed")
      }
      let outside = try record(index, "", stage)
      try Stage.shell("rm -f /tmp/key-of-a-test /tmp/key-of-a-test.pub")
      let inside = try record(index, "\(stage.snug) run -p terminal --", stage)
      for (number, (one, other)) in zip(outside, inside).enumerated() {
        #expect(one == other, "\(program.name), step \(number):\n\(one)\n--- inside\n\(other)")
      }
      #expect(stage.leftovers() == [])
    }
  }
}
