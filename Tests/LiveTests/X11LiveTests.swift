import Glibc
import TestSupport
import Testing

extension Live {
  /// What keeps an app on X11 from other windows: row 113 of the threat list.
  @Suite(.serialized) struct X11LiveTests {
    private let stage: Stage

    init() throws {
      stage = try LiveTests.stage()
      for (name, way) in [("plain", "true"), ("untrusted", "\"untrusted\""), ("nest", "\"isolated\"")] {
        try stage.profile("x-\(name)", "extends = [\"xterm\"]\n[desktop]\nx11 = \(way)")
      }
    }

    /// Prints how many keys are down, as every client may ask.
    private static let keys = """
      import ctypes
      x = ctypes.CDLL('libX11.so.6')
      x.XOpenDisplay.restype = ctypes.c_void_p
      d = x.XOpenDisplay(None)
      if not d: raise SystemExit('no display')
      down = ctypes.create_string_buffer(32)
      x.XQueryKeymap(ctypes.c_void_p(d), down)
      print(sum(bin(b).count('1') for b in down.raw))
      """

    /// Prints the screen's size. As xdotool does, which dies of a server that does not trust it.
    private static let size = """
      import ctypes
      x = ctypes.CDLL('libX11.so.6')
      x.XOpenDisplay.restype = ctypes.c_void_p
      d = x.XOpenDisplay(None)
      if not d: raise SystemExit('no display')
      d = ctypes.c_void_p(d)
      print(x.XDisplayWidth(d, 0), x.XDisplayHeight(d, 0))
      """

    private func inside(_ profile: String, _ line: String, _ screen: XScreen, _ more: [String] = []) throws
      -> Finished
    {
      try stage.snug(["run", "-p", profile, "--", "sh", "-c", line], extra: screen.variables + more)
    }

    private func keysDown(_ profile: String, _ screen: XScreen) throws -> Finished {
      try stage.snug(
        ["run", "-p", profile, "--", "/usr/bin/python3", "-c", Self.keys], extra: screen.variables)
    }

    /// Servers of this user that were made for an app.
    private var servers: [Int32] {
      stage.processes().filter { readText("/proc/\($0)/comm") == "Xephyr\n" }.compactMap { Int32($0) }
    }

    // MARK: - A server of its own

    @Test func `an own server shows its window on the caller's, and nothing of the caller's is inside`() throws {
      guard let screen = try XScreen(stage, tools: ["Xephyr", "xterm"]) else { return }
      let look = "echo $DISPLAY; ls -A /tmp/.X11-unix; xdotool getdisplaygeometry; xauth -f $XAUTHORITY list"
      let done = try inside("x-nest", look, screen)
      let lines = done.output.split(separator: "\n").map(String.init)
      #expect(done.status == 0 && lines.count == 4, "\(done.everything)")
      #expect(lines.starts(with: [":0", "X0", "720 540"]), "\(lines)")
      #expect(lines.last?.contains("0123456789abcdef") == false, "\(lines)")
      #expect(try inside("x-nest", "xdotool getdisplaygeometry", screen, ["SNUG_SCREEN=640x400"]).output == "640 400\n")
      // Without its cookie even the own server lets nobody in.
      let bare = try inside("x-nest", "XAUTHORITY=/nonexistent xdotool getdisplaygeometry", screen)
      #expect(bare.status != 0 && bare.output == "", "\(bare.everything)")
      let outer = try stage.start(["/usr/bin/xterm", "-class", "Outer"], extra: screen.variables)
      #expect(try screen.window("Outer", stage) != "")
      let search = "xdotool search --onlyvisible --class Outer"
      #expect(try inside("x-plain", search, screen).status == 0, "the control")
      let found = try inside("x-nest", search, screen)
      #expect(found.status != 0 && found.output == "", "\(found.everything)")
      outer.signal(SIGTERM)
      _ = outer.finish()
      #expect(servers == [])
      #expect(names(in: "\(stage.runtime)/snug") ?? [] == [])
      screen.end()
      #expect(stage.leftovers() == [])
    }

