import Glibc
import TestSupport
import Testing

extension Live {
  /// Programs that people run, under the shipped profiles; the graphical ones on an X server of the test's own.
  @Suite(.serialized) struct AppTests {
    @Test func `of the X server one socket and one cookie are there`() throws {
      let stage = try stage()
      guard let screen = try XScreen(stage) else { return }
      defer { screen.end() }
      let line = "echo $DISPLAY; ls -A /tmp/.X11-unix; xauth -f $XAUTHORITY list; xdotool getdisplaygeometry"
      let inside = try stage.snug(["run", "-p", "xterm", "--", "sh", "-c", line], extra: screen.variables)
      let lines = inside.output.split(separator: "\n").map(String.init)
      #expect(inside.status == 0 && lines.count == 4, "\(inside.everything)")
      #expect(lines.first == ":\(screen.display)" && lines.dropFirst().first == "X\(screen.display)")
      #expect(lines.filter { $0.contains("MIT-MAGIC-COOKIE-1") }.count == 1, "\(lines)")
      #expect(lines.dropFirst(2).first?.hasSuffix("0123456789abcdef0123456789abcdef") == true, "\(lines)")
      #expect(lines.last == "800 600", "\(lines)")
      // Over the host's network too, where the server's abstract socket is, and refused.
      let abroad = try stage.snug(
        ["run", "-p", "xterm", "--network", "host", "--", "xdotool", "getdisplaygeometry"], extra: screen.variables)
      #expect(abroad.output == "800 600\n", "\(abroad.everything)")
      // Nothing else of the caller's: not the file that the cookies came from.
      let file = try stage.snug(
        ["run", "-p", "xterm", "--", "ls", "-A", stage.home], extra: screen.variables)
      #expect(file.status == 0 && file.output == "", "\(file.everything)")
      // The positive control: without a cookie the server refuses, inside and outside.
      let none = ["DISPLAY=:\(screen.display)", "XAUTHORITY=/nonexistent"]
      for words in [["/usr/bin/xdotool"], [stage.snug, "run", "-p", "xterm", "--", "xdotool"]] {
        let refused = try stage.run(words + ["getdisplaygeometry"], extra: none)
        #expect(refused.status != 0 && refused.output == "", "\(refused.everything)")
      }
      // A profile that does not ask for X has none of it, whatever the caller's variables say.
      let strict = try stage.snug(
        ["run", "--keep-env", "DISPLAY", "--", "sh", "-c", "ls /tmp; xdotool getdisplaygeometry 2>/dev/null"],
        extra: screen.variables)
      #expect(strict.status != 0 && strict.output == "", "\(strict.everything)")
    }

    @Test(arguments: ["xterm", "mousepad"]) func `a window appears, and nothing stays when it goes`(name: String) throws
    {
      let stage = try stage()
      guard let screen = try XScreen(stage) else { return }
      let others = stage.processes().count
      // Once the launcher is told to end, once the window is closed.
      for closes in [false, true] {
        let app = try stage.start([stage.snug, "run", name], extra: screen.variables)
        let id = try screen.window(name, stage)
        #expect(id != "", "no window of \(name)")
        if closes {
          _ = try stage.run(["/usr/bin/xdotool", "windowclose", id], extra: screen.variables)
        } else {
          app.signal(SIGTERM)
        }
        let done = app.finish(seconds: 30)
        // What a program makes of SIGTERM or of its window's end is its own; that it had to be killed is not.
        #expect(done.status != 137, "\(done.everything)")
        for line in done.errors.split(separator: "\n") { #expect(!line.hasPrefix("snug:"), "\(line)") }
        for _ in 0..<60 where stage.processes().count != others { usleep(50_000) }
        #expect(stage.processes().count == others)
      }
      screen.end()
      #expect(stage.leftovers() == [])
    }

    @Test func `a shell in the window sees nothing of the caller's`() throws {
      let stage = try stage()
      guard let screen = try XScreen(stage) else { return }
      defer { screen.end() }
      try stage.write("mine\n", to: "\(stage.home)/private")
      let line = "ls -A ~; tty; echo colours $TERM; exit 0"
      let done = try stage.snug(
        ["run", "--fd", "1", "xterm", "-e", "sh", "-c", line], extra: screen.variables)
      #expect(done.status == 125, "descriptor 1 is not one to pass: \(done.everything)")
      try stage.setProfiles([])
      let folder = "\(stage.home)/out"
      try Stage.shell("mkdir -p \(folder); chown \(stage.uid):\(stage.gid) \(folder)")
      let shown = try stage.snug(
        ["run", "--write", folder, "xterm", "-e", "sh", "-c", "(\(line)) >\(folder)/said; ls -A ~ >>\(folder)/said"],
        extra: screen.variables)
      let said = try Stage.shell("cat \(folder)/said").split(separator: "\n").map(String.init)
      #expect(shown.status == 0, "\(shown.everything)")
      #expect(
        said.first == "out" && said.contains("colours xterm") && said.contains { $0.hasPrefix("/dev/pts/") }, "\(said)")
    }

