import SnugProfile
import TestSupport
import Testing

@testable import SnugPlan

/// `desktop.portals`, `desktop.notifications` and what the document portal lends.
struct PortalPlanTests {
  private func rules(_ plan: Plan) -> [String] {
    plan.bus?.buses.flatMap(\.rules).map { "\($0.access.rawValue) \($0.name)" + ($0.rule.map { " " + $0 } ?? "") } ?? []
  }

  @Test func portalsBringTheirOwnBus() throws {
    let plan = try plan("id = 'org.example.Tool'\ndesktop.portals = true")
    #expect(
      rules(plan) == [
        "call org.freedesktop.portal.Desktop *", "broadcast org.freedesktop.portal.Desktop @/org/freedesktop/portal/*",
        "call org.freedesktop.portal.Documents *",
        "broadcast org.freedesktop.portal.Documents @/org/freedesktop/portal/*",
      ])
    #expect(plan.bus?.buses.first?.keys == ["desktop.portals"])
    #expect(plan.lines(at: "/.flatpak-info") == ["file 444 \(plan.portals?.info.count ?? 0)"])
    #expect(plan.lines(at: "/run/user/1000/flatpak-info") == ["symlink /.flatpak-info"])
    #expect(plan.lines(at: "/run/user/1000/doc") == ["bind /run/user/1000/doc/by-app/org.example.Tool writable"])
    #expect(plan.variables["GTK_USE_PORTAL"] == "1")
    let info = String(decoding: plan.portals?.info ?? [], as: UTF8.self)
    #expect(info == "[Application]\nname=org.example.Tool\n\n[Instance]\ninstance-id=snug-INSTANCE\n")
    #expect(plan.json(instructions: 0).line.contains("\"portals\":{\"id\":\"org.example.Tool\""))
    #expect(plan.text(instructions: 0).contains("\nportals\n  known as"))
  }

  @Test func eachStartHasItsOwnName() throws {
    var plan = try plan("desktop.portals = true\nnetwork.mode = 'host'")
    plan.setInstance("work-2")
    let content = plan.ops.compactMap { planned -> String? in
      if case .file(let file) = planned.op, file.target == "/.flatpak-info" {
        return String(decoding: file.content, as: UTF8.self)
      }
      return nil
    }
    #expect(content.count == 1 && content[0].contains("\ninstance-id=snug-work-2\n"), "\(content)")
    #expect(content[0].hasSuffix("[Context]\nshared=network;\n"))
  }

  @Test func nothingOfItUnlessAskedFor() throws {
    for text in ["", "desktop.portals = false\ndesktop.notifications = false"] {
      let plan = try plan(text)
      #expect(plan.portals == nil && plan.lines(at: "/.flatpak-info") == [] && rules(plan) == [])
      #expect(plan.variables["GTK_USE_PORTAL"] == nil && plan.lines(at: "/run/user/1000/doc") == [])
    }
  }

  /// A caller without `/.flatpak-info` is a program of the host for every portal, and rules may name portals.
  @Test func aBusOfItsOwn() throws {
    let plan = try plan("id = 'org.example.Tool'\n[bus.session]\ntalk = ['org.freedesktop.portal.Desktop']")
    #expect(plan.portals?.id == "org.example.Tool" && plan.portals?.isForApp == false)
    #expect(plan.lines(at: "/.flatpak-info") == [] && rules(plan) == ["talk org.freedesktop.portal.Desktop"])
    #expect(plan.variables["GTK_USE_PORTAL"] == nil && plan.lines(at: "/run/user/1000/doc") == [])
  }

  @Test func notificationsAlone() throws {
    let plan = try plan("desktop.notifications = true")
    #expect(
      rules(plan) == [
        "talk org.freedesktop.Notifications",
        "call org.freedesktop.portal.Desktop org.freedesktop.portal.Notification.*",
        "broadcast org.freedesktop.portal.Desktop org.freedesktop.portal.Notification.*",
      ])
    // The proxy is known to the portal; the app itself is not told that it is in a box.
    #expect(plan.portals?.isForApp == false && plan.lines(at: "/.flatpak-info") == [])
    #expect(plan.lines(at: "/run/user/1000/doc") == [])
  }

  @Test func withoutABus() throws {
    let host = anna(debian()).with("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1000/none")
    for key in ["desktop.portals", "desktop.notifications"] {
      let text = "version = 1\n\(key) = true\n"
      let needed = try profile(text, for: host)
      #expect(throws: CompileError.self) {
        try compile(needed, for: host, ProgramRequest(needsProgram: false))
      }
      let optional = try profile(text + "optional = ['\(key)']\n", for: host)
      let plan = try compile(optional, for: host, ProgramRequest(needsProgram: false))
      #expect(plan.notEnforced == [key] && plan.bus == nil)
      #expect(plan.lines(at: "/.flatpak-info") == [] && plan.lines(at: "/run/user/1000/flatpak-info") == [])
      #expect(plan.lines(at: "/run/user/1000/doc") == [] && plan.variables["GTK_USE_PORTAL"] == nil)
    }
    // The same where the bus turns out to be dead only at the start.
    var late = try plan("optional = ['desktop.portals']\ndesktop.portals = true")
    late.removeBus(.session)
    #expect(late.notEnforced == ["desktop.portals"] && late.lines(at: "/.flatpak-info") == [])
    #expect(late.variables["GTK_USE_PORTAL"] == nil)
  }

  @Test func anInstalledFlatpakOfTheSameID() throws {
    for place in ["/var/lib/flatpak/app", "/home/anna/.local/share/flatpak/app"] {
      let tree = debian()
      tree.directory(place + "/org.example.Tool")
      let text = "id = 'org.example.Tool'\ndesktop.portals = true"
      let refused = try problem(text, on: tree)
      #expect(refused.status == 125 && refused.text.contains("a Flatpak of that id is installed (\(place)"))
      #expect(refused.text.contains("hint: give the profile an id of its own"))
      #expect(try plan("optional = ['desktop.portals']\n" + text, on: tree).notEnforced == ["desktop.portals"])
      #expect(try plan("id = 'org.example.Other'\ndesktop.portals = true", on: tree).portals != nil)
    }
  }

  @Test func filesAreLent() throws {
    let tree = debian()
    tree.file("/home/anna/a.txt")
    tree.file("/home/anna/b c.txt")
    tree.directory("/home/anna/notes")
    let host = anna(tree)
    let profile = try profile("version = 1\nfiles.arguments = 'portal'\nfiles.read = ['~/.bashrc']", for: host)
    let words = ["true", "a.txt", "-v", "file:///home/anna/b%20c.txt", "/home/anna/.bashrc", "notes", "none"]
    var plan = try compile(profile, for: host, ProgramRequest(command: words.map { Array($0.utf8) }))
    #expect(plan.portals?.lent.map(\.path) == ["/home/anna/a.txt", "/home/anna/b c.txt"])
    #expect(plan.skipped.last?.reason == "the document portal lends files, not directories")
    #expect(plan.bus == nil && plan.portals?.isForApp == false)
    #expect(plan.lines(at: "/run/user/1000/doc") == ["bind /run/user/1000/doc/by-app/snug.test writable"])
    plan.setLent(["1a2b", "3c4d"])
    #expect(
      plan.words == [
        "true", "/run/user/1000/doc/1a2b/a.txt", "-v", "file:///run/user/1000/doc/3c4d/b%20c.txt",
        "/home/anna/.bashrc", "notes", "none",
      ])
    plan.removeDocuments()
    #expect(plan.lines(at: "/run/user/1000/doc") == [])
  }

  /// A box in which other programs are found would open links in them.
  @Test func otherProgramsEntriesAreNotSeen() throws {
    let tree = debian()
    tree.directory("/usr/share/applications")
    let text = "desktop.portals = true\n"
    #expect(try plan(text, on: tree).lines(at: "/usr/share/applications") == ["tmpfs read-only 555"])
    #expect(try plan("", on: tree).lines(at: "/usr/share/applications") == [])
    let shown = try plan(text + "files.read = ['/usr/share/applications']", on: tree)
    #expect(shown.lines(at: "/usr/share/applications").first?.hasPrefix("tmpfs") != true)
  }

  @Test func filesAreOpenedByTheSameName() throws {
    let tree = debian()
    for name in ["gio", "xdg-open"] { tree.program("/usr/bin/" + name) }
    let text = "optional = ['desktop.portals']\ndesktop.portals = true\n"
    var made = try plan(text, on: tree)
    #expect(made.lines(at: "/run/snug/bin/xdg-open").count == 1)
    #expect(made.variables["PATH"] == "/run/snug/bin:" + Draft.searchPath)
    made.removeBus(.session)
    #expect(made.lines(at: "/run/snug/bin/xdg-open") == [] && made.variables["PATH"] == Draft.searchPath)
    #expect(try plan(text).variables["PATH"] == Draft.searchPath)
  }

  @Test func documentsAreFoundUnderTheirNamesOutside() throws {
    let tree = debian()
    var host = anna(tree)
    tree.directory("/var/run-of-anna")
    tree.special("/var/run-of-anna/bus", .socket)
    host.runtimeDirectory = "/var/run-of-anna"
    let profile = try profile("version = 1\ndesktop.portals = true", for: host)
    var plan = try compile(profile, for: host, ProgramRequest(needsProgram: false))
    for place in ["/run/user/1000/doc", "/var/run-of-anna/doc"] {
      #expect(plan.lines(at: place) == ["bind /var/run-of-anna/doc/by-app/snug.test writable"])
    }
    plan.removeDocuments()
    #expect(!plan.ops.contains { $0.op.shown.contains { $0.hasSuffix("by-app/snug.test") } })
  }

  @Test func whatIsHiddenIsNotLent() throws {
    let tree = debian()
    tree.file("/home/anna/a.txt")
    let host = anna(tree)
    let profile = try profile("version = 1\nfiles.arguments = 'portal'\nfiles.hide = ['~/a.txt']", for: host)
    let plan = try compile(profile, for: host, ProgramRequest(command: ["true", "a.txt"].map { Array($0.utf8) }))
    #expect(plan.portals?.lent == [] && plan.skipped.last?.reason == "the profile hides it")
  }

  @Test func theProxyShowsWhomItServes() throws {
    let host = anna(debian())
    let plan = try plan("desktop.portals = true")
    let policy = try #require(plan.bus)
    let file = try #require(plan.portals?.infoFile)
    let directory = Source(path: "/run/user/1000/snug/x/bus", written: "x", type: .directory, identity: nil)
    let proxy = busProxyPlan(
      policy, for: host, id: plan.id, directory: directory, arguments: 5, ready: 6, files: [file])
    #expect(proxy.lines(at: "/.flatpak-info").count == 1)
  }
}