    @Test func `a window is seen in the own server, and the server goes with the app`() throws {
      guard let screen = try XScreen(stage, tools: ["Xephyr", "xterm"]) else { return }
      let app = try stage.start([stage.snug, "run", "--name", "nested", "x-nest"], extra: screen.variables)
      #expect(try screen.window("Xephyr", stage) != "")
      var seen = false
      for _ in 0..<200 where !seen {
        let search = "xdotool search --onlyvisible --class xterm"
        seen = try stage.snug(["exec", "nested", "--", "sh", "-c", search]).status == 0
        if !seen { usleep(50_000) }
      }
      #expect(seen, "no window on the own server")
      let outside = try stage.run(
        ["/usr/bin/xdotool", "search", "--onlyvisible", "--class", "xterm"], extra: screen.variables)
      #expect(outside.output == "", "\(outside.everything)")
      #expect(servers.count == 1)
      for server in servers {
        let status = readText("/proc/\(server)/status") ?? ""
        for line in ["NoNewPrivs:\t1", "Seccomp:\t2", "CapBnd:\t0000000000000000"] { #expect(status.contains(line)) }
        for kind in ["user", "mnt", "pid", "net", "ipc"] {
          #expect(linkText("/proc/\(server)/ns/\(kind)") != linkText("/proc/self/ns/\(kind)"), "\(kind)")
        }
      }
      app.signal(SIGTERM)
      let done = app.finish(seconds: 30)
      #expect(!done.errors.contains("snug:"), "\(done.everything)")
      #expect(eventually { servers.isEmpty })
      screen.end()
      #expect(stage.leftovers() == [])
    }

    @Test(arguments: ["x-untrusted", "x-nest"])
    func `keys that are pressed elsewhere cannot be read`(profile: String) throws {
      guard let screen = try XScreen(stage, tools: ["Xephyr"]) else { return }
      let pressed = try stage.run(["/usr/bin/xdotool", "keydown", "a"], extra: screen.variables)
      #expect(pressed.status == 0, "\(pressed.everything)")
      let control = try keysDown("x-plain", screen)
      #expect(control.status == 0 && control.output == "1\n", "the control: \(control.everything)")
      let none = try keysDown(profile, screen)
      #expect(none.status == 0 && none.output == "0\n", "\(none.everything)")
      screen.end()
      #expect(stage.leftovers() == [])
    }

    @Test func `the server's end is told, and kills no app`() throws {
      guard let screen = try XScreen(stage, tools: ["Xephyr"]) else { return }
      let app = try stage.start(
        [
          stage.snug, "run", "-p", "x-nest", "--", "sh", "-c",
          "echo up; read x; xdotool getdisplaygeometry 2>/dev/null && echo still there; exit 7",
        ], extra: screen.variables)
      try #require(app.waitFor("up"))
      for server in servers { kill(server, 9) }
      #expect(eventually { servers.isEmpty })
      app.send(Array("go\n".utf8))
      let done = app.finish()
      #expect(done.status == 7 && !done.output.contains("still there"), "\(done.everything)")
      #expect(
        done.errors.contains("snug: the app's X server has ended: the app has no display any more"),
        "\(done.everything)")
      screen.end()
      #expect(stage.leftovers() == [])
    }

    @Test func `no server outlives its launcher`() throws {
      guard let screen = try XScreen(stage, tools: ["Xephyr"]) else { return }
      let app = try stage.start(
        [stage.snug, "run", "-p", "x-nest", "--", "sh", "-c", "echo up; sleep 1000"], extra: screen.variables)
      try #require(app.waitFor("up"))
      #expect(servers.count == 1)
      app.signal(9)
      _ = app.finish()
      #expect(eventually { servers.isEmpty })
      #expect(try stage.snug(["ps"]).status == 0)
      #expect(names(in: "\(stage.runtime)/snug") ?? [] == [])
      screen.end()
      #expect(stage.leftovers() == [])
    }

    @Test func `what is missing for an own server is told`() throws {
      guard let screen = try XScreen(stage, tools: ["Xephyr"]) else { return }
      defer { screen.end() }
      func refusal(_ extra: [String]) throws -> String {
        let done = try stage.snug(
          ["run", "-p", "x-nest", "--", "/usr/bin/true"], extra: screen.variables + extra)
        #expect(done.status == 125, "\(done.everything)")
        return done.errors
      }
      let missing = try refusal(["PATH=/usr/local/games"])
      #expect(missing.contains("snug: cannot make an X server: there is no Xephyr in PATH"), "\(missing)")
      #expect(missing.contains("install the package xserver-xephyr"), "\(missing)")
      let folder = "\(try stage.workFolder())/fake-server"
      try stage.write("#!/bin/sh\necho 'cannot find a font' >&2\nexit 3\n", to: "\(folder)/Xephyr", mode: "755")
      let broken = try refusal(["PATH=\(folder):/usr/bin:/bin"])
      #expect(broken.contains("cannot make an X server: Xephyr ended at once with exit status 3"), "\(broken)")
      #expect(broken.contains("hint: it said: cannot find a font"), "\(broken)")
      let cookie = try refusal(["XAUTHORITY=/nonexistent"])
      #expect(cookie.contains("cannot reach the X server: it refuses the connection: "), "\(cookie)")
    }

