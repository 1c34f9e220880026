import SnugPlan
import SnugProfile
import SnugSandbox

/// The JSON lines of `--status-fd`, one each; keys are contract.
package enum StatusRecord {
  /// The app runs. Pids are the host's; `pid` is PID 1.
  package static func started(
    _ plan: Plan, instance: String, pid: Int32, appPID: Int32, namespaces: [(Namespace, UInt64)], lost: [String]
  ) -> String {
    line([
      .init("event", .text("started")), .init("instance", .text(instance)), .init("app-id", .text(plan.id)),
      .init("pid", .integer(pid)), .init("app-pid", .integer(appPID)),
      .init("namespaces", .object(namespaces.map { .init($0.0.rawValue, .integer($0.1)) })),
      .init("not-enforced", .texts(plan.notEnforced + lost)),
    ])
  }

  /// Everything is over.
  package static func ended(_ ended: Sandbox.Ended) -> String {
    var signal = JSON.null
    var limit = JSON.null
    if case .killed(let number) = ended.end {
      signal = .integer(number)
      // A limit is named only where the kernel tells which one it was: SIGXFSZ is file-size and nothing else.
      if number == 25 { limit = .text("file-size") }
      if number == 9, ended.limitHit == "memory" { limit = .text("memory") }
    }
    // Nobody is ended by it: a program that could not go on says so with its status.
    if ended.end.status != 0, ended.limitHit == "tasks" { limit = .text("tasks") }
    return line([
      .init("event", .text("ended")), .init("status", .integer(ended.end.status)), .init("signal", signal),
      .init("user-ms", .integer(ended.userMilliseconds)), .init("system-ms", .integer(ended.systemMilliseconds)),
      .init("wall-ms", .integer(ended.wallMilliseconds)), .init("peak-bytes", .integer(ended.peakBytes)),
      .init("limit", limit),
    ])
  }

  /// A command of `snug exec` is over.
  package static func ended(_ end: CommandEnd) -> String { line([.init("event", .text("ended"))] + end.members) }

  /// It did not start.
  package static func failed(status: Int32, _ diagnostic: Diagnostic?) -> String {
    let origin: JSON =
      diagnostic?.origin.map {
        .object([.init("file", .text($0.file)), .init("line", .integer($0.line)), .init("column", .integer($0.column))])
      } ?? .null
    return line([
      .init("event", .text("failed")), .init("status", .integer(status)),
      .init("message", .text(diagnostic?.message ?? "ended by a signal during the set-up")), .init("origin", origin),
    ])
  }

  private static func line(_ members: [JSON.Member]) -> String { JSON.object(members).line + "\n" }
}