    @Test func `without a screen the error names what is missing`() throws {
      let stage = try stage()
      let profile = try #require(readText("\(stage.profiles)/desktop.toml"))
      let lines = profile.split(separator: "\n", omittingEmptySubsequences: false)
      let place = "\n  at SHIPPED/desktop.toml:\(try #require(lines.firstIndex(of: "x11 = true")) + 1):7"
      let hint = "\n  hint: start snug in a desktop session; over ssh, one that forwards no display has none"
      // A program that knows X11 alone.
      try stage.expectRefusal(
        ["run", "xterm"], 125, "snug: cannot reach the X server: DISPLAY is not set" + place + hint,
        without: ["DISPLAY"])
      try stage.expectRefusal(
        ["run", "xterm"], 125,
        "snug: cannot reach the X server: DISPLAY=:987 asks for /tmp/.X11-unix/X987, which does not exist" + place
          + hint,
        extra: ["DISPLAY=:987"])
      try stage.expectRefusal(
        ["run", "xterm"], 125,
        "snug: cannot reach the X server: DISPLAY is far:0, which is not a display of this machine" + place
          + "\n  hint: only local displays such as :0 are supported", extra: ["DISPLAY=far:0"])
      // One that takes what is there.
      try stage.expectRefusal(
        ["run", "mousepad"], 125,
        "snug: cannot reach a screen: WAYLAND_DISPLAY is not set, and there is no \(stage.runtime)/wayland-0; "
          + "DISPLAY is not set" + place + hint,
        without: ["DISPLAY"])
    }

    // MARK: - The terminal

    /// Profile, command as the shell reads it, and what it prints.
    static let tools: [(profile: String, tool: String, line: String, output: String)] = [
      ("default", "/bin/bash", "bash -c 'x=(a b); echo ${x[1]}; cat <(echo sub)'", "b\nsub\n"),
      ("default", "/usr/bin/perl", "perl -e 'print \"$0 ok\\n\"'", "-e ok\n"),
      ("terminal", "/usr/bin/vim", "vim -es -u NONE -c 'call setline(1, 1+1)' -c 'wq t' </dev/null; cat t", "2\n"),
      ("terminal", "/usr/bin/ssh-keygen", "ssh-keygen -q -t ed25519 -N '' -f k && ls k k.pub", "k\nk.pub\n"),
      ("terminal", "/usr/bin/gcc", "echo 'int main(){return 7;}' >a.c && gcc a.c -o a && ./a; echo $?", "7\n"),
      ("terminal", "/usr/bin/node", "node -e 'console.log([1,2].map(x => x * 2).join())'", "2,4\n"),
      ("terminal", "/usr/bin/tar", "mkdir d; echo x >d/f; tar -czf t.tgz d; rm -r d; tar -xzf t.tgz; cat d/f", "x\n"),
      ("python3", "/usr/bin/python3", "python3 -c 'import ssl, sqlite3, json; print(json.dumps([1]))'", "[1]\n"),
      ("python3", "/usr/bin/python3", "python3 -m venv --without-pip v && v/bin/python -c 'print(2)'", "2\n"),
    ]

    @Test(arguments: tools.indices) func `terminal tools work`(index: Int) throws {
      let stage = try stage()
      let tool = Self.tools[index]
      guard access(tool.tool, X_OK) == 0 else { return skip("\(tool.tool) is not installed") }
      let done = try stage.snug(["run", "-p", tool.profile, "--", "sh", "-c", "cd; " + tool.line])
      #expect(done.status == 0 && done.output == tool.output && done.errors == "", "\(done.everything)")
      #expect(stage.leftovers() == [])
    }

    @Test func `git works in the directory and reads the caller's settings`() throws {
      let stage = try stage()
      guard access("/usr/bin/git", X_OK) == 0 else { return skip("git is not installed") }
      let folder = "\(stage.home)/tree"
      try stage.write("[user]\n\tname = A B\n\temail = a@b\n", to: "\(stage.home)/.gitconfig")
      try stage.write("text\n", to: "\(folder)/file")
      for words in [["init", "-q"], ["add", "file"], ["commit", "-q", "-m", "one"]] {
        let done = try stage.snug(["run", "git"] + words, directory: folder)
        #expect(done.status == 0, "\(words): \(done.everything)")
      }
      let log = try stage.snug(["run", "git", "log", "--format=%an %s"], directory: folder)
      #expect(log.output == "A B one\n", "\(log.everything)")
      // Read, not changed; and nothing of the home besides.
      let change = try stage.snug(["run", "git", "config", "--global", "user.name", "Other"], directory: folder)
      #expect(change.status != 0, "\(change.everything)")
      #expect(try Stage.shell("cat \(stage.home)/.gitconfig").contains("A B"))
      let seen = try stage.snug(["run", "-p", "git", "--", "ls", "-A", stage.home], directory: folder)
      #expect(seen.output == ".gitconfig\ntree\n", "\(seen.everything)")
      try Stage.shell("rm \(stage.home)/.gitconfig")
      #expect(stage.leftovers() == [])
    }

    @Test func `curl reaches the loopback with the host's network, and only then`() throws {
      let stage = try stage()
      guard access("/usr/bin/curl", X_OK) == 0 else { return skip("curl is not installed") }
      let folder = "\(stage.home)/served"
      try stage.write("page\n", to: "\(folder)/page")
      let serve = """
        import functools, http.server as h, sys, threading
        class Quiet(h.SimpleHTTPRequestHandler):
          def log_message(self, *a): pass
        s = h.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory="\(folder)"))
        print(s.server_address[1], flush=True); threading.Thread(target=s.serve_forever, daemon=True).start(); sys.stdin.read()
        """
      let server = try stage.start(["/usr/bin/python3", "-c", serve])
      #expect(server.waitFor("\n"))
      let port = server.outputSoFar.prefix { $0 != "\n" }
      let words = ["--", "curl", "-sS", "--max-time", "10", "http://127.0.0.1:\(port)/page"]
      let host = try stage.snug(["run", "--network", "host"] + words)
      #expect(host.status == 0 && host.output == "page\n", "\(host.everything)")
      let none = try stage.snug(["run"] + words)
      #expect(none.status == 7 && none.output == "", "\(none.everything)")
      _ = server.finish()
      #expect(stage.leftovers() == [])
    }
  }
}
