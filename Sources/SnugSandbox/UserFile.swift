import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// Files of the user's that a command writes: atomically, and never through a link that somebody else has laid.
///
/// Runs in commands that start nothing.
public enum UserFile {
  /// Why a file was not written.
  public struct Failure: Error, Hashable {
    /// The path as it was asked for.
    public var path: String
    /// In words.
    public var reason: String
    /// Whether it was only that a file of that name is there.
    public var isThere = false
  }

  /// What a file that is written looks like.
  public struct Form: Hashable, Sendable {
    /// Permission bits of a new file.
    public var mode: UInt32
    /// Those of directories that are missing, less the umask.
    public var directoryMode: UInt32
    /// Whether a link in place of the file is replaced, and what is written always has `mode`. Else a link is followed and
    /// an old file keeps its bits.
    public var replaces: Bool

    /// A file of the user's alone.
    public static let own = Form(mode: 0o600, directoryMode: 0o700, replaces: false)
    /// What other programs read as well: a menu entry.
    public static let shared = Form(mode: 0o644, directoryMode: 0o755, replaces: true)
    /// A program.
    public static let program = Form(mode: 0o755, directoryMode: 0o755, replaces: true)
  }

  /// Puts a file in place in one step: whoever reads the name sees the old text or the new one, never a half.
  ///
  /// Links of the caller's and of root's are followed on the way, also for the file itself unless `form` says otherwise;
  /// those of others are refused.
  ///
  /// - Parameters:
  ///   - path: absolute.
  ///   - mustBeNew: fails where the name exists.
  public static func write(
    _ bytes: [UInt8], to path: String, mustBeNew: Bool = false, as form: Form = .own
  ) throws(Failure) {
    let place = try locate(path, makes: form.directoryMode, followsLast: !form.replaces)
    defer { csnug_close(place.directory) }
    var old = csnug_statx()
    let exists = unsafe csnug_statx(place.directory, place.name, false, &old) >= 0
    if exists, mustBeNew { throw Failure(path: path, reason: errorText(EEXIST), isThere: true) }
    let isReplaced = form.replaces && FileStatus(old).isLink
    if exists, !isReplaced, FileStatus(old).type != .file { throw Failure(path: path, reason: "it is not a file") }
    let mode = exists && !form.replaces ? old.mode & 0o777 : form.mode
    let draft = ".snug-\(getpid())"
    // What a command left that was killed in between, under the same pid.
    _ = unsafe unlinkat(place.directory, draft, 0)
    do throws(StepFailure) {
      try fill(draft, in: place.directory, bytes, mode: mode)
      // link(2) fails where the name exists, rename(2) takes its place.
      let result =
        mustBeNew
        ? unsafe linkat(place.directory, draft, place.directory, place.name, 0)
        : unsafe renameat(place.directory, draft, place.directory, place.name)
      let code = result < 0 ? errno : 0
      if mustBeNew || code != 0 { _ = unsafe unlinkat(place.directory, draft, 0) }
      if code != 0 { throw StepFailure(code: code) }
    } catch {
      throw Failure(path: path, reason: errorText(error.code), isThere: error.code == EEXIST)
    }
  }

  /// Gives a file another name in its directory; what has that name is replaced.
  public static func move(_ path: String, toName name: String) throws(Failure) {
    let place = try locate(path)
    defer { csnug_close(place.directory) }
    if unsafe renameat(place.directory, place.name, place.directory, name) < 0 {
      throw Failure(path: path, reason: errorText(errno))
    }
  }

  /// Takes a file away. One that is not there is no failure.
  ///
  /// - Parameter followsLink: whether it is what a link leads to that is taken away, and not the link.
  public static func remove(_ path: String, followsLink: Bool = true) throws(Failure) {
    let place = try locate(path, followsLast: followsLink)
    defer { csnug_close(place.directory) }
    if unsafe unlinkat(place.directory, place.name, 0) < 0, errno != ENOENT {
      throw Failure(path: path, reason: errorText(errno))
    }
  }

