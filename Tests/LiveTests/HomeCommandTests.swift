import Glibc
import TestSupport
import Testing

extension Live {
  /// `snug home`: what it shows, and that a reset takes a home away whole, whatever the app has made of it, and never
  /// from under a program that runs in it.
  @Suite(.serialized) final class HomeCommandTests {
    private let stage: Stage

    init() throws {
      stage = try LiveTests.stage()
      try Self.unlock(stage)
      try stage.remove(stage.homes, "\(stage.home)/canary")
      try stage.profile("old", "extends = [\"default\"]\n[files]\nhome = \"private\"")
    }

    deinit {
      // A later test lists the user's profiles, and judges them.
      _ = try? stage.remove("\(stage.home)/.config/snug/profiles/old.toml")
    }

    /// What a test left that failed in between: directories without rights are no obstacle to root alone.
    private static func unlock(_ stage: Stage) throws {
      try Stage.shell(
        "[ ! -d \(stage.homes) ] || find \(stage.homes) -type d -exec chmod u+rwx {} + 2>/dev/null || true")
    }

    private func app(_ line: String, _ profile: String = "old") throws -> Finished {
      let done = try stage.inside(shell: line, profile)
      #expect(done.status == 0, "\(done.everything)")
      return done
    }

    private func home(_ words: String...) throws -> Finished { try stage.snug(["home"] + words) }

    @Test func `homes are listed with size, last use and path`() throws {
      #expect(try home().output == "no private homes in \(stage.homes)\n")
      let before = try stage.outside(shell: "date '+%Y-%m-%d %H:%M'")
      _ = try app("head -c 3000000 /dev/zero >~/big; ln ~/big ~/again; mkdir ~/d")
      _ = try stage.inside(shell: "true", "default", ["--home", "private"])
      try stage.remove("\(stage.home)/.config/snug/profiles/old.toml")
      try stage.outside(shell: "ln -s ~/.config \(stage.homes)/way; touch \(stage.homes)/file")
      let listed = try home()
      let after = try stage.outside(shell: "date '+%Y-%m-%d %H:%M'")
      let lines = listed.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
      #expect(lines.map { $0.first ?? "" } == ["default", "old"] && listed.status == 0, "\(listed.everything)")
      guard lines.count == 2, lines[1].count > 6 else { return }
      // A file with two names takes its space once.
      #expect(lines[1][1...2] == ["2.8", "MiB"], "\(listed.output)")
      let time = "\(lines[1][4]) \(lines[1][5])\n"
      #expect(lines[1][3] == "used" && before <= time && time <= after, "\(listed.output)")
      #expect(listed.output.contains("\(stage.homes)/old (no profile of this name)\n"), "\(listed.output)")
      #expect(listed.output.contains("\(stage.homes)/default\n"), "\(listed.output)")
      let one = try home("old")
      #expect(
        one.output.hasPrefix("path  \(stage.homes)/old\nsize  2.8 MiB, 3 files and directories\n"), "\(one.output)")
      try stage.expectRefusal(
        ["home", "none"], 1, "snug: no private home is called \"none\"\n  hint: snug home lists them")
      try stage.expectRefusal(
        ["home", "none", "--reset"], 1, "snug: no private home is called \"none\"\n  hint: snug home lists them")
      try stage.expectRefusal(
        ["home", "../homes/old", "--reset"], 1,
        "snug: no private home is called \"../homes/old\"\n  hint: snug home lists them")
      try stage.expectRefusal(
        ["home", "--reset"], 2, "snug: --reset needs the name of a home\n  hint: snug home --help")
      try stage.expectRefusal(
        ["home", "way", "--reset"], 1,
        "snug: cannot reset the private home HOME/.local/share/snug/homes/way: it is a link")
      let reset = try home("old", "--reset")
      #expect(reset.status == 0 && reset.errors == "", "\(reset.everything)")
      #expect(reset.output == "emptied the private home of old: 3 files and directories, 2.8 MiB\n", "\(reset.output)")
      #expect(try Stage.shell("ls -A \(stage.homes)") == "default\nfile\nway\n")
    }

