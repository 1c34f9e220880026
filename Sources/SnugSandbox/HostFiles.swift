import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// Reads of the host's file system. Nothing here waits: no FIFO is opened for reading, no network server is asked.
///
/// Runs in the launcher, before it starts anything.
public enum HostFiles {
  /// Looks at a path as `Host.look` promises. One descriptor, so that type, identity and real path are those of the same
  /// file. Most paths have no link in them: the kernel says so itself, and only the others need their real name read.
  public static func look(_ path: String) -> PathFacts {
    var file = Int32(clamping: unsafe csnug_open_without_links(path))
    let hasLinks = file == -ELOOP
    if hasLinks { file = Int32(clamping: unsafe csnug_open(path, true, true)) }
    if file < 0 {
      switch -file {
      case ENOENT: return .missing(link: readLink(path))
      case ENOTDIR: return .missing(link: nil)
      default:
        HostTrouble.note(path, -file)
        return .unreadable(-file)
      }
    }
    defer { csnug_close(file) }
    var status = csnug_statx()
    let result = unsafe csnug_statx(file, "", false, &status)
    if result < 0 {
      // It is open: no right of ours is missing.
      HostTrouble.note(path, Int32(clamping: -result), whatever: true)
      return .unreadable(Int32(clamping: -result))
    }
    let type = FileStatus(status).type
    let identity = FileIdentity(deviceMajor: status.dev_major, deviceMinor: status.dev_minor, inode: status.inode)
    if !hasLinks { return .exists(real: path, type: type, identity: identity, link: nil) }
    guard let real = readLink("/proc/self/fd/\(file)"), real.utf8.first == UInt8(ascii: "/") else {
      // Its name is not UTF-8, or it was removed just now.
      return .unreadable(EILSEQ)
    }
    return .exists(real: real, type: type, identity: identity, link: readLink(path))
  }

  /// Names in a directory but `.` and `..`, sorted by bytes. Names that are not UTF-8 are left out.
  public static func list(_ path: String) -> [String] {
    let directory = Int32(clamping: unsafe csnug_open(path, false, true))
    if directory < 0 {
      HostTrouble.note(path, -directory)
      return []
    }
    defer { csnug_close(directory) }
    var names: [PathComponent] = []
    var buffer = [UInt8](repeating: 0, count: 32 << 10)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe csnug_getdents64(directory, $0.baseAddress, $0.count) }
      if count < 0 { HostTrouble.note(path, Int32(clamping: -count)) }
      if count <= 0 { break }
      // struct linux_dirent64: inode 8, offset 8, record length 2, type 1, name. See getdents(2).
      var start = 0
      while start + 19 < count {
        let length = Int(buffer[start + 16]) | Int(buffer[start + 17]) << 8
        let name = buffer[(start + 19)..<(start + max(length, 20))].prefix { $0 != 0 }
        if !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8) { names.append(PathComponent(name)) }
        if length == 0 { break }
        start += length
      }
    }
    return names.sorted().compactMap { validText($0.bytes) }
  }

  /// Content of a regular file of at most `limit` bytes; else the errno (EFBIG for a longer one).
  public static func read(_ path: String, limit: Int = 1 << 20) -> Result<[UInt8], KernelError> {
    let file = Int32(clamping: unsafe csnug_open(path, false, true))
    if file < 0 { return .failure(failed("open", path, -file)) }
    defer { csnug_close(file) }
    var status = csnug_statx()
    let result = unsafe csnug_statx(file, "", false, &status)
    if result < 0 { return .failure(failed("statx", path, Int32(clamping: -result))) }
    switch FileStatus(status).type {
    case .file: break
    case .directory: return .failure(KernelError("read", path, code: EISDIR))
    default: return .failure(KernelError("read", path, code: EINVAL))
    }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe csnug_read(file, $0.baseAddress, $0.count) }
      if count < 0 { return .failure(failed("read", path, Int32(clamping: -count))) }
      if count == 0 { return .success(content) }
      content += buffer[..<count]
      if content.count > limit { return .failure(KernelError("read", path, code: EFBIG)) }
    }
  }

  private static func failed(_ call: String, _ path: String, _ code: Int32) -> KernelError {
    HostTrouble.note(path, code)
    return KernelError(call, path, code: code)
  }

  /// Part of a regular file: at most `count` bytes from an offset on, fewer at its end; nil where it cannot be read.
  public static func readPart(_ path: String, _ offset: UInt64, _ count: Int) -> [UInt8]? {
    guard let offset = Int64(exactly: offset), count >= 0 else { return nil }
    let file = Int32(clamping: unsafe csnug_open(path, false, true))
    if file < 0 { return nil }
    defer { csnug_close(file) }
    var status = csnug_statx()
    guard unsafe csnug_statx(file, "", false, &status) >= 0, FileStatus(status).type == .file else { return nil }
    var buffer = [UInt8](repeating: 0, count: count)
    let got = unsafe buffer.withUnsafeMutableBytes { unsafe csnug_pread(file, $0.baseAddress, $0.count, offset) }
    return got < 0 ? nil : Array(buffer[..<got])
  }

  /// Owner and permission bits of what a path leads to, or nil.
  public static func owner(_ path: String) -> (uid: UInt32, gid: UInt32, mode: UInt32, type: FileType)? {
    var status = csnug_statx()
    let result = unsafe csnug_statx(AT_FDCWD, path, true, &status)
    if result < 0 {
      // A right that is missing is EACCES, see stat(2).
      HostTrouble.note(path, Int32(clamping: -result), whatever: result == -Int(EPERM))
      return nil
    }
    return (status.uid, status.gid, status.mode & 0o7777, FileStatus(status).type)
  }

  /// Whether the caller may execute a file.
  public static func isExecutable(_ path: String) -> Bool { unsafe faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 }
}
