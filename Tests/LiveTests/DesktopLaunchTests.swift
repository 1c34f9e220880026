import Glibc
import TestSupport
import Testing

extension Live {
  /// Wrapped entries through real launchers: the program gets exactly the words that it gets without Snug, in the box.
  @Suite(.serialized) struct DesktopLaunchTests {
    private let stage: Stage
    private let desktop: DesktopFixture

    init() throws {
      stage = try LiveTests.stage()
      desktop = try DesktopFixture(stage)
    }

    private func isThere(_ tools: [String: String]) -> Bool {
      let absent = tools.filter { access("/usr/bin/\($0.key)", X_OK) != 0 }
      if absent.isEmpty { return true }
      skip("not installed: packages \(absent.values.sorted())")
      return false
    }

    /// Names that shells, launchers and readers of entries may take for something else.
    private static let names: [String] = {
      let plain = [
        "two words", "'quote'", "\"double\"", "100%", "%f %U", "%%", "a\nb", "ünïcödé 日本 \u{1F600}", "-v", "--help",
        "--",
        "a;b", "$(touch owned)", "`touch owned`", "$HOME", "a\\b", "a\\nb", "\\", "a|b&c", "<a>", "*", "?", "#a", "~",
        "(a)", "[b]", "{c}", "a=b", "A=b", "@@", "@@u", " leading", "trailing ", "tab\there", "a:b", "a+b", "a%20b",
        "\u{202E}gpj", ".hidden", "a,b", "!x", "^", "file:name", "\u{1}control", String(repeating: "long ", count: 40),
      ]
      guard wantsLongForm else { return plain }
      var random = Numbers(state: 300)
      let alphabet = Array(" %\"'\\$`;&|<>()*?#~=-@:+.aüé\u{1F600}\n\t".unicodeScalars)
      return plain
        + (plain.count..<300).map { index in
          var name = "\(index)"
          for _ in 0..<Int.random(in: 1...12, using: &random) {
            name.unicodeScalars.insert(
              alphabet[Int.random(in: 0..<alphabet.count, using: &random)],
              at: Bool.random(using: &random) ? name.unicodeScalars.startIndex : name.unicodeScalars.endIndex)
          }
          return name
        }
    }()

    private static let lines = [
      "PROG %U", "PROG %F", "PROG %f", "PROG %u", "PROG -- %U", "PROG --open=%f 100%%", "PROG -p x --help %F",
      "env A=b PROG %f",
    ]

    /// Every launch in the same order, before and after.
    private func launches(_ body: (_ what: String, _ argv: [String], _ count: Int) throws -> Void) throws {
      for (index, line) in Self.lines.enumerated() {
        let id = "org.snug.Args\(index)"
        let file = access("\(desktop.own)/\(id).desktop", F_OK) == 0 ? desktop.own : desktop.entries
        // All names with two lines, two of them with the others.
        let names = index < 2 ? Self.names : Array(Self.names.prefix(2))
        for name in names {
          let path = "\(stage.home)/files/\(name)"
          try body("gio \(line) \(name)", ["/usr/bin/gio", "launch", "\(file)/\(id).desktop", path], 1)
          try body("gtk-launch \(line) \(name)", ["/usr/bin/gtk-launch", id, path], 1)
        }
        let two = ["\(stage.home)/files/two words", "https://example.org/?a=b&c=%20d#e"]
        // A line for one file is started once for each.
        let count = line.contains("%f") || line.contains("%u") ? 2 : 1
        try body("gio \(line), two", ["/usr/bin/gio", "launch", "\(file)/\(id).desktop"] + two, count)
        try body("gtk-launch \(line), two", ["/usr/bin/gtk-launch", id] + two, count)
        try body("dex \(line)", ["/usr/bin/dex", "\(file)/\(id).desktop"], 1)
      }
    }

