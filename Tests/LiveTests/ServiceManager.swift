import Glibc
import TestSupport
import Testing

/// A session bus of the stage's user with something on it that answers as systemd's user manager does, made by
/// python3-dbusmock. It writes down what it is asked for and moves no process.
final class ServiceManager {
  /// Where the bus and the manager's own socket are: XDG_RUNTIME_DIR.
  let runtime: String
  private let stage: Stage
  private var running: [Running] = []
  private var log: String { "\(runtime)/asked" }

  static let name = "org.freedesktop.systemd1"
  /// The job that every call gets.
  static let job = "/org/freedesktop/systemd1/job/7"

  /// What is done on a call: Python that sets `ret`; nil for a bus without a manager.
  init(_ stage: Stage, answering code: String?) throws {
    self.stage = stage
    runtime = "\(try stage.workFolder())/manager"
    try stage.outside(
      shell: """
        rm -rf \(runtime); mkdir -m 700 \(runtime); mkdir \(runtime)/systemd
        /usr/bin/python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("\(runtime)/systemd/private")'
        """)
    let bus = try stage.start(
      ["/usr/bin/dbus-daemon", "--session", "--nofork", "--print-address", "--address=\(address)"])
    running.append(bus)
    try #require(bus.waitFor("unix:"))
    guard let code else { return }
    let interface = "\(Self.name).Manager"
    let words = ["-m", "dbusmock", "--session", Self.name, "/org/freedesktop/systemd1", interface]
    running.append(try stage.start(["/usr/bin/python3"] + words, extra: environment))
    try #require(eventually { (try? self.isThere()) == true })
    let asked = "open('\(log)', 'a').write(repr(args) + '\\n'); job = dbus.ObjectPath('\(Self.job)'); ret = job; "
    try add("StartTransientUnit", "ssa(sv)a(sa(sv))", "o", asked + code)
    try add("Subscribe", "", "", "")
  }

  deinit {
    for each in running.reversed() {
      each.signal(SIGTERM)
      _ = each.finish()
    }
    _ = try? stage.remove(runtime)
  }

  var address: String { "unix:path=\(runtime)/bus" }
  var environment: [String] { ["DBUS_SESSION_BUS_ADDRESS=\(address)", "XDG_RUNTIME_DIR=\(runtime)"] }
  /// The calls, as Python writes their arguments with their types.
  var asked: [String] { (readText(log) ?? "").split(separator: "\n").map(String.init) }

  /// Code that tells of a job's end.
  static func ends(_ result: String, job: String = job) -> String {
    "self.EmitSignal('\(name).Manager', 'JobRemoved', 'uoss', "
      + "[dbus.UInt32(7), dbus.ObjectPath('\(job)'), args[0], '\(result)']); "
  }

  /// Runs snug-bus as the user.
  func call(_ words: [String]) throws -> Finished { try stage.run([stage.snugBus] + words, extra: environment) }

  private func send(_ words: [String]) throws -> Finished {
    try stage.run(
      ["/usr/bin/dbus-send", "--session", "--print-reply", "--type=method_call"] + words, extra: environment)
  }

  private func isThere() throws -> Bool {
    let destination = ["--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"]
    let done = try send(destination + ["org.freedesktop.DBus.NameHasOwner", "string:\(Self.name)"])
    return done.output.contains("boolean true")
  }

  private func add(_ method: String, _ takes: String, _ gives: String, _ code: String) throws {
    let words = ["--dest=\(Self.name)", "/org/freedesktop/systemd1", "org.freedesktop.DBus.Mock.AddMethod"]
    let texts = ["\(Self.name).Manager", method, takes, gives, code].map { "string:\($0)" }
    let done = try send(words + texts)
    try #require(done.status == 0, "\(done.everything)")
  }
}
