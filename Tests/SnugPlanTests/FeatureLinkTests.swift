import SnugProfile
import TestSupport
import Testing

@testable import SnugPlan

/// Links that an earlier start of the app may have made in what it may change, and features that follow them.
struct FeatureLinkTests {
  private func compiled(
    _ text: String, on tree: FixtureTree, _ variables: [(String, String)] = []
  ) throws -> (plan: Plan, text: String) {
    var host = anna(tree)
    host.environment += variables.map { ($0.0, Array($0.1.utf8)) }
    let (plan, error) = attempt(
      try profile("version = 1\n" + text, for: host), for: host, ProgramRequest(needsProgram: false))
    return (plan, error?.diagnostics.map(\.text).joined(separator: "\n") ?? "")
  }

  private static let themes = "[desktop]\nthemes = true\n[files]\nwrite = "

  @Test(arguments: [
    ("[{ path = '~/.config', at = '/work/cfg' }]", "/home/anna/.config", false, "../.ssh", true),
    ("['~/cfg']", "/home/anna/cfg", true, "../.ssh", true),
    ("['~/cfg']", "/home/anna/cfg", true, "/home/anna/by-way", true),
    // The controls: nobody else may have made it, or it stays where the app may look anyway.
    ("['~/src']", "/home/anna/.config", false, "../.ssh", false),
    ("['~/cfg']", "/home/anna/cfg", true, "other", false),
  ])
  func aLinkOfTheAppIsNotFollowed(write: String, config: String, moved: Bool, to: String, isTaken: Bool) throws {
    let tree = debian()
    tree.directory("/home/anna/cfg/other", "/home/anna/.config/other")
    tree.link("/home/anna/by-way", "cfg/../.ssh")
    tree.link(config + "/Kvantum", to)
    let (plan, text) = try compiled(
      Self.themes + write, on: tree, moved ? [("XDG_CONFIG_HOME", "/home/anna/cfg")] : [])
    #expect(text == "")
    let lines = plan.lines(at: "/home/anna/.config/Kvantum")
    #expect(lines.isEmpty == isTaken, "\(lines)")
    let skipped = plan.skipped.first { $0.path.hasSuffix("/Kvantum") }
    #expect((skipped?.reason.contains("it is a link out of ~/") == true) == isTaken, "\(plan.skipped)")
    if isTaken { #expect(!plan.ops.contains { $0.op.shown.contains("/home/anna/.ssh") }) }
  }

  @Test func aLinkOverALinkOfTheApp() throws {
    let tree = debian()
    tree.link("/home/anna/.themes", "dot/themes")
    tree.link("/home/anna/dot/themes", "/home/anna/.ssh")
    #expect(try compiled(Self.themes + "['~/src']", on: tree).plan.lines(at: "/home/anna/.themes").count == 1)
    let (plan, text) = try compiled(Self.themes + "['~/dot']", on: tree)
    #expect(text == "" && plan.lines(at: "/home/anna/.themes") == [])
    #expect(plan.skipped.contains { $0.path == "~/.themes" && $0.reason.contains("out of ~/dot") })
  }

  @Test func aSocketThatALinkOfTheAppChooses() throws {
    let tree = debian()
    tree.special("/run/docker.sock", .socket)
    for name in [".gnupg/S.gpg-agent.extra", "doors/agent", "doors/bus", "doors/wayland", "doors/pulse", "doors/x"] {
      tree.link("/home/anna/" + name, "/run/docker.sock")
    }
    let cases = [
      ("gpg-agent = true", "~/.gnupg", "", ""), ("ssh-agent = true", "~/doors", "SSH_AUTH_SOCK", "agent"),
      ("wayland = true", "~/doors", "WAYLAND_DISPLAY", "wayland"), ("audio = true", "~/doors", "PULSE_SERVER", "pulse"),
      ("audio = 'playback'", "~/doors", "PULSE_SERVER", "pulse"), ("x11 = true", "~/doors", "DISPLAY", "x"),
      ("notifications = true", "~/doors", "DBUS_SESSION_BUS_ADDRESS", "bus"),
    ]
    for (key, folder, variable, name) in cases {
      let path = "/home/anna/doors/" + name
      let variables = variable.isEmpty ? [] : [(variable, variable.hasPrefix("DBUS") ? "unix:path=" + path : path)]
      let text = "[desktop]\n\(key)\n[files]\nwrite = "
      #expect(try compiled(text + "['~/src']", on: tree, variables).text == "", "the control of \(key)")
      let refused = try compiled(text + "['\(folder)']", on: tree, variables).text
      #expect(refused.contains("it is a link out of \(folder), which the app may change"), "\(key): \(refused)")
    }
  }

  /// Whoever keeps settings elsewhere has links to them.
  @Test func whatHasNoPlaceIsLeftOut() throws {
    let tree = debian()
    tree.directory("/home/anna/dot/fontconfig", "/home/anna/cfg/fontconfig")
    tree.link("/home/anna/.config/fontconfig", "/home/anna/dot/fontconfig")
    let text = "[desktop]\nfonts = true\n[files]\nread = ['~/.config']"
    let linked = try compiled(text, on: tree)
    #expect(linked.text == "" && linked.plan.lines(at: "/home/anna/.config").count == 1)
    #expect(linked.plan.lines(at: "/home/anna/.config/fontconfig") == [])
    let skipped = linked.plan.skipped.first { $0.path == "~/.config/fontconfig" }
    #expect(skipped?.reason.contains("goes through a link") == true, "\(linked.plan.skipped)")
    #expect(linked.plan.text(instructions: 0).contains("~/.config/fontconfig"))
    let plain = debian()
    plain.directory("/home/anna/cfg/fontconfig")
    let absent = try compiled(text, on: plain, [("XDG_CONFIG_HOME", "/home/anna/cfg")])
    #expect(absent.text == "", "\(absent.text)")
    #expect(absent.plan.skipped.contains { $0.reason.contains("nothing is made in a directory of the host") })
    // What somebody has named still stops the start.
    let named = try problem("[files]\nread = ['~/.config', { path = '/opt/app', at = '~/.config/app' }]", on: plain)
    #expect(named.text.contains("cannot place ~/.config/app inside"), "\(named.text)")
  }
}
