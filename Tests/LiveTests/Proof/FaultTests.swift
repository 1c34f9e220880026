import Glibc
import TestSupport
import Testing

/// Six errnos that a kernel gives for want of rights, of what is named, of memory, of descriptors, of a sound disk, and
/// for what it does not know.
private let errnos: [Int32] = [EPERM, ENOENT, ENOMEM, EMFILE, EIO, EINVAL]

private func name(_ code: Int32) -> String {
  [EPERM: "EPERM", ENOENT: "ENOENT", ENOMEM: "ENOMEM", EMFILE: "EMFILE", EIO: "EIO", EINVAL: "EINVAL"][code]
    ?? "\(code)"
}

/// How often each verdict was reached, and what is to be told of those that must not be.
struct FaultCount {
  var verdicts: [FaultVerdict: Int] = [:]
  private var told: [String: Int] = [:]

  mutating func add(_ verdict: FaultVerdict, _ what: @autoclosure () -> String) {
    verdicts[verdict, default: 0] += 1
    if [.closed, .absorbed, .missed].contains(verdict) { return }
    told["\(verdict.rawValue): \(what())", default: 0] += 1
  }

  /// The cells of a row: all verdicts in their order.
  var cells: [String] { FaultVerdict.allCases.map { String(verdicts[$0] ?? 0) } }

  /// Fails the test with all that must not be.
  func expectNone(_ shape: String, sourceLocation: SourceLocation = #_sourceLocation) {
    if told.isEmpty { return }
    let lines = told.sorted(by: { $0.key < $1.key }).map { "\($0.value) times \($0.key)" }
    Issue.record("\(shape):\n\(lines.joined(separator: "\n"))", sourceLocation: sourceLocation)
  }
}

/// What a shape does without a fault.
struct FaultBaseline {
  let calls: [FaultCall]
  let sites: FaultSites
  let judge: FaultJudge

  init(_ stage: Stage, _ benches: [FaultBench], _ shape: FaultShape) throws {
    let list = FaultCase(who: "*", number: 0, action: "list")
    // The first start of each makes what is kept.
    for bench in benches { _ = try FaultBench.run(stage, [bench], shape, [list]) }
    let run = try FaultBench.run(stage, [benches[0]], shape, [list])[0]
    try #require(run.status == 0 && run.appRan && run.output.hasSuffix("the app ends\n"), "\(shape.name): \(run)")
    try #require(run.calls.count > 500, "the test build numbers its calls")
    #expect(run.errors == "" && run.files == "" && run.left == 0, "\(shape.name): \(run.errors) \(run.files)")
    calls = run.calls
    judge = FaultJudge(usual: run.output)
    sites = try FaultSites(run.calls, in: FaultBench.debugExecutable())
  }

  /// Those that differ in who makes them and how they are come to: of thirty binds one.
  var distinct: [FaultCall] {
    var seen: Set<String> = []
    return calls.filter { seen.insert("\($0.who) \($0.wrapper) \($0.from)").inserted }
  }

  func listed(_ call: FaultCall) -> AbsorbedCall? {
    absorbedCalls.first {
      ($0.wrapper == "*" || $0.wrapper == call.wrapper)
        && ($0.file == "*" || sites.place(of: call).hasPrefix($0.file + ":"))
    }
  }
}

/// One bench for each processor.
func faultBenches(_ stage: Stage) throws -> [FaultBench] {
  try (0..<max(2, min(8, sysconf(Int32(_SC_NPROCESSORS_ONLN))))).map { try FaultBench(stage, $0) }
}

extension Live {
  /// Every call that a start makes fails once.
  @Suite(.serialized) struct FaultTests {
    @Test func `no call that fails opens the box, hangs it, or leaves anything behind`() throws {
      let stage = try stage()
      let benches = try faultBenches(stage)
      var shapes = try faultShapes(stage, benches)
      // Of all shapes in the short form the strict one and the one that has everything.
      if !wantsLongForm { shapes = shapes.filter { $0.profiles.contains("default") || $0.profiles.isEmpty } }
      try #require(shapes.count >= 2)
      var table = ProofTable(
        "fault-calls", title: "Each call of a start fails once",
        header: ["shape", "shipped profiles", "calls", "runs"] + FaultVerdict.allCases.map { $0.rawValue })
      for shape in shapes {
        let baseline = try FaultBaseline(stage, benches, shape)
        let calls = wantsLongForm ? baseline.calls : baseline.distinct
        let codes = wantsLongForm ? errnos : [EIO]
        let cases = calls.flatMap { call in codes.map { (call, $0) } }
        let runs = try FaultBench.run(
          stage, benches, shape, cases.map { FaultCase(who: $0.0.who, number: $0.0.number, error: $0.1) })
        var count = FaultCount()
        for ((call, code), run) in zip(cases, runs) {
          let (verdict, what) = baseline.judge.verdict(run, code, baseline.listed(call))
          count.add(verdict, "\(call.who) \(call.wrapper) \(name(code)) at \(baseline.sites.path(of: call)): \(what)")
        }
        count.expectNone(shape.name)
        #expect(count.verdicts[.closed, default: 0] > calls.count / 3, "most calls are needed: \(count.verdicts)")
        #expect(count.verdicts[.missed, default: 0] <= cases.count / 50, "\(count.verdicts)")
        table.rows.append(
          [shape.name, shape.profiles.joined(separator: " "), String(baseline.calls.count), String(runs.count)]
            + count.cells)
      }
      try table.publish()
      #expect(stage.leftovers() == [])
    }

