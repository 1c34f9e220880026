import SnugProfile
import TestSupport
import Testing

@testable import SnugPlan

/// What shows windows: Wayland with a context, and the three ways to an X server.
struct WindowTests {
  private func tree() -> FixtureTree {
    let tree = debian()
    tree.special("/run/user/1000/wayland-0", .socket)
    tree.special("/run/user/1000/wayland-7", .socket)
    tree.special("/srv/screen:0", .socket)
    tree.special("/srv/plain", .socket)
    tree.file("/run/user/1000/wayland-file")
    tree.program("/usr/bin/Xephyr")
    tree.program("/usr/bin/Xwayland")
    tree.put("/home/anna/.Xauthority", .file(xauthority, isExecutable: false))
    return tree
  }

  private func compiled(
    _ text: String, _ variables: [(String, String)], on tree: FixtureTree, owner: UInt32? = 1000
  ) throws -> (plan: Plan, text: String) {
    var host = anna(tree)
    let names = variables.map(\.0)
    host.environment.removeAll { names.contains($0.name) }
    host.environment += variables.filter { !$0.1.isEmpty }.map { ($0.0, Array($0.1.utf8)) }
    host.owner = { _ in owner }
    let profile = try profile("version = 1\n" + text, for: host)
    let (plan, error) = attempt(profile, for: host, ProgramRequest(needsProgram: false))
    return (plan, error?.diagnostics.map(\.text).joined(separator: "\n") ?? "")
  }

  private func wayland(
    _ display: String?, _ more: [(String, String)] = [], optional: Bool = false, owner: UInt32? = 1000
  ) throws -> (plan: Plan, text: String) {
    let head = optional ? "optional = ['desktop.wayland']\n" : ""
    return try compiled(
      head + "[desktop]\nwayland = true", [("WAYLAND_DISPLAY", display ?? "")] + more, on: tree(), owner: owner)
  }

  // MARK: - Wayland

