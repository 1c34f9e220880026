import Glibc
import TestSupport
import Testing

/// What happens to whom at every call.
private struct Blow: Sendable {
  var action: String
  var target: String
  var words: String

  static let all = [
    Blow(action: "kill", target: "0", words: "SIGKILL to the launcher"),
    Blow(action: "kill", target: "0.1", words: "SIGKILL to PID 1"),
    Blow(action: "term", target: "0", words: "SIGTERM to the launcher"),
    Blow(action: "hup", target: "0", words: "SIGHUP to the launcher"),
    Blow(action: "stop", target: "0", words: "SIGSTOP, then SIGCONT to the launcher"),
    Blow(action: "stop", target: "0.1", words: "SIGSTOP, then SIGCONT to PID 1"),
  ]

  /// What is wrong with how it ended; nil where nothing is.
  func trouble(_ run: FaultRun, _ judge: FaultJudge) -> String? {
    if run.hung { return "hangs" }
    if run.left > 0 { return "leaves \(run.left) processes" }
    if !run.files.isEmpty { return "leaves \(run.files)" }
    // The app ran in its own box or not at all. What was killed in the middle of its words has not said all of them.
    let isWhole = run.output.hasSuffix("the app ends\n")
    if isWhole, boxLines(run.output, host: judge.host) != judge.usual { return "the box is not the usual one" }
    switch (action, target) {
    case ("kill", "0"): return run.status == 137 ? nil : "status \(run.status)"
    case ("kill", _):
      if run.appRan { return [0, 137].contains(run.status) ? nil : "status \(run.status)" }
      if run.status == 137 { return nil }
      return run.status == 125 && run.errors.hasPrefix("snug: cannot ") ? nil : "status \(run.status): \(run.errors)"
    case ("stop", _): return run.status == 0 && isWhole ? nil : "status \(run.status): \(run.errors)"
    // Before it is taken over the signal ends the launcher, as any program; afterwards the app, or the start.
    default:
      let number: Int32 = action == "term" ? 15 : 1
      let isMeant = [128 + number, 143, 0, 137].contains(run.status)
      return isMeant && run.errors == "" ? nil : "status \(run.status): \(run.errors)"
    }
  }
}

extension Live {
  /// Signals at every step of a start.
  @Suite(.serialized) struct FaultSignalTests {
    @Test func `whatever is killed, ended or stopped at any call, nothing stays and nothing opens`() throws {
      let stage = try stage()
      let benches = try faultBenches(stage)
      let shapes = try faultShapes(stage, benches).filter {
        $0.profiles.contains("default") || (wantsLongForm && $0.profiles.isEmpty)
      }
      var table = ProofTable(
        "fault-signals", title: "Signals at every call of a start",
        header: ["signal", "shape", "calls", "runs", "app had run", "wrong"])
      for shape in shapes {
        let baseline = try FaultBaseline(stage, benches, shape)
        for (index, blow) in Blow.all.enumerated() {
          // In the short form each of them at every sixth of the calls, and all at different ones.
          let all = baseline.distinct.enumerated()
          let calls = wantsLongForm ? baseline.calls : all.filter { $0.offset % 6 == index }.map { $0.element }
          let runs = try FaultBench.run(
            stage, benches, shape,
            calls.map { FaultCase(who: $0.who, number: $0.number, action: blow.action, target: blow.target) })
          var wrong = 0
          for (call, run) in zip(calls, runs) {
            guard run.reached, let trouble = blow.trouble(run, baseline.judge) else { continue }
            wrong += 1
            if wrong <= 10 {
              Issue.record("\(blow.words) at \(call.who) \(call.wrapper) \(baseline.sites.path(of: call)): \(trouble)")
            }
          }
          #expect(runs.count { $0.reached } > calls.count * 9 / 10, "most calls are come to: \(blow.words)")
          table.rows.append([
            blow.words, shape.name, String(calls.count), String(runs.count { $0.reached }),
            String(runs.count { $0.appRan }), String(wrong),
          ])
        }
      }
      try table.publish()
      #expect(stage.leftovers() == [])
    }

    @Test func `kill -9 of the launcher in its first 15 ms leaves nobody`() throws {
      let stage = try stage()
      let rounds = wantsLongForm ? 500 : 60
      let bench = try FaultBench(stage, 0)
      var table = ProofTable(
        "fault-kills", title: "SIGKILL to the launcher at a random moment of its first 15 ms",
        header: ["launcher", "kills", "with something started", "survivors after one second"])
      // A debug build takes four times as long to come to its first child.
      let isDebug = stage.isDebugBuild
      func kills(_ command: [String]) throws -> (born: Int, survivors: Int) {
        let done = try stage.run(
          [stage.probe, "kills", String(rounds), isDebug ? "60000" : "15000"] + command, directory: bench.home,
          extra: bench.environment,
          seconds: 2000)
        let words = done.output.split(separator: " ").compactMap { Int($0.filter { $0.isNumber }) }
        try #require(done.status == 0 && words.count == 2, "\(done.everything)")
        return (words[0], words[1])
      }
      let app = ["/bin/sh", "-c", "sleep 600 & sleep 600"]
      let ours = try kills([stage.snug, "run", "--"] + app)
      #expect(ours.survivors == 0)
      #expect(ours.born > 0, "some are killed when there is somebody to leave behind")
      table.rows.append(["snug", String(rounds), String(ours.born), String(ours.survivors)])
      let reference = ["--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]
      if access("/usr/bin/bwrap", X_OK) == 0 {
        let theirs = try kills(["/usr/bin/bwrap"] + reference + app)
        table.rows.append([
          "bubblewrap --die-with-parent", String(rounds), String(theirs.born), String(theirs.survivors),
        ])
        // The positive control: survivors are seen where there are any.
        if wantsLongForm { #expect(theirs.survivors > 0) }
      }
      try table.publish()
      #expect(stage.leftovers() == [])
    }
  }
}
