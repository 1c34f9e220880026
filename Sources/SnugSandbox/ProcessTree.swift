import CSnug

// What lives below a process, seen from outside the sandbox. Runs in the launcher.

/// A process inside, by its host pid.
public struct LivingProcess: Hashable, Sendable {
  /// Host pid.
  public var pid: Int32
  /// As in /proc/PID/comm.
  public var name: String
}

/// Everything below a process, at most 1,000.
func livingProcesses(below pid: Int32) -> [LivingProcess] {
  processTree(below: pid, atMost: 1000).map { pid in
    LivingProcess(pid: pid, name: String(decoding: (readFile("/proc/\(pid)/comm") ?? []).dropLast(), as: UTF8.self))
  }
}

/// Host pids of everything below a process, by the kernel's own lists of children. proc_pid_task_children(5): needs
/// CONFIG_PROC_CHILDREN; without it the list is empty.
func processTree(below pid: Int32, atMost most: Int = 100_000) -> [Int32] {
  var found: [Int32] = []
  var waiting = [pid]
  while let next = waiting.popLast(), found.count < most {
    // A child belongs to the thread that made it.
    for thread in HostFiles.list("/proc/\(next)/task") {
      guard let bytes = readFile("/proc/\(next)/task/\(thread)/children", limit: 16 << 20) else { continue }
      let children = String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
      found += children
      waiting += children
    }
  }
  return found.sorted()
}

/// Ends everything below a process, but not the process itself: also what forks faster than it can be killed.
///
/// First all are stopped, again and again, until a look finds no new one: what is stopped makes none. Then they are
/// killed. Every process is held by a pidfd and seen to be inside a sandbox before it is signalled, so that a number that
/// has come to mean another process harms nobody.
func endTree(below pid: Int32) { endAll { processTree(below: pid) } }

/// Ends every process below `pid` that is of a session, with everything below those.
func endSession(_ session: Int32, below pid: Int32) {
  endAll {
    let members = processTree(below: pid).filter { sessionID(of: $0) == session }
    return Set(members + members.flatMap { processTree(below: $0) }).sorted()
  }
}

private func endAll(_ look: () -> [Int32]) {
  var held: [Int32: Int32] = [:]
  for _ in 0..<1000 {
    let new = look().filter { held[$0] == nil }
    for process in new {
      let pidfd = Int32(csnug_pidfd_open(process))
      if pidfd < 0 { continue }
      guard isInSandbox(process) == true else {
        _ = csnug_close(pidfd)
        continue
      }
      _ = csnug_pidfd_send_signal(pidfd, 19)
      // More than descriptors can hold: the first ones are ended at once.
      if held.count > 500 {
        for (_, pidfd) in held {
          _ = csnug_pidfd_send_signal(pidfd, 9)
          _ = csnug_close(pidfd)
        }
        held = [:]
      }
      held[process] = pidfd
    }
    if new.isEmpty { break }
  }
  for (_, pidfd) in held {
    _ = csnug_pidfd_send_signal(pidfd, 9)
    _ = csnug_close(pidfd)
  }
}

/// Whether a process lives in a pid namespace below ours, by the list of its pids in proc_pid_status(5); nil where there
/// is no such process.
func isInSandbox(_ pid: Int32) -> Bool? {
  guard let status = readFile("/proc/\(pid)/status") else { return nil }
  let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("NSpid:") }
  return line.map { $0.split(separator: "\t").count > 2 } ?? false
}

/// Field 6 of proc_pid_stat(5), a host pid; nil where there is no such process.
private func sessionID(of pid: Int32) -> Int32? {
  guard let bytes = readFile("/proc/\(pid)/stat"), let name = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
  let fields = bytes[(name + 1)...].split(separator: UInt8(ascii: " "))
  return fields.count > 3 ? Int32(String(decoding: fields[3], as: UTF8.self)) : nil
}
