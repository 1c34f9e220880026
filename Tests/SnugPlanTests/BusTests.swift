import SnugProfile
import TestSupport
import Testing

@testable import SnugPlan

struct BusTests {
  static let rules = """
    [bus.session]
    see = ["org.a.See"]
    talk = ["org.a.Talk", "org.b.*"]
    own = ["org.example.App.*"]
    call = { "org.a.Call" = ["org.a.Call.Ping@/a", "*"] }
    broadcast = { "org.a.Tick" = ["org.a.Tick.*@/b/*"] }
    log = true
    """

  @Test func noTableNoBus() throws {
    let plan = try plan("")
    #expect(plan.bus == nil && plan.variables["DBUS_SESSION_BUS_ADDRESS"] == nil)
    #expect(plan.json(instructions: 0).line.contains("\"bus\":{}"))
  }

  @Test func theSocketAloneIsInside() throws {
    let plan = try plan(Self.rules + "\n[bus.system]\n")
    #expect(plan.lines(at: "/run/user/1000/bus") == ["bind /run/user/1000/snug/INSTANCE/bus/session read-only"])
    #expect(plan.lines(at: "/run/dbus/system_bus_socket") == ["bind /run/user/1000/snug/INSTANCE/bus/system read-only"])
    #expect(plan.variables["DBUS_SESSION_BUS_ADDRESS"] == "unix:path=/run/user/1000/bus")
    #expect(plan.variables["DBUS_SYSTEM_BUS_ADDRESS"] == "unix:path=/run/dbus/system_bus_socket")
    #expect(!plan.ops.contains { $0.op.shown.contains("/run/user/1000/bus") })
  }

  @Test func theProxysWords() throws {
    let policy = try #require(try plan(Self.rules + "\n[bus.system]\ntalk = ['org.bluez']").bus)
    let words = policy.arguments.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    #expect(
      words == [
        "unix:path=/run/snug/upstream/session", "/run/snug/sockets/session", "--filter", "--log", "--see=org.a.See",
        "--talk=org.a.Talk", "--talk=org.b.*", "--own=org.example.App.*", "--call=org.a.Call=org.a.Call.Ping@/a",
        "--call=org.a.Call=*", "--broadcast=org.a.Tick=org.a.Tick.*@/b/*", "unix:path=/run/snug/upstream/system",
        "/run/snug/sockets/system", "--filter", "--talk=org.bluez",
      ])
    #expect(policy.arguments.last == 0)
  }

  /// Without `--filter` the proxy lets everything pass.
  @Test func everyBusIsFiltered() throws {
    for text in ["[bus.session]", "[bus.system]", "[bus.session]\n[bus.system]"] {
      let policy = try #require(try plan(text).bus)
      let words = policy.arguments.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      #expect(words.count { $0 == "--filter" } == policy.buses.count && words.count == 3 * policy.buses.count)
    }
  }

  @Test(arguments: [
    "*", "org", "org.", ".org.a", "org..a", "org.a.*.b", "org.a.**", "org.1a", ":1.5", "org.a b", "org.a=b",
    "org.a\\nb",
    "org.a\\u0000", "--own=org.a", "org.a,org.b", "örg.a",
  ])
  func hostileNames(name: String) throws {
    for key in ["see", "talk", "own"] {
      #expect(throws: ProfileErrors.self) { try plan("[bus.session]\n\(key) = [\"\(name)\"]") }
    }
    for key in ["call", "broadcast"] {
      #expect(throws: ProfileErrors.self) { try plan("[bus.session]\n\(key) = { \"\(name)\" = [\"*\"] }") }
    }
  }

  @Test(arguments: ["", "a b", "*\\n--talk=org.a", "*@", "*@a", "*@/a//b", "*@/a/", "*@/a b", "*\\u0000"])
  func hostileRules(rule: String) throws {
    #expect(throws: ProfileErrors.self) { try plan("[bus.session]\ncall = { \"org.a.B\" = [\"\(rule)\"] }") }
  }

  @Test func jsonAndText() throws {
    let plan = try plan(Self.rules)
    let json = try #require(JSONValue(plan.json(instructions: 0).line))
    let bus = json["bus"]["session"]
    #expect(bus["upstream"].text == "/run/user/1000/bus" && bus["socket"].text == "/run/user/1000/bus")
    #expect(bus["rules"].list.map { $0["access"].text } == ["see", "talk", "talk", "own", "call", "call", "broadcast"])
    #expect(
      bus["rules"].list[4]["rule"].text == "org.a.Call.Ping@/a" && bus["rules"].list[1]["origin"]["line"].integer == 4)
    #expect(json["bus"]["proxy"].text == "/usr/bin/xdg-dbus-proxy")
    let text = plan.text(instructions: 0)
    for part in ["\nbus\n", "talk org.b.*", "call org.a.Call org.a.Call.Ping@/a", "refused calls are shown"] {
      #expect(text.contains(part), "\(part)")
    }
  }

  @Test func whatIsKeptDoesNotReplaceIt() throws {
    let host = anna(debian()).with("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1000/bus,guid=0")
    let profile = try profile(
      "version = 1\n[environment]\nkeep = [\"DBUS_SESSION_BUS_ADDRESS\"]\n[bus.session]", for: host)
    let plan = try compile(profile, for: host, ProgramRequest(needsProgram: false))
    #expect(plan.variables["DBUS_SESSION_BUS_ADDRESS"] == "unix:path=/run/user/1000/bus")
  }
}

