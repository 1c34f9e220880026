import CSnug
import Glibc
import SnugPlan

// Putting a user's file aside, so that a file of ours can have its name, and giving it back as it was.
extension UserFile {
  /// Gives what has a name a second one, so that the first can be replaced in one step. A link is kept as a link.
  ///
  /// Where the second name belongs to the very same file, or to one that says the same, nothing is left to do.
  public static func keep(_ path: String, as other: String) throws(Failure) {
    let from = try locate(path, followsLast: false)
    defer { csnug_close(from.directory) }
    var facts = csnug_statx()
    let result = unsafe csnug_statx(from.directory, from.name, false, &facts)
    if result < 0 { throw Failure(path: path, reason: errorText(Int32(clamping: -result))) }
    let status = FileStatus(facts)
    if !status.isLink, status.type != .file { throw Failure(path: path, reason: "it is not a file") }
    let to = try locate(other, makes: Form.own.directoryMode, followsLast: false)
    defer { csnug_close(to.directory) }
    if unsafe linkat(from.directory, from.name, to.directory, to.name, 0) == 0 { return }
    switch errno {
    case EEXIST:
      if content(from.directory, from.name) != nil,
        content(from.directory, from.name) == content(to.directory, to.name)
      {
        return
      }
      throw Failure(path: other, reason: errorText(EEXIST), isThere: true)
    case EXDEV, EPERM, EMLINK, EOPNOTSUPP:
      // Two file systems, or one without second names.
      try copy(from, to, path)
    case let code: throw Failure(path: other, reason: errorText(code))
    }
  }

  /// Gives a kept file its name back, whatever has it now.
  public static func putBack(_ other: String, to path: String) throws(Failure) {
    let from = try locate(other, followsLast: false)
    defer { csnug_close(from.directory) }
    let to = try locate(path, makes: Form.shared.directoryMode, followsLast: false)
    defer { csnug_close(to.directory) }
    if unsafe renameat(from.directory, from.name, to.directory, to.name) < 0 {
      let code = errno
      if code != EXDEV { throw Failure(path: path, reason: errorText(code)) }
      try copy(from, to, other)
    }
    // Two names of one file stay two names in a rename.
    if unsafe unlinkat(from.directory, from.name, 0) < 0, errno != ENOENT {
      throw Failure(path: other, reason: errorText(errno))
    }
  }

  private enum Content: Equatable {
    case file([UInt8], mode: UInt32)
    case link([UInt8])
  }

  private static func content(_ directory: Int32, _ name: String) -> Content? {
    var facts = csnug_statx()
    guard unsafe csnug_statx(directory, name, false, &facts) >= 0 else { return nil }
    if FileStatus(facts).isLink {
      return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer -> Content? in
        let count = unsafe csnug_readlinkat(directory, name, buffer.baseAddress, buffer.count)
        return count <= 0 ? nil : unsafe .link(buffer[..<count].map { UInt8(bitPattern: $0) })
      }
    }
    guard FileStatus(facts).type == .file else { return nil }
    let file = unsafe openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    if file < 0 { return nil }
    defer { csnug_close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe csnug_read(file, $0.baseAddress, $0.count) }
      if count < 0 { return nil }
      if count == 0 { return .file(bytes, mode: facts.mode & 0o777) }
      bytes += buffer[..<count]
    }
  }

  private static func copy(
    _ from: (directory: Int32, name: String), _ to: (directory: Int32, name: String), _ path: String
  ) throws(Failure) {
    let draft = ".snug-\(getpid())"
    _ = unsafe unlinkat(to.directory, draft, 0)
    switch content(from.directory, from.name) {
    case nil: throw Failure(path: path, reason: "it cannot be copied")
    case .link(let text):
      let target = text.map { CChar(bitPattern: $0) } + [0]
      if unsafe symlinkat(target, to.directory, draft) < 0 { throw Failure(path: path, reason: errorText(errno)) }
    case .file(let bytes, let mode):
      do throws(StepFailure) {
        try fill(draft, in: to.directory, bytes, mode: mode)
      } catch {
        throw Failure(path: path, reason: errorText(error.code))
      }
    }
    if unsafe renameat(to.directory, draft, to.directory, to.name) < 0 {
      let code = errno
      _ = unsafe unlinkat(to.directory, draft, 0)
      throw Failure(path: path, reason: errorText(code))
    }
  }
}
