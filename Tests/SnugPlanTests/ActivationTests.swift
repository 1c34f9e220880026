import SnugProfile
import TestSupport
import Testing

@testable import SnugPlan

/// Sockets that a service manager hands over, and its own.
struct ActivationTests {
  private func plan(
    _ text: String, notify: String?, on tree: FixtureTree = debian(), owner: UInt32? = 1000, landlockABI: Int = 7,
    _ activation: Activation? = nil
  ) throws -> Plan {
    var host = anna(tree, landlockABI: landlockABI)
    host.owner = { _ in owner }
    if let notify { host.environment.append(("NOTIFY_SOCKET", Array(notify.utf8))) }
    host.environment += [("LISTEN_PID", Array("7".utf8)), ("LISTEN_FDS", Array("1".utf8))]
    return try compile(
      profile("version = 1\n" + text, for: host), for: host,
      ProgramRequest(passedDescriptors: activation?.descriptors ?? [], activation: activation, needsProgram: false))
  }

  private static let keep = "[environment]\nkeep = [\"NOTIFY_SOCKET\", \"LISTEN_PID\", \"LISTEN_FDS\"]\n"

  @Test func nothingOfTheManagersEntersUnasked() throws {
    let plan = try plan("", notify: "/run/user/1000/bus")
    #expect(plan.variables["NOTIFY_SOCKET"] == nil && plan.lines(at: notifySocketPlace) == [])
  }

  @Test func variablesOfAnotherProcessNeverEnter() throws {
    let plan = try plan(Self.keep, notify: nil)
    #expect(plan.environment.filter { $0.name.hasPrefix("LISTEN_") }.isEmpty)
  }

  @Test func handedSocketsComeWithTheirVariables() throws {
    let names = Array("web:admin".utf8)
    let plan = try plan(Self.keep, notify: nil, Activation(count: 2, names: names))
    #expect(plan.passedDescriptors == [3, 4])
    #expect(plan.variables["LISTEN_FDS"] == "2" && plan.variables["LISTEN_FDNAMES"] == "web:admin")
    #expect(plan.environment.filter(\.isOwnPID).map(\.name) == ["LISTEN_PID"])
    #expect(plan.text(instructions: 0).contains("LISTEN_PID=(its own pid)"))
    // Without names none are made up; what a profile sets or takes out stands above.
    let changed = try self.plan(
      "[environment]\nset = { LISTEN_PID = \"1\" }\nunset = [\"LISTEN_FDS\"]\n", notify: nil, Activation(count: 1))
    #expect(changed.variables["LISTEN_PID"] == "1" && changed.variables["LISTEN_FDS"] == nil)
    #expect(changed.variables["LISTEN_FDNAMES"] == nil && changed.environment.filter(\.isOwnPID).isEmpty)
  }

  @Test(arguments: ["/run/user/1000/bus", "//run/user//1000/bus", "/run/user/1000/way"])
  func theManagersSocketIsBoundAlone(path: String) throws {
    let tree = debian()
    tree.link("/run/user/1000/way", "bus")
    let plan = try plan(Self.keep, notify: path, on: tree)
    #expect(plan.lines(at: notifySocketPlace) == ["bind /run/user/1000/bus read-only"])
    #expect(plan.variables["NOTIFY_SOCKET"] == notifySocketPlace)
    #expect(try self.plan(Self.keep, notify: path, on: tree, owner: 0).variables["NOTIFY_SOCKET"] == notifySocketPlace)
  }

  @Test(
    arguments: [
      ("/run/user/1000/none", 1000, "/run/user/1000/none does not exist"),
      ("/etc/hosts", 1000, "/etc/hosts is a file, not a socket"),
      ("/etc/../run/user/1000/bus", 1000, "is not an absolute path"), ("bus", 1000, "is not an absolute path"),
      ("vsock:2:1234", 1000, "is not an absolute path"),
      ("/run/user/1000/bus", 1001, "/run/user/1000/bus belongs to user 1001, neither you nor root"),
      ("/run/user/1000/bus", nil, "whose socket /run/user/1000/bus is cannot be told"),
      ("@notify", 1000, "@notify cannot be reached: abstract sockets belong to a network"),
    ] as [(String, UInt32?, String)])
  func whatIsNoSocketOfTheCallersIsRefused(value: String, owner: UInt32?, message: String) throws {
    let error = #expect(throws: CompileError.self) { try plan(Self.keep, notify: value, owner: owner) }
    let text = error?.diagnostics.first?.text ?? ""
    #expect(text.contains("cannot keep NOTIFY_SOCKET: ") && text.contains(message), "\(text)")
    #expect(text.contains("test.toml:3:"), "\(text)")
    // Nobody asks for it where the profile sets it or takes it out.
    let taken = try plan(Self.keep + "unset = [\"NOTIFY_SOCKET\"]\n", notify: value, owner: owner)
    #expect(taken.variables["NOTIFY_SOCKET"] == nil)
    let set = try plan(Self.keep + "set = { NOTIFY_SOCKET = \"x\" }\n", notify: value, owner: owner)
    #expect(set.variables["NOTIFY_SOCKET"] == "x" && set.lines(at: notifySocketPlace) == [])
  }

  @Test func anAbstractSocketIsReachedWhereNothingCutsItOff() throws {
    let host = "[network]\nmode = \"host\"\n"
    #expect(throws: CompileError.self) { try plan(host + Self.keep, notify: "@notify") }
    let open = "[landlock]\nscope = [\"!abstract-unix-socket\"]\n"
    #expect(try plan(host + open + Self.keep, notify: "@notify").variables["NOTIFY_SOCKET"] == "@notify")
    // A landlock that knows no scopes keeps nobody away.
    #expect(try plan(host + Self.keep, notify: "@notify", landlockABI: 4).variables["NOTIFY_SOCKET"] == "@notify")
  }
}
