import Glibc
import TestSupport

/// What a run with a fault comes to.
enum FaultVerdict: String, CaseIterable, Sendable {
  /// It ended with a message that names what failed, and nothing of the app ran.
  case closed
  /// The app ran in the same box, and the call stands in the list of those that may fail.
  case absorbed
  /// The app ran, and its box was not the same.
  case open
  /// The app ran in the same box, but the call does not stand in the list.
  case unlisted
  case hang
  case leftover
  /// Nobody was told, or not what, where and why.
  case unattended
  /// The call was not made in this run.
  case missed
}

/// What a box looks like to who is in it, without what differs from run to run.
func boxLines(_ output: String, host: [String: String]) -> [String] {
  output.split(separator: "\n").map { line in
    let words = line.split(separator: " ")
    if words.first == "namespace", words.count == 3 {
      return "namespace \(words[1]) \(host[String(words[1])] == String(words[2]) ? "the host's" : "its own")"
    }
    // Lines of the account begin with its name.
    let isAccount = words.count == 1 && line.split(separator: ":", omittingEmptySubsequences: false).count > 3
    return isAccount ? "user \(line)" : String(line)
  }
}

/// Numbers of the tests' own namespaces.
func hostNamespaces() -> [String: String] {
  var found: [String: String] = [:]
  for name in ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"] {
    var facts = stat()
    if stat("/proc/self/ns/\(name)", &facts) == 0 { found[name] = String(facts.st_ino) }
  }
  return found
}

/// Judges a run against one without a fault.
struct FaultJudge {
  let host = hostNamespaces()
  let usual: [String]
  /// The statuses with which a start that fails ends.
  var refusals: Set<Int32> = [125, 126, 127]
  /// Whether a message is good for an errno.
  var isMessage: (String, Int32) -> Bool = isRefusal

  init(usual output: String) { usual = boxLines(output, host: hostNamespaces()) }

  /// The verdict, and what is in it that is worth telling.
  func verdict(_ run: FaultRun, _ error: Int32, _ listed: AbsorbedCall?) -> (FaultVerdict, String) {
    if !run.reached { return (.missed, "") }
    if run.hung { return (.hang, run.errors) }
    if run.left > 0 { return (.leftover, "\(run.left) processes") }
    if !run.files.isEmpty { return (.leftover, run.files) }
    if !run.appRan {
      if refusals.contains(run.status), isMessage(run.errors, error) { return (.closed, "") }
      return (.unattended, "status \(run.status): \(run.errors)")
    }
    let seen = boxLines(run.output, host: host)
    let changed = difference(seen).filter { !isLess($0, listed) }
    if !changed.isEmpty { return (.open, changed.prefix(3).joined(separator: "; ")) }
    if run.status != 0 { return (.unattended, "the app ran, status \(run.status): \(run.errors)") }
    return listed == nil ? (.unlisted, run.errors) : (.absorbed, "")
  }

  /// Whether a line that changed says only that less is shown, as the list allows. A mount that comes in another's place
  /// is as restricted as all that is only read.
  private func isLess(_ line: String, _ listed: AbsorbedCall?) -> Bool {
    let text = line.dropFirst(2)
    guard listed?.mayLose.contains(where: { text.hasPrefix($0) }) == true else { return false }
    // What cannot be found cannot be written.
    if text.hasPrefix("try ") { return line.hasPrefix("- ") || text.hasSuffix(": ENOENT") }
    return !(line.hasPrefix("+ mount ") && !text.contains(" ro,nosuid,nodev"))
  }

  /// Lines that are new or missing; where there are none of both, that their order is another one.
  private func difference(_ seen: [String]) -> [String] {
    if seen == usual { return [] }
    let (had, has) = (Set(usual), Set(seen))
    if had == has { return ["+ another order"] }
    return seen.filter { !had.contains($0) }.map { "+ \($0.prefix(300))" }
      + usual.filter { !has.contains($0) }.map { "- \($0.prefix(300))" }
  }
}

/// Whether a text is a message of the contract that says what could not be done and why: `snug: cannot VERB ...: REASON`,
/// with the words of the errno or those that stand for it, the place that asked for it and at most one hint.
func isRefusal(_ errors: String, _ code: Int32) -> Bool {
  let lines = errors.split(separator: "\n")
  // A claim that does not hold is told before the start that fails of it.
  let starts = ["snug: cannot ", "snug: assert does not hold: "]
  let messages = lines.filter { $0.hasPrefix("snug: ") }
  guard errors.hasSuffix("\n"), !messages.isEmpty, lines.first?.hasPrefix("snug: ") == true else { return false }
  guard lines.allSatisfy({ $0.hasPrefix("snug: ") || $0.hasPrefix("  ") }) else { return false }
  guard messages.allSatisfy({ message in starts.contains { message.hasPrefix($0) } && message.contains(": ") }) else {
    return false
  }
  // An op has a place that asked for it.
  let ops = ["bind /", "mount /", "make directory /", "make a symlink", "write /"].map { "snug: cannot \($0)" }
  let isOp = messages.contains { message in ops.contains { message.hasPrefix($0) } }
  if isOp && !lines.contains(where: { $0.hasPrefix("  at ") }) { return false }
  let words = strerror(code).map { String(cString: $0) } ?? ""
  return messages.contains { message in
    message.contains(words) || reasonsInPlace.contains { message.contains($0) }
  }
}

/// Words that tell a cause better than those of the errno.
private let reasonsInPlace = [
  // EPERM of namespaces: who refuses is more than the errno tells.
  "refuses", "it has just been reset",
  // ENOENT of what is looked for.
  "the kernel lacks", "is not found", "no profile is called", "there is no", "is gone",
  // A check of our own, or PID 1 that could not even send its report.
  "self-check", "its init was ended",
]
