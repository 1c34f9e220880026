import CSnug
import Glibc

/// Where a process stands in the cgroup tree of version 2, see cgroups(7). Runs in the launcher.
///
/// Nothing is assumed about where that tree is mounted: distributions that keep version 1 put it beside.
struct CgroupPlace: Hashable {
  /// The top of the tree as far as it is mounted here.
  var mount: String
  /// The process's own directory.
  var path: String

  /// The directory above; nil at the top.
  var parent: String? {
    guard path != mount, let slash = path.lastIndex(of: "/") else { return nil }
    return String(path[..<slash])
  }

  /// From the content of /proc/PID/cgroup and /proc/self/mountinfo; nil where there is no version 2, or where the
  /// process is not below what is mounted here.
  init?(cgroup: String, mountinfo: String) {
    guard let own = Self.own(cgroup) else { return nil }
    for line in mountinfo.split(separator: "\n") {
      // 31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw
      let fields = line.split(separator: " ")
      guard fields.count > 8, let dash = fields.firstIndex(of: "-"), fields.index(after: dash) < fields.endIndex,
        fields[dash + 1] == "cgroup2"
      else { continue }
      let (root, place) = (unescaped(fields[3]), unescaped(fields[4]))
      guard let rest = Self.rest(of: own, below: root) else { continue }
      self.init(mount: place, path: rest.isEmpty ? place : place + "/" + rest)
      return
    }
    return nil
  }

  init(mount: String, path: String) {
    self.mount = mount
    self.path = path
  }

  /// Of this process or another one. Without `searchesMounts` only the two usual places are tried: reading the mounts of a
  /// machine that has thousands takes longer than a start.
  static func find(pid: Int32? = nil, searchesMounts: Bool) -> CgroupPlace? {
    let process = pid.map { String($0) } ?? "self"
    guard let bytes = readFile("/proc/\(process)/cgroup") else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    if searchesMounts {
      let mounts = readFile("/proc/self/mountinfo", limit: 64 << 20) ?? []
      return CgroupPlace(cgroup: text, mountinfo: String(decoding: mounts, as: UTF8.self))
    }
    guard let own = own(text) else { return nil }
    for mount in ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] {
      let path = own == "/" ? mount : mount + own
      let directory = Int32(clamping: unsafe csnug_open(path, true, false))
      if directory < 0 { continue }
      defer { _ = csnug_close(directory) }
      if isCgroup(directory) { return CgroupPlace(mount: mount, path: path) }
    }
    return nil
  }

  /// Whether an open directory is one of cgroup version 2.
  static func isCgroup(_ directory: Int32) -> Bool {
    var magic: Int64 = 0
    return unsafe csnug_fstatfs_magic(directory, &magic) == 0 && magic == 0x6367_7270
  }

  /// The path of version 2: the line `0::/user.slice/x`.
  private static func own(_ cgroup: String) -> String? {
    let line = cgroup.split(separator: "\n").first { $0.hasPrefix("0::/") }
    guard let path = line.map({ String($0.dropFirst(3)) }) else { return nil }
    // A process outside our cgroup namespace, or one whose cgroup is gone: no directory leads there.
    let isReachable = !path.split(separator: "/").contains("..") && !path.hasSuffix(" (deleted)")
    return isReachable ? path : nil
  }

  /// What is left of a path below a mount's root; nil where it is not below.
  private static func rest(of path: String, below root: String) -> String? {
    if root == "/" { return String(path.dropFirst()) }
    if path == root { return "" }
    return path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : nil
  }
}

/// A field of mountinfo: blanks and backslashes stand as three octal digits, proc_pid_mountinfo(5).
private func unescaped(_ field: Substring) -> String {
  var bytes: [UInt8] = []
  var rest = Array(field.utf8)[...]
  while let byte = rest.popFirst() {
    if byte == UInt8(ascii: "\\"), rest.count >= 3,
      let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
    {
      bytes.append(code)
      rest = rest.dropFirst(3)
    } else {
      bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
