import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// The instances of one user: a directory `snug` in the user's runtime directory, and in it one directory for each.
///
///     snug/NAME/lock          write lock on its first byte, held by the launcher as long as it lives
///     snug/NAME/control       seqpacket socket on which the launcher listens
///     snug/NAME/bus/          sockets of the bus proxy; so of each companion, see `SocketMaker`
///     snug/NAME/entry.json    what `snug ps` shows; not there before PID 1 runs
///     snug/.new:PID:RANDOM    an instance's directory that is being made or taken away
///
/// What keeps it sound:
///
/// 1. A directory gets its name when lock and socket are there (`RENAME_NOREPLACE`), and loses it before they go. Under a
///    name everything is whole or was left by a launcher that is dead.
/// 2. Alive means that the lock is held. It cannot be forgotten: the kernel takes it back with the launcher's last
///    descriptor. Nothing but the lock decides whether a directory may be taken away.
/// 3. Whoever takes a directory away locks both first bytes of its lock file for as long as that takes: so no two do, a
///    launcher that is about to lock it fails and makes another one, and who looks sees that it is no launcher's lock.
/// 4. The holder of that lock looks again whether the name still leads to the directory that it has open. As nobody else
///    may rename it, that stays so.
///
/// Runs in the launcher before it starts anything, and in commands about instances. All of a user's sandboxes share one
/// uid: what keeps an app away from this directory is that no sandbox shows it.
public final class Registry {
  /// The directory of instances, for messages.
  public let path: String
  /// Descriptor of it; -1 where there is none yet.
  let directory: Int32
  let uid: UInt32

  private init(path: String, directory: Int32, uid: UInt32) {
    self.path = path
    self.directory = directory
    self.uid = uid
  }

  deinit { if directory >= 0 { csnug_close(directory) } }

  /// The caller's registry below `$XDG_RUNTIME_DIR`, or `/run/user/UID` where that is not set, not absolute or not UTF-8;
  /// nil where it is not set and that is no directory of the caller's alone.
  ///
  /// - Parameters:
  ///   - creates: makes the directory, mode 0700, where there is none.
  ///   - isOptional: what is wrong with `$XDG_RUNTIME_DIR` itself means that there is none.
  /// - Throws: what is wrong with a directory that is there: whoever can write to it, or has laid it there, could show
  ///   instances that are none, and be sent what is meant for one.
  public static func open(_ host: Host, creates: Bool = true, isOptional: Bool = false)
    throws(Diagnostic) -> Registry?
  {
    let named = host.variable("XDG_RUNTIME_DIR").flatMap { $0.utf8.first == UInt8(ascii: "/") ? $0 : nil }
    let path = named ?? "/run/user/\(host.uid)"
    let runtime = unsafe openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC)
    let trouble = runtime < 0 ? (errorText(errno), nil) : Self.trouble(withRuntime: runtime, path, host.uid)
    defer { if runtime >= 0 { csnug_close(runtime) } }
    if let (reason, hint) = trouble {
      guard named != nil, !isOptional else { return nil }
      throw Diagnostic(
        "cannot use XDG_RUNTIME_DIR \(path): \(reason)",
        hint: hint ?? "set XDG_RUNTIME_DIR to a directory of your own, mode 0700")
    }
    let own = (path.utf8.last == UInt8(ascii: "/") ? path : path + "/") + "snug"
    var directory = Self.openDirectory(runtime, "snug")
    if directory == -ENOENT, creates {
      let made = unsafe csnug_mkdirat(runtime, "snug", 0o700)
      if made >= 0 { _ = setMode(0o700, "snug", in: runtime) }
      // EEXIST: another start was faster.
      directory = made < 0 && made != -Int(EEXIST) ? Int32(clamping: made) : Self.openDirectory(runtime, "snug")
    }
    if directory == -ENOENT, !creates { return Registry(path: own, directory: -1, uid: host.uid) }
    if directory < 0 { throw Self.cannotKeep(in: own, runtime, code: -directory) }
    if let (reason, hint) = Self.trouble(withOwn: directory, own, host.uid) {
      csnug_close(directory)
      throw Diagnostic("cannot keep instances in \(own): \(reason)", hint: hint)
    }
    return Registry(path: own, directory: directory, uid: host.uid)
  }

  // MARK: - Judging

  private static func trouble(withRuntime directory: Int32, _ path: String, _ uid: UInt32)
    -> (reason: String, hint: String?)?
  {
    var facts = csnug_statx()
    let result = unsafe csnug_statx(directory, "", true, &facts)
    if result < 0 { return (errorText(Int32(clamping: -result)), nil) }
    if facts.uid != uid { return ("it belongs to user \(facts.uid), and you are \(uid)", nil) }
    return facts.mode & 0o022 == 0 ? nil : ("others can write to it", "chmod 700 \(path)")
  }

  private static func trouble(withOwn directory: Int32, _ path: String, _ uid: UInt32)
    -> (reason: String, hint: String?)?
  {
    var facts = csnug_statx()
    let result = unsafe csnug_statx(directory, "", true, &facts)
    if result < 0 { return (errorText(Int32(clamping: -result)), nil) }
    if facts.uid != uid {
      return ("it belongs to user \(facts.uid), and you are \(uid)", "take it away: snug makes one of your own")
    }
    return facts.mode & 0o077 == 0 ? nil : ("others can reach it", "chmod 700 \(path)")
  }

  private static func cannotKeep(in path: String, _ runtime: Int32, code: Int32) -> Diagnostic {
    var facts = csnug_statx()
    if code == ENOTDIR || code == ELOOP, unsafe csnug_statx(runtime, "snug", false, &facts) >= 0 {
      let status = FileStatus(facts)
      return Diagnostic(
        "cannot keep instances in \(path): it is a \(status.isLink ? "link" : status.type.rawValue), not a directory",
        hint: "take it away: snug makes the directory itself")
    }
    return Diagnostic("cannot keep instances in \(path): \(errorText(code))", hint: registryHint(code, path))
  }

  // MARK: - Small steps

  /// A directory in a directory, never through a link; -errno where it cannot be opened.
  static func openDirectory(_ parent: Int32, _ name: String) -> Int32 {
    let opened = unsafe openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    return opened < 0 ? -errno : opened
  }

  /// A name for a directory that has none yet or no longer. A colon stands in no instance's name.
  static func temporaryName() -> String { ".new:\(csnug_getpid()):\(randomText(8))" }

  /// Whether a name is one of those.
  static func isTemporary(_ name: String) -> Bool { name.utf8.starts(with: ".new:".utf8) }

  /// Random letters and digits.
  static func randomText(_ count: Int) -> String {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = unsafe csnug_random(&bytes, count)
    let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
    // Names have to differ, not to be secret: what getrandom does not give, a collision and another try make up for.
    return String(decoding: bytes.prefix(max(0, got)).map { letters[Int($0) % letters.count] }, as: UTF8.self)
  }
}

/// Gives a file that was just made its mode whatever the umask is, which may take the owner's rights away, too. Returns the
/// errno, or 0.
func setMode(_ mode: UInt32, _ name: String, in directory: Int32) -> Int32 {
  unsafe fchmodat(directory, name, mode, 0) < 0 ? errno : 0
}

/// The one remedy of a failed step in the registry; nil where none is known.
func registryHint(_ code: Int32, _ path: String) -> String? {
  switch code {
  case ENOSPC, EDQUOT: "free some space there"
  case EACCES, EPERM: "it has to be a directory of your own, mode 0700"
  case EROFS: "set XDG_RUNTIME_DIR to a directory that can be written to"
  default: nil
  }
}
