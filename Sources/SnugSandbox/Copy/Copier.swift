import CSnug
import Glibc
import SnugPlan

/// Copies files and trees from one place to another that somebody else may be changing at the same time: the app, on
/// either side.
///
/// Both places are open descriptors, and everything below is reached from them one name at a time, through no link, so that
/// no exchange of a name leads anywhere but into the same tree. What is read is the very file that was judged to be one.
/// What is written gets its name when it is complete, and no name is written through.
///
/// Content, permission bits (without set-id and sticky) and times of change are kept; the owner is the caller. Owners,
/// access lists and extended attributes are not. Runs in commands that start nothing.
public struct Copier {
  /// What becomes of symbolic links in a tree. None is followed.
  public enum LinkRule: Sendable {
    /// They are made again as they are.
    case all
    /// Only those that stay in the tree, whatever comes to stand around it: whoever made the others may want somebody to
    /// follow them later.
    case within
  }

  /// One item that was not copied. The others are.
  public struct Problem: Hashable, Sendable {
    /// Without the leading `snug: `: the verb, the path, the reason.
    public var message: String
    /// Whether it could not be written because everything there is read-only.
    public var isReadOnly: Bool
  }

  /// An end of a copy.
  public struct Place: Hashable, Sendable {
    /// Open, perhaps O_PATH; the caller's to close.
    public var descriptor: Int32
    /// How a person would write it; empty for the working directory.
    public var path: String

    /// Names an open file or directory.
    public init(_ descriptor: Int32, path: String) {
      self.descriptor = descriptor
      self.path = path
    }

    func below(_ name: FileName) -> String {
      path.isEmpty || path.hasSuffix("/") ? path + name.text : path + "/" + name.text
    }
  }

  let links: LinkRule
  let isCancelled: () -> Bool
  let report: (Problem) -> Void
  /// The directory that a tree is copied to, which must not be copied into itself for ever.
  var top: FileIdentity?

  /// Directories below each other that are copied at most: two descriptors are open for each.
  static let mostDepth = 400

  /// - Parameters:
  ///   - isCancelled: asked often; where it says so, nothing half-written stays.
  ///   - report: is told of each item that was not copied.
  public init(links: LinkRule, isCancelled: @escaping () -> Bool = { false }, report: @escaping (Problem) -> Void) {
    self.links = links
    self.isCancelled = isCancelled
    self.report = report
  }

  /// Copies a file or a tree into a directory. A file of the name is replaced, a directory gets what it lacks.
  ///
  /// - Parameter name: what it is called there; nil: `source` is a directory, and what is in it goes straight into
  ///   `directory`.
  public mutating func copy(_ source: Place, into directory: Place, as name: FileName?) {
    if let name {
      copy(source, into: directory, as: name, depth: -1)
    } else {
      top = identity(directory.descriptor)
      copyContents(of: source, into: directory, depth: 0)
    }
  }

  // MARK: - Items

  private mutating func copy(_ source: Place, into directory: Place, as name: FileName, depth: Int) {
    attempt(source.path, directory.below(name)) { () throws(CopyTrouble) in
      let status = try facts(of: source.descriptor)
      switch status.st_mode & S_IFMT {
      case S_IFREG: try copyFile(source.descriptor, status, into: directory.descriptor, as: name)
      case S_IFDIR: try copyDirectory(source, status, into: directory, as: name, depth: depth + 1)
      case let kind: throw .refused("it is \(kindText(kind)); only files, directories and links are copied")
      }
    }
  }

  private mutating func copyDirectory(
    _ source: Place, _ status: stat, into directory: Place, as name: FileName, depth: Int
  ) throws(CopyTrouble) {
    if depth > Self.mostDepth { throw .refused("it lies more than \(Self.mostDepth) directories deep") }
    if let top, identity(source.descriptor) == top { throw .refused("it is what everything is copied to") }
    // 0700 until it is filled: what is read-only at its source has to be written here, and by us alone.
    let made = unsafe csnug_mkdirat(directory.descriptor, name.bytes, 0o700)
    if made < 0, made != -Int(EEXIST) { throw .write(Int32(clamping: -made)) }
    let target = openBelow(directory.descriptor, name)
    if target == -ELOOP { throw .occupied("a symbolic link stands in its place") }
    if target < 0 { throw .write(-target) }
    defer { csnug_close(target) }
    let kind = try facts(of: target).st_mode & S_IFMT
    if kind != S_IFDIR { throw .occupied("\(kindText(kind)) stands in its place") }
    if identity(source.descriptor) == identity(target) { throw .refused("it is the same directory") }
    if top == nil { top = identity(target) }
    copyContents(of: source, into: Place(target, path: directory.below(name)), depth: depth)
    // One that was there keeps what it has.
    if made < 0 { return }
    let changed = csnug_fchmod(target, status.st_mode & 0o777)
    if changed < 0 { throw .write(Int32(clamping: -changed)) }
    keepTimes(status, of: target)
  }

