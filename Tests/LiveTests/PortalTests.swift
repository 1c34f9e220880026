import Glibc
import TestSupport
import Testing

extension Live {
  /// Portals and notifications of a real session.
  @Suite(.serialized) final class PortalTests {
    private let stage: Stage
    private static let id = "org.example.PortalTool"

    init() throws {
      stage = try LiveTests.stage()
      try stage.profile(
        "portals", "id = \"\(Self.id)\"\nextends = [\"default\"]\ndesktop.portals = true\nfiles.root = \"system\"")
      try stage.profile("notes", "extends = [\"default\"]\ndesktop.notifications = true")
      try stage.profile(
        "lent", "id = \"\(Self.id)\"\nextends = [\"default\"]\nfiles.arguments = \"portal\"\n")
    }

    deinit { try? stage.remove("\(stage.home)/.config") }

    /// A call of a portal as words of a shell.
    private func call(_ method: String, _ arguments: String, to name: String = "org.freedesktop.portal.Desktop")
      -> String
    {
      let path = name.hasSuffix("Documents") ? "/org/freedesktop/portal/documents" : "/org/freedesktop/portal/desktop"
      return "gdbus call --session --timeout 30 --dest \(name) --object-path \(path) --method \(method) \(arguments)"
    }

    @Test func `portals answer, and know who asks`() throws {
      let session = try PortalSession(stage)
      defer { session.end() }
      let settings = try session.inside(call("org.freedesktop.portal.Settings.ReadAll", "\"['org.x']\""), "portals")
      #expect(settings.status == 0 && settings.output.contains("{}"), "\(settings.everything)")
      let notification = "org.freedesktop.portal.Notification.AddNotification"
      let shown = try session.inside(
        call(notification, "n1 \"{'title': <'From inside'>, 'body': <'hello'>}\""), "portals")
      #expect(shown.status == 0, "\(shown.everything)")
      #expect(eventually { session.notifications.contains { $0.contains("From inside") } }, "\(session.notifications)")
      // The store of permissions has it under the app's id: the control that it is not taken for a host program.
      let lookup =
        "gdbus call --session --dest org.freedesktop.impl.portal.PermissionStore --object-path "
        + "/org/freedesktop/impl/portal/PermissionStore --method "
        + "org.freedesktop.impl.portal.PermissionStore.Lookup notifications notification"
      var stored = ""
      let isStored = eventually {
        stored = (try? session.run(["/bin/sh", "-c", lookup]).everything) ?? ""
        return stored.contains(Self.id)
      }
      #expect(isStored, "\(stored)")
      // What is none of a portal's is out of reach, and so is a portal without the key.
      let other = try session.inside(lookup, "portals")
      #expect(other.status != 0, "\(other.everything)")
      let without = try session.inside(
        call("org.freedesktop.portal.Settings.ReadAll", "\"['org.x']\""), "default")
      #expect(without.status != 0, "\(without.everything)")
    }

    @Test func `links are opened outside`() throws {
      let session = try PortalSession(stage)
      defer { session.end() }
      for (index, program) in ["xdg-open", "/usr/bin/xdg-open", "gio open"].enumerated() {
        let link = "http://example.org/\(index)?a=b&c=%20d"
        let done = try session.inside("\(program) '\(link)'", "portals")
        #expect(done.status == 0, "\(program): \(done.everything)")
        #expect(eventually { session.opened.contains(link) }, "\(program): \(session.opened) \(done.everything)")
      }
    }

    @Test func `the document portal lends files`() throws {
      let session = try PortalSession(stage)
      defer { session.end() }
      let folder = try stage.workFolder()
      try stage.outside(shell: "cd \(folder); echo one >'a b.txt'; echo two >second; mkdir directory")
      defer { try? stage.remove("\(folder)/a b.txt", "\(folder)/second", "\(folder)/directory") }
      let control = try session.inside("cat '\(folder)/a b.txt'", "default")
      #expect(control.status != 0, "\(control.everything)")
      let read = try session.inside(
        "cat \"$1\" \"$2\"; echo \"$2\"; echo more >>\"$2\"", "lent", ["\(folder)/a b.txt", "\(folder)/second"])
      #expect(read.status == 0 && read.output.hasPrefix("one\ntwo\n/run/user/\(stage.uid)/doc/"), "\(read.everything)")
      #expect(readText("\(folder)/second") == "two\nmore\n")
      let uri = try session.inside("echo \"$1\"", "lent", ["file://\(folder)/a%20b.txt"])
      #expect(uri.output.hasPrefix("file:///run/user/\(stage.uid)/doc/") && uri.output.hasSuffix("/a%20b.txt\n"))
      // Another app sees nothing of it.
      try stage.profile("stranger", "id = \"org.example.Stranger\"\nextends = [\"lent\"]")
      let stranger = try session.inside("ls -A $XDG_RUNTIME_DIR/doc", "stranger")
      #expect(stranger.status == 0 && stranger.output == "", "\(stranger.everything)")
      let own = try session.inside("ls -A $XDG_RUNTIME_DIR/doc | wc -l; cat $XDG_RUNTIME_DIR/doc/*/second", "lent")
      #expect(own.output.hasSuffix("two\nmore\n"), "\(own.everything)")
      let directory = try session.inside("true", "lent", ["\(folder)/directory"])
      #expect(directory.status == 0 && directory.errors.contains("lends files, not directories"))
    }