  // MARK: - Steps

  struct StepFailure: Error {
    var code: Int32
  }

  static func fill(_ name: String, in directory: Int32, _ bytes: [UInt8], mode: UInt32) throws(StepFailure) {
    let file = unsafe openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    if file < 0 { throw StepFailure(code: errno) }
    defer { csnug_close(file) }
    var failure: Int32?
    var rest = bytes[...]
    while failure == nil, !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe csnug_write(file, $0.baseAddress, $0.count) }
      if count <= 0 { failure = Int32(clamping: -count) } else { rest = rest.dropFirst(count) }
    }
    // The text has to be on disk before the name leads to it, or a power cut leaves an empty profile.
    if failure == nil, fchmod(file, mode) < 0 || fsync(file) < 0 { failure = errno }
    guard let failure else { return }
    _ = unsafe unlinkat(directory, name, 0)
    throw StepFailure(code: failure)
  }

  /// The directory of a path and the name in it, with every link on the way followed by hand.
  ///
  /// - Parameters:
  ///   - makes: permission bits of directories that are missing; nil where none are made.
  ///   - followsLast: whether the path's last name is followed, too.
  static func locate(_ path: String, makes: UInt32? = nil, followsLast: Bool = true) throws(Failure)
    -> (directory: Int32, name: String)
  {
    var names = Array(path.split(separator: "/").map(String.init).reversed())
    var directory = Int32(clamping: csnug_open_root())
    // As many links as the kernel follows, see path_resolution(7).
    var links = 40
    while let name = names.popLast() {
      if directory < 0 { throw Failure(path: path, reason: errorText(-directory)) }
      if names.isEmpty, !followsLast { return (directory, name) }
      let step = look(name, directory, path: path, makes: names.isEmpty ? nil : makes)
      if case .failure(let failure) = step {
        csnug_close(directory)
        throw failure
      }
      guard case .success(let link) = step, let link else {
        if names.isEmpty { return (directory, name) }
        let next = unsafe openat(directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        let code = errno
        csnug_close(directory)
        directory = next < 0 ? -code : next
        continue
      }
      links -= 1
      if links == 0 {
        csnug_close(directory)
        throw Failure(path: path, reason: errorText(ELOOP))
      }
      names += link.split(separator: "/").map(String.init).reversed()
      if link.utf8.first == UInt8(ascii: "/") {
        csnug_close(directory)
        directory = Int32(clamping: csnug_open_root())
      }
    }
    csnug_close(directory)
    throw Failure(path: path, reason: "it has no name")
  }

  /// The text of a link that may be followed; nil for everything else. A directory that is missing is made.
  private static func look(
    _ name: String, _ directory: Int32, path: String, makes: UInt32?
  ) -> Result<String?, Failure> {
    let entry = unsafe openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC)
    if entry < 0 {
      let code = errno
      if code == ENOENT, let makes, unsafe mkdirat(directory, name, makes) < 0, errno != EEXIST {
        return .failure(Failure(path: path, reason: errorText(errno)))
      }
      // The next step, or the open of the file itself, says what is wrong.
      return .success(nil)
    }
    defer { csnug_close(entry) }
    var facts = csnug_statx()
    let result = unsafe csnug_statx(entry, "", false, &facts)
    if result < 0 { return .failure(Failure(path: path, reason: errorText(Int32(clamping: -result)))) }
    guard FileStatus(facts).isLink else { return .success(nil) }
    if facts.uid != geteuid(), facts.uid != 0 {
      return .failure(Failure(path: path, reason: "\(name) is a link of user \(facts.uid), neither you nor root"))
    }
    // Read from the very link that was judged.
    let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer -> String? in
      let count = unsafe csnug_readlinkat(entry, "", buffer.baseAddress, buffer.count)
      guard count > 0 else { return nil }
      return validText(unsafe buffer[..<count].map { UInt8(bitPattern: $0) })
    }
    return text.map { .success($0) } ?? .failure(Failure(path: path, reason: "the link \(name) cannot be read"))
  }
}