/// What keeps a bus from being filtered.
struct BusRefusalTests {
  private func refusal(_ text: String, on host: Host) throws -> String {
    let profile = try profile("version = 1\n" + text, for: host)
    do throws(CompileError) {
      _ = try compile(profile, for: host, ProgramRequest(needsProgram: false))
      return ""
    } catch {
      return error.diagnostics.map(\.text).joined(separator: "\n")
    }
  }

  private static let session = "DBUS_SESSION_BUS_ADDRESS"

  @Test func addressesAreJudged() throws {
    let tree = debian()
    tree.special("/run/other", .socket)
    tree.file("/run/plain")
    let rows = [
      ("tcp:host=localhost,port=1", "DBUS_SESSION_BUS_ADDRESS is \"tcp:host=localhost,port=1\": only Unix sockets"),
      ("unix:path=/run/plain", "/run/plain is a file, not a socket"),
      ("unix:path=/run/none", "/run/none does not exist"),
      ("unix:path=/run/a\u{1B}[2J", "should have been written"),
      ("unix:path=/run/other", ""), ("unix:runtime=yes", ""), ("", ""),
    ]
    for (value, words) in rows {
      let text = try refusal("[bus.session]", on: anna(tree).with(Self.session, value))
      #expect(words.isEmpty ? text.isEmpty : text.contains(words), "\(value): \(text)")
      #expect(!text.contains("\u{1B}"))
    }
  }

  @Test func noBusNoProxyNoDirectory() throws {
    let tree = debian()
    var host = anna(tree)
    host.runtimeDirectory = nil
    #expect(try refusal("[bus.session]", on: host).contains("is not set, and there is no XDG_RUNTIME_DIR of yours"))
    host = anna(tree).with("PATH", "/home/anna/bin")
    #expect(try refusal("[bus.session]", on: host).contains("hint: install the package xdg-dbus-proxy"))
    // A name relative to where it is started is nobody's program.
    host = anna(tree, in: "/usr").with("PATH", "bin:.")
    #expect(try refusal("[bus.session]", on: host).contains("no xdg-dbus-proxy"))
    let bare = FixtureTree()
    bare.program("/usr/bin/xdg-dbus-proxy")
    let text = try refusal("[bus.session]\n[bus.system]", on: anna(bare))
    #expect(text.contains("there is no /run/user/1000/bus") && text.contains("dbus-run-session"), "\(text)")
    #expect(text.contains("there is no /run/dbus/system_bus_socket") && text.contains("the package dbus"), "\(text)")
  }

  @Test func anothersSocketIsRefused() throws {
    var host = anna(debian())
    host.owner = { _ in 1001 }
    #expect(try refusal("[bus.session]", on: host).contains("belongs to user 1001, neither you nor root"))
    host.owner = { _ in nil }
    #expect(try refusal("[bus.session]", on: host).contains("cannot be told"))
    host.owner = { _ in 0 }
    #expect(try refusal("[bus.session]", on: host) == "")
  }

