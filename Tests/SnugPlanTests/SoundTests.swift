import SnugProfile
import TestSupport
import Testing

@testable import SnugPlan

/// A plan for anna with other variables besides.
func plan(_ text: String, on tree: FixtureTree, _ variables: [(String, String)], owner: UInt32 = 1000) throws -> Plan {
  var host = anna(tree)
  for (name, value) in variables { host.environment.append((name, Array(value.utf8))) }
  host.owner = { _ in owner }
  return try compile(
    profile("version = 1\n" + text, for: host), for: host, ProgramRequest(needsProgram: false))
}

/// What compiling refuses it with.
func refusal(
  _ text: String, on tree: FixtureTree, _ variables: [(String, String)] = [], owner: UInt32 = 1000
) throws -> String {
  do {
    _ = try plan(text, on: tree, variables, owner: owner)
    return ""
  } catch let error as CompileError {
    return error.diagnostics.map(\.text).joined(separator: "\n")
  }
}

struct SoundTests {
  static let full = "[desktop]\naudio = true"
  static let playback = "[desktop]\naudio = \"playback\""

  /// A machine with both servers.
  static func machine(pulse: Bool = true, pipeWire: Bool = true) -> FixtureTree {
    let tree = debian()
    if pulse { tree.special("/run/user/1000/pulse/native", .socket) }
    if pipeWire { tree.special("/run/user/1000/pipewire-0", .socket) }
    tree.directory("/etc/alsa/conf.d")
    return tree
  }

  @Test func offIsNothing() throws {
    let plan = try plan("", on: Self.machine())
    #expect(plan.sound == nil && plan.variables["PULSE_SERVER"] == nil)
    #expect(!plan.ops.contains { $0.op.shown.contains { $0.contains("pulse") || $0.contains("pipewire") } })
  }

