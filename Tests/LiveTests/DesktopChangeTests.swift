import Glibc
import TestSupport
import Testing

extension Live {
  /// `snug desktop` where files of the user's are in its way, and where the bus starts programs.
  @Suite(.serialized) struct DesktopChangeTests {
    private let stage: Stage
    private let desktop: DesktopFixture
    private let service = "[D-BUS Service]\nName=org.snug.Args\nExec=/bin/false\n"

    init() throws {
      stage = try LiveTests.stage()
      desktop = try DesktopFixture(stage)
      try desktop.entry("args.desktop", "\(desktop.program) %U")
    }

    @Test func `what somebody has changed in an entry is kept`() throws {
      let own = "\(desktop.own)/args.desktop"
      let kept = "\(desktop.state)/applications/args.desktop.edited"
      func change(_ line: String) throws -> String {
        let text = try #require(desktop.text(own)) + "\(line)\n"
        try stage.write(text, to: own)
        return text
      }
      #expect(try desktop.snug("install", "args").status == 0)
      let written = desktop.text(own)
      let hidden = try change("NoDisplay=true")
      let installed = try desktop.snug("install", "args")
      #expect(
        installed.output == "\(own) is changed; with your changes it is kept as \(kept)\n", "\(installed.everything)")
      #expect(desktop.text(kept) == hidden && desktop.text(own) == written)
      // The second time, and by the other command.
      let named = try change("Comment=mine")
      let removed = try desktop.snug("remove", "args")
      #expect(removed.output == "\(own) is gone; with your changes it is kept as \(kept)-2\n", "\(removed.everything)")
      #expect(desktop.text("\(kept)-2") == named && desktop.text(kept) == hidden && desktop.text(own) == nil)
      // One that was written before there were sums is Snug's own.
      #expect(try desktop.snug("install", "args").status == 0)
      try stage.write(try #require(desktop.unsealed(own)), to: own)
      #expect(try desktop.snug("install", "args").output == "\(own) is changed\n")
      #expect(desktop.text(own) == written && desktop.text("\(kept)-3") == nil)
      try desktop.clear()
    }

    @Test func `a file in the way keeps no other from being written`() throws {
      let mine = "[Desktop Entry]\nType=Application\nName=Mine\nExec=\(desktop.program) --mine\n"
      try stage.write(mine, to: "\(desktop.own)/args.desktop")
      try stage.write("another\n", to: "\(desktop.state)/applications/args.desktop")
      try desktop.entry("org.snug.Args.desktop", "\(desktop.program) %U", "DBusActivatable=true\n")
      try stage.write(service, to: "\(desktop.shared)/dbus-1/services/org.snug.Args.service")
      try desktop.entry("org.snug.Other.desktop", "\(desktop.program) %U", "DBusActivatable=true\n")
      let other = service.replacing("Args", with: "Other")
      try stage.write(other, to: "\(desktop.shared)/dbus-1/services/org.snug.Other.service")
      try stage.write(other + "# mine\n", to: "\(desktop.services)/org.snug.Other.service")
      try stage.write("another\n", to: "\(desktop.state)/services/org.snug.Other.service")
      try desktop.entry("z.desktop", "\(desktop.program) %F")
      let done = try desktop.snug("install", "args")
      #expect(done.status == 1)
      #expect(
        neutral(done.output, stage) == """
          HOME/.local/share/dbus-1/services/org.snug.Args.service is new
          HOME/.local/share/applications/org.snug.Args.desktop is new
          HOME/.local/share/applications/z.desktop is new

          """, "\(done.everything)")
      for name in ["applications/args.desktop", "dbus-1/services/org.snug.Other.service"] {
        #expect(done.errors.contains("cannot keep \(stage.home)/.local/share/\(name): another"), "\(done.everything)")
      }
      // Whose service stays outside stays as it was, for the menu as well.
      #expect(desktop.text("\(desktop.own)/org.snug.Other.desktop") == nil)
      #expect(desktop.text("\(desktop.own)/args.desktop") == mine)
      try desktop.clear()
    }

