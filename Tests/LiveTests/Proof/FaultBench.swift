import Glibc
import TestSupport
import Testing

/// One call that is made to fail, or at which something happens to a process.
struct FaultCase: Sendable {
  /// Whose call: "0" is the launcher, "0.1" its first child; "*" anybody's.
  var who: String
  /// In that process, from 1; not looked at where a wrapper is named.
  var number: Int
  /// Every call of this wrapper of CSnug.
  var wrapper = ""
  var error: Int32 = 0
  /// fail, list, kill, term, hup or stop.
  var action = "fail"
  /// To whom it is done.
  var target = "0"

  var line: String { "\(who) \(number) \(wrapper.isEmpty ? "-" : wrapper) \(error) \(action) \(target)\n" }
}

/// A call as the test build has noted it.
struct FaultCall: Hashable, Sendable {
  var who: String
  var number: Int
  var wrapper: String
  /// Return addresses, innermost first.
  var from: [String]
}

/// What came of a run.
struct FaultRun: Sendable {
  var reached: Bool
  var calls: [FaultCall]
  var status: Int32
  var hung: Bool
  /// Processes that outlived it by more than a second.
  var left: Int
  /// Whether the next command took away what it had left in the user's directories.
  var wasSwept: Bool
  /// Names that it left there all the same.
  var files: String
  var output: String
  var errors: String
  /// How many calls were made in all.
  var count: Int

  var appRan: Bool { output.contains("the app runs\n") }
}

/// A way of starting a sandbox with the probe in it.
struct FaultShape: Sendable {
  var name: String
  /// Shipped profiles that it stands for.
  var profiles: [String] = []
  /// Words after `snug`, or the whole command where it is another program.
  var words: [String]
  /// Variables besides the usual ones.
  var extra: [String] = []
  /// Where it is started: below the home.
  var place = ""

  func directory(_ home: String) -> String { home + place }
}

/// Where faults are put in: the debug build of this checkout, a home and a runtime directory of its own for each of those
/// that work at the same time, and the probe that does it.
struct FaultBench: Sendable {
  let snug: String
  let folder: String
  let home: String
  let runtime: String
  private let user: (uid: UInt32, gid: UInt32, name: String)
  private let probe: String

  /// The debug executable beside the tests: a release build has nothing to put faults in with.
  static func debugExecutable() throws -> String {
    let path = "\(checkout)/.build/debug/snug"
    try #require(access(path, X_OK) == 0, "swift build --build-tests makes \(path)")
    return path
  }

  init(_ stage: Stage, _ number: Int) throws {
    folder = "\(stage.folder)/fault-\(number)"
    home = "\(folder)/home"
    runtime = "\(folder)/runtime"
    snug = "\(stage.folder)/test-build/bin/snug"
    probe = stage.probe
    user = (stage.uid, stage.gid, stage.userName)
    if access(snug, X_OK) != 0 {
      try Stage.shell(
        "mkdir -p \(stage.folder)/test-build/bin; cp \(Self.debugExecutable()) \(snug); ln -s snug \(stage.folder)/test-build/bin/bwrap; "
          + "ln -s ../prefix/share \(stage.folder)/test-build/share; ln -s ../prefix/libexec \(stage.folder)/test-build/libexec; "
          + "chmod -R a+rX \(stage.folder)/test-build")
    }
    try Stage.shell(
      "mkdir -p \(home)/tree/sub \(home)/.ssh \(runtime); echo one >\(home)/tree/file; echo key >\(home)/.ssh/id; chmod 755 \(folder); "
        + "chmod 700 \(home) \(runtime) \(home)/.ssh; chown -R \(stage.uid):\(stage.gid) \(folder)")
  }

  var environment: [String] {
    ["HOME=\(home)", "XDG_RUNTIME_DIR=\(runtime)", "SWIFT_BACKTRACE=enable=no", "SNUG_SWEEP=\(snug)"]
  }