  private mutating func copyContents(of source: Place, into target: Place, depth: Int) {
    var names: [FileName] = []
    attempt(source.path, target.path) { () throws(CopyTrouble) in names = try listNames(source.descriptor) }
    for name in names {
      if isCancelled() { return }
      let entry = openBelow(source.descriptor, name)
      if entry >= 0 {
        copy(Place(entry, path: source.below(name)), into: target, as: name, depth: depth)
        csnug_close(entry)
        continue
      }
      attempt(source.below(name), target.below(name)) { () throws(CopyTrouble) in
        if entry != -ELOOP { throw .read(-entry) }
        try copyLink(name, in: source.descriptor, into: target.descriptor, depth: depth)
      }
    }
  }

  private func copyLink(_ name: FileName, in source: Int32, into target: Int32, depth: Int) throws(CopyTrouble) {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe csnug_readlinkat(source, name.bytes, &buffer, buffer.count - 1)
    // EINVAL: it was a link a moment ago.
    if count < 0 { throw count == -Int(EINVAL) ? .refused("it changes while it is copied") : .read(Int32(-count)) }
    let text = buffer[..<count].map { UInt8(bitPattern: $0) }
    if links == .within, !staysWithin(text, depth: depth) {
      throw .refused(
        "it is a symbolic link that leads out of what is copied, to \(String(decoding: text, as: UTF8.self))")
    }
    var status = stat()
    if unsafe fstatat(source, name.bytes, &status, AT_SYMLINK_NOFOLLOW) < 0 { throw .read(errno) }
    let times = [status.st_atim, status.st_mtim]
    try place(name, of: nil, in: target) { draft throws(CopyTrouble) in
      let made = unsafe symlinkat(Array(buffer[..<count]) + [0], target, draft)
      if made < 0 { throw .write(errno) }
      _ = unsafe utimensat(target, draft, times, AT_SYMLINK_NOFOLLOW)
    }
  }