  @Test func fullIsTheSocketsAlone() throws {
    let plan = try plan(Self.full, on: Self.machine())
    #expect(
      plan.lines(at: "/run/user/1000/pulse/native") == ["bind /run/user/1000/pulse/native read-only"])
    #expect(plan.lines(at: "/run/user/1000/pipewire-0") == ["bind /run/user/1000/pipewire-0 read-only"])
    #expect(plan.lines(at: "/run/user/1000/pulse") == [])
    #expect(plan.variables["PULSE_SERVER"] == "unix:/run/user/1000/pulse/native")
    #expect(plan.variables["PULSE_CLIENTCONFIG"] == "/run/snug/pulse-client.conf")
    #expect(plan.lines(at: "/etc/alsa") == ["bind /etc/alsa read-only"])
    #expect(plan.sound == nil)
  }

  @Test func playbackShowsTheFiltersSocketAlone() throws {
    let plan = try plan(Self.playback, on: Self.machine())
    #expect(
      plan.lines(at: "/run/user/1000/pulse/native") == ["bind /run/user/1000/snug/INSTANCE/sound/native read-only"])
    #expect(plan.lines(at: "/run/user/1000/pipewire-0") == [])
    #expect(plan.sound?.server.path == "/run/user/1000/pulse/native")
    #expect(plan.needsSockets && plan.notEnforced == [])
    #expect(plan.json(instructions: 0).line.contains("\"sound\":{\"server\":\"/run/user/1000/pulse/native\""))
    #expect(plan.text(instructions: 0).contains("\nsound\n  playback"))
  }

  @Test func withoutAServerTheAppGoesWithoutSound() throws {
    for text in [Self.full, Self.playback] {
      let plan = try plan(text, on: Self.machine(pulse: false, pipeWire: false))
      #expect(plan.skipped.map(\.path) == ["sound"])
      #expect(plan.skipped.first?.hint?.contains("pipewire-pulse") == true)
      #expect(plan.variables["PULSE_SERVER"] == nil && plan.sound == nil && plan.notEnforced == [])
    }
  }

  @Test func pipeWireAloneCannotBeHeldToPlaying() throws {
    let tree = Self.machine(pulse: false)
    let refused = try problem(Self.playback, on: tree)
    #expect(refused.status == 125)
    #expect(refused.text.contains("cannot enforce desktop.audio = \"playback\": PipeWire runs without"))
    #expect(refused.text.contains("install and start the package pipewire-pulse"))
    let plan = try plan("optional = [\"desktop.audio\"]\n" + Self.playback, on: tree)
    #expect(plan.notEnforced == ["desktop.audio"])
    #expect(plan.lines(at: "/run/user/1000/pipewire-0") == ["bind /run/user/1000/pipewire-0 read-only"])
    #expect(try SnugPlanTests.plan(Self.full, on: tree).notEnforced == [])
  }

  @Test(
    arguments: [
      ("unix:/srv/sound", "/srv/sound"), ("/srv/sound", "/srv/sound"), ("{0123abcd}unix:/srv/sound", "/srv/sound"),
      ("tcp:far unix:/srv/sound", "/srv/sound"), ("unix:/srv//sound/", "/srv/sound"), ("tcp:far", nil), ("far", nil),
      ("unix:/srv/../sound", nil), ("{x", nil), ("unix:", nil), ("unix:sound", nil),
    ] as [(String, String?)])
  func serversOfTheVariable(value: String, path: String?) throws {
    #expect(pulsePath(value) == path)
    let tree = Self.machine()
    tree.special("/srv/sound", .socket)
    let variables = [("PULSE_SERVER", value)]
    if let path {
      #expect(
        try plan(Self.full, on: tree, variables).lines(at: "/run/user/1000/pulse/native")
          == ["bind \(path) read-only"])
    } else {
      #expect(try refusal(Self.full, on: tree, variables).contains("names no socket of this machine"))
    }
  }

  @Test func socketsAreJudged() throws {
    let tree = Self.machine()
    #expect(try refusal(Self.full, on: tree, owner: 1001).contains("belongs to user 1001, neither you nor root"))
    #expect(try refusal(Self.full, on: tree, owner: 0) == "")
    #expect(
      try refusal(Self.playback, on: tree, [("PULSE_SERVER", "unix:/gone")]).contains(
        "PULSE_SERVER is unix:/gone, which does not exist"))
    tree.file("/run/user/1000/pulse/native")
    #expect(try refusal(Self.full, on: tree).contains("/run/user/1000/pulse/native is a file, not a socket"))
  }

  @Test(arguments: ["/run/user/1000", "/run/user/1000/pulse", "/run/user/1000/pipewire-0"])
  func theServersOwnSocketIsNotSeenBesideTheFilter(path: String) throws {
    let text = Self.playback + "\n[files]\nread = [{ path = \"\(path)\", at = \"/srv/x\" }]"
    #expect(try problem(text, on: Self.machine()).text.contains("own socket"))
  }

  @Test func theFilterGivesWayWhereItMay() throws {
    var plan = try plan("optional = [\"desktop.audio\"]\n" + Self.playback, on: Self.machine())
    #expect(plan.notEnforced == [] && plan.sound?.isOptional == true)
    plan.removeSoundFilter()
    #expect(plan.notEnforced == ["desktop.audio"] && plan.sound == nil && !plan.needsSockets)
    #expect(plan.lines(at: "/run/user/1000/pulse/native") == ["bind /run/user/1000/pulse/native read-only"])
    #expect(plan.ops.last?.op.name == "remount")
  }

  @Test func theFiltersBoxHoldsOneSocket() throws {
    let tree = Self.machine()
    let policy = try #require(try plan(Self.playback, on: tree).sound)
    let box = soundFilterPlan(policy, for: anna(tree), id: "org.example.App", listener: 7)
    #expect(box.ops.map(\.op.target) == ["/run/snug/server", "/"])
    #expect(box.namespaces == Namespace.allCases)
    #expect(box.seccomp.preset == .base && box.landlock.connectTCP == [] && box.environment.isEmpty)
  }

  @Test func itIsExplained() throws {
    func words(_ text: String, _ tree: FixtureTree = Self.machine()) throws -> String {
      let host = anna(tree)
      let profile = try profile("version = 1\n" + text, for: host)
      return explain(try prospect(of: profile, on: host)).text.replacing("\n    ", with: " ")
    }
    #expect(try words(Self.playback).contains("it can play sound, not record"))
    #expect(try !words(Self.playback).contains("record from your microphone"))
    #expect(try words(Self.full).contains("record from your microphone"))
    #expect(try words(Self.full, Self.machine(pulse: false, pipeWire: false)).contains("no sound server runs"))
  }
}