    @Test func `launchers give a wrapped program the same words`() throws {
      guard isThere(["gio": "libglib2.0-bin", "gtk-launch": "libgtk-3-bin", "dex": "dex"]),
        let screen = try LaunchScreen(stage)
      else { return }
      for (index, line) in Self.lines.enumerated() {
        try desktop.entry("org.snug.Args\(index).desktop", line.replacing("PROG", with: desktop.program))
      }
      try stage.outside(shell: "mkdir -p ~/files; cd ~/files; touch 'two words' \"'quote'\"")
      var before: [String: [[String]]] = [:]
      try launches { what, argv, count in
        let seen = try desktop.launch(argv, count: count, extra: screen.variables)
        #expect(seen.allSatisfy { $0.host != "snug" }, "\(what)")
        before[what] = seen.map(\.words)
      }
      // The control: launchers launch, and with more than one name.
      let starts = before.values.filter { !$0.isEmpty }
      #expect(starts.count > Self.names.count * 3 && Set(starts).count > Self.names.count, "\(starts.count)")
      let installed = try desktop.snug("install", "args")
      #expect(installed.status == 0 && installed.errors == "", "\(installed.everything)")
      try launches { what, argv, _ in
        let seen = try desktop.launch(argv, count: before[what]?.count ?? 0, extra: screen.variables)
        #expect(seen.map(\.words) == before[what], "\(what)")
        #expect(seen.allSatisfy { $0.host == "snug" }, "\(what) ran outside")
      }
      #expect(try desktop.snug("remove", "args").status == 0)
      #expect(try Stage.shell("find \(stage.home) -name owned") == "")
      screen.end()
      #expect(stage.leftovers() == [])
      try desktop.clear()
    }

