import Glibc
import TestSupport
import Testing

/// A kept instance of the stage's user, without an app.
struct Instance {
  let stage: Stage
  let name: String
  /// What its launcher wrote.
  let entry: JSONValue

  init(_ stage: Stage, _ name: String) throws {
    self.stage = stage
    self.name = name
    entry = try #require(JSONValue(readText("\(stage.runtime)/snug/\(name)/entry.json") ?? ""), "no entry of \(name)")
  }

  /// Path of its control socket.
  var control: String { "\(stage.runtime)/snug/\(name)/control" }
  /// Host pid of the process that stays.
  var launcher: Int32 { Int32(entry["launcher"].integer ?? -1) }
  /// Host pid of PID 1.
  var initPID: Int32 { Int32(entry["pid"].integer ?? -1) }

  /// Everything below PID 1, by host pid.
  var processes: [Int32] { below(initPID) }

  /// How many descriptors launcher and PID 1 have.
  var descriptorCounts: [Int] { [launcher, initPID].map { names(in: "/proc/\($0)/fd")?.count ?? -1 } }

  /// The same, once nothing of the start and of earlier commands is under way.
  func countsAtRest() throws -> [Int] {
    try expectRest()
    #expect(eventually { processes.isEmpty })
    let counts = descriptorCounts
    #expect(counts.allSatisfy { $0 > 0 })
    return counts
  }

  /// `snug exec OPTIONS NAME -- WORDS`, to its end.
  func exec(_ words: [String], _ options: [String] = [], caller: Stage.Caller = .plain, input: String = "") throws
    -> Finished
  {
    try stage.snug(["exec"] + options + [name, "--"] + words, caller: caller, input: input)
  }

  /// The same, without waiting.
  func begin(_ words: [String], _ options: [String] = [], caller: Stage.Caller = .plain) throws -> Running {
    try stage.start([stage.snug, "exec"] + options + [name, "--"] + words, caller: caller)
  }

  /// The one record of `--status-fd 2`.
  func record(_ done: Finished) throws -> JSONValue { try #require(JSONValue(done.errors), "\(done.everything)") }

  /// Whether it answers, and nothing but the asking command is in it.
  func expectRest(sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(eventually { processes.isEmpty }, "\(processes)", sourceLocation: sourceLocation)
    let done = try exec(["echo", "here"])
    #expect(
      done.status == 0 && done.output == "here\n" && done.errors == "", "\(done.everything)",
      sourceLocation: sourceLocation)
  }
}

extension Stage {
  /// Starts a kept instance, hands it over and ends it. Nothing may be left then, where it was the only one.
  func withInstance(
    _ name: String = "box", _ options: [String] = [], profile: String = "default", caller: Caller = .plain,
    isOnlyOne: Bool = true, _ body: (Instance) throws -> Void
  ) throws {
    let started = try snug(
      ["run", "--detach", "--keep", "--name", name, "--read", probe] + options + ["-p", profile], caller: caller)
    #expect(started.status == 0 && started.output == "\(name)\n" && started.errors == "", "\(started.everything)")
    do {
      defer { _ = try? snug(["stop", "--now", name]) }
      try body(try Instance(self, name))
    }
    if !isOnlyOne { return }
    expectNothingLeft()
    #expect(names(in: "\(runtime)/snug") ?? [] == [])
  }

  /// Whether none of the user's processes lives. A zombie may be left for a while: what is detached is not ours to wait for.
  func expectNothingLeft(sourceLocation: SourceLocation = #_sourceLocation) {
    let isOver = eventually { processes().allSatisfy { hasEnded(Int32($0) ?? -1) } }
    #expect(isOver, "\(processes())", sourceLocation: sourceLocation)
  }

  /// Instances as `snug ps --json` lists them.
  func instances() throws -> [JSONValue] {
    let done = try snug(["ps", "--json"])
    #expect(done.status == 0 && done.errors == "", "\(done.everything)")
    return try #require(JSONValue(done.output), "\(done.output)").list
  }
}

/// Everything below a process, by host pid.
func below(_ pid: Int32) -> [Int32] {
  let text = readText("/proc/\(pid)/task/\(pid)/children") ?? ""
  let children = text.split(separator: " ").compactMap { Int32($0) }
  return children + children.flatMap { below($0) }
}

/// Whether a process has ended, waited for or not.
func hasEnded(_ pid: Int32) -> Bool {
  guard let stat = readText("/proc/\(pid)/stat"), let end = stat.lastIndex(of: ")") else { return true }
  return stat[end...].dropFirst(2).first == "Z"
}