    @Test func `a reset waits for nobody and takes nothing away from a program`() throws {
      let running = try stage.startShell("exec $SNUG run -p old -- sh -c 'echo mine >~/x; echo up; read a; cat ~/x'")
      #expect(running.waitFor("up\n"))
      let refused = "snug: cannot reset the private home HOME/.local/share/snug/homes/old: it is in use"
      try expectInUse(refused)
      #expect(try home().output.contains("in use"))
      #expect(try home("old").output.hasSuffix("used  now\n"))
      // A second program in the same home is as much a user of it as the first one.
      let second = try stage.startShell("exec $SNUG run -p old -- sh -c 'echo up; read a; cat ~/x'")
      #expect(second.waitFor("up\n"))
      #expect(try stage.run(["/bin/kill", "-9", "\(running.pid)"]).status == 0)
      #expect(running.finish().status == 137)
      try expectInUse(refused)
      second.send(Array("\n".utf8))
      let done = second.finish()
      #expect(done.output == "up\nmine\n", "\(done.everything)")
      #expect(stage.leftovers() == [])
      let reset = try home("old", "--reset")
      #expect(reset.status == 0, "\(reset.everything)")
      #expect(try app("ls -A ~").output == "")
    }

    private func expectInUse(_ message: String) throws {
      let done = try home("old", "--reset")
      #expect(done.status == 1 && done.output == "", "\(done.everything)")
      #expect(
        neutral(done.errors, stage) == message + "\n  hint: end the program that runs in it first\n", "\(done.errors)")
    }

    @Test func `a hostile tree goes, and nothing outside it`() throws {
      try stage.outside(shell: "mkdir -p ~/canary/d; echo bird >~/canary/d/f; mkdir -p \(stage.homes)/old")
      // Hard links from outside into the home are the user's own doing; the file stays under its other name.
      try stage.outside(shell: "ln ~/canary/d/f \(stage.homes)/old/hard")
      let before = try stage.fingerprint(["\(stage.home)/canary/d"])
      let hostile = """
        import os, socket
        os.chdir(os.environ["HOME"])
        outside = "\(stage.home)/canary"
        for i, to in enumerate([outside, outside + "/d/f", "..", "/", "../../../../canary", "nowhere"]): os.symlink(to, "l%d" % i)
        os.mkdir("dir"); os.symlink(outside, "dir/way"); os.symlink("/", b"\\xff\\xfe"); os.symlink("..", "new\\nline")
        open("\\x1b[31mred", "w").close(); os.mkfifo("fifo"); socket.socket(socket.AF_UNIX).bind("sock")
        os.makedirs("locked/in/side"); open("locked/in/file", "w").close(); os.makedirs("half/in")
        for i in range(300): os.makedirs("wide/%d/x" % i)
        here = os.open(".", os.O_RDONLY)
        for i in range(10000): os.mkdir("d"); os.chdir("d")
        open("bottom", "w").close(); os.symlink(outside, "way"); os.fchdir(here)
        os.chmod("half", 0o500); os.chmod("locked/in", 0); os.chmod("locked", 0); os.chmod(".", 0)
        """
      let made = try stage.snug(["run", "-p", "old", "--", "python3", "-c", hostile])
      #expect(made.status == 0, "\(made.everything)")
      // The control: what a careless program would do to that tree.
      #expect(try Stage.shell("stat -c %a \(stage.homes)/old") == "0\n")
      try stage.expectRefusal(
        ["run", "-p", "old", "--", "true"], 125,
        "snug: cannot use the private home HOME/.local/share/snug/homes/old: Permission denied\n"
          + "  at HOME/.config/snug/profiles/old.toml:4:8\n  hint: chmod u+rwx it, or empty it: snug home NAME --reset")
      #expect(try home().output.contains("more than "), "what cannot be read is not counted in silence")
      try stage.outside(shell: "chmod 700 \(stage.homes)/old")
      let one = try home("old").output
      #expect(one.contains("more than ") && one.contains(" 106"), "locked/in alone is not counted: \(one)")
      try stage.outside(shell: "chmod 0 \(stage.homes)/old")
      let reset = try home("old", "--reset")
      #expect(reset.status == 0 && reset.errors == "", "\(reset.everything)")
      // 10,000 deep with two at the bottom, 601 wide, 20 other names.
      #expect(reset.output.hasPrefix("emptied the private home of old: 10623 files"), "\(reset.output)")
      #expect(try Stage.shell("ls -A \(stage.homes)") == "")
      // One name less, which is a change of the file's own.
      try stage.outside(shell: "ln ~/canary/d/f \(stage.home)/canary/again")
      let after = try stage.fingerprint(["\(stage.home)/canary/d"])
      #expect(withoutTimes(after) == withoutTimes(before))
      #expect(try app("ls -A ~").output == "")
    }

    private func withoutTimes(_ lines: [String]) -> [String] {
      lines.map { $0.split(separator: " ").prefix(5).joined(separator: " ") }
    }

    @Test func `what is mounted in a home stays, and is told`() throws {
      guard stage.isRoot else { return skip("mounting takes root") }
      _ = try app("mkdir -p ~/a/mnt ~/b; echo x >~/b/f")
      let place = "\(stage.homes)/old/a/mnt"
      try Stage.shell("mount -t tmpfs -o mode=777 tmpfs \(place) && echo bird >\(place)/canary")
      let size = try home("old").output
      #expect(size.contains(", 4 files"), "\(size)")
      let done = try home("old", "--reset")
      #expect(done.status == 1 && done.output.hasPrefix("emptied the private home of old: "), "\(done.everything)")
      #expect(done.errors.hasPrefix("snug: cannot remove a/mnt: "), "\(done.everything)")
      let rest = try Stage.shell("ls -A \(stage.homes)").split(separator: "\n").map(String.init)
      #expect(rest.count == 1 && done.errors.contains("what is left is in \(stage.homes)/\(rest.first ?? "?")"))
      let mounted = try Stage.shell("grep -F \(stage.homes) /proc/self/mounts | cut -d' ' -f2").split(separator: "\n")
      #expect(try mounted.map { try Stage.shell("cat \($0)/canary") } == ["bird\n"])
      for place in mounted { try Stage.shell("umount \(place)") }
      // The next reset finds what is left.
      _ = try app("true")
      #expect(try home("old", "--reset").status == 0)
      #expect(try Stage.shell("ls -A \(stage.homes)") == "")
    }

    @Test func `links in place of the directories of homes are refused`() throws {
      try stage.outside(shell: "mkdir -p ~/canary/old; echo bird >~/canary/old/f; ln -s ~/canary \(stage.homes)")
      let message = "snug: cannot read HOME/.local/share/snug/homes: it is a link"
      try stage.expectRefusal(["home"], 1, message)
      try stage.expectRefusal(["home", "old", "--reset"], 1, message)
      #expect(try Stage.shell("cat \(stage.home)/canary/old/f; rm \(stage.homes)") == "bird\n")
    }

    @Test func `a reset that is killed leaves the whole home or none`() throws {
      let fill =
        "mkdir -p \(stage.homes)/old && cd \(stage.homes)/old && for i in $(seq 20); do mkdir $i; (cd $i; touch $(seq 25)); done"
      var (whole, none) = (0, 0)
      for attempt in 0..<30 {
        try stage.outside(shell: fill)
        let running = try stage.start([stage.snug, "home", "old", "--reset"])
        usleep(UInt32(attempt % 15) * 500)
        running.signal(SIGKILL)
        _ = running.finish()
        let left = try Stage.shell(
          "find \(stage.homes)/old -type f 2>/dev/null | wc -l; [ -d \(stage.homes)/old ] && echo there || true")
        switch left {
        case "500\nthere\n":
          whole += 1
          try stage.remove("\(stage.homes)/old")
        case "0\n": none += 1
        default: Issue.record("half a home: \(left)")
        }
      }
      #expect(whole + none == 30)
      try stage.outside(shell: fill)
      #expect(try home("old", "--reset").status == 0)
      #expect(try Stage.shell("ls -A \(stage.homes)") == "", "\(whole) whole, \(none) none")
    }

    @Test func `starts and resets at once: no program loses what it has written`() throws {
      let resets = try stage.startShell(
        "for i in $(seq 150); do $SNUG home old --reset >>$HOME/resets 2>&1; done; echo over")
      var (started, refused) = (0, 0)
      for number in 0..<60 {
        let done = try stage.inside(
          shell: "echo \(number) >~/own-\(number) && for i in 1 2 3; do cat ~/own-\(number) || exit 9; done", "old")
        if done.status == 0, done.output == "\(number)\n\(number)\n\(number)\n" {
          started += 1
        } else {
          #expect(done.status == 125 && done.errors.contains("private home"), "\(done.everything)")
          refused += 1
        }
      }
      #expect(resets.finish().output == "over\n")
      let told = try Stage.shell("cat \(stage.home)/resets; rm \(stage.home)/resets")
      let words = [
        "emptied the private home of old", "it is in use", "no private home is called", "has just emptied", "hint: ",
      ]
      for line in told.split(separator: "\n") { #expect(words.contains { line.contains($0) }, "\(line)") }
      #expect(told.contains("emptied") && told.contains("it is in use") && started > 0, "\(started), \(refused)")
      #expect(try Stage.shell("ls -A \(stage.homes) | grep reset || true") == "")
      #expect(stage.leftovers() == [])
    }
  }
}
