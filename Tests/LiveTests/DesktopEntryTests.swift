import Glibc
import TestSupport
import Testing

extension Live {
  /// `snug desktop`: what it writes, tells and finds, and that it gives back what it has replaced.
  @Suite(.serialized) struct DesktopEntryTests {
    private let stage: Stage
    private let desktop: DesktopFixture

    init() throws {
      stage = try LiveTests.stage()
      desktop = try DesktopFixture(stage)
      try desktop.entry(
        "args.desktop", "\(desktop.program) %U",
        "Actions=new;\n[Desktop Action new]\nName=New\nExec=\(desktop.program) -n\n")
    }

    @Test func `what is installed is taken away again to the byte`() throws {
      let own = "\(desktop.own)/kde/args.desktop"
      let mine = "[Desktop Entry]\n# mine\nType=Application\nName=Mine\nExec=\(desktop.program) --mine %f"
      try stage.outside(shell: "mkdir -p \(desktop.own)")
      try stage.write(mine, to: own, mode: "600")
      try stage.outside(
        shell: "ln -s ../../mine.desktop ~/.local/share/applications/link.desktop; cp \(own) ~/.local/mine.desktop")
      let folders = ["\(stage.home)/.local", desktop.shared, "\(stage.home)/bin"]
      func seen() throws -> [String] {
        // Times of directories and links change when a file in them comes and goes.
        try stage.fingerprint(folders, except: ["\(stage.home)/.local/state", "\(stage.home)/.local/share/dbus-1"])
      }
      let before = try seen()
      let installed = try desktop.snug("install", "args")
      #expect(installed.status == 0 && installed.errors == "", "\(installed.everything)")
      #expect(
        neutral(installed.output, stage) == """
          HOME/.local/share/applications/args.desktop is new
          HOME/.local/share/applications/kde/args.desktop is new, what was there is kept
          HOME/.local/share/applications/link.desktop is new, what was there is kept

          """)
      let start = "\(stage.snug) run --from-menu -p args -- \(desktop.program)"
      #expect(
        desktop.unsealed("\(desktop.own)/args.desktop")
          == desktop.text("\(desktop.entries)/args.desktop")?.replacing("=\(desktop.program)", with: "=\(start)")
          .replacing(";\n[", with: ";\nX-Snug-Profile=args\nX-Snug-Source=\(desktop.entries)/args.desktop\n["))
      #expect(
        desktop.unsealed(own) == mine.replacing("=\(desktop.program)", with: "=\(start)")
          + "\nX-Snug-Profile=args\nX-Snug-Source=\(own)")
      #expect(desktop.text("\(stage.home)/.local/mine.desktop") == mine, "the link was written through")
      #expect(
        try Stage.shell("stat -c '%a %U' \(own) \(desktop.own)/args.desktop")
          == "644 \(stage.userName)\n644 \(stage.userName)\n")
      // Once more is no change, and what is kept stays the user's own.
      let again = try desktop.snug("install", "args")
      #expect(
        again.output.split(separator: "\n").allSatisfy { $0.hasSuffix("is as it should be") }, "\(again.everything)")
      let removed = try desktop.snug("remove", "args")
      #expect(removed.status == 0 && removed.errors == "", "\(removed.everything)")
      #expect(
        neutral(removed.output, stage) == """
          HOME/.local/share/applications/args.desktop is gone
          HOME/.local/share/applications/kde/args.desktop is as it was before
          HOME/.local/share/applications/link.desktop is as it was before

          """)
      #expect(try seen() == before)
      #expect(try Stage.shell("find \(desktop.state) -type f -o -type l") == "")
      try stage.expectRefusal(
        ["desktop", "remove", "args"], 1,
        "snug: nothing is installed for \"args\"\n  hint: snug desktop list tells what is", extra: desktop.variables)
      try desktop.clear()
    }

    @Test func `entries are listed with what can be done`() throws {
      try desktop.entry("other.desktop", "/usr/bin/env A=b \(desktop.program) %f")
      try desktop.entry("shell.desktop", "sh -c \"\(desktop.program)\"")
      try desktop.entry("none.desktop", "none-such")
      try desktop.entry("stale.desktop", "/old/snug run args")
      try desktop.entry("bad.desktop", "\(desktop.program) %f %F")
      try desktop.entry("hidden.desktop", desktop.program, "Hidden=true\n")
      try stage.write("[Desktop Entry]\nType=Link\nURL=x:\n", to: "\(desktop.entries)/link.desktop")
      try stage.write(
        "[Desktop Entry]\nType=Application\nExec=snug run \u{1B}[2J\n", to: "\(desktop.entries)/escape.desktop")
      #expect(try desktop.snug("install", "args").status == 0)
      try stage.remove("\(desktop.own)/other.desktop")
      let listed = try desktop.snug("list")
      #expect(
        neutral(listed.output, stage) == """
          boxed     args.desktop    args
          cannot    bad.desktop     line 5: Exec has more than one field code for files
          cannot    escape.desktop  line 3: it holds a control character
          cannot    none.desktop    no profile names none-such
          could be  other.desktop   args
          cannot    shell.desktop   sh runs what its words name
          cannot    stale.desktop   it starts /old/snug, which is not there

          """)
      #expect(listed.status == 0 && listed.errors == "")
      let json = try #require(JSONValue(try desktop.snug("list", "--json").output))
      #expect(json.list.allSatisfy { $0.keys == ["id", "path", "profile", "reason", "state"] })
      #expect(
        json.list.map { $0["state"].text } == ["boxed", "cannot", "cannot", "cannot", "could be", "cannot", "cannot"])
      #expect(json.list.first?["path"].text == "\(desktop.own)/args.desktop")
      #expect(try desktop.snug("list", "args").output.split(separator: "\n").count == 2)
      try desktop.clear()
    }

    @Test func `ways around are found, and only they`() throws {
      #expect(try desktop.snug("check").output == "nothing is installed\n")
      #expect(try desktop.snug("install", "args").status == 0)
      #expect(try desktop.snug("check").output == "no way around is found\n")
      try desktop.entry("around.desktop", "/opt/other/argd %U", "MimeType=text/plain;\n")
      try stage.write(
        "[Desktop Entry]\nType=Application\nExec=\(desktop.program) -d\n",
        to: "\(stage.home)/.config/autostart/args.desktop")
      try stage.write(
        "[Default Applications]\ntext/plain=around.desktop;args.desktop\n", to: "\(stage.home)/.config/mimeapps.list")
      let found = try desktop.snug("check")
      #expect(found.status == 1 && found.errors == "")
      #expect(
        neutral(found.output, stage) == """
          args: entry around.desktop: it starts /opt/other/argd without the box
            at HOME/share/applications/around.desktop
            hint: in a file of yours with its name, begin Exec with: snug run -p args --
          args: autostart args.desktop: it starts HOME/bin/argd without the box
            at HOME/.config/autostart/args.desktop
            hint: snug desktop install args
          args: handler around.desktop: it opens text/plain: it starts /opt/other/argd without the box
            at HOME/.config/mimeapps.list
            hint: xdg-mime default ID.desktop text/plain chooses another entry

          """)
      let json = try #require(JSONValue(try desktop.snug("check", "--json").output))
      #expect(json.list.map { $0["kind"].text } == ["entry", "autostart", "handler"])
      #expect(json.list.allSatisfy { $0["state"].text == "way around" && $0["profile"].text == "args" })
      // What the hint says: the session's start is boxed, and given back.
      let session = "\(stage.home)/.config/autostart/args.desktop"
      let mine = desktop.text(session)
      #expect(try desktop.snug("install", "args").output.contains("\(session) is new, what was there is kept\n"))
      #expect(desktop.text(session)?.contains("\nExec=\(stage.snug) run --from-menu -p args -- ") == true)
      let kinds = try #require(JSONValue(try desktop.snug("check", "args", "--json").output)).list.map {
        $0["kind"].text
      }
      #expect(kinds == ["entry", "handler"])
      #expect(try desktop.snug("remove", "args").output.contains("\(session) is as it was before\n"))
      #expect(mine != nil && desktop.text(session) == mine)
      try desktop.clear()
    }

    @Test func `a shim starts the box from a terminal, and never itself`() throws {
      // The box shows the shim and searches it first: the program behind it is what has to be found.
      try stage.profile(
        "shimmed",
        "extends = ['default']\nprograms = ['uname', 'none-such']\n[files]\nread = ['~/.local/bin']\n"
          + "[environment]\nset = { PATH = '\(stage.home)/.local/bin:/usr/bin:/bin' }")
      let path = "PATH=\(stage.home)/.local/bin:/usr/bin:/bin"
      #expect(try stage.run(["/usr/bin/env", "uname", "-n"], extra: [path]).output != "snug\n")
      let warned = try desktop.snug("install", "shimmed", "--shim")
      #expect(warned.status == 0 && warned.output == "\(stage.home)/.local/bin/uname is new\n", "\(warned.everything)")
      #expect(
        warned.errors.hasPrefix("snug: the shim is not used: PATH finds /usr/bin/uname first\n  hint: PATH="),
        "\(warned.errors)")
      expectOneMessage(warned.errors)
      #expect(try desktop.snug("check").output.contains("shim uname: PATH finds /usr/bin/uname before it"))
      let quiet = try desktop.snug("install", "shimmed", "--shim", extra: [path])
      #expect(quiet.status == 0 && quiet.errors == "", "\(quiet.everything)")
      #expect(
        desktop.text("\(stage.home)/.local/bin/uname")
          == "#!/bin/sh\n# snug-shim shimmed\nexec \(stage.snug) run -p shimmed -- uname \"$@\"\n")
      for words in [["uname", "-n"], ["\(stage.home)/.local/bin/uname", "-n"]] {
        let done = try stage.run(["/usr/bin/env"] + words, extra: [path])
        #expect(done.status == 0 && done.output == "snug\n", "\(done.everything)")
      }
      // By its profile, and by the path of the shim itself.
      #expect(try stage.snug(["run", "shimmed", "-n"], extra: [path]).output == "snug\n")
      try stage.expectRefusal(
        ["run", "-p", "shimmed", "--", "\(stage.home)/.local/bin/uname"], 126,
        "snug: cannot run HOME/.local/bin/uname: it is a shim, which starts snug")
      #expect(try desktop.snug("remove", "shimmed").output == "\(stage.home)/.local/bin/uname is gone\n")
      try stage.write("#!/bin/sh\necho mine\n", to: "\(stage.home)/.local/bin/uname", mode: "755")
      let refused = try desktop.snug("install", "shimmed", "--shim")
      #expect(
        refused.status == 1
          && neutral(refused.errors, stage)
            == "snug: cannot write HOME/.local/bin/uname: a file of yours is there\n  hint: without --shim it stays\n"
      )
      #expect(desktop.text("\(stage.home)/.local/bin/uname") == "#!/bin/sh\necho mine\n")
      try desktop.clear()
    }

    @Test func `what cannot be done is told in one message`() throws {
      func expect(_ words: [String], _ status: Int32, _ message: String) throws {
        try stage.expectRefusal(["desktop"] + words, status, message, extra: desktop.variables)
      }
      try expect(
        ["install", "nobody"], 1, "snug: no profile is called \"nobody\"\n  hint: snug list shows the profiles")
      try expect(
        ["install", "./x.toml"], 1,
        "snug: \"./x.toml\" is not the name of a profile\n  hint: a name, without a directory and without .toml")
      try expect(
        ["install", "default"], 1,
        "snug: profile \"default\" names no program\n  hint: programs = [\"...\"] names those it is for")
      try expect(
        ["install", "xterm"], 1,
        "snug: no entry starts a program of profile \"xterm\": xterm\n"
          + "  hint: snug desktop list tells of all; --shim is for the terminal")
      let unknown = "snug: no profile is called \"nobody\"\n  hint: snug list shows the profiles"
      try expect(["list", "nobody"], 1, unknown)
      try expect(["check", "nobody"], 1, unknown)
      try expect(
        ["check", "mousepad"], 1, "snug: nothing is installed for \"mousepad\"\n  hint: snug desktop install mousepad")
      try expect(["install"], 2, "snug: install needs the name of a profile, or --all\n  hint: snug desktop --help")
      try expect(["list", "--all"], 2, "snug: --all belongs to install and remove\n  hint: snug desktop --help")
      try expect(["check", "--shim"], 2, "snug: --shim belongs to install\n  hint: snug desktop --help")
      try stage.outside(shell: "mkdir -p \(desktop.own); chmod 500 \(desktop.own)")
      try expect(
        ["install", "args"], 1, "snug: cannot write HOME/.local/share/applications/args.desktop: Permission denied")
      try stage.outside(shell: "chmod 700 \(desktop.own); mkdir \(desktop.own)/args.desktop")
      try expect(
        ["install", "args"], 1, "snug: cannot write HOME/.local/share/applications/args.desktop: it is not a file")
      try desktop.clear()
    }

    @Test func `a full disk leaves what was there`() throws {
      guard stage.isRoot else { return skip("mounting takes root") }
      try stage.write(
        "[Desktop Entry]\nType=Application\nName=M\nExec=\(desktop.program)\n", to: "\(stage.home)/args.desktop")
      try Stage.shell(
        "mkdir -p \(desktop.own) && mount -t tmpfs -o size=64k,mode=777 tmpfs \(desktop.own) && "
          + "cp \(stage.home)/args.desktop \(desktop.own)/ && chown -R \(stage.uid) \(desktop.own) \(stage.home)/.local"
      )
      defer { _ = try? Stage.shell("umount \(desktop.own); rm -f \(stage.home)/args.desktop") }
      try stage.outside(shell: "cat /dev/zero >\(desktop.own)/full 2>/dev/null || true")
      let done = try desktop.snug("install", "args")
      #expect(
        done.status == 1
          && neutral(done.errors, stage)
            == "snug: cannot write HOME/.local/share/applications/args.desktop: No space left on device\n",
        "\(done.everything)")
      #expect(desktop.text("\(desktop.own)/args.desktop") == desktop.text("\(stage.home)/args.desktop"))
      // Kept on another file system: copied, and given back.
      try Stage.shell("rm \(desktop.own)/full")
      #expect(try desktop.snug("install", "args").status == 0)
      #expect(try desktop.snug("remove", "args").output.contains("is as it was before"))
      #expect(desktop.text("\(desktop.own)/args.desktop") == desktop.text("\(stage.home)/args.desktop"))
      #expect(try Stage.shell("ls -A \(desktop.own); find \(desktop.state) -type f") == "args.desktop\n")
    }

    @Test func `a program that the box does not show is left alone`() throws {
      try stage.profile("unseen", "extends = ['default']\nprograms = ['argd']")
      let extra = ["PATH=\(stage.home)/bin:/usr/bin:/bin"]
      try desktop.entry("unseen.desktop", "argd %U")
      let done = try desktop.snug("install", "unseen", extra: extra)
      #expect(done.status == 1, "\(done.everything)")
      #expect(
        done.errors.contains("left alone: \(desktop.entries)/unseen.desktop: cannot run argd: it is not found inside"))
      try desktop.clear()
    }

    @Test func `all entries of this machine are wrapped or left alone for a reason`() throws {
      let extra = ["XDG_DATA_DIRS=/usr/local/share:/usr/share"]
      let before = try desktop.snug("list", "--json", extra: extra)
      let rows = try #require(JSONValue(before.output)).list
      let possible = rows.filter { $0["state"].text == "could be" }.map { $0["id"].text }
      #expect(
        possible.contains("org.xfce.mousepad.desktop") && possible.contains("debian-xterm.desktop"), "\(possible)")
      #expect(rows.allSatisfy { $0["state"].text != "cannot" || !$0["reason"].text.isEmpty })
      let installed = try desktop.snug("install", "--all", extra: extra)
      #expect(installed.status == 0, "\(installed.everything)")
      let after = try #require(JSONValue(try desktop.snug("list", "--json", extra: extra).output)).list
      #expect(after.filter { $0["state"].text == "boxed" }.map { $0["id"].text } == possible)
      if access("/usr/bin/desktop-file-validate", X_OK) != 0 {
        skip("not installed: desktop-file-validate; package desktop-file-utils")
      } else {
        for id in possible {
          let own = try stage.run(["/usr/bin/desktop-file-validate", "\(desktop.own)/\(id)"])
          let shared = try stage.run(["/usr/bin/desktop-file-validate", "/usr/share/applications/\(id)"])
          // The same complaints, if any: they name the file.
          #expect(
            own.output.split(separator: "\n").count == shared.output.split(separator: "\n").count, "\(own.output)")
        }
      }
      #expect(try desktop.snug("check", extra: extra).output == "no way around is found\n")
      #expect(try desktop.snug("remove", "--all", extra: extra).status == 0)
      #expect(try Stage.shell("find \(desktop.own) -type f") == "")
      try desktop.clear()
    }

    @Test func `an install that is killed leaves whole files`() throws {
      try stage.outside(shell: "mkdir -p \(desktop.own)")
      let mine = "[Desktop Entry]\nType=Application\nName=Mine\nExec=\(desktop.program) --mine\n"
      let own = "\(desktop.own)/args.desktop"
      try stage.write(mine, to: own)
      #expect(try desktop.snug("install", "args").status == 0)
      let wrapped = try #require(desktop.text(own))
      #expect(try desktop.snug("remove", "args").status == 0)
      var seen: Set<String> = []
      for attempt in 0..<40 {
        let running = try stage.start([stage.snug, "desktop", "install", "args"], extra: desktop.variables)
        usleep(UInt32(attempt) * 1_000)
        running.signal(SIGKILL)
        _ = running.finish()
        let text = try #require(desktop.text(own), "no file at all")
        #expect(text == mine || text == wrapped)
        seen.insert(text)
        if text == wrapped { #expect(try desktop.snug("remove", "args").status == 0) }
        #expect(desktop.text(own) == mine)
      }
      #expect(try desktop.snug("install", "args").status == 0, "what a killed one left is in the way")
      #expect(try desktop.snug("remove", "args").status == 0)
      #expect(desktop.text(own) == mine && !seen.isEmpty)
      try desktop.clear()
    }
  }
}
