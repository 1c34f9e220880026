import Glibc
import SnugPlan
import TestSupport
import Testing

@testable import SnugSandbox

/// The log of starts that failed from a menu.
struct StartLogTests {
  private func host(_ state: String) -> Host {
    var host = anna(debian())
    host.environment.append(("XDG_STATE_HOME", Array(state.utf8)))
    return host
  }

  @Test func whereItIs() {
    #expect(StartLog(host("/x/state")).path == "/x/state/snug/log")
    #expect(StartLog(host("relative")).path == "/home/anna/.local/state/snug/log")
    #expect(StartLog(anna(debian())).path == "/home/anna/.local/state/snug/log")
  }

  @Test func itGrowsToItsLimitAndKeepsOneOldCopy() throws {
    let folder = "/var/tmp/snug-log-\(getpid())"
    try Stage.shell("rm -rf \(folder); mkdir \(folder)")
    defer { _ = try? Stage.shell("rm -rf \(folder)") }
    let log = StartLog(host(folder), limit: 100)
    for index in 0..<7 { #expect(log.add("message \(index)", now: Int64(index)) == nil) }
    // 31 bytes each.
    #expect(readText(log.path) == "1970-01-01T00:00:06Z message 6\n")
    #expect(
      readText(log.path + ".old")
        == (3..<6).map { "1970-01-01T00:00:0\($0)Z message \($0)\n" }.joined())
    #expect(try Stage.shell("stat -c %a \(log.path) \(log.path).old") == "600\n600\n")
    #expect(names(in: "\(folder)/snug")?.sorted() == ["log", "log.old"])
    #expect(log.add(String(repeating: "x", count: 1000), now: 8) == nil)
    #expect(readText(log.path)?.utf8.count ?? 0 <= 101)
  }

  @Test func whereItCannotBeWritten() throws {
    let folder = "/var/tmp/snug-nolog-\(getpid())"
    try Stage.shell("rm -rf \(folder); mkdir \(folder); echo >\(folder)/snug")
    defer { _ = try? Stage.shell("rm -rf \(folder)") }
    #expect(StartLog(host(folder)).add("x", now: 1) != nil)
  }
}
