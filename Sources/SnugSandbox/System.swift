import CSnug
import SnugPlan
import SnugProfile

// Small reads and questions of the launcher. Runs in the launcher.

/// Text of an errno, as strerror(3) has it.
public func errorText(_ code: Int32) -> String {
  guard let text = unsafe csnug_error_text(code) else { return "error \(code)" }
  return unsafe String(cString: text)
}

/// `TERM` for 15; the number where it has no name.
public func signalName(_ number: Int32) -> String {
  guard let name = unsafe csnug_signal_name(number) else { return String(number) }
  return unsafe String(cString: name)
}

/// Effective ids of this process.
public func callerIDs() -> (uid: UInt32, gid: UInt32) { (csnug_geteuid(), csnug_getegid()) }

/// Text of a symbolic link; nil where it cannot be read.
public func readLink(_ path: String) -> String? {
  do throws(KernelError) {
    return try textOfLink(path)
  } catch {
    // EINVAL: it is no link, which for those of proc cannot be.
    if error.code != ErrorNumber.invalid || path.hasPrefix("/proc/self/") { HostTrouble.note(path, error.code) }
    return nil
  }
}

/// Text of a symbolic link, which must be UTF-8.
public func textOfLink(_ path: String) throws(KernelError) -> String {
  try unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer throws(KernelError) -> String in
    let count = unsafe csnug_readlinkat(-100, path, buffer.baseAddress, buffer.count)
    if count < 0 { throw KernelError("readlink", path, code: Int32(-count)) }
    guard let text = validText(unsafe buffer[..<count].map({ UInt8(bitPattern: $0) })) else {
      throw KernelError("readlink", path, code: ErrorNumber.invalidBytes)
    }
    return text
  }
}

/// Number of a namespace of a process, as stat(2) shows it; 0 where it cannot be told.
public func namespaceID(_ namespace: Namespace, of pid: Int32) -> UInt64 {
  let text = readLink("/proc/\(pid)/ns/\(namespace.procName)") ?? ""
  return UInt64(text.drop { $0 != "[" }.dropFirst().dropLast()) ?? 0
}

/// Content of a file, at most `limit` bytes; nil where it cannot be read or is longer.
public func readFile(_ path: String, limit: Int = 1 << 20) -> [UInt8]? {
  try? HostFiles.read(path, limit: limit).get()
}

/// Makes a directory, mode 0700, with the parents that are missing, following no link on the way. Returns the errno.
///
/// A link anywhere in the path would let whoever can write there choose where the directory is made: CVE-2024-42472.
func makeDirectories(_ path: String) -> Int32? {
  let root = Int32(csnug_open_root())
  guard root >= 0 else { return -root }
  defer { _ = csnug_close(root) }
  let old = csnug_umask(0o077)
  defer { _ = csnug_umask(old) }
  var parent = root
  var reached = ""
  for name in path.split(separator: "/") {
    reached += "/\(name)"
    let above = parent
    defer { if above != root { _ = csnug_close(above) } }
    // It can be gone at once: a reset takes a private home away at any moment.
    for _ in 0..<8 {
      let made = unsafe csnug_mkdirat(above, String(name), 0o700)
      if made < 0 && made != -Int(ErrorNumber.exists) { return Int32(-made) }
      parent = Int32(unsafe csnug_openat2(root, reached, Int32(csnug_how_path_without_links.rawValue), 0))
      if parent != -ErrorNumber.noEntry { break }
    }
    if parent < 0 { return -parent }
  }
  if parent != root { _ = csnug_close(parent) }
  return nil
}

/// Starts a child that becomes a program at once. It runs in this process's memory, which stands still until the child has
/// executed its program or ended: nothing of this process is copied for it. Returns its pid, or the errno below zero.
///
/// What the child holds on to is never let go: it never returns.
func startInOurMemory(_ body: @escaping () -> Never) -> Int {
  var body = body
  return unsafe withUnsafeMutablePointer(to: &body) { place in
    unsafe csnug_vfork({ unsafe $0?.assumingMemoryBound(to: (() -> Never).self).pointee() }, place)
  }
}

/// Ends this process by SIGINT or SIGQUIT where that has ended the app, and returns otherwise. On a private terminal these
/// keys reach nobody else: a shell that runs a loop goes on with it, unless it sees that its command died of ctrl-C.
public func endAlike(_ end: Supervisor.End) {
  guard case .killed(let number) = end, number == 2 || number == 3 else { return }
  let core: Int32 = 4
  _ = csnug_setrlimit(core, 0, 0)
  csnug_reset_signal(number)
  _ = csnug_kill(csnug_getpid(), number)
}

/// Puts /dev/null in place of a standard descriptor.
func replaceWithNull(_ number: Int32) { _ = csnug_replace_with_null(number) }

/// What stat(2) says of an open descriptor's type; nil where it is closed.
func fileKind(_ descriptor: Int32) -> UInt32? {
  var status = csnug_statx()
  return unsafe csnug_statx(descriptor, "", false, &status) < 0 ? nil : status.mode & 0o170000
}

/// Whether a descriptor is an open regular file.
func isRegularFile(_ descriptor: Int32) -> Bool { fileKind(descriptor) == 0o100000 }

/// A time of this machine's clock as a person reads it: `2026-11-21 14:40`, in the caller's time zone.
///
/// - Parameter seconds: since 1970.
public func timeText(_ seconds: Int) -> String {
  var text = [CChar](repeating: 0, count: 32)
  let length = unsafe csnug_time_text(Int64(seconds), &text, text.count)
  return length == 0 ? String(seconds) : String(decoding: text[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
