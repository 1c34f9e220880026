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
    // The name of the instance, of which some directories are made.
    return String(line)
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
  func verdict(_ run: FaultRun, _ error: Int32, isListed: () -> Bool) -> (FaultVerdict, String) {
    if !run.reached { return (.missed, "") }
    if run.hung { return (.hang, run.errors) }
    if run.left > 0 { return (.leftover, "\(run.left) processes") }
    if !run.files.isEmpty { return (.leftover, run.files) }
    if !run.appRan {
      if refusals.contains(run.status), isMessage(run.errors, error) { return (.closed, "") }
      return (.unattended, "status \(run.status): \(run.errors)")
    }
    let seen = boxLines(run.output, host: host)
    if seen != usual { return (.open, difference(seen).prefix(3).joined(separator: "; ")) }
    if run.status != 0 { return (.unattended, "the app ran, status \(run.status): \(run.errors)") }
    return isListed() ? (.absorbed, "") : (.unlisted, run.errors)
  }

  private func difference(_ seen: [String]) -> [String] {
    let (had, has) = (Set(usual), Set(seen))
    return seen.filter { !had.contains($0) }.map { "+ \($0.prefix(300))" }
      + usual.filter { !has.contains($0) }.map { "- \($0.prefix(300))" }
  }
}

/// Whether a text is a message of the contract that says what could not be done and why: `snug: cannot VERB ...: REASON`,
/// with the words of the errno or those that stand for it, the place that asked for it and at most one hint.
func isRefusal(_ errors: String, _ code: Int32) -> Bool {
  let lines = errors.split(separator: "\n", omittingEmptySubsequences: false)
  guard errors.hasSuffix("\n"), let first = lines.first, first.hasPrefix("snug: cannot ") else { return false }
  guard lines.dropFirst().allSatisfy({ $0.isEmpty || $0.hasPrefix("  at ") || $0.hasPrefix("  hint: ") }) else {
    return false
  }
  guard lines.count(where: { $0.hasPrefix("  hint: ") }) <= 1, first.contains(": ") else { return false }
  // An op has a place that asked for it.
  for verb in ["bind ", "mount ", "make directory /", "make a symlink", "write "]
  where first.hasPrefix("snug: cannot \(verb)") && !lines.contains(where: { $0.hasPrefix("  at ") }) { return false }
  let words = strerror(code).map { String(cString: $0) } ?? ""
  return first.contains(words) || reasonsInPlace.contains { first.contains($0) }
}

/// Words that tell a cause better than those of the errno.
private let reasonsInPlace = [
  "is not found", "no such", "says which namespaces are the host's", "its init was ended", "self-check",
]
