import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// A private home as `snug home` shows it.
public struct PrivateHome: Hashable, Sendable {
  /// Name of the profile that it belongs to.
  public var profile: String
  /// On the host.
  public var path: String
  /// What it takes.
  public var size: TreeSize
  /// Seconds since 1970 at which a sandbox last started in it.
  public var lastUse: Int
  /// Whether a sandbox uses it now.
  public var isUsed: Bool
}

/// The private homes of a caller: where they are, how big, and how one is emptied.
///
/// Runs in `snug home`.
public struct PrivateHomes {
  /// `$XDG_DATA_HOME/snug/homes`.
  public let path: String
  private let dataHome: String

  /// Makes the list of a host.
  ///
  /// - Parameter dataHome: `Host.dataHome`.
  public init(dataHome: String) {
    self.dataHome = dataHome
    path = (dataHome == "/" ? "" : dataHome) + "/snug/homes"
  }

  /// A holder of a reset. No profile has a name with a dot at its beginning.
  private static let holderPrefix = ".reset-"

  /// All homes by name, or the one of that name. What is no directory is left out: no start would use it.
  public func list(only name: String? = nil) throws(Diagnostic) -> [PrivateHome] {
    guard let homes = try open() else { return [] }
    defer { csnug_close(homes) }
    return HostFiles.list("/proc/self/fd/\(homes)").compactMap { profile in
      if profile.hasPrefix(".") || name.map({ $0 != profile }) == true { return nil }
      return look(profile, in: homes)
    }
  }

  private func look(_ profile: String, in homes: Int32) -> PrivateHome? {
    guard let facts = status(Array(profile.utf8CString), in: homes), facts.isDirectory else { return nil }
    var size = TreeSize()
    let directory = Int32(clamping: unsafe csnug_open_beneath(homes, profile, false))
    if directory >= 0 { size = TreeSize(of: directory) } else { size.unreadable = 1 }
    if directory >= 0 { csnug_close(directory) }
    return PrivateHome(
      profile: profile, path: "\(path)/\(profile)", size: size, lastUse: Int(facts.st_mtim.tv_sec),
      isUsed: Self.isLocked(OpenIdentity(facts)))
  }

  /// Whether anybody has locked a file, by the kernel's list: to try the lock could turn a start away. See proc_locks(5).
  private static func isLocked(_ identity: OpenIdentity) -> Bool {
    let file = "\(major(identity.device)):\(minor(identity.device)):\(identity.inode)"
    let locks = String(decoding: readFile("/proc/locks", limit: 16 << 20) ?? [], as: UTF8.self)
    return locks.split(separator: "\n").contains { line in
      let fields = line.split(separator: " ")
      guard fields.count > 5, fields[1] == "FLOCK" else { return false }
      let parts = fields[5].split(separator: ":")
      guard parts.count == 3, let major = UInt64(parts[0], radix: 16), let minor = UInt64(parts[1], radix: 16) else {
        return false
      }
      return "\(major):\(minor):\(parts[2])" == file
    }
  }

  private static func major(_ device: UInt64) -> UInt64 { device >> 8 & 0xfff | device >> 32 & ~0xfff }
  private static func minor(_ device: UInt64) -> UInt64 { device & 0xff | device >> 12 & ~0xff }

  /// The directory of the homes, reached as a start reaches it: no link below the data directory. Nil where none is.
  private func open() throws(Diagnostic) -> Int32? {
    var directory = Int32(clamping: unsafe csnug_open(dataHome, true, true))
    var reached = dataHome
    for name in ["snug", "homes"] where directory >= 0 {
      let parent = directory
      reached = (reached == "/" ? "" : reached) + "/" + name
      directory = unsafe openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      if directory < 0 { directory = -errno }
      csnug_close(parent)
    }
    if directory >= 0 { return directory }
    if directory == -ENOENT { return nil }
    let isLink = directory == -ENOTDIR && readLink(reached) != nil
    throw Diagnostic("cannot read \(reached): \(isLink ? "it is a link" : errorText(-directory))")
  }

  // MARK: - Reset

