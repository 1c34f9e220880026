import Glibc
import TestSupport
import Testing

extension Live {
  /// Wayland through a security context: rows 106 and 115 of the threat list.
  @Suite(.serialized) struct WaylandLiveTests {
    private let stage: Stage
    private static let rules = "id = \"org.example.Way\"\nextends = [\"default\"]\n[desktop]\nwayland = true"

    init() throws {
      stage = try LiveTests.stage()
      try stage.profile("way", Self.rules)
      try stage.profile("way-optional", "optional = [\"desktop.wayland\"]\n" + Self.rules)
    }

    private func with(_ kind: String = "context", _ body: (Compositor) throws -> Void) throws {
      let compositor = try Compositor(stage, kind)
      var isEnded = false
      defer { if !isEnded { compositor.end() } }
      try body(compositor)
      isEnded = true
      #expect(compositor.end() == "")
      // A test before this one may have killed a launcher: what that one left is not looked for here.
      let own = (names(in: "\(stage.runtime)/snug") ?? []).filter { $0 == "boxed" || $0.hasPrefix("way") }
      #expect(own == [])
    }

    private func client(_ compositor: Compositor, _ profile: String = "way", _ more: [String] = []) throws -> Finished {
      try stage.snug(
        ["run", "--name", "boxed", "-p", profile, "--", "python3", "-c", Compositor.client] + more,
        extra: [compositor.environment])
    }

    @Test func `the compositor is told who comes, and shows what is for everyone`() throws {
      try with { compositor in
        // The control: outside all of it is offered.
        let outside = try stage.run(
          ["/usr/bin/python3", "-c", Compositor.client], extra: [compositor.environment])
        #expect(outside.output.contains("zwlr_screencopy_manager_v1"), "\(outside.everything)")
        #expect(outside.output.contains("wp_security_context_manager_v1"), "\(outside.everything)")
        let inside = try client(compositor)
        #expect(inside.status == 0 && inside.output == "wl_compositor\nwl_shm\n", "\(inside.everything)")
        #expect(compositor.hears("closed boxed"))
        let own = compositor.heard.filter { $0 != "ready" && $0 != "client - - -" }
        let who = "io.github.snug org.example.Way boxed"
        #expect(own == ["context \(who)", "client \(who)", "closed boxed"], "\(own)")
      }
    }

    @Test func `its own socket is out of reach`() throws {
      try with { compositor in
        let path = "\(stage.runtime)/\(compositor.name)"
        #expect(try stage.run(["/usr/bin/python3", "-c", Compositor.client, path]).status == 0, "the control")
        let done = try client(compositor, "way", [path])
        #expect(done.status != 0 && done.output == "", "\(done.everything)")
        #expect(done.errors.contains("FileNotFoundError"), "\(done.everything)")
        // One socket in all that is mounted, and it is the app's.
        let line = "find /dev /etc /home /run /tmp /var $HOME -exec test -S {} ';' -print 2>/dev/null"
        let sockets = try stage.inside(
          shell: "echo $WAYLAND_DISPLAY; \(line)", "way", extra: [compositor.environment])
        #expect(sockets.output == "wayland-0\n/run/user/\(stage.uid)/wayland-0\n", "\(sockets.everything)")
        let without = try client(compositor, "default")
        #expect(without.status != 0, "\(without.everything)")
      }
    }

    @Test(arguments: [9, 15]) func `nobody is let in when the launcher has ended`(signal: Int32) throws {
      try with { compositor in
        let app = try stage.start(
          [stage.snug, "run", "--name", "boxed", "-p", "way", "--", "sh", "-c", "echo up; sleep 1000"],
          extra: [compositor.environment])
        try #require(app.waitFor("up"))
        let socket = "\(stage.runtime)/snug/boxed/wayland/wayland"
        let before = try stage.run(["/usr/bin/python3", "-c", Compositor.client, socket])
        #expect(before.status == 0 && before.output == "wl_compositor\nwl_shm\n", "\(before.everything)")
        #expect(!compositor.heard.contains("closed boxed"))
        app.signal(signal)
        _ = app.finish()
        #expect(compositor.hears("closed boxed"))
        let after = try stage.run(["/usr/bin/python3", "-c", Compositor.client, socket])
        #expect(after.status != 0, "\(after.everything)")
        #expect(try stage.snug(["ps"]).status == 0)
      }
      #expect(stage.leftovers() == [])
    }

    @Test func `a kept instance has it from start to start, in the background too`() throws {
      try with { compositor in
        let kept = try stage.snug(
          ["run", "--detach", "--keep", "--name", "boxed", "-p", "way"], extra: [compositor.environment])
        #expect(kept.status == 0, "\(kept.everything)")
        defer { _ = try? stage.snug(["stop", "--now", "boxed"]) }
        for round in 0..<2 {
          let done = try stage.snug(["exec", "boxed", "--", "python3", "-c", Compositor.client])
          #expect(done.status == 0 && done.output == "wl_compositor\nwl_shm\n", "\(round): \(done.everything)")
          if round == 0 { #expect(try stage.snug(["reset", "boxed"]).status == 0) }
        }
        #expect(try stage.snug(["stop", "--now", "boxed"]).status == 0)
        #expect(compositor.hears("closed boxed"))
        #expect(compositor.heard.count { $0.hasPrefix("context") } == 1)
        let checked = try stage.snug(["check", "way"], extra: [compositor.environment])
        #expect(checked.status == 0, "\(checked.everything)")
      }
    }

    @Test func `without contexts the start is refused, unless the profile lets the socket in`() throws {
      try with("plain") { compositor in
        let refused = try client(compositor)
        #expect(refused.status == 125, "\(refused.everything)")
        #expect(
          refused.errors.contains(
            "snug: cannot make a Wayland security context: the compositor at \(stage.runtime)/wayland-5 does not offer "
              + "wp_security_context_manager_v1\n  at "), "\(refused.everything)")
        #expect(refused.errors.contains("optional = [\"desktop.wayland\"]"), "\(refused.everything)")
        let plain = try stage.snug(
          ["run", "-v", "-p", "way-optional", "--", "python3", "-c", Compositor.client],
          extra: [compositor.environment])
        #expect(plain.status == 0 && plain.output.contains("zwlr_screencopy_manager_v1"), "\(plain.everything)")
        #expect(plain.errors.contains("not enforced on this machine: desktop.wayland"), "\(plain.everything)")
      }
      try with { compositor in
        // Where there are contexts, the same profile uses them.
        let done = try client(compositor, "way-optional")
        #expect(done.status == 0 && done.output == "wl_compositor\nwl_shm\n", "\(done.everything)")
      }
    }