  /// The command of a shape.
  func command(_ shape: FaultShape) -> [String] {
    shape.words.first?.hasPrefix("/") == true ? shape.words : [snug] + shape.words
  }

  /// Starts to run cases one after the other. A run that takes longer than `limit` seconds hangs: a start takes a part of
  /// one. Cases and results are files: whoever works at the same time waits for nobody to read.
  private func begin(_ stage: Stage, _ shape: FaultShape, _ cases: [FaultCase], limit: Int) throws -> Running {
    try stage.write(cases.map { $0.line }.joined(), to: "\(folder)/cases")
    let redirected = ["/bin/sh", "-c", "exec \"$0\" \"$@\" <\(folder)/cases >\(folder)/results"]
    return try stage.start(
      redirected + [probe, "faults", "\(folder)/board", "\(limit * 1000)", "\(home),\(runtime)"] + command(shape),
      directory: shape.directory(home), extra: environment + shape.extra)
  }

  /// Runs cases, shared among benches. What is returned stands in the order of the cases.
  static func run(_ stage: Stage, _ benches: [FaultBench], _ shape: FaultShape, _ cases: [FaultCase], limit: Int = 20)
    throws -> [FaultRun]
  {
    var parts = [[Int]](repeating: [], count: benches.count)
    for index in cases.indices { parts[index % benches.count].append(index) }
    var runs = [FaultRun?](repeating: nil, count: cases.count)
    let all = try zip(benches, parts).map { bench, part in
      (bench, part, try bench.begin(stage, shape, part.map { cases[$0] }, limit: limit))
    }
    for (bench, part, running) in all {
      let done = running.finish(seconds: 60 + part.count * limit)
      let new = parseRuns(readText("\(bench.folder)/results") ?? "").map { run in
        // All benches look alike.
        var run = run
        run.output = run.output.replacing(bench.folder, with: "BENCH")
        return run
      }
      try #require(done.status == 0 && new.count == part.count, "\(done.everything): \(new.count) of \(part.count)")
      for (index, run) in zip(part, new) { runs[index] = run }
    }
    return runs.compactMap { $0 }
  }
}

/// Reads what the probe prints of its runs.
func parseRuns(_ text: String) -> [FaultRun] {
  let bytes = Array(text.utf8)
  var at = 0
  var runs: [FaultRun] = []
  var calls: [FaultCall] = []
  func line() -> [Substring]? {
    guard at < bytes.count, let end = bytes[at...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { at = end + 1 }
    return String(decoding: bytes[at..<end], as: UTF8.self).split(separator: " ").map { $0 }
  }
  while let words = line() {
    if words.first == "call", words.count > 3 {
      calls.append(
        FaultCall(
          who: String(words[1]), number: Int(words[2]) ?? 0, wrapper: String(words[3]),
          from: words.dropFirst(4).map(String.init)))
    }
    // run REACHED calls N swept W status S hung H left L lengths O E files F...
    guard words.first == "run", words.count >= 16, let output = Int(words[13]), let errors = Int(words[14]),
      at + output + errors < bytes.count
    else { continue }
    let said = String(decoding: bytes[at..<(at + output)], as: UTF8.self)
    let told = String(decoding: bytes[(at + output)..<(at + output + errors)], as: UTF8.self)
    at += output + errors + 1
    let files = words.dropFirst(16).joined(separator: " ")
    runs.append(
      FaultRun(
        reached: words[1] != "0", calls: calls, status: Int32(words[7]) ?? -1, hung: words[9] != "0",
        left: Int(words[11]) ?? -1, wasSwept: words[5] != "0", files: files == "-" ? "" : files, output: said,
        errors: told,
        count: Int(words[3]) ?? 0))
    calls = []
  }
  return runs
}

extension Stage {
  /// Whether what is started is not what is released.
  var isDebugBuild: Bool {
    let named = getenv("SNUG_EXECUTABLE").map { String(cString: $0) } ?? ""
    return named.isEmpty || named.contains("/debug/")
  }
}