  @Test func whatMayGoIsNamed() throws {
    let bare = FixtureTree()
    bare.program("/usr/bin/xdg-dbus-proxy")
    bare.special("/run/dbus/system_bus_socket", .socket)
    let host = anna(bare)
    let profile = try profile("version = 1\noptional = ['bus.session']\n[bus.session]\n[bus.system]", for: host)
    let plan = try compile(profile, for: host, ProgramRequest(needsProgram: false))
    #expect(plan.notEnforced == ["bus.session"] && plan.bus?.buses.map(\.kind) == [.system])
    #expect(plan.variables[Self.session] == nil && plan.lines(at: "/run/user/1000/bus") == [])
  }

  @Test func whatIsGoneAtTheStartLeavesNothing() throws {
    var plan = try plan("optional = ['bus']\n[bus.session]\n[bus.system]")
    #expect(plan.bus?.buses.map(\.isOptional) == [true, true])
    plan.removeBus(.session)
    #expect(plan.bus?.buses.map(\.kind) == [.system] && plan.notEnforced == ["bus.session"])
    #expect(plan.variables[Self.session] == nil && plan.lines(at: "/run/user/1000/bus") == [])
    #expect(plan.lines(at: "/run/dbus/system_bus_socket").count == 1)
    plan.removeBus(.system)
    #expect(plan.bus == nil && plan.notEnforced == ["bus.session", "bus.system"])
  }

  @Test(arguments: [
    ("[files]\nwrite = ['~/src']\nread = ['~/.ssh']", ""),
    ("[files]\nread = [{ path = 'xdg-run', at = '/mnt/run' }]", "at /mnt/run/bus"),
    ("[files]\nread = [{ path = 'xdg-run/bus', at = '/mnt/b' }]", "at /mnt/b"),
    ("[[files.op]]\nop = 'bind'\nhost = '/run/user/1000'\ntarget = '/mnt'", "at /mnt/bus"),
    ("[[files.op]]\nop = 'bind'\nhost = '/usr'\ntarget = '/mnt'\naccess = 'writable'", "may write to the proxy"),
    ("[files]\nread = [{ path = 'xdg-run', at = '/mnt/run' }]\nhide = ['xdg-run/bus']", ""),
    ("process.user = 'nobody'", "process.user is \"nobody\""), ("process.user = 'root'", "process.user is \"root\""),
  ])
  func waysPastTheFilter(text: String, words: String) throws {
    let said = try refusal(text + "\n[bus.session]", on: anna(debian()))
    #expect(words.isEmpty ? said.isEmpty : said.contains(words), "\(said)")
    // The control: the same is no matter without a bus.
    #expect(try refusal(text, on: anna(debian())) == "")
  }

  /// The app could put a bus of its own in its place.
  @Test func aSocketThatTheAppMayReplace() throws {
    let tree = debian()
    tree.special("/home/anna/src/demo/bus", .socket)
    let host = anna(tree).with(Self.session, "unix:path=/home/anna/src/demo/bus")
    #expect(try refusal("[bus.session]", on: host) == "")
    #expect(
      try refusal("[files]\nwrite = ['~/src']\n[bus.session]", on: host).contains("is shown inside, at /home/anna"))
  }

  /// Where the whole runtime directory is granted the proxy's socket covers the bus's own.
  @Test func itsOwnSocketIsCovered() throws {
    let plan = try plan("[files]\nwrite = ['xdg-run']\n[bus.session]")
    #expect(plan.lines(at: "/run/user/1000") == ["bind /run/user/1000 writable"])
    #expect(plan.lines(at: "/run/user/1000/bus") == ["bind /run/user/1000/snug/INSTANCE/bus/session read-only"])
  }

  @Test func anAbstractSocketIsBehindANetwork() throws {
    let host = anna(debian()).with(Self.session, "unix:abstract=/tmp/x")
    #expect(try refusal("[bus.session]", on: host) == "")
    #expect(try refusal("[network]\nmode = 'host'\n[bus.session]", on: host) == "")
    let open = "[network]\nmode = 'host'\n[landlock]\nscope = ['!abstract-unix-socket']\n[bus.session]"
    #expect(try refusal(open, on: host).contains("over the host's network, past every filter"))
    var old = host
    old.landlockABI = 5
    let text = "optional = ['landlock']\n[network]\nmode = 'host'\n[bus.session]"
    #expect(try refusal(text, on: old).contains("past every filter"))
  }
}

