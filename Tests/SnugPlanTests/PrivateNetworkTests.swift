import SnugProfile
import TestSupport
import Testing

@testable import SnugPlan

struct PrivateNetworkTests {
  private static let asked = "[network]\nmode = \"private\"\n"

  private func machine(resolver: String) -> FixtureTree {
    let tree = debian()
    tree.file("/run/systemd/resolve/stub-resolv.conf", resolver)
    return tree
  }

  /// On a machine whose PATH leads to no program.
  private func planWithoutPasta(_ text: String) throws -> Plan {
    var host = anna(debian())
    host.environment = [("PATH", Array("/nowhere".utf8))]
    return try compile(profile("version = 1\n" + text, for: host), for: host, ProgramRequest(needsProgram: false))
  }

  @Test func onlyWhereItIsAskedFor() throws {
    for mode in ["none", "host"] {
      let plan = try plan("[network]\nmode = \"\(mode)\"")
      #expect(plan.privateNetwork == nil)
      let network = try #require(JSONValue(plan.json(instructions: 0).line))["network"]
      #expect(network["mode"].text == mode && network["program"].text == "")
    }
  }

  @Test func theNetworkIsItsOwnAndPastaConnectsIt() throws {
    let plan = try plan(Self.asked)
    let network = try #require(plan.privateNetwork)
    #expect(plan.namespaces.contains(.network) && network.program.path == "/usr/bin/pasta")
    // The gateway stands for nothing, and no port of one side is opened on the other.
    let words = network.arguments
    #expect(words.contains("--no-map-gw") && words.contains("--config-net"))
    for option in ["-t", "-u", "-T", "-U"] {
      let place = try #require(words.firstIndex(of: option))
      #expect(words[place + 1] == "none")
    }
    #expect(!words.contains("--dns-forward"))
    #expect(plan.text(instructions: 0).contains("network     private: through /usr/bin/pasta"))
    let json = try #require(JSONValue(plan.json(instructions: 0).line))["network"]
    #expect(json["mode"].text == "private" && json["program"].text == "/usr/bin/pasta")
    #expect(plan.ops.contains { $0.op.target == "/etc/ssl" || $0.op.target == "/etc/ssl/certs" }, "certificates")
  }

  @Test func aResolverOnTheLoopbackIsForwarded() throws {
    let settings = "# stub\nnameserver 127.0.0.53\noptions edns0 trust-ad\nsearch lan\n"
    let plan = try plan(Self.asked, on: machine(resolver: settings))
    let network = try #require(plan.privateNetwork)
    #expect(network.nameServer == "127.0.0.53")
    #expect(network.arguments.suffix(2) == ["--dns-forward", "169.254.1.1"])
    let file = plan.ops.compactMap { planned -> [UInt8]? in
      guard case .file(let file) = planned.op, file.target == "/etc/resolv.conf" else { return nil }
      return file.content
    }
    #expect(
      file.map { String(decoding: $0, as: UTF8.self) } == [
        "# stub\nnameserver 169.254.1.1\noptions edns0 trust-ad\nsearch lan\n"
      ])
  }

  @Test(
    arguments: [
      ("nameserver 9.9.9.9\n", nil, "nameserver 9.9.9.9\n"),
      (
        "nameserver\t127.0.0.1\nnameserver 127.0.0.2\nnameserver 9.9.9.9", "127.0.0.1",
        "nameserver 169.254.1.1\nnameserver 9.9.9.9\n"
      ),
      ("nameserver ::1\nnameserver 127.1.2.3", "127.1.2.3", "nameserver 169.254.1.1\n"),
      ("nameserver 127.0.0.1.2\nnameserver 127.x\n", nil, "nameserver 127.0.0.1.2\nnameserver 127.x\n"),
      ("", nil, "\n"),
    ] as [(String, String?, String)])
  func resolvers(settings: String, server: String?, inside: String) {
    let found = forwardNameServers(settings)
    #expect(found.server == server && found.inside == inside, "\(found)")
  }

  @Test func aResolverElsewhereIsShownAsItIs() throws {
    let plan = try plan(Self.asked, on: machine(resolver: "nameserver 9.9.9.9\n"))
    #expect(plan.privateNetwork?.nameServer == nil)
    #expect(plan.lines(at: "/etc/resolv.conf") == ["bind /run/systemd/resolve/stub-resolv.conf read-only"])
  }

  @Test func withoutPastaItIsRefusedOrLetGo() throws {
    do {
      _ = try planWithoutPasta(Self.asked)
      Issue.record("it is not refused")
    } catch let error as CompileError {
      let text = error.diagnostics.map { $0.text }.joined()
      #expect(text.contains("cannot make a private network: there is no pasta in PATH"), "\(text)")
      #expect(text.contains("hint: install the package passt"))
    }
    let without = try planWithoutPasta("optional = [\"network.mode\"]\n" + Self.asked)
    // None at all, and never the host's in its place.
    #expect(without.privateNetwork == nil && without.notEnforced == ["network.mode"])
    #expect(without.namespaces.contains(.network))
  }

  @Test func whatRunsOutsideIsNotTheAppsToWrite() throws {
    let tree = debian()
    tree.program("/home/anna/bin/pasta")
    #expect(try plan(Self.asked, on: tree).privateNetwork?.program.path == "/home/anna/bin/pasta")
    #expect(throws: CompileError.self) { try plan(Self.asked + "[files]\nwrite = [\"~/bin\"]", on: tree) }
  }
}
