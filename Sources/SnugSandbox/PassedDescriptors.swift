import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// What speaks against handing an open descriptor to an app.
public enum PassedDescriptorProblem: Hashable, Sendable {
  /// `openat(descriptor, "..")` leads out of the sandbox, whatever is mounted inside: the directory belongs to the host's
  /// mounts. Landlock refuses to open files from there, but no look at them, and it may be off.
  case isDirectory
  /// It cannot be looked at: the errno.
  case failed(Int32)
}

/// Judges an open descriptor that an app is to get, whoever hands it over; nil: it may be passed on.
public func judge(passed descriptor: Int32) -> PassedDescriptorProblem? {
  var facts = csnug_statx()
  let result = unsafe csnug_statx(descriptor, "", false, &facts)
  if result < 0 { return .failed(Int32(clamping: -result)) }
  return FileStatus(facts).type == .directory ? .isDirectory : nil
}

/// The sockets that a service manager hands to this very process; nil where it hands over none, or they are meant for
/// another process.
///
/// - Throws: what is wrong with a variable of those that are meant for this process. See sd_listen_fds(3).
public func handedSockets() throws(Diagnostic) -> Activation? {
  func value(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }
  guard let pid = value("LISTEN_PID"), pid == String(getpid()), let text = value("LISTEN_FDS") else { return nil }
  // Beyond what a process can have open: the numbers would not fit.
  guard let count = Int32(text), String(count) == text, count >= 0, count < 1 << 20 else {
    throw Diagnostic(
      "cannot use LISTEN_FDS=\(text): it is no number of descriptors",
      hint: "it is set by who started snug, with LISTEN_PID")
  }
  return count == 0 ? nil : Activation(count: count, names: value("LISTEN_FDNAMES").map { Array($0.utf8) })
}
