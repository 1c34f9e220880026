import Glibc
import TestSupport

/// One table for all of the load suites: what was asked, what came, what the other side of the scale had.
enum LoadTable {
  nonisolated(unsafe) private static var table = ProofTable(
    "load", title: "Load", header: ["what", "how much", "failed or left", "measured"])

  /// Tests run one after the other; each adds its row when it has its numbers.
  static func add(_ what: String, _ count: String, failed: Int, _ measured: String) throws {
    table.rows.append([what, count, "\(failed)", measured])
    if getenv("SNUG_PROOF_TABLES") != nil { try table.publish() }
    print("load: \(what): \(count), \(failed) failed or left, \(measured)")
  }
}

/// What must be the same on the machine before and after.
struct MachineState: Equatable {
  var mounts = readText("/proc/self/mountinfo")
  var descriptors = names(in: "/proc/self/fd")?.count
  var temporary = names(in: "/tmp")?.filter { $0.contains("snug") }.sorted()

  /// Kilobytes of memory that is neither free nor a cache.
  static var usedMemory: Int {
    func value(_ name: String) -> Int {
      let line = readText("/proc/meminfo")?.split(separator: "\n").first { $0.hasPrefix(name + ":") }
      return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }
    return value("MemTotal") - value("MemAvailable")
  }
}

/// Processor time that a process has used, in milliseconds; nil where it is gone.
func processorTime(_ pid: Int32) -> Int? {
  guard let fields = readText("/proc/\(pid)/stat")?.split(separator: ")").last?.split(separator: " "), fields.count > 13
  else { return nil }
  return ((Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)) * 1000 / Int(sysconf(Int32(_SC_CLK_TCK)))
}

/// Kilobytes of memory of a process's own.
func ownMemory(_ pid: Int32) -> Int {
  let line = readText("/proc/\(pid)/status")?.split(separator: "\n").first { $0.hasPrefix("RssAnon") }
  return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? -1
}