    @Test func `a shim in the way keeps no other from being written`() throws {
      try stage.write("#!/bin/sh\necho mine\n", to: "\(stage.home)/.local/bin/true", mode: "755")
      try stage.profile("two", "extends = ['default']\nprograms = ['true', 'uname']")
      let done = try desktop.snug("install", "two", "--shim", extra: ["PATH=\(stage.home)/.local/bin:/usr/bin:/bin"])
      #expect(done.status == 1 && done.output == "\(stage.home)/.local/bin/uname is new\n", "\(done.everything)")
      #expect(done.errors.contains("cannot write \(stage.home)/.local/bin/true: a file of yours is there"))
      try desktop.clear()
    }

    @Test func `an entry whose service cannot be boxed is told alike by list and install`() throws {
      try desktop.entry("org.snug.Args.desktop", "\(desktop.program) %U", "DBusActivatable=true\n")
      let path = "\(desktop.shared)/dbus-1/services/org.snug.Args.service"
      try stage.write(service.replacing("/bin/false", with: "sh -c \(desktop.program)"), to: path)
      let why = "\(path): sh runs what its words name"
      let rows = try #require(JSONValue(try desktop.snug("list", "--json").output)).list
      #expect(rows.map { $0["state"].text } == ["could be", "cannot"])
      #expect(rows.last?["reason"].text == why)
      let done = try desktop.snug("install", "args")
      #expect(done.output == "\(desktop.own)/args.desktop is new\n")
      #expect(done.errors == "snug: left alone: \(desktop.entries)/org.snug.Args.desktop: \(why)\n")
      try desktop.clear()
    }

    @Test func `the bus starts nothing that never has its name`() throws {
      guard access("/usr/bin/dbus-run-session", X_OK) == 0, access("/usr/bin/dbus-send", X_OK) == 0 else {
        return skip("not installed: packages dbus-daemon, dbus-bin")
      }
      try desktop.entry("org.snug.Args.desktop", "\(desktop.program) %U", "DBusActivatable=true\n")
      try stage.write(
        service.replacing("/bin/false", with: desktop.program),
        to: "\(desktop.shared)/dbus-1/services/org.snug.Args.service")
      let done = try desktop.snug("install", "args")
      let why = "the message bus cannot start org.snug.Args: profile \"args\" does not own that name"
      #expect(done.status == 0 && done.errors.hasPrefix("snug: from now on \(why)\n  hint: "), "\(done.everything)")
      let call =
        "dbus-send --session --print-reply --reply-timeout=60000 --dest=org.freedesktop.DBus / "
        + "org.freedesktop.DBus.StartServiceByName string:org.snug.Args uint32:0"
      let refused = try stage.run(
        ["/usr/bin/dbus-run-session", "--", "sh", "-c", call], extra: desktop.variables)
      #expect(refused.status != 0 && refused.errors.contains("exited with status 125"), "\(refused.everything)")
      #expect(desktop.text("\(stage.home)/.local/state/snug/log")?.contains(why) == true)
      #expect((names(in: "\(stage.home)/out") ?? []).isEmpty)
      // Its entry starts it.
      #expect(desktop.text("\(desktop.own)/org.snug.Args.desktop")?.contains("--bus-name") == false)
      try desktop.clear()
    }

    @Test func `a launcher that leaves no mark is no reason to be silent`() throws {
      guard access("/usr/bin/dex", X_OK) == 0 else { return skip("not installed: package dex") }
      #expect(try desktop.snug("install", "args").status == 0)
      try stage.profile(
        "args", "extends = ['default']\nprograms = ['\(desktop.program)']\nfiles.read = ['/no/such/file']")
      _ = try stage.run(["/usr/bin/dex", "\(desktop.own)/args.desktop"], extra: desktop.variables)
      let log = "\(stage.home)/.local/state/snug/log"
      #expect(eventually { desktop.text(log)?.contains("/no/such/file") == true })
      #expect(stage.leftovers() == [])
      try desktop.clear()
    }
  }
}
