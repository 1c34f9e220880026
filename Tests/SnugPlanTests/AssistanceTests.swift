import SnugProfile
import TestSupport
import Testing

@testable import SnugPlan

/// Input methods and screen readers.
struct AssistanceTests {
  private func plan(
    _ text: String, _ variables: [(String, String)] = [], on tree: FixtureTree = debian()
  ) throws -> (plan: Plan, host: Host) {
    var host = anna(tree)
    host.environment += variables.map { ($0.0, Array($0.1.utf8)) }
    let profile = try profile("version = 1\n" + text, for: host)
    return (try compile(profile, for: host, ProgramRequest(needsProgram: false)), host)
  }

  @Test func `an input method is two names, and the caller's choice`() throws {
    let plan = try plan(
      "[desktop]\ninput-method = true", [("GTK_IM_MODULE", "fcitx"), ("XMODIFIERS", "@im=fcitx"), ("QT_IM_MODULE", "")]
    ).plan
    let bus = try #require(plan.bus?.buses.first)
    #expect(bus.kind == .session && plan.bus?.buses.count == 1)
    #expect(
      bus.rules.map { "\($0.access) \($0.name)" } == [
        "talk org.freedesktop.portal.IBus", "talk org.freedesktop.portal.Fcitx",
      ])
    #expect(plan.variables["GTK_IM_MODULE"] == "fcitx" && plan.variables["XMODIFIERS"] == "@im=fcitx")
    #expect(plan.variables["QT_IM_MODULE"] == nil && plan.variables["IBUS_USE_PORTAL"] == "1")
    #expect(plan.variables["AT_SPI_BUS_ADDRESS"] == nil)
  }

  private let asked = "[desktop]\naccessibility = true\n[environment]\nset = { NO_AT_BRIDGE = '1' }"

  @Test func `the accessibility bus has a proxy's socket and a short list of calls`() throws {
    let plan = try plan(asked).plan
    #expect(plan.bus?.buses.map(\.kind) == [.session, .accessibility])
    let bus = try #require(plan.bus?.buses.last)
    #expect(bus.upstream == .asked && bus.rules.count == 7)
    #expect(bus.rules.allSatisfy { $0.access == .call && $0.name == "org.a11y.atspi.Registry" })
    #expect(!bus.rules.contains { ($0.rule ?? "").contains("RegisterEvent@") })
    #expect(plan.variables["AT_SPI_BUS_ADDRESS"] == "unix:path=/run/user/1000/at-spi-bus")
    #expect(plan.variables["NO_AT_BRIDGE"] == nil)
    #expect(
      plan.lines(at: "/run/user/1000/at-spi-bus") == ["bind /run/user/1000/snug/INSTANCE/bus/accessibility read-only"])
    #expect(try self.plan("[environment]\nset = { NO_AT_BRIDGE = '1' }").plan.variables["NO_AT_BRIDGE"] == "1")
  }

  @Test func `what the session bus says is judged`() throws {
    let tree = debian()
    tree.special("/run/user/1000/at-spi/bus_0", .socket)
    tree.file("/run/user/1000/at-spi/file")
    func set(_ address: String, _ text: String, owner: UInt32 = 1000) throws -> (FilteredBus.Upstream?, String) {
      var (plan, host) = try plan(text, on: tree)
      host.owner = { _ in owner }
      do throws(Diagnostic) {
        try plan.setAccessibilityBus(Array(address.utf8), on: host)
        return (plan.bus?.buses.last?.upstream, "")
      } catch {
        return (nil, error.message)
      }
    }
    let path = "unix:path=/run/user/1000/at-spi/bus_0,guid=0123"
    if case .socket(let source)? = try set(path, asked).0 {
      #expect(source.path == "/run/user/1000/at-spi/bus_0" && source.identity != nil)
    } else {
      Issue.record("no socket")
    }
    #expect(try set("unix:abstract=/tmp/dbus-x", asked).0 == .abstract(Array("/tmp/dbus-x".utf8)))
    let open = asked + "\n[network]\nmode = 'host'\n[landlock]\nscope = ['!abstract-unix-socket']"
    #expect(try set("unix:abstract=/tmp/dbus-x", open).1.contains("past every filter"))
    #expect(try set(path, asked, owner: 1001).1.contains("belongs neither to you nor to root"))
    #expect(try set("unix:path=/run/user/1000/at-spi/file", asked).1.contains("is no socket"))
    #expect(try set("tcp:host=localhost,port=1", asked).1.contains("only Unix sockets"))
    #expect(try set("unix:runtime=yes", asked).1.contains("says it is at"))
    #expect(try set("", asked).1.contains("it is empty"))
    #expect(
      try set(path, asked + "\n[files]\nread = ['xdg-run/at-spi']").1.contains("its own socket"))
  }

  @Test func `the proxy takes its rules for a bus of other manners`() throws {
    var (plan, host) = try plan(asked)
    try plan.setAccessibilityBus(Array("unix:abstract=x".utf8), on: host)
    let words = (plan.bus?.arguments ?? []).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    let start = try #require(words.firstIndex(of: "unix:abstract=x"))
    let behind = Array(words[(start + 1)...(start + 3)])
    #expect(behind == ["/run/snug/sockets/accessibility", "--filter", "--sloppy-names"])
    #expect(!words[..<start].contains("--sloppy-names"))
  }

  @Test func `both are explained, and told apart from reading others`() throws {
    let (profile, plan, host) = try started("[desktop]\naccessibility = true\ninput-method = true")
    let windows = explain(Prospect(profile, plan, on: host)).facts[.windows]?.map(\.text) ?? []
    #expect(windows.contains { $0.contains("screen readers see and steer its windows") }, "\(windows)")
    #expect(windows.contains { $0.contains("input method") }, "\(windows)")
  }
}
