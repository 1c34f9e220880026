import SnugPlan
import SnugProfile
import SnugSandbox

/// The JSON lines of `--status-fd`, one each; keys are contract.
enum StatusRecord {
  /// The app runs. Pids are the host's; `pid` is PID 1.
  static func started(_ plan: Plan, pid: Int32, appPID: Int32, namespaces: [(Namespace, UInt64)]) -> String {
    let ids = namespaces.map { "\"\($0.0.rawValue)\":\($0.1)" }.joined(separator: ",")
    let missing = plan.notEnforced.map(jsonString).joined(separator: ",")
    return "{\"event\":\"started\",\"instance\":\"\",\"app-id\":\(jsonString(plan.id)),\"pid\":\(pid),\"app-pid\":\(appPID),"
      + "\"namespaces\":{\(ids)},\"not-enforced\":[\(missing)]}\n"
  }

  /// Everything is over.
  static func ended(_ ended: Sandbox.Ended) -> String {
    let signal = if case .killed(let number) = ended.end { String(number) } else { "null" }
    // A limit is named only where the kernel tells which one it was; of the rlimits only file-size has a signal of its own.
    let limit = if case .killed(25) = ended.end { "\"file-size\"" } else { "null" }
    return "{\"event\":\"ended\",\"status\":\(ended.end.status),\"signal\":\(signal),\"user-ms\":\(ended.userMilliseconds),"
      + "\"system-ms\":\(ended.systemMilliseconds),\"wall-ms\":\(ended.wallMilliseconds),"
      + "\"peak-bytes\":\(ended.peakBytes),\"limit\":\(limit)}\n"
  }

  /// It did not start.
  static func failed(status: Int32, _ diagnostic: Diagnostic?) -> String {
    var origin = "null"
    if let place = diagnostic?.origin {
      origin = "{\"file\":\(jsonString(place.file)),\"line\":\(place.line),\"column\":\(place.column)}"
    }
    return "{\"event\":\"failed\",\"status\":\(status),\"message\":\(jsonString(diagnostic?.message ?? "ended by a signal")),"
      + "\"origin\":\(origin)}\n"
  }
}