    /// Asks for a place to save a file, and writes there what stands in the profile's box alone.
    private static let saver = """
      import sys, urllib.parse
      from gi.repository import Gio, GLib
      bus = Gio.bus_get_sync(Gio.BusType.SESSION)
      name, path = 'org.freedesktop.portal.Desktop', '/org/freedesktop/portal/desktop'
      handle = path + '/request/' + bus.get_unique_name()[1:].replace('.', '_') + '/t'
      loop = GLib.MainLoop()
      def answered(connection, sender, place, interface, signal, values):
        code, results = values.unpack()
        print('response', code, *results.get('uris', []), flush=True)
        if code == 0: open(urllib.parse.unquote(results['uris'][0][7:]), 'w').write('saved inside')
        loop.quit()
      bus.signal_subscribe(name, 'org.freedesktop.portal.Request', 'Response', handle, None, 0, answered)
      folder = GLib.Variant('ay', (sys.argv[1] + chr(0)).encode())
      options = {'handle_token': GLib.Variant('s', 't'), 'current_name': GLib.Variant('s', 'new file.txt'),
        'current_folder': folder}
      bus.call_sync(name, path, 'org.freedesktop.portal.FileChooser', 'SaveFile',
        GLib.Variant('(ssa{sv})', ('', 'Save it here', options)), None, 0, -1, None)
      loop.run()
      """

    @Test func `a file chooser outside gives one file`() throws {
      let session = try PortalSession(stage)
      defer { session.end() }
      let folder = "\(try stage.workFolder())/chosen"
      try stage.outside(shell: "mkdir \(folder); echo other >\(folder)/other")
      defer { try? stage.remove(folder) }
      let app = try session.start(
        [stage.snug, "run", "-p", "portals", "--", "/usr/bin/python3", "-c", Self.saver, folder])
      // Without a window manager the key goes where it is sent; the window takes it when it is ready.
      let answered = eventually(seconds: 60) {
        _ = try? session.run(
          ["/usr/bin/xdotool", "search", "--onlyvisible", "--name", "Save it here", "windowfocus", "key", "Return"])
        return app.waitFor("response", seconds: 1)
      }
      #expect(answered, "\(app.errorsSoFar)")
      let done = app.finish()
      #expect(
        done.status == 0 && done.output.hasPrefix("response 0 file://\(session.runtime)/doc/"), "\(done.everything)"
      )
      #expect(readText("\(folder)/new file.txt") == "saved inside")
      // The folder itself is not shown.
      let rest = try session.inside("cat \(folder)/other $XDG_RUNTIME_DIR/doc/*/other", "portals")
      #expect(rest.status != 0 && rest.output == "", "\(rest.everything)")
    }

    @Test func `without a document portal`() throws {
      let session = try PortalSession(stage, portals: false, documents: false, notifications: false)
      defer { session.end() }
      let folder = try stage.workFolder()
      try stage.outside(shell: "echo one >\(folder)/one")
      defer { try? stage.remove("\(folder)/one") }
      let refused = try session.inside("true", "lent", ["\(folder)/one"])
      #expect(refused.status == 125, "\(refused.everything)")
      expectOneMessage(refused.errors)
      #expect(refused.errors.contains("no document portal on the session bus"), "\(refused.everything)")
      #expect(refused.errors.contains("install the package xdg-desktop-portal"), "\(refused.everything)")
      let without = try session.inside("test -e $XDG_RUNTIME_DIR/doc || echo none", "portals")
      #expect(without.output == "none\n" && without.errors == "", "\(without.everything)")
    }

    @Test func `portals find the app's processes while it lives`() throws {
      let session = try PortalSession(stage, portals: false, documents: false, notifications: false)
      defer { session.end() }
      let base = "\(session.runtime)/.flatpak"
      try stage.outside(shell: "mkdir -p -m 700 \(base)/4711; echo >\(base)/4711/bwrapinfo.json")
      func start() throws -> Running {
        try session.start([stage.snug, "run", "--name", "one", "-p", "portals", "--", "sh", "-c", "echo up; read x"])
      }
      let app = try start()
      try #require(app.waitFor("up"), "\(app.errorsSoFar)")
      #expect(names(in: base)?.sorted() == ["4711", "snug-one"])
      let pid = (readText("\(base)/snug-one/bwrapinfo.json") ?? "").filter { $0.isNumber }
      let uids = readText("/proc/\(pid)/status") ?? ""
      #expect(uids.contains("NSpid:\t\(pid)\t1\n"), "\(pid): \(uids)")
      #expect(readText("\(base)/snug-one/info")?.contains("name=\(Self.id)\n") == true)
      app.closeInput()
      _ = app.finish()
      #expect(names(in: base) == ["4711"])
      // One that is killed leaves it, and the next start takes it away.
      let killed = try start()
      try #require(killed.waitFor("up"))
      let launcher = try #require(stage.processes().compactMap { Int32($0) }.first { $0 == killed.pid })
      kill(launcher, SIGKILL)
      _ = killed.finish()
      #expect(stage.leftovers().filter { readText("/proc/\($0)/comm") == "snug-init\n" } == [])
      #expect(names(in: base)?.contains("snug-one") == true)
      let next = try session.inside("true", "portals")
      #expect(next.status == 0, "\(next.everything)")
      #expect(names(in: base) == ["4711"])
    }

