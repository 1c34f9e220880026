import SnugPlan
import TestSupport
import Testing

@testable import SnugDesktop

/// What a machine's entries are judged to be, and the ways around that are found in them.
@Suite struct JudgementTests {
  private let tree = debian()
  private let profiles = [
    BoxableProfile(name: "edit", programs: ["mousepad", "vi"]),
    BoxableProfile(name: "vim", programs: ["vim"], command: nil),
    BoxableProfile(name: "git", programs: [], command: "git"), BoxableProfile(name: "second", programs: ["mousepad"]),
    BoxableProfile(name: "opt", programs: ["/opt/app/tool"]), BoxableProfile(name: "python", programs: ["python3"]),
  ]
  private var host: Host { anna(tree) }
  private var judge: Judge { Judge(profiles: profiles, host: host) }

  private func state(_ execs: String...) throws -> EntryState {
    var text = "[Desktop Entry]\nType=Application\nExec=\(execs[0])\n"
    for (index, exec) in execs.dropFirst().enumerated() { text += "[Desktop Action a\(index)]\nExec=\(exec)\n" }
    return judge.state(of: try DesktopEntry(Array(text.utf8)))
  }

  @Test func `entries are judged`() throws {
    tree.program("/opt/app/tool")
    tree.program("/opt/app/mousepad")
    tree.link("/usr/local/bin/editor", "/usr/bin/mousepad")
    tree.program("/usr/bin/snug")
    #expect(try state("mousepad %U") == .possible(["edit", "second"]))
    #expect(try state("/usr/bin/mousepad %U", "mousepad -n") == .possible(["edit", "second"]))
    #expect(try state("/bin/mousepad") == .possible(["edit", "second"]))
    #expect(try state("env A=b mousepad") == .possible(["edit", "second"]))
    #expect(try state("editor %F") == .possible(["edit", "second"]))
    #expect(try state("/usr/bin/vim.basic") == .possible(["vim"]))
    #expect(try state("/usr/bin/vim.tiny") == .cannot("no profile names /usr/bin/vim.tiny"))
    #expect(try state("git gui") == .possible(["git"]))
    #expect(try state("/opt/app/tool") == .possible(["opt"]))
    #expect(try state("python3") == .possible(["python"]))
    #expect(try state("python3 x.py") == .cannot("python3 runs what its words name"))
    #expect(
      try state("/opt/app/mousepad")
        == .cannot("/opt/app/mousepad is another file than the mousepad that is found in PATH"))
    #expect(try state("/usr/bin/gone/vim") == .cannot("/usr/bin/gone/vim is not installed"))
    #expect(try state("vi") == .cannot("vi is not installed"))
    #expect(try state("./vim") == .cannot("./vim depends on the directory it is started in"))
    #expect(try state("gimp %U") == .cannot("no profile names gimp"))
    #expect(try state("mousepad", "gimp") == .cannot("[Desktop Action a0]: no profile names gimp"))
    #expect(
      try state("mousepad", "git")
        == .cannot("[Desktop Action a0]: it starts a program of git, and not the entry's own"))
    #expect(try state("snug run edit", "/usr/bin/snug run -p edit -- vi") == .boxed("edit"))
    #expect(try state("/old/snug run edit") == .cannot("it starts /old/snug, which is not there"))
    #expect(try state("snug run edit", "snug run git") != .boxed("edit"))
    #expect(try state("snug run edit", "mousepad") != .boxed("edit"))
    #expect(try state("mousepad", "snug run edit") != .boxed("edit"))
  }

  private func entry(_ exec: String, _ more: String = "") -> String {
    "[Desktop Entry]\nType=Application\nExec=\(exec)\n\(more)"
  }

  private func menu() -> Menu { Menu(["/home/anna/.local/share", "/usr/share"], on: host) }

  @Test func `the first file of an id counts, links in a circle do not`() throws {
    tree.file("/usr/share/applications/kde/edit.desktop", entry("mousepad"))
    tree.file("/usr/share/applications/kde-edit.desktop", entry("vim"))
    tree.file("/usr/share/applications/gone.desktop", entry("vim"))
    tree.link("/usr/share/applications/loop", ".")
    tree.link("/usr/share/applications/kde/up", "..")
    tree.file("/home/anna/.local/share/applications/gone.desktop", "[Desktop Entry]\nType=Application\nHidden=true\n")
    tree.file(
      "/home/anna/.local/share/applications/kde-edit.desktop", entry("snug run edit", "X-Snug-Profile=edit\n"))
    let menu = menu()
    #expect(menu.ids == ["gone.desktop", "kde-edit.desktop"])
    #expect(menu.shown("gone.desktop") == nil && menu.original("gone.desktop") { _ in nil } == nil)
    #expect(menu.shown("kde-edit.desktop")?.profile == "edit")
    #expect(menu.original("kde-edit.desktop") { _ in nil }?.path == "/usr/share/applications/kde-edit.desktop")
    #expect(
      menu.files["kde-edit.desktop"]?.map(\.name) == ["kde-edit.desktop", "kde-edit.desktop", "kde/edit.desktop"])
    let kept = menu.original("kde-edit.desktop") { _ in Array(entry("vi").utf8) }
    #expect(kept?.path == "/home/anna/.local/share/applications/kde-edit.desktop")
    #expect(try kept?.entry.get().start?.line == StartLine(Array("vi".utf8)))
  }

  private func found(_ boxed: Set<String>) -> [WayAround] {
    var search = WaySearch(judge, boxed: boxed)
    let menu = menu()
    search.look(at: menu)
    search.look(at: BusNames(["/home/anna/.local/share", "/usr/share"], on: host), units: units)
    search.look(at: Associations(["/home/anna/.config/mimeapps.list", "/etc/xdg/none"], on: host), in: menu)
    return search.found
  }

  private let units = unitDirectories(
    configuration: "/home/anna/.config", data: "/home/anna/.local/share", runtime: nil)

  private func ways(_ boxed: Set<String>) -> [String] {
    found(boxed).map { "\($0.kind.rawValue) \($0.id) \($0.profile): \($0.reason)" }
  }

  @Test func `ways around are found`() {
    tree.program("/usr/bin/snug")
    tree.file("/usr/share/applications/a.desktop", entry("/opt/app/mousepad %f"))
    tree.file("/usr/share/applications/b.desktop", entry("sh -c \"vi; true\""))
    tree.file("/usr/share/applications/c.desktop", entry("gimp", "[Desktop Action x]\nExec=vi\n"))
    tree.file("/usr/share/applications/d.desktop", entry("x", "Exec=mousepad\n"))
    tree.file("/usr/share/applications/e.desktop", entry("gimp"))
    tree.file("/usr/share/applications/f.desktop", entry("/usr/bin/snug run edit"))
    tree.file("/usr/share/applications/g.desktop", entry("/old/snug run edit"))
    tree.file("/usr/share/applications/h.desktop", entry("/usr/bin/snug run gone"))
    tree.file("/usr/share/applications/i.desktop", entry("flatpak run --command=mousepad x"))
    tree.file("/usr/share/dbus-1/services/x.service", "[D-BUS Service]\nName=org.x.Edit\nExec=/usr/bin/mousepad -d\n")
    tree.file("/usr/share/dbus-1/services/y.service", "[D-BUS Service]\nName=org.x.Other\nExec=/usr/bin/other\n")
    tree.file("/usr/share/dbus-1/services/z.service", "[D-BUS Service]\nName=bad\nExec=/usr/bin/mousepad -d\n")
    tree.file(
      "/home/anna/.config/mimeapps.list",
      "[Default Applications]\ntext/plain=a.desktop;gone.desktop;e.desktop\ntext/x=f.desktop\n")
    #expect(
      ways(["edit"]) == [
        "entry a.desktop edit: it starts /opt/app/mousepad without the box",
        "entry b.desktop edit: sh runs what its words name, among them vi",
        "entry c.desktop edit: it starts vi without the box",
        "entry d.desktop edit: it cannot be read for sure (line 4: a second Exec in one group), and names mousepad",
        "entry g.desktop edit: it starts /old/snug, which is not there",
        "entry h.desktop gone: its profile is not there or cannot be read",
        "service org.x.Edit edit: it starts /usr/bin/mousepad without the box",
        "service z.service edit: it cannot be read for sure, and names mousepad",
        "handler a.desktop edit: it opens text/plain: it starts /opt/app/mousepad without the box",
      ])
    tree.file(
      "/home/anna/.local/share/dbus-1/services/org.x.Edit.service",
      "[D-BUS Service]\nName=org.x.Edit\nExec=/usr/bin/snug run edit -d\n")
    #expect(!ways(["edit"]).contains { $0.contains("org.x.Edit") })
    // A box that is not installed has no way around it.
    #expect(ways([]).allSatisfy { $0.contains("g.desktop") || $0.contains("h.desktop") })
  }

  @Test func `other names of a program are found, and programs that are given one`() {
    tree.program("/usr/bin/busybox")
    tree.program("/usr/bin/viewer")
    tree.link("/usr/bin/vi", "busybox")
    tree.link("/usr/bin/less", "busybox")
    tree.link("/usr/bin/editor", "/etc/alternatives/editor")
    tree.link("/etc/alternatives/editor", "/usr/bin/mousepad")
    tree.file("/usr/share/applications/a.desktop", entry("editor %F"))
    tree.file("/usr/share/applications/b.desktop", entry("torsocks mousepad %u"))
    tree.file("/usr/share/applications/c.desktop", entry("viewer --with /usr/bin/editor"))
    // Files that are called alike, options, and another program of the same file.
    tree.file("/usr/share/applications/d.desktop", entry("viewer /usr/share/mousepad --mousepad ./vi"))
    tree.file("/usr/share/applications/e.desktop", entry("less %F"))
    tree.file("/usr/share/applications/f.desktop", entry("mousepad", "[Desktop Action x]\nExec=/opt/app/mousepad\n"))
    #expect(
      ways(["edit"]) == [
        "entry a.desktop edit: it starts editor without the box",
        "entry b.desktop edit: torsocks is given mousepad",
        "entry c.desktop edit: viewer is given /usr/bin/editor",
        "entry f.desktop edit: it starts mousepad without the box",
      ])
    let other = "in a file of yours with its name, begin Exec with: snug run -p edit --"
    #expect(found(["edit"]).map(\.hint) == ["snug desktop install edit", other, other, other])
    #expect(ways(["vim"]) == [])
  }

  @Test func `units that the bus has started are looked into`() {
    for (name, unit) in [("a", "edit"), ("b", "plain"), ("c", "changed"), ("d", "vi"), ("e", "gone"), ("f", "long")] {
      tree.file(
        "/usr/share/dbus-1/services/\(name).service",
        "[D-BUS Service]\nName=org.x.\(name)\nExec=/bin/false\nSystemdService=\(unit).service\n")
    }
    tree.file("/usr/lib/systemd/user/edit.service", "[Service]\nExecStart=-/usr/bin/mousepad --daemon\n")
    tree.file("/usr/lib/systemd/user/plain.service", "[Service]\nExecStart=/usr/bin/gimp /srv/mousepad\n")
    tree.file("/usr/lib/systemd/user/changed.service", "[Service]\nExecStart=/usr/bin/gimp\n")
    tree.file("/etc/systemd/user/changed.service.d/x.conf", "[Service]\nExecStart=\nExecStart=sh -c 'exec mousepad'\n")
    tree.file("/usr/lib/systemd/user/long.service", "[Service]\nExecStart=/usr/bin/env A=b \\\n  mousepad\n")
    #expect(
      ways(["edit"]) == [
        "service org.x.a edit: its unit edit.service starts /usr/bin/mousepad without the box",
        "service org.x.c edit: its unit changed.service names mousepad",
        "service org.x.d edit: the unit that it starts is not found: vi.service",
        "service org.x.f edit: its unit long.service names mousepad",
      ])
    #expect(found(["edit"]).first?.hint == "systemctl --user mask edit.service keeps it from being started")
    // The user's own unit has the place of the other one.
    tree.file("/home/anna/.config/systemd/user/edit.service", "[Service]\nExecStart=/usr/bin/snug run edit\n")
    #expect(!ways(["edit"]).contains { $0.contains("org.x.a") })
  }

  @Test func `a shim is never the program it stands for`() {
    tree.file("/home/anna/.local/bin/vi", "#!/bin/sh\n# snug-shim edit\nexec x\n", isExecutable: true)
    tree.file("/home/anna/.local/bin/vim", "#!/bin/sh\n# another\n", isExecutable: true)
    var host = host
    host.environment.removeAll { $0.name == "PATH" }
    host.environment.append(("PATH", Array("/home/anna/.local/bin:/usr/bin".utf8)))
    #expect(findProgram("vi", on: host) == nil)
    tree.program("/usr/bin/vi")
    #expect(findProgram("vi", on: host) == "/usr/bin/vi")
    #expect(findProgram("vim", on: host) == "/home/anna/.local/bin/vim")
  }

  @Test func `lists of associations stand where they should`() {
    #expect(
      associationFiles(configurations: ["/c"], data: ["/d"], desktops: ["GNOME"]) == [
        "/c/gnome-mimeapps.list", "/c/mimeapps.list", "/d/applications/gnome-mimeapps.list",
        "/d/applications/mimeapps.list", "/d/applications/defaults.list",
      ])
  }
}
