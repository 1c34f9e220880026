import Glibc
import TestSupport
import Testing

/// Numbers of x86_64 of calls that no machine fails: rt_sigaction, rt_sigprocmask, umask and sysinfo, with arguments that
/// are right.
/// brk(2): memory that runs out is what `FaultLimitTests` tries. And landlock_create_ruleset, whose EPERM is the answer of a
/// filter that we run under: a machine without landlock, which `FaultLimitTests` tries as well.
private let cannotFail: Set<String> = ["12", "13", "14", "95", "99", "444"]

/// What the same faults do to two programs that do the same work.
private struct Injection {
  let stage: Stage
  let bench: FaultBench
  let command: [String]
  let refusals: Set<Int32>

  /// Runs cases of "PROCESS NUMBER ERRNO"; a run that takes longer than five seconds hangs.
  func run(_ cases: [String]) throws -> [FaultRun] {
    try stage.write(cases.joined(separator: "\n") + "\n", to: "\(bench.folder)/cases")
    let line = "exec \"$0\" \"$@\" <\(bench.folder)/cases >\(bench.folder)/results"
    let running = try stage.start(
      ["/bin/sh", "-c", line, stage.probe, "inject", "5000", "\(bench.home),\(bench.runtime)"] + command,
      directory: bench.home + "/tree", extra: bench.environment)
    let done = running.finish(seconds: 60 + cases.count * 6)
    let runs = parseRuns(readText("\(bench.folder)/results") ?? "")
    try #require(done.status == 0 && runs.count == cases.count, "\(done.everything): \(runs.count) of \(cases.count)")
    return runs
  }

  /// The row of a table: sites, runs, and how they ended.
  func row(_ name: String, _ codes: [Int32], every step: Int) throws -> (
    cells: [String], counts: [FaultVerdict: Int], told: [String]
  ) {
    _ = try run(["0 0 0"])
    let usual = try run(["0 0 0"])[0]
    try #require(usual.status == 0 && usual.appRan, "\(name): \(usual.status) \(usual.errors)")
    var judge = FaultJudge(usual: usual.output)
    judge.refusals = refusals
    judge.isMessage = { errors, _ in !errors.isEmpty }
    let sites = stride(from: 0, to: usual.calls.count, by: step).map { usual.calls[$0] }
      .filter { !cannotFail.contains($0.wrapper) }
    let cases = sites.flatMap { site in codes.map { (site, $0) } }
    let runs = try run(cases.map { "\($0.0.who) \($0.0.number) \($0.1)" })
    var counts: [FaultVerdict: Int] = [:]
    var told: [String] = []
    // Which calls may fail is not told from outside: what ran in the same box is absorbed.
    // The launcher may be told that a file is not there, and then shows less.
    let any = AbsorbedCall("*", "*", "the box is the same")
    let less = AbsorbedCall("*", "*", "less is shown", mayLose: ["names ", "mount ", "try write "])
    for ((site, code), run) in zip(cases, runs) {
      let (verdict, what) = judge.verdict(run, code, site.who == "0" ? less : any)
      counts[verdict, default: 0] += 1
      if ![.closed, .absorbed, .missed].contains(verdict) {
        told.append(
          "\(verdict.rawValue): process \(site.who) call \(site.number), number \(site.wrapper), errno \(code): \(what)"
        )
      }
    }
    let shown: [FaultVerdict] = [.closed, .absorbed, .open, .hang, .leftover, .unattended, .missed]
    return (
      [name, String(usual.calls.count), String(runs.count)] + shown.map { String(counts[$0] ?? 0) }, counts, told
    )
  }
}

extension Live {
  /// The faults of `FaultTests`, put in from outside: so they reach every system call of an executable as it is released,
  /// and of another program. Not being dumpable stands in nobody's way who has traced the process from its birth.
  @Suite(.serialized) struct FaultInjectorTests {
    @Test func `a release closes where a call fails, whatever the call, and bubblewrap beside it`() throws {
      let stage = try stage()
      let bench = try FaultBench(stage, 0)
      let app = [stage.probe, "fingerprint"]
      var table = ProofTable(
        "fault-injector", title: "Each system call of a start fails once, from outside",
        header: ["program", "calls", "runs", "closed", "absorbed", "open", "hang", "leftover", "unattended", "missed"])
      let codes: [Int32] = wantsLongForm ? [EPERM, ENOMEM, EIO] : [EPERM]
      let ours = Injection(
        stage: stage, bench: bench, command: [stage.snug, "run", "--read", stage.probe, "--"] + app,
        refusals: [125, 126, 127])
      let own = try ours.row("snug", codes, every: wantsLongForm ? 1 : 27)
      table.rows.append(own.cells)
      if !own.told.isEmpty { print(own.told.joined(separator: "\n")) }
      for verdict in [FaultVerdict.open, .hang, .leftover] {
        #expect(own.counts[verdict, default: 0] == 0, "\(own.told.joined(separator: "\n"))")
      }
      #expect(own.counts[.closed, default: 0] > 15)
      if access("/usr/bin/bwrap", X_OK) == 0 {
        let words = ["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]
        let theirs = Injection(stage: stage, bench: bench, command: ["/usr/bin/bwrap"] + words + app, refusals: [1])
        table.rows.append(try theirs.row("bubblewrap", codes, every: wantsLongForm ? 1 : 27).cells)
        let same = Injection(
          stage: stage, bench: bench, command: [stage.bwrap] + words + app, refusals: [1])
        table.rows.append(try same.row("snug as bubblewrap", codes, every: wantsLongForm ? 1 : 27).cells)
      }
      try table.publish()
      #expect(stage.leftovers() == [])
    }
  }
}