    @Test func `a compositor that is not there, is dead or does not answer is told`() throws {
      func refusal(_ extra: [String]) throws -> String {
        let done = try stage.snug(["run", "-p", "way", "--", "true"], extra: extra)
        #expect(done.status == 125 && done.output == "", "\(done.everything)")
        return done.errors
      }
      let none = try refusal([])
      #expect(none.contains("WAYLAND_DISPLAY is not set, and there is no \(stage.runtime)/wayland-0"), "\(none)")
      let connection = try refusal(["WAYLAND_SOCKET=3"])
      #expect(connection.contains("WAYLAND_SOCKET is set"), "\(connection)")
      let dead = try Compositor(stage)
      _ = dead.kill()
      let ended = try refusal([dead.environment])
      #expect(
        ended.contains("cannot reach the Wayland compositor: nobody listens at \(stage.runtime)/wayland-5"),
        "\(ended)")
      let optional = try stage.snug(
        ["run", "-v", "-p", "way-optional", "--", "sh", "-c", "echo [$WAYLAND_DISPLAY]; ls -A $XDG_RUNTIME_DIR"],
        extra: [dead.environment])
      #expect(optional.status == 0 && optional.output == "[]\n", "\(optional.everything)")
      #expect(optional.errors.contains("not enforced on this machine: desktop.wayland"), "\(optional.everything)")
      dead.end()
      let silent = try Compositor(stage, "silent")
      #expect(try refusal([silent.environment]).contains("\(stage.runtime)/wayland-5 does not answer"))
      silent.end()
      // What listens is something else.
      let other = try stage.start([
        "/usr/bin/python3", "-c",
        """
        import socket
        s = socket.socket(socket.AF_UNIX); s.bind('\(stage.runtime)/wayland-6'); s.listen(); print('up', flush=True)
        c, _ = s.accept(); c.sendall(b'HTTP/1.0 400 what\\r\\n'); c.recv(1000); s.accept()
        """,
      ])
      try #require(other.waitFor("up"))
      let nonsense = try refusal(["WAYLAND_DISPLAY=wayland-6"])
      #expect(nonsense.contains("what listens at \(stage.runtime)/wayland-6 is no compositor"), "\(nonsense)")
      other.signal(9)
      _ = other.finish()
      unlink("\(stage.runtime)/wayland-6")
      // A test before this one may have killed a launcher: what that one left is not looked for here.
      let own = (names(in: "\(stage.runtime)/snug") ?? []).filter { $0 == "boxed" || $0.hasPrefix("way") }
      #expect(own == [])
      #expect(stage.leftovers() == [])
    }

    @Test func `a program with windows works on a real compositor`() throws {
      let tools = ["weston", "mousepad"].map { "/usr/bin/\($0)" }
      let absent = tools.filter { access($0, X_OK) != 0 }
      guard absent.isEmpty else { return skip("not installed: \(absent); packages weston mousepad") }
      let weston = try stage.start([
        "/usr/bin/weston", "--backend=headless-backend.so", "--use-pixman", "--socket=wayland-8", "--idle-time=0",
        "--log=/dev/null",
      ])
      let socket = "\(stage.runtime)/wayland-8"
      #expect(eventually { access(socket, F_OK) == 0 })
      try stage.profile(
        "way-mousepad",
        """
        extends = ["mousepad"]
        optional = ["desktop.wayland"]
        [desktop]
        wayland = true
        x11 = false
        [environment]
        set = { WAYLAND_DEBUG = "1", GDK_BACKEND = "wayland" }
        """)
      // It has no contexts: without `optional` nothing starts.
      let refused = try stage.snug(
        ["run", "-p", "way", "--", "true"], extra: ["WAYLAND_DISPLAY=wayland-8"])
      #expect(refused.status == 125 && refused.errors.contains("does not offer"), "\(refused.everything)")
      let app = try stage.start(
        [stage.snug, "run", "-p", "way-mousepad", "--", "sh", "-c", "exec mousepad 2>&1"],
        extra: ["WAYLAND_DISPLAY=wayland-8"])
      // The compositor tells a surface that it is on a screen.
      #expect(app.waitFor(".enter(wl_output"))
      app.signal(15)
      let done = app.finish(seconds: 30)
      #expect(!done.errors.contains("snug:"), "\(done.everything)")
      weston.signal(15)
      _ = weston.finish(seconds: 20)
      for name in ["wayland-8", "wayland-8.lock"] { unlink("\(stage.runtime)/\(name)") }
      #expect(stage.leftovers() == [])
    }
  }
}