    @Test func `in a Wayland session the own server is one of the compositor's clients`() throws {
      let tools = ["weston", "Xwayland"].map { "/usr/bin/\($0)" }
      let absent = tools.filter { access($0, X_OK) != 0 }
      guard absent.isEmpty else { return skip("not installed: \(absent); packages weston xwayland") }
      let weston = try stage.start([
        "/usr/bin/weston", "--backend=headless-backend.so", "--use-pixman", "--socket=wayland-9", "--idle-time=0",
        "--log=/dev/null",
      ])
      #expect(eventually { access("\(stage.runtime)/wayland-9", F_OK) == 0 })
      let done = try stage.snug(
        ["run", "-p", "x-nest", "--", "sh", "-c", "echo $DISPLAY; xdotool getdisplaygeometry; ls -A $XDG_RUNTIME_DIR"],
        extra: ["WAYLAND_DISPLAY=wayland-9"], without: ["DISPLAY"])
      #expect(done.status == 0 && done.output.hasPrefix(":0\n1024 640\n"), "\(done.everything)")
      // The app itself is no client of it.
      #expect(!done.output.contains("wayland"), "\(done.everything)")
      weston.signal(15)
      _ = weston.finish(seconds: 20)
      for name in ["wayland-9", "wayland-9.lock"] { unlink("\(stage.runtime)/\(name)") }
      // Where the compositor knows contexts, it is told whose server comes. This one shows no windows.
      let compositor = try Compositor(stage)
      let refused = try stage.snug(
        ["run", "--name", "boxed", "-p", "x-nest", "--", "true"], extra: [compositor.environment])
      #expect(refused.status == 125 && refused.errors.contains("Xwayland"), "\(refused.everything)")
      #expect(compositor.hears("client io.github.snug snug.x-nest boxed"), "\(compositor.heard)")
      #expect(compositor.hears("closed boxed"))
      compositor.end()
      #expect(stage.leftovers() == [])
    }

    // MARK: - A cookie that is not trusted

    @Test func `an untrusted cookie is another one, and steers nothing`() throws {
      guard let screen = try XScreen(stage, tools: ["xterm"]) else { return }
      let done = try inside("x-untrusted", "xauth -f $XAUTHORITY list", screen)
      #expect(done.status == 0 && done.output.contains("MIT-MAGIC-COOKIE-1"), "\(done.everything)")
      #expect(!done.output.contains("0123456789abcdef"), "\(done.everything)")
      let size = try stage.snug(
        ["run", "-p", "x-untrusted", "--", "/usr/bin/python3", "-c", Self.size], extra: screen.variables)
      #expect(size.status == 0 && size.output == "800 600\n", "\(size.everything)")
      // Keys for others: XTEST is not there for it.
      let extensions = """
        import ctypes
        x = ctypes.CDLL('libX11.so.6')
        x.XOpenDisplay.restype = ctypes.c_void_p
        d = ctypes.c_void_p(x.XOpenDisplay(None))
        a = [ctypes.byref(ctypes.c_int()) for _ in range(3)]
        print(x.XQueryExtension(d, b'XTEST', *a))
        """
      func hasKeys(_ profile: String) throws -> String {
        try stage.snug(
          ["run", "-p", profile, "--", "/usr/bin/python3", "-c", extensions], extra: screen.variables
        ).output
      }
      #expect(try hasKeys("x-plain") == "1\n", "the control")
      #expect(try hasKeys("x-untrusted") == "0\n")
      let app = try stage.start([stage.snug, "run", "x-untrusted"], extra: screen.variables)
      #expect(try screen.window("xterm", stage) != "")
      app.signal(SIGTERM)
      _ = app.finish(seconds: 30)
      screen.end()
      #expect(stage.leftovers() == [])
    }

    @Test func `an untrusted cookie is void when the launcher has ended`() throws {
      guard let screen = try XScreen(stage, tools: []) else { return }
      let copy = "\(stage.home)/inside-cookie"
      let line = "od -An -tx1 -v <$XAUTHORITY | tr -d ' \\n'; echo; sleep 1000"
      let app = try stage.start(
        [stage.snug, "run", "-p", "x-untrusted", "--", "sh", "-c", line], extra: screen.variables)
      try #require(app.waitFor("\n"))
      // The last sixteen bytes are the secret.
      let secret = String(app.outputSoFar.prefix { $0 != "\n" }.suffix(32))
      let added = try stage.run(["/usr/bin/xauth", "-f", copy, "add", ":\(screen.display)", ".", secret])
      #expect(added.status == 0, "\(added.everything)")
      func works() throws -> Bool {
        try stage.run(
          ["/usr/bin/python3", "-c", Self.size], extra: ["DISPLAY=:\(screen.display)", "XAUTHORITY=\(copy)"]
        ).status == 0
      }
      #expect(try works(), "the control")
      app.signal(9)
      _ = app.finish()
      // Every use puts the end off: it is asked seldom.
      var isVoid = false
      for _ in 0..<3 where !isVoid {
        sleep(12)
        isVoid = try !works()
      }
      #expect(isVoid)
      screen.end()
      unlink(copy)
      #expect(stage.leftovers() == [])
    }

