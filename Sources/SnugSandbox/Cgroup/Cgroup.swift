import CSnug
import Glibc
import SnugPlan

/// A directory of the cgroup tree that is held open: what is done, is done to that one, whatever its name means by now.
///
/// Runs in the launcher.
final class Cgroup {
  /// For messages.
  let path: String
  let descriptor: Int32

  /// Opens a directory.
  ///
  /// - Parameter mustBeReal: false where a test puts plain files in its place.
  init(_ path: String, mustBeReal: Bool = true) throws(KernelError) {
    let file = Int32(clamping: unsafe csnug_open(path, false, false))
    if file < 0 { throw KernelError("open", path, code: -file) }
    if mustBeReal, !CgroupPlace.isCgroup(file) {
      _ = csnug_close(file)
      throw KernelError("open", path, code: ENOTDIR)
    }
    self.path = path
    descriptor = file
  }

  deinit { _ = csnug_close(descriptor) }

  // MARK: - Files

  /// A file's text without its last newline; nil where it cannot be read.
  func read(_ name: String) -> String? {
    let file = Int32(clamping: unsafe csnug_openat2(descriptor, name, Int32(csnug_how_read.rawValue), 0))
    if file < 0 { return nil }
    defer { _ = csnug_close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while bytes.count < 1 << 20 {
      let count = unsafe csnug_read(file, &chunk, chunk.count)
      if count < 0 { return nil }
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes a file that is there; the errno where that is refused.
  func write(_ text: String, to name: String) throws(KernelError) {
    let file = Int32(clamping: unsafe csnug_openat2(descriptor, name, Int32(csnug_how_write.rawValue), 0))
    if file < 0 { throw KernelError("open", "\(path)/\(name)", code: -file) }
    defer { _ = csnug_close(file) }
    let bytes = Array(text.utf8)
    let result = unsafe csnug_write(file, bytes, bytes.count)
    if result < 0 { throw KernelError("write", "\(path)/\(name)", code: Int32(clamping: -result)) }
  }

  /// A number of a file of `NAME NUMBER` lines, such as `oom_kill` of memory.events.
  func number(_ name: String, in file: String) -> UInt64? {
    for line in (read(file) ?? "").split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == name { return UInt64(words[1]) }
    }
    return nil
  }

  /// Words of a file, such as cgroup.controllers.
  func words(_ file: String) -> Set<String> {
    Set((read(file) ?? "").split(whereSeparator: { $0.isWhitespace }).map(String.init))
  }

  /// Whether a process is directly in it.
  var hasProcesses: Bool { read("cgroup.procs")?.isEmpty == false }

  /// Whether this process is directly in it.
  var isOwn: Bool { words("cgroup.procs").contains(String(csnug_getpid())) }

  /// Whether groups can be made below it and processes moved there: what delegation is, cgroups(7).
  var isDelegated: Bool {
    func canWrite(_ name: String) -> Bool { unsafe faccessat(descriptor, name, W_OK, AT_EACCESS) == 0 }
    return canWrite(".") && canWrite("cgroup.procs") && canWrite("cgroup.subtree_control")
  }

  // MARK: - Life

  /// Stops all processes below it, whatever they do about signals; returns when all stand still.
  func freeze() throws(KernelError) {
    try write("1", to: "cgroup.freeze")
    try awaitEvent("frozen", 1)
  }

  /// Lets them go on.
  func thaw() throws(KernelError) {
    try write("0", to: "cgroup.freeze")
    try awaitEvent("frozen", 0)
  }

  /// Ends all processes below it at once, also those that are frozen or being made. Linux 5.14.
  func kill() throws(KernelError) { try write("1", to: "cgroup.kill") }

  /// Waits until cgroup.events says so, at most five seconds: a process that waits for a disk cannot be frozen before it
  /// is done.
  private func awaitEvent(_ name: String, _ value: UInt64) throws(KernelError) {
    let events = "cgroup.events"
    let deadline = csnug_clock_ms() + 5000
    let file = Int32(clamping: unsafe csnug_openat2(descriptor, events, Int32(csnug_how_read.rawValue), 0))
    if file < 0 { throw KernelError("open", "\(path)/\(events)", code: -file) }
    defer { _ = csnug_close(file) }
    while true {
      // Read through the very descriptor that is polled: reading is what arms the next notice.
      var bytes = [UInt8](repeating: 0, count: 256)
      let count = unsafe csnug_pread(file, &bytes, bytes.count, 0)
      if count < 0 { throw KernelError("read", "\(path)/\(events)", code: Int32(clamping: -count)) }
      let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
      if lines.contains("\(name) \(value)") { return }
      let left = deadline - csnug_clock_ms()
      if left <= 0 { throw KernelError("wait for \(name) in", "\(path)/\(events)", code: ETIMEDOUT) }
      var entry = pollfd(fd: file, events: Int16(POLLPRI), revents: 0)
      _ = unsafe poll(&entry, 1, Int32(left))
    }
  }

  /// Takes away a directory below it and everything below that one; false where processes are in it, or it is not ours.
  func remove(_ name: String) -> Bool {
    func isGone() -> Bool {
      let result = unsafe csnug_rmdirat(descriptor, name)
      return result == 0 || result == -Int(ENOENT)
    }
    if isGone() { return true }
    // Ours has another level, and an app that can mount the tree makes groups of its own.
    guard let child = try? Cgroup("\(path)/\(name)", mustBeReal: false), child.hasChildren else { return false }
    for below in HostFiles.list(child.path)
    where HostFiles.owner("\(child.path)/\(below)")?.type == .directory && !child.remove(below) {
      return false
    }
    return isGone()
  }

  /// Whether there are groups below it: each is a link more than a directory has by itself.
  var hasChildren: Bool {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 && status.st_nlink > 2
  }
}
