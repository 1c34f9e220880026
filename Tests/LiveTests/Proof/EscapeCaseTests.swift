import Glibc
import TestSupport
import Testing

extension Live {
  /// Rows of the threat list that take more than one process to try.
  @Suite(.serialized) struct EscapeCaseTests {
    private let stage: Stage
    private let folder: String

    init() throws {
      stage = try LiveTests.stage()
      folder = "\(stage.folder)/case"
      try Stage.shell("rm -rf \(folder); install -d -o \(stage.uid) -g \(stage.gid) \(folder)")
    }

    @Test func `a destination behind a hostile link is held by two walls, each alone`() throws {
      let snug = try stage.layeredSnug()
      let marker = "\(folder)/marker"
      for (op, more) in [("directory", ""), ("file", "text = \"x\""), ("symlink", "to = \"/etc/passwd\"")] {
        var reached: [String: Bool] = [:]
        for off in ["", "resolution", "old-root", "resolution,old-root"] {
          try stage.outside(
            shell: "rm -rf \(folder)/*; mkdir \(marker) \(folder)/evil; ln -s \(marker) \(folder)/evil/link")
          try stage.profile(
            "behind",
            "extends = [\"default\"]\n[files]\nwrite = [\"\(folder)/evil\"]\n"
              + "[[files.op]]\nop = \"\(op)\"\ntarget = \"\(folder)/evil/link/new\"\n\(more)\n")
          let done = try stage.run([snug, "run", "-p", "behind", "--", "true"], extra: ["SNUG_TEST_LAYERS_OFF=\(off)"])
          reached[off] = names(in: marker) != []
          #expect(
            done.status != 0 || reached[off] == true || off == "resolution", "\(op), without \(off): \(done.everything)"
          )
        }
        #expect(
          reached[""] == false && reached["resolution"] == false && reached["old-root"] == false, "\(op): \(reached)")
        #expect(reached["resolution,old-root"] == true, "the control: without both \(op) is made outside")
      }
    }

    @Test func `the terminal is held by two layers, each alone`() throws {
      let snug = try stage.layeredSnug()
      let allowed = readText("/proc/sys/dev/tty/legacy_tiocsti") != "0\n"
      var typed: [String: Bool] = [:]
      for off in ["", "seccomp", "terminal", "seccomp,terminal"] {
        let line = """
          \(snug) run --read \(stage.probe) -- \(stage.probe) try tiocsti , tiocsti-high; echo ne''xt; read x; echo "got[$x]"
          """
        let terminal = try stage.startOnTerminal(["/bin/sh", "-c", line], extra: ["SNUG_TEST_LAYERS_OFF=\(off)"])
        #expect(terminal.waitFor("next\r\n"), "\(terminal.shown)")
        terminal.type("\n")
        #expect(terminal.waitFor("]\r\n"), "\(terminal.shown)")
        typed[off] = !terminal.shown.contains("got[]")
        #expect(terminal.finish() == 0, "\(terminal.shown)")
      }
      #expect(typed[""] == false && typed["seccomp"] == false && typed["terminal"] == false, "\(typed)")
      #expect(typed["seccomp,terminal"] == allowed, "the control: without both it is typed outside")
    }

    @Test func `every descriptor of the system layer is born to be closed by exec`() throws {
      let snug = try stage.layeredSnug()
      func count(_ off: String, open: Int) throws -> String {
        let done = try stage.run(
          [snug, "run", "--read", stage.probe, "--", stage.probe, "escape"], caller: Stage.Caller(open: open),
          extra: ["SNUG_TEST_LAYERS_OFF=\(off)"])
        return done.output.split(separator: "\n").first { $0.hasPrefix("open-descriptors") }.map(String.init)
          ?? done.everything
      }
      #expect(try count("descriptors-exec", open: 0) == "open-descriptors EBADF")
      // The control: of a caller's something arrives where nobody closes it.
      let all = "descriptors-launcher,descriptors-init,descriptors-exec"
      #expect(try count(all, open: 10) == "open-descriptors open")
    }

    @Test func `a start touches no directory that everybody may write`() throws {
      guard stage.isRoot else { return skip("only root can have a /tmp that nobody else uses") }
      let start = "\(stage.probe) awkward \(stage.uid) \(stage.gid) \(stage.gid) 022 - 0 default \(stage.home)"
      let variables = stage.environment.map { "'\($0)'" }.joined(separator: " ")
      // What is made in a directory, even for an instant, changes its times.
      let script = """
        for d in /tmp /dev/shm /run/lock; do [ -d $d ] && mount -t tmpfs -o mode=1777 x $d; done
        look() { stat -c '%n %y %z' /tmp /dev/shm /run/lock 2>/dev/null; }
        sleep 0.05; one=$(look); sleep 0.05
        for i in 1 2 3 4 5 6 7 8 9 10; do
          env -i \(variables) \(start) \(stage.snug) run --write /tmp/none -p default -- true 2>/dev/null || true
          env -i \(variables) \(start) \(stage.snug) run -p default -- true
        done
        two=$(look); sleep 0.05; mkdir /tmp/x; rmdir /tmp/x; three=$(look)
        [ "$one" = "$two" ] && echo untouched; [ "$two" = "$three" ] || echo control
        """
      #expect(
        try Stage.shell("unshare -m --propagation private sh -ec '\(script.replacing("'", with: "'\\''"))'")
          == "untouched\ncontrol\n")
    }

    @Test func `a working directory that is moved out of its grant leads to nothing`() throws {
      // Once inside, once outside: the control.
      for inside in [true, false] {
        try stage.outside(
          shell: "rm -rf \(folder)/*; mkdir -p \(folder)/work/sub \(folder)/other; echo found > \(folder)/other/canary")
        let line =
          "cd \(folder)/work/sub && echo ready && read go; cd -P .. 2>/dev/null; cat canary; ls ..; pwd -P; exit 0"
        let shell = ["/bin/sh", "-c", line]
        let running = try stage.start(inside ? [stage.snug, "run", "--write", "\(folder)/work", "--"] + shell : shell)
        #expect(running.waitFor("ready\n"), "\(running.errorsSoFar)")
        try stage.outside(shell: "mv \(folder)/work/sub \(folder)/other/sub")
        running.send(Array("go\n".utf8))
        let done = running.finish()
        #expect(done.output.contains("found") == !inside, "inside \(inside): \(done.everything)")
        #expect(!inside || !done.output.contains("canary"), "\(done.everything)")
      }
    }

    @Test func `a set-uid program gains nothing inside`() throws {
      guard stage.isRoot else { return skip("only root can make a set-uid program of root's") }
      let program = "\(stage.folder)/set-id"
      try Stage.shell("install -m 4755 \(stage.probe) \(program)")
      let outside = try stage.run([program, "try", "setuid"])
      #expect(outside.output == "setuid: ok\n", "the control: \(outside.everything)")
      let inside = try stage.snug(["run", "--read", program, "--", program, "try", "setuid"])
      #expect(inside.output.hasPrefix("setuid: E"), "\(inside.everything)")
      try stage.remove(program)
    }

    @Test func `words of the command line are words`() throws {
      let words = [
        "$(touch \(folder)/x);", "`touch \(folder)/x`", "--write", "/", "-p", "none", "a\nb", "*", "~", "@@", "%f",
        "--",
      ]
      let inside = try stage.snug(["run", "--read", stage.probe, "--", stage.probe, "arguments"] + words)
      let outside = try stage.outside(["arguments"] + words)
      #expect(inside.output == outside.output && outside.output.hasPrefix("12 "), "\(inside.everything)")
      #expect(names(in: folder) == [])
      for name in ["-v", "--help", "--write", "@args"] {
        let done = try stage.snug(["run", "--", name])
        #expect(done.status == 127 && done.errors.contains(name), "\(name): \(done.everything)")
      }
    }

    @Test func `an empty argument vector ends in words`() throws {
      for program in [stage.snug, stage.bwrap] {
        let done = try stage.run([stage.probe, "unnamed", program])
        #expect(done.status < 126 && !done.everything.contains("Fatal"), "\(program): \(done.everything)")
      }
    }
  }
}
