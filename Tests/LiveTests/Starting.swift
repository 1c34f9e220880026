import Glibc
import TestSupport

extension Stage {
  /// Starts the probe inside and goes on: `inside` without the wait.
  func begin(_ profile: String = "default", _ words: [String], _ options: [String] = []) throws -> Running {
    try start([snug, "run", "--read", probe] + options + ["-p", profile, "--", probe] + words)
  }

  /// Starts a line of shell as the user, in which `$SNUG` and `$PROBE` name the executables and `$IN` is
  /// `snug run --read PROBE`.
  func startShell(_ line: String, caller: Caller = .plain) throws -> Running {
    try start(
      ["/bin/sh", "-c", line], caller: caller,
      extra: ["SNUG=\(snug)", "PROBE=\(probe)", "IN=\(snug) run --read \(probe)", "STAGE=\(home)/work"])
  }

  /// `startShell`, to its end.
  func shell(_ line: String, caller: Caller = .plain, seconds: Int = 60) throws -> Finished {
    try startShell(line, caller: caller).finish(seconds: seconds)
  }

  /// A folder of the user's for what a test writes: `$STAGE` of `startShell`.
  func workFolder() throws -> String {
    try Stage.shell("mkdir -p \(home)/work; chown \(uid):\(gid) \(home)/work")
    return "\(home)/work"
  }
}

extension Running {
  /// PID 1 of the sandbox that this launcher made; nil before there is one.
  var initPID: Int32? {
    let children = readText("/proc/\(pid)/task/\(pid)/children") ?? ""
    return children.split(separator: " ").first.flatMap { Int32($0) }
  }

  /// Host pids of the processes below PID 1.
  var appPIDs: [Int32] {
    guard let initPID else { return [] }
    return (readText("/proc/\(initPID)/task/\(initPID)/children") ?? "").split(separator: " ").compactMap { Int32($0) }
  }
}

/// The middle one.
func median(_ values: [Double]) -> Double {
  values.isEmpty ? 0 : values.sorted()[values.count / 2]
}

/// 12.3
func rounded(_ value: Double) -> String { "\(Double(Int(value * 10)) / 10)" }
