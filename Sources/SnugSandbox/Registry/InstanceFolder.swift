import CSnug
import Glibc
import SnugPlan
import SnugProfile

// One instance's directory as others see it: whether its launcher lives, and taking it away when it does not.

/// Names of an instance's files.
enum InstanceFile {
  static let lock = "lock"
  static let control = "control"
  static let entry = "entry.json"
  /// An entry that is being written.
  static let entryDraft = "entry.new"
}

/// The bytes of a lock file that are locked, see `Registry`.
enum LockedBytes {
  /// By the launcher, for life.
  static let life: Int64 = 1
  /// By whoever takes the directory away.
  static let removal: Int64 = 2
}

/// What stands under a name in the registry.
enum InstanceState {
  /// Nothing.
  case free
  /// A launcher holds it. The descriptor of the directory is the receiver's to close.
  case held(folder: Int32)
  /// Somebody is taking it away.
  case vanishing
  /// Its launcher is dead.
  case stale
  /// It cannot be judged: the errno.
  case unusable(Int32)
}

/// How taking a directory away went.
enum Removal {
  case done
  /// A launcher lives, or somebody else takes it away, or it is gone.
  case left
  case failed(Int32)
}

extension Registry {
  /// Looks without touching anything.
  func state(of name: String) -> InstanceState {
    let folder = Self.openDirectory(directory, name)
    if folder < 0 { return folder == -ENOENT ? .free : .unusable(-folder) }
    let lock = unsafe openat(folder, InstanceFile.lock, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    let code = errno
    if lock < 0 {
      csnug_close(folder)
      return code == ENOENT ? .stale : .unusable(code)
    }
    defer { csnug_close(lock) }
    var range: (start: Int64, length: Int64) = (0, 0)
    let found = unsafe csnug_find_lock(lock, &range.start, &range.length)
    if found == 1, range.length == LockedBytes.life { return .held(folder: folder) }
    csnug_close(folder)
    if found < 0 { return .unusable(Int32(clamping: -found)) }
    return found == 1 ? .vanishing : .stale
  }

  /// Takes away what a dead launcher has left under a name, and nothing else.
  func sweep(_ name: String) -> Removal {
    let folder = Self.openDirectory(directory, name)
    if folder < 0 { return folder == -ENOENT ? .left : .failed(-folder) }
    defer { csnug_close(folder) }
    // Made where it is missing: the launcher that is about to make it makes it new, fails, and tries elsewhere.
    let lock = unsafe openat(folder, InstanceFile.lock, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o600)
    if lock < 0 { return errno == ENOENT ? .left : .failed(errno) }
    defer { csnug_close(lock) }
    let locked = csnug_lock(lock, 0, LockedBytes.removal)
    if locked < 0 { return [-Int(EAGAIN), -Int(EACCES)].contains(locked) ? .left : .failed(Int32(clamping: -locked)) }
    guard leads(name, to: folder) else { return .left }
    return remove(name, folder, isOwn: false)
  }

  /// Takes a directory away whose lock the caller holds. First its name, so that nobody finds half of it; last the lock:
  /// without it the directory is anybody's, and what is found in it then belongs to who has just made a lock of its own.
  func remove(_ name: String, _ folder: Int32, isOwn: Bool) -> Removal {
    var name = name
    if !Self.isTemporary(name) {
      let other = Self.temporaryName()
      let renamed = unsafe csnug_rename_new(directory, name, directory, other)
      if renamed < 0 { return .failed(Int32(clamping: -renamed)) }
      name = other
    }
    removeSockets(in: folder)
    // Of a later version of Snug.
    let unknown = isOwn ? [] : HostFiles.list("/proc/self/fd/\(folder)").filter { $0 != InstanceFile.lock }
    for file in unknown where unsafe csnug_unlinkat(folder, file) == -Int(EISDIR) {
      _ = unsafe csnug_rmdirat(folder, file)
    }
    let files = [InstanceFile.control, InstanceFile.entry, InstanceFile.entryDraft, InstanceFile.lock]
    for file in files { _ = unsafe csnug_unlinkat(folder, file) }
    let result = unsafe csnug_rmdirat(directory, name)
    if result == -Int(ENOTEMPTY) { return .left }
    return result < 0 && result != -Int(ENOENT) ? .failed(Int32(clamping: -result)) : .done
  }

  /// The directories of the companions' sockets: whatever is in them. One that was killed has left them.
  private func removeSockets(in folder: Int32) {
    for maker in SocketMaker.allCases {
      let sockets = Self.openDirectory(folder, maker.directory)
      if sockets < 0 { continue }
      defer { csnug_close(sockets) }
      for file in HostFiles.list("/proc/self/fd/\(sockets)") { _ = unsafe csnug_unlinkat(sockets, file) }
      _ = unsafe csnug_rmdirat(folder, maker.directory)
    }
  }

  /// Whether a name is that of an open directory.
  func leads(_ name: String, to folder: Int32) -> Bool { Self.leads(name, in: directory, to: folder) }

  /// Whether a name in a directory is that of an open file.
  static func leads(_ name: String, in directory: Int32, to file: Int32) -> Bool {
    var named = csnug_statx()
    var open = csnug_statx()
    guard unsafe csnug_statx(directory, name, false, &named) >= 0, unsafe csnug_statx(file, "", false, &open) >= 0
    else { return false }
    return FileStatus(named).identity == FileStatus(open).identity
  }
}