    @Test func `a server that lets in without a cookie makes no untrusted one`() throws {
      guard let screen = try XScreen(stage, tools: []) else { return }
      let python = """
        import ctypes
        x = ctypes.CDLL('libX11.so.6')
        x.XOpenDisplay.restype = ctypes.c_void_p
        d = ctypes.c_void_p(x.XOpenDisplay(None))
        x.XDisableAccessControl(d); x.XCloseDisplay(d)
        """
      let opened = try stage.run(["/usr/bin/python3", "-c", python], extra: screen.variables)
      #expect(opened.status == 0, "\(opened.everything)")
      let done = try inside("x-untrusted", "true", screen)
      #expect(done.status == 125 && done.errors.contains("it lets you in without one"), "\(done.everything)")
      screen.end()
      guard let bare = try XScreen(stage, tools: [], options: ["-extension", "SECURITY"]) else { return }
      let without = try inside("x-untrusted", "true", bare)
      #expect(
        without.status == 125 && without.errors.contains("it has no SECURITY extension"), "\(without.everything)")
      bare.end()
    }

    // MARK: - The display itself

    @Test func `the server's abstract socket is reached only where that is granted`() throws {
      guard let screen = try XScreen(stage, tools: []) else { return }
      defer { screen.end() }
      let connect = """
        import socket
        socket.socket(socket.AF_UNIX).connect('\\0/tmp/.X11-unix/X\(screen.display)')
        print('reached')
        """
      let words = ["--", "/usr/bin/python3", "-c", connect]
      #expect(try stage.run(Array(words.dropFirst())).output == "reached\n", "the control")
      let open = "[network]\nmode = \"host\"\n[landlock]\nscope = [\"!abstract-unix-socket\"]"
      try stage.profile("x-open", "extends = [\"default\"]\n" + open)
      #expect(try stage.snug(["run", "-p", "x-open"] + words).output == "reached\n", "the control inside")
      for options in [[], ["--network", "host"]] {
        let done = try stage.snug(["run"] + options + words, extra: screen.variables)
        #expect(done.status != 0 && done.output == "", "\(options): \(done.everything)")
      }
      // Nor with the display's own socket inside.
      let plain = try stage.snug(["run", "--network", "host", "-p", "x-plain"] + words, extra: screen.variables)
      #expect(plain.status != 0 && plain.output == "", "\(plain.everything)")
      try stage.profile("x-untrusted-open", "extends = [\"x-untrusted\"]\n" + open)
      let refused = try inside("x-untrusted-open", "true", screen)
      #expect(refused.status == 125 && refused.errors.contains("abstract socket of yours"), "\(refused.everything)")
    }

    @Test func `a display by path, and one where nobody listens`() throws {
      guard let screen = try XScreen(stage, tools: []) else { return }
      defer { screen.end() }
      // By its path the display has no number: its cookie is that of number 0.
      let cookies = "\(stage.home)/path-cookies"
      _ = try stage.run(["/usr/bin/xauth", "-f", cookies, "add", ":0", ".", "0123456789abcdef0123456789abcdef"])
      let path = try stage.snug(
        ["run", "-p", "x-plain", "--", "sh", "-c", "echo $DISPLAY; xdotool getdisplaygeometry"],
        extra: ["DISPLAY=unix:/tmp/.X11-unix/X\(screen.display)", "XAUTHORITY=\(cookies)"])
      #expect(path.status == 0 && path.output == ":0\n800 600\n", "\(path.everything)")
      let dead = "\(stage.home)/dead"
      try stage.outside(
        shell: "/usr/bin/python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"\(dead)\")'")
      for profile in ["x-plain", "x-untrusted"] {
        let done = try stage.snug(
          ["run", "-p", profile, "--", "true"], extra: ["DISPLAY=\(dead)", "XAUTHORITY=\(cookies)"])
        #expect(
          done.status == 125
            && done.errors.contains("snug: cannot reach the X server: nobody listens at \(dead)\n  at "),
          "\(done.everything)")
      }
      unlink(dead)
      unlink(cookies)
    }
  }
}