    @Test func `hostile entries give the same words, or are left alone`() throws {
      guard isThere(["gio": "libglib2.0-bin", "desktop-file-validate": "desktop-file-utils"]) else { return }
      // The stage writes texts.
      let hostileEntries = hostileEntries.filter { !$0.text.utf8.contains(0) }
      for (index, hostile) in hostileEntries.enumerated() {
        try stage.write(
          hostile.text.replacing("PROG", with: desktop.program), to: "\(desktop.entries)/h\(index).desktop")
      }
      let path = "\(stage.home)/files/50% of; \"it\" $x"
      func launch(_ index: Int, _ folder: String, _ count: Int) throws -> [DesktopFixture.Seen] {
        try desktop.launch(["/usr/bin/gio", "launch", "\(folder)/h\(index).desktop", path], count: count)
      }
      func isValid(_ index: Int, _ folder: String) throws -> Bool {
        try stage.run(["/usr/bin/desktop-file-validate", "\(folder)/h\(index).desktop"]).status == 0
      }
      let wrapped = hostileEntries.indices.filter { hostileEntries[$0].refusal == nil }
      let before = try wrapped.map { try launch($0, desktop.entries, 1) }
      let installed = try desktop.snug("install", "args")
      #expect(installed.status == 0, "\(installed.everything)")
      for (index, hostile) in hostileEntries.enumerated() where hostile.refusal != nil {
        #expect(access("\(desktop.own)/h\(index).desktop", F_OK) != 0, "\(hostile.name)")
      }
      var count = 0
      for (index, before) in zip(wrapped, before) {
        let name = hostileEntries[index].name.prefix(100)
        let after = try launch(index, desktop.own, before.count)
        #expect(after.map(\.words) == before.map(\.words), "\(name)")
        #expect(after.allSatisfy { $0.host == "snug" }, "\(name)")
        count += after.count
        if try isValid(index, desktop.entries) { #expect(try isValid(index, desktop.own), "\(name)") }
      }
      #expect(count > 30)
      #expect(stage.leftovers() == [])
      try desktop.clear()
    }

    @Test func `xdg-open starts the box`() throws {
      guard isThere(["xdg-open": "xdg-utils", "gio": "libglib2.0-bin"]), let screen = try LaunchScreen(stage) else {
        return
      }
      try desktop.entry(
        "org.snug.Args.desktop", "\(desktop.program) --open %u", "MimeType=x-scheme-handler/snugtest;text/plain;\n")
      try stage.write(
        "[Default Applications]\nx-scheme-handler/snugtest=org.snug.Args.desktop\ntext/plain=org.snug.Args.desktop\n",
        to: "\(stage.home)/.config/mimeapps.list")
      let argv = ["/usr/bin/xdg-open", "snugtest:a%20b?c=d"]
      let before = try desktop.launch(argv, extra: screen.variables)
      #expect(before.map(\.words) == [["--open", "snugtest:a%20b?c=d"]] && before.first?.host != "snug")
      // What it makes of awkward names it makes of them in both cases.
      let files = Self.names.prefix(16).map { "\(stage.home)/files/\($0)" }
      try stage.outside(shell: "mkdir -p ~/files; echo text >~/plain.txt")
      for file in files { try stage.outside(argv: ["cp", "\(stage.home)/plain.txt", file]) }
      let control = try files.map { try desktop.launch(["/usr/bin/xdg-open", $0], extra: screen.variables) }
      #expect(control.count(where: { !$0.isEmpty }) > 8 && control.joined().allSatisfy { $0.host != "snug" })
      #expect(try desktop.snug("install", "args").status == 0)
      for argv in [argv, ["/usr/bin/gio", "open", argv[1]]] {
        let after = try desktop.launch(argv, extra: screen.variables)
        #expect(after.map(\.words) == before.map(\.words) && after.first?.host == "snug", "\(argv): \(after)")
      }
      for (file, control) in zip(files, control) {
        let after = try desktop.launch(["/usr/bin/xdg-open", file], count: control.count, extra: screen.variables)
        #expect(after.map(\.words) == control.map(\.words), "\(file)")
        #expect(after.allSatisfy { $0.host == "snug" }, "\(file) ran outside")
      }
      screen.end()
      #expect(stage.leftovers() == [])
      try desktop.clear()
    }

    @Test func `the message bus starts the box`() throws {
      guard isThere(["dbus-daemon": "dbus-daemon", "dbus-send": "dbus-bin"]) else { return }
      let own = "\n[bus.session]\nown = ['org.snug.Args']"
      try stage.profile("args", desktop.profileText("programs = ['\(desktop.program)']") + own)
      try desktop.entry("org.snug.Args.desktop", "\(desktop.program) %U", "DBusActivatable=true\n")
      let service =
        "[D-BUS Service]\nName=org.snug.Args\nExec=\(desktop.program) --service \"a b\" 100%f\nSystemdService=x.service\n"
      try stage.write(service, to: "\(desktop.shared)/dbus-1/services/org.snug.Args.service")
      func start() throws -> [DesktopFixture.Seen] {
        // The program takes no name: an answer would come after a long wait. The bus ends with this line.
        let line =
          "dbus-send --session --type=method_call --dest=org.freedesktop.DBus / org.freedesktop.DBus.StartServiceByName "
          + "string:org.snug.Args uint32:0; n=0; "
          + "while [ $n -lt 200 ] && ! ls ~/out/words.* >/dev/null 2>&1; do n=$((n + 1)); sleep 0.1; done"
        return try desktop.launch(["/usr/bin/dbus-run-session", "--", "sh", "-c", line])
      }
      let before = try start()
      #expect(before.map(\.words) == [["--service", "a b", "100%f"]] && before.first?.host != "snug", "\(before)")
      #expect(try desktop.snug("check").status == 0, "nothing is boxed yet")
      #expect(try desktop.snug("install", "args").status == 0)
      let after = try start()
      #expect(after.map(\.words) == before.map(\.words) && after.first?.host == "snug", "\(after)")
      #expect(desktop.text("\(desktop.own)/org.snug.Args.desktop")?.contains("\nDBusActivatable=false\n") == true)
      #expect(desktop.text("\(desktop.services)/org.snug.Args.service")?.contains("SystemdService") == false)
      #expect(try desktop.snug("check").output == "no way around is found\n")
      try stage.remove("\(desktop.services)/org.snug.Args.service")
      let found = try desktop.snug("check")
      #expect(
        found.status == 1 && found.output.hasPrefix("args: service org.snug.Args: it starts "), "\(found.everything)")
      #expect(stage.leftovers() == [])
      try desktop.clear()
    }
  }
}