/// The box that the proxy itself runs in.
struct BusProxyPlanTests {
  private let directory = Source(path: "/run/user/1000/snug/a/bus", written: "", type: .directory, identity: nil)

  private func box(_ text: String, on host: Host, files: [File] = []) throws -> Plan {
    let profile = try profile("version = 1\n" + text, for: host)
    let policy = try #require(try compile(profile, for: host, ProgramRequest(needsProgram: false)).bus)
    return busProxyPlan(
      policy, for: host, id: "org.example.App", directory: directory, arguments: 7, ready: 8, files: files)
  }

  @Test func itSeesItsSocketsAndTheSystemAlone() throws {
    let plan = try box("[bus.session]\n[bus.system]", on: anna(debian()))
    #expect(plan.namespaces == Namespace.allCases && plan.environment.isEmpty && plan.seccomp.preset == .base)
    let shown = plan.ops.flatMap { $0.op.shown }
    #expect(
      shown == [
        "/usr", "/etc/ld.so.cache", "/run/user/1000/bus", "/run/dbus/system_bus_socket", "/run/user/1000/snug/a/bus",
      ])
    let writable = plan.ops.filter { if case .bind(let bind) = $0.op { bind.access != .readOnly } else { false } }
    #expect(writable.map(\.op.target) == ["/run/snug/sockets"])
    #expect(plan.ops.last?.op == .remount(Remount(target: "/")))
    #expect(plan.landlock.connectTCP == [] && plan.landlock.scope == [.signal, .abstractUnixSocket])
    #expect(plan.words == ["xdg-dbus-proxy", "--fd=8", "--args=7"] && plan.passedDescriptors == [7, 8])
    #expect(plan.process.adoptWait == .none && plan.process.umask == 0o077)
  }

  @Test func anAbstractSocketTakesTheNetworkAlone() throws {
    let host = anna(debian()).with("DBUS_SESSION_BUS_ADDRESS", "unix:abstract=/tmp/x%20y")
    let plan = try box("[bus.session]", on: host)
    #expect(plan.namespaces == Namespace.allCases.filter { $0 != .network })
    #expect(plan.landlock.connectTCP == [] && plan.landlock.scope == [.signal])
    let policy = try #require(
      try compile(try profile("version = 1\n[bus.session]", for: host), for: host, ProgramRequest(needsProgram: false))
        .bus)
    #expect(String(decoding: policy.arguments, as: UTF8.self).hasPrefix("unix:abstract=/tmp/x%20y\0"))
  }

  @Test func furtherFilesAndAnotherPlaceOfTheProxy() throws {
    let tree = debian()
    tree.program("/home/anna/bin/xdg-dbus-proxy")
    let plan = try box("[bus.session]", on: anna(tree), files: [File(target: "/.flatpak-info", content: [1])])
    #expect(plan.lines(at: "/.flatpak-info") == ["file 444 1"])
    #expect(plan.lines(at: "/home/anna/bin/xdg-dbus-proxy").count == 1)
    #expect(plan.executable == "/home/anna/bin/xdg-dbus-proxy")
  }

  @Test func itsSocketsGetTheirPlaceAtTheStart() throws {
    var plan = try plan("[bus.session]")
    plan.setSockets(of: .bus, in: "/run/user/1000/snug/x-abcd/bus")
    #expect(plan.lines(at: "/run/user/1000/bus") == ["bind /run/user/1000/snug/x-abcd/bus/session read-only"])
  }
}

struct BusLogTests {
  private func told(_ text: String) -> [RefusedCall?] {
    var reader = BusLogReader()
    return reader.read(Array(text.utf8))
  }

