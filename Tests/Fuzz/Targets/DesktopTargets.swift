#if DEBUG
  @testable import SnugDesktop
  @testable import SnugPlan
  @testable import SnugProfile

  let desktopTargets = [
    FuzzTarget(
      "desktop-entry",
      claim: "written as it was read; what is wrapped is boxed and read again; both readers see the same program",
      seeds: [
        """
        # comment
        [Desktop Entry]
        Type=Application
        Name[de]=Ä
        Name=x
        Exec=edit "a b" "\\\\$x" --u=%u %%
        DBusActivatable=true
        Actions=new;
        Hidden=false
        MimeType=text/plain;

        [Desktop Action new]
        Exec=env A=b edit %F
        """,
        "[D-BUS Service]\nName=org.example.App\nExec=/usr/bin/app --service\nSystemdService=x.service\n",
        "[Desktop Entry]\nType=Application\nExec=\"a b\" %U\nTerminal=true\n",
      ].map { Array($0.utf8) },
      pieces: [
        "[", "]", "\"", "'", "\\", "\\s", "\\\\", "%", "%f", "%U", "=", ";", "#", "\n", "\r", "\0", " ", "\t",
        "\nExec=",
        "é", "$", "\u{2028}", "\u{85}", "\u{b}", "snug run x", "Exec=", "Exec =", "[Desktop Entry]\n",
      ],
      judge: judgeEntry)
  ]

  private let wrapping = Wrapping(profile: "box", executable: "/opt/my 100%/snug")

  private func judgeEntry(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    if let service = try? BusService(bytes) {
      guard let wrapped = wrapping.wrap(service, source: "/a") else { return .taken }
      let again = try? BusService(wrapped)
      return verdict(
        unless(again?.name == service.name, "a service is lost"),
        unless(again.flatMap { SnugStart($0.line)?.profile } == "box", "a service is not boxed"))
    }
    let menu = readMenuEntry(bytes)
    guard let entry = try? DesktopEntry(bytes) else { return .refused }
    if entry.file.bytes != bytes { return .broken("not the same") }
    // Where the strict reader takes it, the one for starter profiles may not see another program.
    if let first = entry.start?.line.words.first?.text, let text = validText(first), menu?.program != text {
      return .broken("the program is \(text.debugDescription) and \(menu?.program.debugDescription ?? "none")")
    }
    guard let wrapped = wrapping.wrap(entry, source: "/a") else { return .taken }
    guard let again = try? DesktopEntry(wrapped) else { return .broken("cannot be read again") }
    return verdict(
      unless(again.starts.count == entry.starts.count, "starts are lost"),
      unless(again.starts.allSatisfy { SnugStart($0.line)?.profile == "box" }, "not boxed"),
      unless(!again.isActivatable, "the bus starts it unboxed"))
  }
#endif