    @Test func `a box that lacks a wall looks different to who is in it`() throws {
      let stage = try stage()
      let bench = try FaultBench(stage, 0)
      func seen(_ profile: String) throws -> [String] {
        try stage.write(
          "version = 1\nextends = [\"default\"]\n\(profile)\n", to: "\(bench.home)/.config/snug/profiles/lacking.toml")
        try Stage.shell("chown -R \(stage.uid):\(stage.gid) \(bench.home)")
        let done = try stage.run(
          [bench.snug, "run", "--read", stage.probe, "-p", "lacking", "--", stage.probe, "fingerprint"],
          extra: bench.environment)
        try #require(done.status == 0, "\(done.everything)")
        return boxLines(done.output, host: hostNamespaces())
      }
      let usual = try seen("")
      #expect(try seen("") == usual, "two that are alike look alike")
      for (lacking, line) in [
        ("[seccomp]\npreset = \"none\"", "Seccomp:\t0"),
        ("[landlock]\nfiles = false\nscope = [\"!signal\", \"!abstract-unix-socket\"]", "landlock 16 more"),
        ("[network]\nmode = \"host\"", "namespace net the host's"), ("[process]\numask = 0o000", "Umask:\t0000"),
      ] {
        let other = try seen(lacking)
        #expect(other.contains(line) && !usual.contains(line), "\(lacking): \(other.filter { !usual.contains($0) })")
      }
      // Outside there are no walls at all.
      let outside = boxLines(try stage.run([stage.probe, "fingerprint"]).output, host: hostNamespaces())
      for line in [
        "NoNewPrivs:\t0", "Seccomp:\t0", "namespace user the host's", "namespace pid the host's",
        "namespace mnt the host's",
        "namespace ipc the host's", "namespace uts the host's",
      ] { #expect(outside.contains(line) && !usual.contains(line), "\(line)") }
    }

    @Test func `a release has nothing to put faults in with`() throws {
      let stage = try stage()
      func holds(_ file: String) throws -> Bool {
        try stage.run(["/bin/grep", "-q", "SNUG_FAULTS", file]).status == 0
      }
      let bench = try FaultBench(stage, 0)
      #expect(try holds(bench.snug), "the positive control: a test build does")
      #expect(try holds(stage.snug) == stage.isDebugBuild)
    }

    @Test func `a kernel that lacks a feature is told of, or done without as the list says`() throws {
      let stage = try stage()
      let benches = try faultBenches(stage)
      let shapes = try faultShapes(stage, benches).filter {
        $0.profiles.contains("default") || (wantsLongForm && $0.profiles.isEmpty)
      }
      var table = ProofTable(
        "fault-features", title: "Calls that the kernel does not have",
        header: ["call", "shape", "verdict", "what is said"])
      for shape in shapes {
        let baseline = try FaultBaseline(stage, benches, shape)
        let wrappers = Set(baseline.calls.map { $0.wrapper }).subtracting(old).sorted()
        #expect(wrappers.count > 20)
        let runs = try FaultBench.run(
          stage, benches, shape, wrappers.map { FaultCase(who: "*", number: 0, wrapper: $0, error: ENOSYS) })
        var count = FaultCount()
        for (wrapper, run) in zip(wrappers, runs) {
          let call = baseline.calls.first { $0.wrapper == wrapper }
          let (verdict, what) = baseline.judge.verdict(run, ENOSYS, call.flatMap { baseline.listed($0) })
          count.add(verdict, "\(wrapper): \(what)")
          let said = run.errors.split(separator: "\n").first.map(String.init) ?? ""
          table.rows.append([wrapper.replacing("csnug_", with: ""), shape.name, verdict.rawValue, said])
        }
        count.expectNone(shape.name)
      }
      try table.publish()
    }
  }
}

/// Calls that every kernel has had for twenty years; without them nothing runs at all.
private let old: Set<String> = [
  "csnug_close", "csnug_read", "csnug_write", "csnug_wait", "csnug_poll", "csnug_poll_many", "csnug_open", "csnug_fork",
  "csnug_execve", "csnug_fchdir", "csnug_chdir", "csnug_getcwd", "csnug_send", "csnug_receive",
  "csnug_receive_descriptors", "csnug_send_descriptors", "csnug_getdents64", "csnug_setrlimit", "csnug_getrlimit",
  "csnug_setsid", "csnug_mkdirat", "csnug_symlinkat", "csnug_unlinkat", "csnug_rmdirat", "csnug_gethostname",
  "csnug_open_terminal", "csnug_readlinkat", "csnug_pread", "csnug_fstatfs_magic",
]