  @Test func refusedCalls() {
    let found = told(
      """
      C1: -> org.freedesktop.DBus call org.freedesktop.DBus.Hello at /org/freedesktop/DBus
      B1: <- org.freedesktop.DBus return from C1
      *SKIPPED*
      C4: -> org.a.Hidden call org.x.Do at /a
      *HIDDEN* (ping)
      C5: -> org.a.Denied call org.x.Do at /a
      *DENIED* (ping)
      C6: -> org.freedesktop.DBus call org.freedesktop.DBus.RequestName at /
      Filtering message due to arg0 org.evil.X, policy: 0 (required 3)
      *HIDDEN* (ping)
      C7: -> org.freedesktop.DBus call org.freedesktop.DBus.StartServiceByName at /
      Filtering message due to arg0 org.gtk.Foo, policy: 0 (required 2)
      *HIDDEN* (ping)
      C8: -> org.freedesktop.DBus call org.freedesktop.DBus.NameHasOwner at /
      Filtering message due to arg0 org.a.Seen, policy: 0 (required 1)
      *HIDDEN* (ping)
      C9: -> org.a.Fine call org.x.Do at /a
      B9: <- org.a.Fine return from C9
      *REWRITTEN*

      """)
    let daemon = "org.freedesktop.DBus"
    #expect(
      found == [
        RefusedCall(destination: "org.a.Hidden", method: "org.x.Do", path: "/a"),
        RefusedCall(destination: "org.a.Denied", method: "org.x.Do", path: "/a"),
        RefusedCall(destination: daemon, method: daemon + ".RequestName", path: "/", missing: .own("org.evil.X")),
        RefusedCall(
          destination: daemon, method: daemon + ".StartServiceByName", path: "/", missing: .talk("org.gtk.Foo")),
        RefusedCall(destination: daemon, method: daemon + ".NameHasOwner", path: "/", missing: .see("org.a.Seen")),
      ])
  }

  @Test func eachIsToldOnceAndManyAreNot() {
    var reader = BusLogReader()
    func call(_ number: Int) -> [RefusedCall?] {
      reader.read(Array("C1: -> org.a.N\(number) call x.Y at /\n*HIDDEN*\n".utf8))
    }
    #expect(call(0).count == 1 && call(0).isEmpty)
    var told = 1
    for number in 1..<BusLogReader.most { told += call(number).compactMap { $0 }.count }
    #expect(told == BusLogReader.most)
    #expect(call(1000) == [nil] && call(1001).isEmpty && call(0).isEmpty)
  }

  @Test func piecesAndRubbish() {
    let text = "C4: -> org.a.B call org.x.Do at /a\n*HIDDEN* (ping)\n"
    var reader = BusLogReader()
    #expect(text.utf8.flatMap { reader.read([$0]) }.count == 1)
    #expect(told("C4: -> org.a.B call \(String(repeating: "x", count: 9000)) at /a\n*HIDDEN*\n").isEmpty)
    #expect(told("*HIDDEN*\n*DENIED*\n\n\n").isEmpty)
    #expect(told("C4: -> org.a.B call x.Y at /a\nsomething else\n*HIDDEN*\n").isEmpty)
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      _ = told(String(decoding: (0..<300).map { _ in UInt8.random(in: 0...255, using: &generator) }, as: UTF8.self))
    }
  }

  @Test func theRuleThatWouldAllowIt() {
    func text(_ call: RefusedCall, _ kinds: [FilteredBus.Kind] = [.session]) -> String {
      call.diagnostic(on: kinds).text
    }
    #expect(
      text(RefusedCall(destination: "org.a.B", method: "org.x.Do", path: "/a"))
        == """
        snug: the session bus refused a call to org.a.B: org.x.Do at /a
          hint: call = { "org.a.B" = ["org.x.Do"] } under [bus.session] allows it; talk = ["org.a.B"], all
        """)
    let own = RefusedCall(destination: "", method: "", path: "", missing: .own("org.a.B"))
    #expect(text(own, [.system]).contains("own = [\"org.a.B\"] under [bus.system] allows it"))
    #expect(text(own, [.session, .system]).contains("under [bus.session] or [bus.system]"))
    // No rule can be about a connection, and none is made of what an app has invented.
    for name in [":1.5", "a", "org.a\u{1B}[2J", "org.a\"]", "(no dest)"] {
      let said = text(RefusedCall(destination: name, method: "x.Y", path: "/"))
      #expect(!said.contains("hint") && !said.contains("\u{1B}"), "\(said)")
    }
  }
}

extension Host {
  /// The same with a variable.
  func with(_ name: String, _ value: String) -> Host {
    var host = self
    host.environment.removeAll { $0.name == name }
    host.environment.append((name, Array(value.utf8)))
    return host
  }
}
