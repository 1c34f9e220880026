import TestSupport
import Testing

@testable import SnugDesktop

@Suite struct WrappingTests {
  private let wrapping = Wrapping(profile: "edit", executable: "/usr/bin/snug")

  private func wrap(_ text: String, _ wrapping: Wrapping? = nil) throws -> String {
    let bytes = try #require(
      (wrapping ?? self.wrapping).wrap(
        try DesktopEntry(Array(text.utf8)), source: "/usr/share/applications/e.desktop"))
    return unsealed(bytes)
  }

  /// A text without its sum.
  private func unsealed(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix("X-Snug-Sum=") }.joined(separator: "\n")
  }

  /// The line of an entry that says nothing else.
  private func line(_ exec: String, _ wrapping: Wrapping? = nil) throws -> String {
    let text = try wrap("[Desktop Entry]\nType=Application\nExec=\(exec)\n", wrapping)
    return String(text.split(separator: "\n").first { $0.hasPrefix("Exec=") }?.dropFirst(5) ?? "")
  }

  @Test func `every line is wrapped and nothing else changes`() throws {
    let text = """
      # a comment
      [Desktop Entry]
      Type=Application
      Name=Editor
      Name[de]=Bearbeiter
      TryExec=edit
      Exec = edit --wait  %F
      Icon=edit
      MimeType=text/plain;
      StartupWMClass=Edit
      DBusActivatable=true
      Terminal=true
      OnlyShowIn=GNOME;
      NoDisplay=true
      Actions=new;
      Keywords[fr]=a;b\\;c;

      [Desktop Action new]
      Name=New
      Exec=/usr/bin/edit "a b"

      [NewWindow Shortcut Group]
      Exec=edit -n
      TargetEnvironment=Unity

      [X-Other]
      Key=Exec
      """
    #expect(
      try wrap(text)
        == text.replacing("edit --wait  %F", with: "/usr/bin/snug run --from-menu -p edit -- edit --wait %F")
        .replacing("=/usr/bin/edit \"", with: "=/usr/bin/snug run --from-menu -p edit -- /usr/bin/edit \"")
        .replacing("=edit -n", with: "=/usr/bin/snug run --from-menu -p edit -- edit -n").replacing(
          "=true\nTerm", with: "=false\nTerm"
        )
        .replacing(
          "c;\n\n", with: "c;\nX-Snug-Profile=edit\nX-Snug-Source=/usr/share/applications/e.desktop\n\n"))
  }

  @Test(arguments: [
    ("edit", "edit"), ("edit %f", "edit %f"), ("edit --x=%u %%", "edit --x=%u %%"), (#"edit "a b""#, #"edit "a b""#),
    ("/opt/edit %U", "/opt/edit %U"), ("edit -- %F", "edit -- %F"), (#""edit" x"#, #""edit" x"#),
  ])
  func `the entry's words stay as they are written`(exec: String, rest: String) throws {
    #expect(try line(exec) == "/usr/bin/snug run --from-menu -p edit -- " + rest)
  }

  @Test func `variables go in through snug`() throws {
    #expect(
      try line("env A=b \"C=d e\" edit %f")
        == "/usr/bin/snug run --from-menu --setenv A=b --setenv \"C=d e\" -p edit -- edit %f")
  }

  @Test func `a command's own arguments stay`() throws {
    let wrapping = Wrapping(profile: "edit", executable: "/usr/bin/snug", command: "edit")
    #expect(try line("edit --new %f", wrapping) == "/usr/bin/snug run --from-menu edit --new %f")
    #expect(
      try line("env A=b /usr/bin/edit %f", wrapping) == "/usr/bin/snug run --from-menu --setenv A=b edit %f")
    #expect(try line("other %f", wrapping) == "/usr/bin/snug run --from-menu -p edit -- other %f")
  }

  @Test func `names with blanks and signs are quoted`() throws {
    let wrapping = Wrapping(profile: "my $app", executable: "/opt/50% off/snug")
    let written = try line("edit %f", wrapping)
    #expect(written == #""/opt/50%% off/snug" run --from-menu -p "my \\$app" -- edit %f"#)
    let start = try #require(SnugStart(try StartLine(Array(written.utf8))))
    #expect(start.executable == "/opt/50% off/snug" && start.profile == "my $app" && start.program == "edit")
  }

  @Test func `a change of what was written is seen`() throws {
    let text = "# mine\n[Desktop Entry]\nType=Application\nName=E\nExec=edit\n[Desktop Action a]\nExec=edit -a\n"
    let written = try #require(wrapping.wrap(try DesktopEntry(Array(text.utf8)), source: "/s"))
    #expect(try !DesktopEntry(written).isChanged)
    let sealed = String(decoding: written, as: UTF8.self)
    for (old, new) in [("=E\n", "=F\n"), ("# mine", "# yours"), ("edit -a\n", "edit -a\nNoDisplay=true\n")] {
      let changed = sealed.replacing(old, with: new)
      #expect(try changed != sealed && DesktopEntry(Array(changed.utf8)).isChanged, "\(new)")
    }
    // Written before there were sums, or sealed by somebody else.
    #expect(try !DesktopEntry(Array(unsealed(written).utf8)).isChanged)
    let other = try DesktopEntry(Array((text + "X-Snug-Sum=1\n").utf8))
    #expect(try !DesktopEntry(#require(wrapping.wrap(other, source: "/s"))).isChanged)
    let service = try BusService(Array("[D-BUS Service]\nName=org.x.Edit\nExec=edit\n".utf8))
    let bytes = try #require(wrapping.wrap(service, source: "/s"))
    #expect(try !BusService(bytes).isChanged && BusService(bytes + Array("User=root\n".utf8)).isChanged)
  }

  @Test func `services lose their unit`() throws {
    let text = "[D-BUS Service]\nName=org.x.Edit\nExec=/usr/bin/edit --service 100%\nSystemdService=edit.service\n"
    let service = try BusService(Array(text.utf8))
    #expect(
      unsealed(try #require(wrapping.wrap(service, source: "/s")))
        == "[D-BUS Service]\nName=org.x.Edit\n"
        + "Exec=/usr/bin/snug run --from-menu --bus-name org.x.Edit -p edit -- /usr/bin/edit --service 100%\n"
        + "X-Snug-Profile=edit\nX-Snug-Source=/s\n")
    for name in ["x", "a/b.c", "../a.b", "", ".a", "a..b", "a b.c"] {
      #expect(throws: KeyFile.Failure.self) { try BusService(Array("[D-BUS Service]\nName=\(name)\nExec=x\n".utf8)) }
    }
  }

  @Test(arguments: [
    ("[Desktop Entry]\nExec=x\n", "it has no Type"),
    ("[Other]\nType=Application\n", "it does not begin with [Desktop Entry]"),
    ("[Other]\n[Desktop Entry]\nType=Application\nExec=x\n", "it does not begin with [Desktop Entry]"),
    ("[Desktop Entry]\nType=Application\n", "it has no Exec"),
    ("[Desktop Entry]\nType=Application\nExec=x\nExec[de]=y\n", "line 4: Exec has a locale"),
    ("[Desktop Entry]\nType=Application\nExec=x\nExec[$e]=y\n", "line 4: Exec has a locale"),
    ("[Desktop Entry]\nType=Application\nExec=x\nHidden=yes\n", "line 4: Hidden is neither true nor false"),
    ("[Desktop Entry]\nType=Application\nExec=x 'y\n", "line 3: Exec has ' outside of quotes"),
    (
      "[Desktop Entry]\nType=Application\nExec=x\n[Desktop Action a]\nExec=%f\n",
      "line 5: Exec has a field code in place of a program"
    ),
  ])
  func `entries that start who knows what are refused`(text: String, message: String) {
    do {
      _ = try DesktopEntry(Array(text.utf8))
      Issue.record("\(text)")
    } catch { #expect(error.text == message) }
  }

  @Test(arguments: [
    ("edit %f", "edit"), ("/usr/bin/edit", "/usr/bin/edit"), ("env A=b C=d /opt/edit x", "/opt/edit"),
    ("python3", "python3"),
    ("xterm -bg red", "xterm"), ("shotwell %U", "shotwell"), ("nodejs-tool x", "nodejs-tool"),
  ])
  func `the program is found`(exec: String, program: String) throws {
    #expect(try StartLine(Array(exec.utf8)).started == .program(program))
  }

  @Test(arguments: [
    ("sh -c \"edit; rm x\"", "sh runs what its words name", ["-c", "edit", "rm", "x"]),
    ("python3.11 /usr/share/edit.py", "python3.11 runs what its words name", ["edit.py"]),
    ("nodejs edit", "nodejs runs what its words name", ["edit"]),
    ("xterm -e edit", "xterm runs what its words name", ["-e", "edit"]),
    ("env -u A edit", "env has options", ["A", "edit"]), ("env A=b", "env has no program", []),
    ("pkexec /usr/sbin/edit", "pkexec starts it as another user", ["edit"]),
    ("/usr/bin/flatpak run --command=edit x", "flatpak has a sandbox of its own", []),
    ("snap run edit", "snap has a sandbox of its own", []),
    ("nice -n 5 edit", "nice starts what its words name", ["-n", "5", "edit"]),
    ("env A=b %f", "a field code stands for the program", []),
  ])
  func `what another program decides is not guessed`(exec: String, reason: String, names: [String]) throws {
    #expect(try StartLine(Array(exec.utf8)).started == .unclear(reason, names: names))
  }

  @Test(
    arguments: [
      ("/usr/bin/snug run edit %f", "edit", nil), ("snug run -v --home host edit", "edit", nil),
      ("snug run -p edit -- vi %f", "edit", "vi"), ("snug run --profile=edit vi", "edit", "vi"),
      ("snug run -- vi", "default", "vi"), ("/usr/bin/snug run --from-menu edit", "edit", nil),
      ("snug run --from-menu --bus-name org.x.Edit -p edit -- vi --gapplication-service", "edit", "vi"),
      ("snug run --read=/x -p edit vi -p other", "edit", "vi"),
    ] as [(String, String, String?)])
  func `starts of snug are known`(exec: String, profile: String, program: String?) throws {
    let start = try #require(SnugStart(try StartLine(Array(exec.utf8))))
    #expect(start.profile == profile && start.program == program)
  }

  @Test(arguments: [
    "snug", "snug list edit", "snug run", "snug run -p edit", "snugx run edit", "edit snug run x", "snug run %f",
  ])
  func `other lines are not`(exec: String) throws {
    #expect(SnugStart(try StartLine(Array(exec.utf8))) == nil)
  }

  @Test func `a shim names snug and its profile`() {
    let text = String(decoding: shimText("edit", Wrapping(profile: "it's", executable: "/opt/a b/snug")), as: UTF8.self)
    #expect(text == "#!/bin/sh\n# snug-shim it's\nexec '/opt/a b/snug' run -p 'it'\\''s' -- edit \"$@\"\n")
    #expect(
      String(decoding: shimText("edit", Wrapping(profile: "e", executable: "/s", command: "edit")), as: UTF8.self)
        .hasSuffix("exec /s run e \"$@\"\n"))
  }
}
