import SnugProfile
import TestSupport
import Testing

@testable import SnugPlan

/// What features ask of the message buses.
struct BusRuleTests {
  /// The draft of a profile after features have asked.
  private func draft(_ text: String, on host: Host = anna(debian()), _ ask: (inout Draft) -> Void) throws
    -> (Draft, notEnforced: [String])
  {
    var draft = Draft(try profile("version = 1\n" + text, for: host), host)
    draft.addRoot()
    ask(&draft)
    var notEnforced: [String] = []
    draft.addBuses(notEnforced: &notEnforced)
    return (draft, notEnforced)
  }

  private let line = Origin(file: "/profiles/test.toml", line: 3, column: 1)

  private func askForPrinters(_ draft: inout Draft) {
    draft.addBusRule(.talk, "org.a.Printers", for: "desktop.printing", from: line)
    draft.addBusRule(.call, "org.a.Color", rule: "org.a.Color.Get@/a", on: .system, for: "desktop.printing", from: line)
  }

  @Test func aFeatureAloneMakesTheBus() throws {
    let (draft, notEnforced) = try draft("", askForPrinters)
    #expect(draft.problems == [] && notEnforced == [])
    let buses = try #require(draft.bus?.buses)
    #expect(buses.map(\.kind) == [.session, .system])
    #expect(buses[0].rules == [PlannedBusRule(.talk, "org.a.Printers", from: line)])
    #expect(buses[1].rules == [PlannedBusRule(.call, "org.a.Color", rule: "org.a.Color.Get@/a", from: line)])
    #expect(buses.allSatisfy { $0.origin == line && !$0.log.value && !$0.isOptional })
    #expect(buses.map(\.keys) == [["desktop.printing"], ["desktop.printing"]])
    #expect(draft.environment["DBUS_SESSION_BUS_ADDRESS"]?.origin == line)
  }

  @Test func aTableKeepsItsOwnRules() throws {
    let (draft, _) = try draft("[bus.session]\nsee = ['org.a.See']\nlog = true", askForPrinters)
    let bus = try #require(draft.bus?.buses.first)
    #expect(bus.rules.map(\.name) == ["org.a.See", "org.a.Printers"])
    #expect(bus.origin.line == 2 && bus.log.value && bus.keys == ["bus.session", "desktop.printing"])
  }

  @Test func whereThereIsNoBus() throws {
    let host = anna(debian()).with("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1000/none")
    #expect(try draft("", on: host, askForPrinters).0.problems.map(\.message).first?.hasPrefix("cannot filter") == true)
    for optional in ["desktop", "desktop.printing", "bus"] {
      let (draft, notEnforced) = try draft("optional = ['\(optional)']", on: host, askForPrinters)
      #expect(draft.problems == [] && notEnforced.first == "desktop.printing", "\(optional)")
      #expect(draft.bus?.buses.contains { $0.kind == .session } != true)
    }
    // The table's own line says that it is needed.
    let (both, _) = try draft("optional = ['desktop.printing']\n[bus.session]", on: host, askForPrinters)
    #expect(both.problems.count == 1)
  }

  @Test func inTheFormOfATable() throws {
    let text = "[bus.session]\ntalk = ['org.a.Talk']\ncall = { 'org.a.Call' = ['a.b@/a', '*'] }"
    let host = anna(debian())
    let profile = try profile("version = 1\n" + text, for: host)
    let plan = try compile(profile, for: host, ProgramRequest(needsProgram: false))
    let bus = try #require(plan.bus(.session, of: profile)?.value)
    #expect(bus.talk.map(\.value) == ["org.a.Talk"])
    #expect(bus.call.map(\.value) == [BusRule(name: "org.a.Call", rules: ["a.b@/a", "*"])])
    #expect(plan.bus(.system, of: profile) == nil)
  }
}
