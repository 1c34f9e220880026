import Glibc
import TestSupport

/// What a command finds around it, as the probe reports it: each fact under a name of its own. Two fingerprints are
/// compared name by name.
struct Fingerprint {
  private(set) var facts: [String: String] = [:]

  /// A name whose fact differs.
  struct Difference: Hashable, CustomStringConvertible {
    var name: String
    /// bubblewrap's; nil: it has none of that name.
    var theirs: String?
    var ours: String?
    var description: String { "\(name): bubblewrap \(theirs ?? "-"), snug \(ours ?? "-")" }
  }

  /// Of a command that ran the probe's `report` and `process`.
  init(_ done: Finished) {
    facts["status"] = String(done.status)
    facts["errors"] = done.errors
    var mounts = MountTable()
    var variables = 0
    for line in done.output.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      let (kind, rest) = (words[0], words.count > 1 ? words[1] : "")
      switch kind {
      case "mount": mounts.add(rest)
      case "status": addStatus(rest)
      case "link": addLink(rest)
      case "env":
        let name = rest.prefix { $0 != "=" }
        // Twice the same name is a fact, too.
        facts["variable \(name)", default: ""] += "\(rest.dropFirst(name.count + 1));"
        variables += 1
      case "pid": facts["pid"] = Int(rest.prefix { $0 != " " }).map { $0 < 10 ? rest : "many" }
      default: facts[kind] = rest.split(separator: " ").joined(separator: " ")
      }
    }
    facts["variables"] = String(variables)
    facts.merge(mounts.facts) { _, new in new }
  }

  private mutating func addStatus(_ text: String) {
    let kept = [
      "Uid", "Gid", "Groups", "SigBlk", "SigIgn", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs",
      "Seccomp", "Seccomp_filters", "SigPnd",
    ]
    let words = text.split(separator: ":", maxSplits: 1)
    guard words.count == 2, kept.contains(String(words[0])) else { return }
    facts[String(words[0])] = words[1].split { $0 == "\t" || $0 == " " }.joined(separator: " ")
  }

  private mutating func addLink(_ text: String) {
    let words = text.split(separator: " ", maxSplits: 1).map(String.init)
    let target = words.count > 1 ? words[1] : ""
    if Int(words[0]) != nil {
      // Pipes and sockets have another number in every run.
      facts["descriptor \(words[0])"] = String(target.prefix { $0 != "[" })
    } else {
      facts["namespace \(words[0])"] = target == linkText("/proc/self/ns/\(words[0])") ? "the caller's" : "new"
    }
  }

  /// Every name whose fact differs.
  static func differences(theirs: Fingerprint, ours: Fingerprint) -> [Difference] {
    Set(theirs.facts.keys).union(ours.facts.keys).sorted().compactMap { name in
      theirs.facts[name] == ours.facts[name]
        ? nil : Difference(name: name, theirs: theirs.facts[name], ours: ours.facts[name])
    }
  }
}

/// A mount table whose order counts only where mounts stand on the same place.
private struct MountTable {
  private struct Row {
    var id: Int
    var parent: Int
    var fields: [(name: String, value: String)]
  }
  private var rows: [String: [Row]] = [:]
  private var parents: [Int: Int] = [:]

  /// A line of /proc/PID/mountinfo, see proc_pid_mountinfo(5).
  mutating func add(_ line: String) {
    let words = line.split(separator: " ").map(String.init)
    guard let dash = words.firstIndex(of: "-"), dash >= 6, words.count >= dash + 4, let id = Int(words[0]),
      let parent = Int(words[1])
    else { return }
    // `master:7`, `shared:7`: kinds, the numbers are the kernel's.
    let propagation = words[6..<dash].map { String($0.prefix { $0 != ":" }) }.joined(separator: ",")
    parents[id] = parent
    rows[words[4], default: []].append(
      Row(
        id: id, parent: parent,
        fields: [
          ("root", words[3]), ("flags", words[5]), ("propagation", propagation), ("type", words[dash + 1]),
          ("source", words[dash + 2]), ("options", words[dash + 3]),
        ]))
  }

  /// How many mounts stand between a mount and the root: what covers another one is farther from it.
  private func depth(_ row: Row) -> Int {
    var (count, id) = (0, row.parent)
    while let next = parents[id], next != id {
      count += 1
      id = next
    }
    return count
  }

  var facts: [String: String] {
    var facts: [String: String] = [:]
    for (point, stack) in rows {
      for (layer, row) in stack.sorted(by: { depth($0) < depth($1) }).enumerated() {
        let name = layer == 0 ? "mount \(point)" : "mount \(point) (\(layer))"
        for field in row.fields { facts["\(name): \(field.name)"] = field.value }
      }
    }
    return facts
  }
}