  private func copyFile(_ file: Int32, _ status: stat, into directory: Int32, as name: FileName) throws(CopyTrouble) {
    // Sizes of proc tell nothing, and some of its files wait.
    var magic: Int64 = 0
    if unsafe csnug_fstatfs_magic(file, &magic) == 0, magic == Int64(procMagic) {
      throw .refused("it is no file but what proc tells")
    }
    let source = reopen(file, O_RDONLY)
    // Somebody holds a lease on it, fcntl(2), and would have us wait.
    if source == -EAGAIN { throw .refused("another program keeps it from being opened") }
    if source < 0 { throw .read(-source) }
    defer { csnug_close(source) }
    try place(name, of: status, in: directory) { draft throws(CopyTrouble) in
      let target = unsafe openat(directory, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
      if target < 0 { throw .write(errno) }
      defer { csnug_close(target) }
      try copyContent(from: source, to: target, size: status.st_size, isCancelled: isCancelled)
      if fchmod(target, status.st_mode & 0o777) < 0 { throw .write(errno) }
      keepTimes(status, of: target)
    }
  }

  // MARK: - Steps

  private func attempt(_ source: String, _ target: String, _ body: () throws(CopyTrouble) -> Void) {
    do throws(CopyTrouble) {
      try body()
    } catch {
      switch error {
      case .cancelled: break
      case .read(let code): tell("cannot copy \(source): \(errorText(code))")
      case .refused(let reason): tell("cannot copy \(source): \(reason)")
      case .write(let code): tell("cannot write \(target): \(errorText(code))", isReadOnly: code == EROFS)
      case .occupied(let reason): tell("cannot write \(target): \(reason)")
      }
    }
  }

  private func tell(_ message: String, isReadOnly: Bool = false) {
    report(Problem(message: message, isReadOnly: isReadOnly))
  }
}

/// Makes something under a name of its own and gives it its real one when it is complete. Takes the place of a file or a
/// link, of nothing else, and not that of what it is made of.
private func place(
  _ name: FileName, of source: stat?, in directory: Int32, _ make: (_ draft: String) throws(CopyTrouble) -> Void
) throws(CopyTrouble) {
  var old = stat()
  if unsafe fstatat(directory, name.bytes, &old, AT_SYMLINK_NOFOLLOW) == 0 {
    let kind = old.st_mode & S_IFMT
    if kind != S_IFREG, kind != S_IFLNK { throw .occupied("\(kindText(kind)) stands in its place") }
    if let source, source.st_ino == old.st_ino, source.st_dev == old.st_dev { throw .refused("it is the same file") }
  }
  var number: UInt64 = 0
  _ = unsafe csnug_random(&number, MemoryLayout<UInt64>.size)
  let draft = ".snug-cp-" + String(number, radix: 16)
  do throws(CopyTrouble) {
    try make(draft)
    if unsafe renameat(directory, draft, directory, name.bytes) < 0 { throw .write(errno) }
  } catch {
    // EEXIST would be somebody else's.
    if error != .write(EEXIST) { _ = unsafe unlinkat(directory, draft, 0) }
    throw error
  }
}

/// Names in a directory that may be O_PATH, in the order it has them.
private func listNames(_ directory: Int32) throws(CopyTrouble) -> [FileName] {
  let readable = reopen(directory, O_RDONLY | O_DIRECTORY)
  if readable < 0 { throw .read(-readable) }
  defer { csnug_close(readable) }
  var names: Set<FileName> = []
  var buffer = [UInt8](repeating: 0, count: 32 << 10)
  while true {
    let count = unsafe buffer.withUnsafeMutableBytes { unsafe csnug_getdents64(readable, $0.baseAddress, $0.count) }
    if count < 0 { throw .read(Int32(clamping: -count)) }
    if count == 0 { break }
    // struct linux_dirent64: inode 8, offset 8, record length 2, type 1, name. See getdents(2).
    var start = 0
    while start + 19 < count {
      let length = Int(buffer[start + 16]) | Int(buffer[start + 17]) << 8
      if length < 20 { break }
      if let name = FileName(bytes: Array(buffer[(start + 19)..<(start + length)].prefix { $0 != 0 })) {
        names.insert(name)
      }
      start += length
    }
    // A listing may never end while names are made or exchanged as fast as they are read.
    if names.count > mostNames { throw .refused("it holds more than \(mostNames) names") }
  }
  return names.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
}

private let mostNames = 1_000_000

/// What stands under a name, O_PATH, through no link; a negative errno, ELOOP for a symbolic link.
private func openBelow(_ directory: Int32, _ name: FileName) -> Int32 {
  Int32(clamping: unsafe csnug_openat2(directory, name.bytes, Int32(csnug_how_path_without_links.rawValue), 0))
}

/// The very file that an O_PATH descriptor stands for, opened for something; a negative errno.
private func reopen(_ file: Int32, _ flags: Int32) -> Int32 {
  let opened = unsafe open("/proc/self/fd/\(file)", flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
  return opened < 0 ? -errno : opened
}

private func facts(of file: Int32) throws(CopyTrouble) -> stat {
  var status = stat()
  if unsafe fstat(file, &status) < 0 { throw .read(errno) }
  return status
}

private func identity(_ file: Int32) -> FileIdentity? {
  var status = csnug_statx()
  return unsafe csnug_statx(file, "", false, &status) < 0 ? nil : FileStatus(status).identity
}

/// A time that cannot be kept, as on a file system without one, is no reason to throw the content away.
private func keepTimes(_ status: stat, of file: Int32) {
  let times = [status.st_atim, status.st_mtim]
  // AT_EMPTY_PATH: also for an O_PATH descriptor, Linux 5.8.
  _ = unsafe utimensat(file, "", times, 0x1000)
}

private func kindText(_ kind: UInt32) -> String {
  switch kind {
  case S_IFREG: "a file"
  case S_IFDIR: "a directory"
  case S_IFLNK: "a symbolic link"
  case S_IFIFO: "a named pipe"
  case S_IFSOCK: "a socket"
  case S_IFCHR, S_IFBLK: "a device"
  default: "no file"
  }
}
