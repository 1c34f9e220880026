import ArgumentParser
import Glibc
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// `snug ps`: the instances that run.
struct PsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps", abstract: "List the instances that run.",
    discussion: """
      PID is that of the first process inside, as the host numbers it. MEMORY is what all processes inside take up; what \
      they share with others counts in shares.
      """)

  @Flag(help: "As JSON.") var json = false
  @Flag(help: "Names alone, one on each line, for scripts that complete them.") var names = false

  func validate() throws {
    if json, names { throw ValidationError("--json and --names exclude each other") }
  }

  func run() throws {
    let found: (live: [Entry], problems: [Diagnostic])
    do throws(Diagnostic) {
      found = try openRegistry(HostProbe.read()).entries()
    } catch {
      say(error.text + "\n")
      throw Status(code: 1)
    }
    for problem in found.problems { say(problem.text + "\n") }
    if names { return answer(found.live.map { $0.instance.text + "\n" }.joined()) }
    let instances = found.live.map { ($0, memory: memoryBytes(below: $0.first.pid)) }
    answer(json ? psJSON(instances) : psText(instances, now: Int64(time(nil))))
  }
}

/// A table with a head, which alone says that nothing runs.
func psText(_ instances: [(entry: Entry, memory: UInt64)], now: Int64) -> String {
  var rows = [["INSTANCE", "APP", "PID", "AGE", "MEMORY", "STATE", "NOT-ENFORCED"]]
  for (entry, memory) in instances {
    let missing = entry.notEnforced.map { escaped($0) }.joined(separator: ", ")
    rows.append([
      entry.instance.text, escaped(entry.appID), String(entry.first.pid), ageText(now - entry.started),
      sizeText(memory), stateText(entry), missing.isEmpty ? "-" : missing,
    ])
  }
  let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    let cells = row.indices.map { column in
      // The last column has nothing behind it that it would have to line up with.
      column == row.count - 1
        ? row[column] : row[column] + String(repeating: " ", count: widths[column] - row[column].count)
    }
    return cells.joined(separator: "  ") + "\n"
  }.joined()
}

/// An array of {instance, profile, app-id, pid, started, detached, kept, paused, memory-bytes, not-enforced}; keys are
/// contract.
func psJSON(_ instances: [(entry: Entry, memory: UInt64)]) -> String {
  JSON.list(
    instances.map { entry, memory in
      .object([
        .init("instance", .text(entry.instance.text)), .init("profile", .text(entry.profile)),
        .init("app-id", .text(entry.appID)), .init("pid", .integer(entry.first.pid)),
        .init("started", .text(timestamp(entry.started))), .init("detached", .boolean(entry.isDetached)),
        .init("kept", .boolean(entry.isKept)), .init("paused", .boolean(entry.isPaused)),
        .init("memory-bytes", .number(memory)), .init("not-enforced", .texts(entry.notEnforced)),
      ])
    }
  ).pretty + "\n"
}

/// The one word that matters most.
private func stateText(_ entry: Entry) -> String {
  if entry.isPaused { return "paused" }
  if entry.isKept { return "kept" }
  return entry.isDetached ? "detached" : "running"
}

/// The two largest units: `42s`, `5m`, `3h 12m`, `2d 4h`. A clock that was set back makes nothing younger than new.
func ageText(_ seconds: Int64) -> String {
  switch max(0, seconds) {
  case let age where age < 60: return "\(age)s"
  case let age where age < 3600: return "\(age / 60)m"
  case let age where age < 86_400: return "\(age / 3600)h \(age / 60 % 60)m"
  case let age: return "\(age / 86_400)d \(age / 3600 % 24)h"
  }
}