    @Test func `notifications with and without a server`() throws {
      let line =
        "gdbus call --session --dest org.freedesktop.Notifications --object-path /org/freedesktop/Notifications "
        + "--method org.freedesktop.Notifications.Notify app 0 icon 'Hello there' body '[]' '{}' -- -1"
      do {
        let session = try PortalSession(stage, portals: false)
        defer { session.end() }
        let done = try session.inside(line, "notes")
        #expect(done.status == 0, "\(done.everything)")
        #expect(eventually { session.notifications.contains { $0.contains("Hello there") } })
        #expect(try session.inside(line, "default").status != 0)
      }
      let session = try PortalSession(stage, portals: false, notifications: false)
      defer { session.end() }
      let done = try session.inside("\(line) || echo still here", "notes")
      #expect(done.status == 0 && done.output == "still here\n", "\(done.everything)")
    }

    @Test func `a failed start from a menu`() throws {
      let session = try PortalSession(stage, portals: false)
      defer { session.end() }
      try stage.profile("broken", "extends = [\"default\"]\nprograms = [\"sh\"]\nfiles.read = [\"/no/such/<file>\"]")
      let state = "\(try stage.workFolder())/state"
      defer { try? stage.remove(state) }
      func run(_ extra: [String]) throws -> Finished {
        try session.run([stage.snug, "run", "broken"], extra: ["XDG_STATE_HOME=\(state)"] + extra)
      }
      let plain = try run([])
      #expect(plain.status == 125 && readText("\(state)/snug/log") == nil && session.notifications == [])
      let done = try run(["GIO_LAUNCHED_DESKTOP_FILE=/x/broken.desktop"])
      #expect(done.status == 125 && done.errors == plain.errors, "\(done.everything)")
      let log = try #require(readText("\(state)/snug/log"))
      #expect(log.contains("Z snug run broken\nsnug: cannot bind /no/such/<file>"), "\(log)")
      #expect(try Stage.shell("stat -c %a \(state)/snug/log") == "600\n")
      // A body has several lines.
      let told = eventually { session.notifications.joined(separator: "\n").contains("snug check broken") }
      let text = session.notifications.joined(separator: "\n")
      #expect(told && text.contains("broken did not start") && text.contains("/no/such/&lt;file&gt;"), "\(text)")
    }

    @Test func `a failed start from a menu without a bus`() throws {
      try stage.profile("broken", "extends = [\"default\"]\nprograms = [\"sh\"]\nfiles.read = [\"/no/such/file\"]")
      let state = "\(try stage.workFolder())/state"
      defer { try? stage.remove(state) }
      for (words, extra) in [(["run", "broken"], ["DESKTOP_STARTUP_ID=x"]), (["run", "--from-menu", "broken"], [])] {
        let done = try stage.snug(words, extra: ["XDG_STATE_HOME=\(state)"] + extra)
        #expect(done.status == 125, "\(done.everything)")
        expectOneMessage(done.errors)
        #expect(readText("\(state)/snug/log")?.contains("/no/such/file") == true)
        try stage.remove(state)
      }
    }

    @Test func `a name that a program outside has is warned of`() throws {
      let bus = try MessageBus(stage, serving: ["org.a.Good"])
      defer { bus.end() }
      try stage.profile("owner", "extends = [\"default\"]\n[bus.session]\nown = [\"org.a.Good\", \"org.b.*\"]")
      func run(_ extra: [String]) throws -> Finished {
        // Who is asked answers in its own time.
        let app = try stage.start(
          [stage.snug, "run", "-p", "owner", "--", "sh", "-c", "read x; exit 3"], extra: [bus.environment] + extra)
        if !extra.isEmpty { _ = app.waitForErrors("hint") }
        app.closeInput()
        return app.finish()
      }
      let plain = try run([])
      #expect(plain.status == 3 && plain.errors == "", "\(plain.everything)")
      let warned = try run(["GIO_LAUNCHED_DESKTOP_FILE=/x/y.desktop"])
      #expect(warned.status == 3, "\(warned.everything)")
      #expect(
        warned.errors.contains("snug: org.a.Good belongs to a program that runs outside of the sandbox"),
        "\(warned.everything)")
    }
  }
}