  /// Empties the home of a profile. Nil where there is none.
  ///
  /// The directory is moved aside in one step and taken away then: whatever ends the reset, the name has the whole home
  /// or none, and the next reset takes away what is left.
  public func reset(_ profile: String) throws(Diagnostic) -> TreeRemoval? {
    guard let homes = try open() else { return nil }
    defer { csnug_close(homes) }
    func refusal(_ reason: String, hint: String? = nil) -> Diagnostic {
      Diagnostic("cannot reset the private home \(path)/\(profile): \(reason)", hint: hint)
    }
    guard !profile.hasPrefix("."), !profile.isEmpty, !profile.utf8.contains(UInt8(ascii: "/")),
      let facts = status(Array(profile.utf8CString), in: homes)
    else { return nil }
    if facts.st_mode & S_IFMT == S_IFLNK { throw refusal("it is a link") }
    if !facts.isDirectory { throw refusal("it is not a directory") }
    if facts.st_uid != geteuid() { throw refusal("it belongs to user \(facts.st_uid)") }
    let place = Int32(clamping: unsafe csnug_open_beneath(homes, profile, true))
    if place < 0 { throw refusal(place == -EXDEV ? "something is mounted on it" : errorText(-place)) }
    defer { csnug_close(place) }
    var home = Int32(clamping: unsafe csnug_open_beneath(place, ".", false))
    if home == -EACCES, csnug_fchmod(place, 0o700) == 0 {
      // A program that took its own home's rights away must not keep it for ever by that.
      home = Int32(clamping: unsafe csnug_open_beneath(place, ".", false))
    }
    if home < 0 { throw refusal(errorText(-home)) }
    defer { csnug_close(home) }
    switch lock(home, exclusive: true) {
    case .had: break
    case .isHeld: throw refusal("it is in use", hint: "end the program that runs in it first")
    case .impossible(let code):
      throw refusal("whether it is in use cannot be told here: \(errorText(code))", hint: "remove it by hand")
    }
    // Another reset may have moved it away before this one had the lock; a start may use a new one by now.
    guard let own = OpenIdentity(home), status(Array(profile.utf8CString), in: homes).map(OpenIdentity.init) == own
    else {
      throw refusal("another reset has just emptied it")
    }
    let (holder, holderName) = try makeHolder(in: homes, refusal)
    defer { csnug_close(holder) }
    var removal = TreeRemoval(in: holder)
    if let code = removal.take(profile, from: homes) {
      _ = unsafe csnug_rmdirat(homes, holderName)
      throw refusal(code == EBUSY ? "something is mounted on it" : errorText(code))
    }
    takeLeftovers(&removal, from: homes, but: holderName)
    removal.run()
    if unsafe csnug_rmdirat(homes, holderName) < 0 { removal.rest = "\(path)/\(holderName)" }
    return removal
  }

  /// A directory for what is being removed, locked, so that no other reset takes it for a leftover.
  private func makeHolder(in homes: Int32, _ refusal: (String, String?) -> Diagnostic) throws(Diagnostic)
    -> (Int32, String)
  {
    for attempt in 0..<1000 {
      let name = "\(Self.holderPrefix)\(getpid())-\(attempt)"
      let made = unsafe csnug_mkdirat(homes, name, 0o700)
      if made == -Int(EEXIST) { continue }
      if made < 0 { throw refusal(errorText(Int32(clamping: -made)), nil) }
      let holder = Int32(clamping: unsafe csnug_open_beneath(homes, name, false))
      if holder < 0 { continue }
      // Another reset could have found it before it was locked.
      if lock(holder, exclusive: true) == .had, let own = OpenIdentity(holder),
        status(Array(name.utf8CString), in: homes).map(OpenIdentity.init) == own
      {
        return (holder, name)
      }
      csnug_close(holder)
    }
    throw refusal("no directory can be made beside it", nil)
  }

  /// What resets have left that were ended before they were done.
  private func takeLeftovers(_ removal: inout TreeRemoval, from homes: Int32, but own: String) {
    for name in HostFiles.list("/proc/self/fd/\(homes)") where name.hasPrefix(Self.holderPrefix) && name != own {
      let holder = Int32(clamping: unsafe csnug_open_beneath(homes, name, false))
      if holder < 0 { continue }
      if lock(holder, exclusive: true) == .had { _ = removal.take(name, from: homes) }
      csnug_close(holder)
    }
  }
}