  @Test(arguments: [
    (nil, "/run/user/1000/wayland-0"), ("wayland-7", "/run/user/1000/wayland-7"),
    ("/run/user/1000/wayland-7", "/run/user/1000/wayland-7"), ("/srv/plain", "/srv/plain"),
  ])
  func `the app's socket is its own, whatever the compositor's is called`(display: String?, path: String) throws {
    let (plan, text) = try wayland(display)
    #expect(text == "")
    #expect(plan.wayland?.compositor.path == path)
    #expect(
      plan.lines(at: "/run/user/1000/wayland-0") == ["bind /run/user/1000/snug/INSTANCE/wayland/wayland read-only"])
    #expect(plan.variables["WAYLAND_DISPLAY"] == "wayland-0")
    #expect(plan.needsSockets)
    #expect(!plan.ops.contains { $0.op.shown.contains(path) })
    #expect(plan.json(instructions: 0).line.contains("\"engine\":\"io.github.snug\",\"app-id\":\"snug.test\""))
    #expect(plan.text(instructions: 0).contains("\(path) is told: snug.test of io.github.snug"))
  }

  @Test(arguments: [
    ("wayland-9", "WAYLAND_DISPLAY asks for /run/user/1000/wayland-9, which does not exist"),
    ("../x", "WAYLAND_DISPLAY is ../x, which is no name of a socket"), ("/", "which is no name of a socket"),
    ("wayland-file", "/run/user/1000/wayland-file is a file, not a socket"),
  ])
  func `what is no compositor is told`(display: String, why: String) throws {
    let found = try wayland(display)
    #expect(found.text.contains("cannot reach the Wayland compositor: ") && found.text.contains(why), "\(found.text)")
    #expect(found.text.contains("test.toml:3:11"), "\(found.text)")
    // Where it may go, it goes.
    let without = try wayland(display, optional: true)
    #expect(without.text == "" && without.plan.notEnforced == ["desktop.wayland"], "\(without.text)")
    #expect(without.plan.variables["WAYLAND_DISPLAY"] == nil && without.plan.wayland == nil)
  }

  @Test func `other people's compositors, and connections for one program, are refused`() throws {
    #expect(try wayland(nil, owner: 1001).text.contains("belongs to user 1001, neither you nor root"))
    #expect(try wayland(nil, owner: nil).text.contains("whose socket /run/user/1000/wayland-0 is cannot be told"))
    #expect(try wayland(nil, owner: 0).text == "")
    let connection = try wayland(nil, [("WAYLAND_SOCKET", "5")]).text
    #expect(connection.contains("WAYLAND_SOCKET is set") && connection.contains("env -u WAYLAND_SOCKET"))
    let none = try compiled("[desktop]\nwayland = true", [], on: debian()).text
    #expect(none.contains("WAYLAND_DISPLAY is not set, and there is no /run/user/1000/wayland-0"), "\(none)")
    #expect(none.contains("hint: start snug in a Wayland session"))
  }

  @Test func `the plan falls back to what the profile lets it`() throws {
    var plain = try wayland("wayland-7", optional: true).plan
    plain.useCompositorSocket()
    #expect(plain.lines(at: "/run/user/1000/wayland-0") == ["bind /run/user/1000/wayland-7 read-only"])
    #expect(plain.notEnforced == ["desktop.wayland"] && !plain.needsSockets)
    var none = try wayland("wayland-7", optional: true).plan
    none.removeWayland()
    #expect(none.lines(at: "/run/user/1000/wayland-0") == [] && none.variables["WAYLAND_DISPLAY"] == nil)
    #expect(none.notEnforced == ["desktop.wayland"] && !none.needsSockets)
  }

  @Test func `explain tells of both ways`() throws {
    let head = "[desktop]\nwayland = true"
    func windows(_ text: String) throws -> [String] {
      let (profile, plan, host) = try started(text, on: tree())
      let explanation = explain(Prospect(profile, plan, on: host))
      #expect(!explanation.text.contains("it can talk to"), "\(explanation.text)")
      #expect(!explanation.text.contains("INSTANCE"), "\(explanation.text)")
      return explanation.facts[.windows]?.map(\.text) ?? []
    }
    #expect(try windows(head).contains { $0.contains("sees its own windows alone") })
    #expect(try windows(head).contains { $0.contains("any program") } == false)
    #expect(try windows("optional = ['desktop.wayland']\n" + head).contains { $0.contains("any program") })
    #expect(try windows("[desktop]\nx11 = 'untrusted'").contains { $0.contains("does not trust it") })
    #expect(try windows("[desktop]\nx11 = 'isolated'").contains { $0.contains("an X server of its own") })
  }

  // MARK: - X11

  @Test(arguments: [
    ("/srv/screen:0", "/srv/screen:0", ":0"), ("unix:/srv/screen:0", "/srv/screen:0", ":0"),
    ("/srv/screen:0.1", "/srv/screen:0", ":0.1"), ("/srv/plain:0", "/srv/plain", ":0"),
    ("/srv/plain:3.2", "/srv/plain", ":0.2"), ("/srv/plain", "/srv/plain", ":0"),
  ])
  func `a display by path is number 0 inside`(text: String, path: String, inside: String) throws {
    let found = try compiled("[desktop]\nx11 = true", [("DISPLAY", text)], on: tree())
    #expect(found.text == "")
    #expect(found.plan.lines(at: "/tmp/.X11-unix/X0") == ["bind \(path) read-only"])
    #expect(found.plan.variables["DISPLAY"] == inside)
  }

  @Test(arguments: ["/srv/none:0", "/etc/passwd", "/srv/../srv/plain", "unix:/", "/"])
  func `a path that is no socket is told`(text: String) throws {
    let found = try compiled("[desktop]\nx11 = true", [("DISPLAY", text)], on: tree())
    #expect(found.text.contains("cannot reach the X server: DISPLAY "), "\(found.text)")
  }

  @Test func `an untrusted cookie has its place, and the caller's is not inside`() throws {
    var plan = try compiled("[desktop]\nx11 = 'untrusted'", [], on: tree()).plan
    #expect(plan.x11?.way == .untrusted && plan.x11?.secret?.data == Array(repeating: 7, count: 16))
    func data() -> [[UInt8]] {
      plan.ops.compactMap { op in
        guard case .file(let file) = op.op, file.target == "/run/snug/Xauthority" else { return nil }
        return readXauthority(file.content).first?.data
      }
    }
    #expect(data() == [Array(repeating: 0, count: 16)])
    plan.setCookie([1, 2, 3])
    #expect(data() == [[1, 2, 3]])
    plan.removeX11()
    #expect(data() == [] && plan.variables["DISPLAY"] == nil && plan.variables["XAUTHORITY"] == nil)
    #expect(plan.notEnforced == ["desktop.x11"])
  }

  @Test(arguments: ["untrusted", "isolated"])
  func `a way around by the abstract socket is refused`(way: String) throws {
    let text = "[desktop]\nx11 = '\(way)'\n[network]\nmode = 'host'"
    #expect(try compiled(text, [], on: tree()).text == "")
    let open = try compiled(text + "\n[landlock]\nscope = ['!abstract-unix-socket']", [], on: tree()).text
    #expect(open.contains("over the host's network it reaches the abstract socket of yours"), "\(open)")
  }

  @Test func `an own server is whichever is there`() throws {
    func server(_ variables: [(String, String)], on tree: FixtureTree) throws -> (String, Plan) {
      let found = try compiled("[desktop]\nx11 = 'isolated'", variables, on: tree)
      if case .nested(let server)? = found.plan.x11?.way { return (server.program.path, found.plan) }
      return (found.text, found.plan)
    }
    let wayland = [("WAYLAND_DISPLAY", "wayland-0")]
    let (xwayland, onWayland) = try server(wayland, on: tree())
    #expect(xwayland == "/usr/bin/Xwayland" && onWayland.x11?.display == nil)
    let (xephyr, plan) = try server([], on: tree())
    #expect(xephyr == "/usr/bin/Xephyr" && plan.x11?.display?.path == "/tmp/.X11-unix/X0")
    #expect(plan.lines(at: "/tmp/.X11-unix/X0") == ["bind /run/user/1000/snug/INSTANCE/x11/X0 read-only"])
    #expect(plan.variables["DISPLAY"] == ":0" && plan.needsSockets)
    #expect(!plan.ops.contains { $0.op.shown.contains("/tmp/.X11-unix/X0") })
    let neither = debian()
    neither.special("/run/user/1000/wayland-0", .socket)
    #expect(try server([], on: neither).0.contains("there is no Xephyr in PATH"))
    #expect(try server(wayland, on: neither).0.contains("neither Xwayland nor Xephyr"))
    #expect(try server([], on: neither).0.contains("hint: install the package xserver-xephyr"))
    #expect(try server([("DISPLAY", ":5")], on: tree()).0.contains("asks for /tmp/.X11-unix/X5"))
    #expect(try server([("SNUG_SCREEN", "big")], on: tree()).0.contains("SNUG_SCREEN is big, not a size"))
    let sized = try server([("SNUG_SCREEN", "800x600")], on: tree()).1
    if case .nested(let server)? = sized.x11?.way { #expect(server.size == ScreenSize(width: 800, height: 600)) }
    let optional = try compiled("optional = ['desktop.x11']\n[desktop]\nx11 = 'isolated'", [], on: neither)
    #expect(optional.text == "" && optional.plan.notEnforced == ["desktop.x11"] && optional.plan.x11 == nil)
  }

  @Test func `an own server of a size is the one that takes it`() throws {
    func server(_ variables: [(String, String)], _ more: String = "", on tree: FixtureTree) throws -> Plan {
      try compiled("[desktop]\nx11 = 'isolated'" + more, variables + [("SNUG_SCREEN", "800x600")], on: tree).plan
    }
    func kind(_ plan: Plan) -> NestedServer.Kind? {
      if case .nested(let server)? = plan.x11?.way { server.kind } else { nil }
    }
    let both = [("WAYLAND_DISPLAY", "wayland-0")]
    #expect(try kind(server(both, on: tree())) == .xephyr)
    let alone = try server(both + [("DISPLAY", "")], on: tree())
    #expect(kind(alone) == .xwayland)
    #expect(alone.skipped.contains { $0.path == "SNUG_SCREEN" && $0.hint?.contains("xserver-xephyr") == true })
    // Where the app has Wayland, so has its server, whether or not anybody has named the compositor.
    let beside = try compiled("[desktop]\nx11 = 'isolated'\nwayland = true", [], on: tree()).plan
    #expect(kind(beside) == .xwayland && beside.wayland?.isInPlaceOfX11 == false)
  }

  // MARK: - Which of both

  @Test func `a compositor that nobody has named is none where there is an X server`() throws {
    let both = "optional = ['desktop.wayland']\n[desktop]\nwayland = true\nx11 = true"
    let session = try compiled(both, [], on: tree())
    #expect(session.text == "" && session.plan.wayland == nil && session.plan.x11?.way == .shared)
    #expect(session.plan.variables["WAYLAND_DISPLAY"] == nil && session.plan.variables["DISPLAY"] == ":0")
    let named = try compiled(both, [("WAYLAND_DISPLAY", "wayland-0")], on: tree())
    #expect(named.text == "" && named.plan.x11 == nil && named.plan.wayland?.isInPlaceOfX11 == true)
    let alone = try compiled(both, [("DISPLAY", "")], on: tree())
    #expect(alone.text == "" && alone.plan.x11 == nil && alone.plan.wayland?.isInPlaceOfX11 == true)
    // Where no X server may stand in its place, the usual place is looked at as ever.
    #expect(try wayland(nil).plan.wayland?.isInPlaceOfX11 == false)
  }

  @Test(arguments: ["", ":99", "/srv/none:0", "far:0"])
  func `without a display the remedy is told`(display: String) throws {
    let text = try compiled("[desktop]\nx11 = true", [("DISPLAY", display)], on: tree()).text
    let hint = display == "far:0" ? "hint: only local displays" : "hint: start snug in a desktop session"
    #expect(text.contains("cannot reach the X server: DISPLAY") && text.contains(hint), "\(text)")
  }

  @Test(arguments: ["true", "'untrusted'", "'isolated'"])
  func `another user's X server is refused`(way: String) throws {
    let text = "[desktop]\nx11 = \(way)"
    for display in [":0", "/srv/plain"] {
      let refused = try compiled(text, [("DISPLAY", display)], on: tree(), owner: 1001)
      #expect(refused.text.contains("belongs to user 1001, neither you nor root"), "\(refused.text)")
      #expect(refused.text.contains("hint: DISPLAY is that of another user's session"), "\(refused.text)")
      #expect(refused.plan.x11 == nil)
      #expect(try compiled(text, [("DISPLAY", display)], on: tree(), owner: 0).text == "")
    }
  }

  // MARK: - What voids it

  private static let voids: [(name: String, text: String, grant: String, variables: [(String, String)], why: String)] =
    [
      ("home", "x11 = 'untrusted'", "home = 'host'", [], "your cookie for the X server /home/anna/.Xauthority"),
      ("overlay", "x11 = 'untrusted'", "home = 'overlay'", [], "your cookie for the X server /home/anna/.Xauthority"),
      (
        "variable", "x11 = 'untrusted'", "read = ['/srv']", [("XAUTHORITY", "/srv/cookie")],
        "your cookie for the X server /srv/cookie"
      ),
      ("nested", "x11 = 'isolated'", "read = ['~/.Xauthority']", [], "your cookie for the X server"),
      ("socket", "x11 = 'isolated'", "read = [{ path = '/tmp/.X11-unix', at = '/x' }]", [], "your X server's socket"),
      ("compositor", "x11 = 'isolated'", "read = ['xdg-run/wayland-0']", [], "the compositor's own socket"),
      (
        "server", "x11 = 'isolated'", "read = ['/srv/w']", [("WAYLAND_DISPLAY", "/srv/w")],
        "the compositor's own socket"
      ),
      ("wayland", "wayland = true", "write = ['/srv']", [("WAYLAND_DISPLAY", "/srv/w")], "the compositor's own socket"),
    ]

  @Test(arguments: voids.map(\.name)) func `what voids a protection is refused or told`(name: String) throws {
    let row = try #require(Self.voids.first { $0.name == name })
    let tree = tree()
    tree.file("/srv/cookie")
    tree.special("/srv/w", .socket)
    let text = "[desktop]\n\(row.text)\n[files]\n"
    let control = try compiled(text + "read = ['/opt']", row.variables, on: tree)
    #expect(control.text == "" && control.plan.notEnforced == [], "\(control.text)")
    let refused = try compiled(text + row.grant, row.variables, on: tree).text
    #expect(refused.contains("cannot enforce desktop.") && refused.contains(row.why), "\(refused)")
    #expect(refused.contains("is shown inside, at /"), "\(refused)")
    // A mask in between gives it back.
    if name == "home" {
      let hidden = try compiled(text + "home = 'host'\nhide = ['~/.Xauthority']", row.variables, on: tree)
      #expect(hidden.text == "" && hidden.plan.notEnforced == [], "\(hidden.text)")
    }
    let key = row.text.hasPrefix("x11") ? "desktop.x11" : "desktop.wayland"
    var plan = try compiled("optional = ['\(key)']\n" + text + row.grant, row.variables, on: tree)
    #expect(plan.text == "" && plan.plan.notEnforced == [key], "\(plan.text)")
    plan.plan.removeX11()
    plan.plan.removeWayland()
    #expect(plan.plan.notEnforced == [key])
  }

  @Test func `an own server that the app could change is none`() throws {
    let tree = tree()
    tree.program("/home/anna/bin/Xephyr")
    let text = "[desktop]\nx11 = 'isolated'\n[files]\n"
    #expect(try compiled(text + "read = ['~/bin']", [], on: tree).text == "")
    let refused = try compiled(text + "write = ['~/bin']", [], on: tree).text
    #expect(refused.contains("the app may write to its program, /home/anna/bin/Xephyr"), "\(refused)")
  }

  @Test(arguments: [
    ("1280x800", true), ("64x64", true), ("16384x16384", true), ("63x64", false), ("16385x64", false), ("x", false),
    ("1280", false), ("1280x", false), ("-1280x800", false), ("1280x800x", false), ("+128x800", false),
  ])
  func `sizes of screens`(text: String, isOne: Bool) {
    #expect((ScreenSize(text) != nil) == isOne)
    #expect(ScreenSize(text).map { $0.text == text } ?? true)
  }

  @Test func `the box of an own server holds what it needs`() throws {
    let found = try compiled("[desktop]\nx11 = 'isolated'", [], on: tree()).plan
    let policy = try #require(found.x11)
    guard case .nested(let server) = policy.way else { return }
    let directory = Source(path: "/d", written: "/d", type: .directory, identity: nil)
    let outer = try #require(policy.display)
    let start = NestedServerStart(
      directory: directory, outer: outer, cookie: [9], size: .usual, ready: 5)
    let box = nestedServerPlan(policy, server, start, for: anna(tree()), id: "a", profile: "p")
    let shown = Set(box.ops.flatMap { $0.op.shown })
    #expect(shown.subtracting(["/usr", "/etc/ld.so.cache"]) == ["/d", "/tmp/.X11-unix/X0"])
    #expect(box.namespaces == Namespace.allCases && box.seccomp.preset == .base)
    #expect(box.passedDescriptors == [5])
    #expect(box.words.contains("1280x800") && box.words.contains("-auth"))
    let cookies = box.ops.compactMap { op -> [UInt8]? in
      guard case .file(let file) = op.op else { return nil }
      return readXauthority(file.content).first?.data
    }
    #expect(cookies == [[9], Array(repeating: 7, count: 16)])
  }
}
