import CSnug
import SnugPlan
import SnugProfile

/// Reads what bubblewrap's options need to know of the machine and the caller. Runs in the launcher.
public enum BubblewrapProbe {
  /// The facts now; dear ones are read when they are asked for.
  public static func read() -> BubblewrapHost {
    let mask = csnug_umask(0o077)
    _ = csnug_umask(mask)
    return BubblewrapHost(
      uid: csnug_geteuid(), gid: csnug_getegid(), umask: mask, workingDirectory: currentDirectory(),
      memory: csnug_total_memory(),
      capabilities: { ownCapabilities().effective }, allowsUserNamespaces: allowsUserNamespaces,
      hasCgroupNamespaces: { readLink("/proc/self/ns/cgroup") != nil },
      terminal: { unsafe csnug_terminal_name(1).map { unsafe String(cString: $0) } }, look: HostFiles.look,
      descriptor: descriptor)
  }

  private static func descriptor(_ number: Int32) -> BubblewrapHost.DescriptorFacts {
    var facts = csnug_statx()
    let result = unsafe csnug_statx(number, "", true, &facts)
    if result < 0 { return .unusable(Int32(-result)) }
    guard let path = readLink("/proc/self/fd/\(number)") else { return .unusable(ErrorNumber.noEntry) }
    let status = FileStatus(facts)
    return .open(path: path, type: status.type, identity: status.identity)
  }

  /// The switches that turn user namespaces off as a whole; anything finer shows only when one is made.
  private static func allowsUserNamespaces() -> Bool {
    if readLink("/proc/self/ns/user") == nil { return false }
    func value(_ path: String) -> String {
      String(decoding: (readFile(path) ?? []).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
    return value("/sys/module/user_namespace/parameters/enable") != "N"
      && value("/proc/sys/user/max_user_namespaces") != "0"
  }
}

/// getcwd(2) gives it without links; nil where it is gone, out of reach or not UTF-8.
func currentDirectory() -> String? {
  var buffer = [UInt8](repeating: 0, count: 4096)
  let count = unsafe buffer.withUnsafeMutableBytes {
    unsafe csnug_getcwd($0.assumingMemoryBound(to: CChar.self).baseAddress, $0.count)
  }
  if count < 0 { HostTrouble.note("the working directory", Int32(clamping: -count)) }
  guard count > 1, buffer[0] == UInt8(ascii: "/") else { return nil }
  return validText(buffer[..<(count - 1)])
}
