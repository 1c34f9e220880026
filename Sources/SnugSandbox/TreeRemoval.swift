import CSnug
import Glibc

/// Takes a tree away that a hostile program may have made.
///
/// Every directory of the tree is moved into one holder first, under a number, and emptied there: so the depth of the
/// tree costs neither descriptors nor stack, and no name is ever looked up through another one. Links are removed, not
/// followed; what is mounted in the tree stays and is told.
///
/// Runs in `snug home`.
public struct TreeRemoval: Sendable {
  /// What could not be removed, and why.
  public struct Failure: Hashable, Sendable {
    /// From the top of the tree.
    public var path: String
    /// In words.
    public var reason: String
  }

  /// Files and directories that are gone, without the top.
  public private(set) var entries = 0
  /// Bytes that were given back: a file that has another name elsewhere gives back nothing.
  public private(set) var bytes: UInt64 = 0
  /// The first of the failures.
  public private(set) var failures: [Failure] = []
  /// Where what could not be removed is now, below a name that nothing else uses; nil where all is gone.
  public internal(set) var rest: String?
  /// How many there were.
  public private(set) var failureCount = 0

  private let holder: Int32
  private var buffer = [UInt8](repeating: 0, count: 32 << 10)
  /// The directories that were moved into the holder, by their number: where each was.
  private var directories: [(parent: Int?, name: [CChar])] = []

  /// Makes a removal. `holder`: an open, empty directory of the caller's own on the same file system.
  init(in holder: Int32) { self.holder = holder }

  /// Moves a directory into the holder, in one step. Returns the errno.
  mutating func take(_ name: String, from directory: Int32) -> Int32? {
    move(Array(name.utf8CString), from: directory, parent: nil)
  }

  /// Empties and removes everything that was taken.
  mutating func run() {
    var next = 0
    while next < directories.count {
      empty(next)
      next += 1
    }
    // Each top is named by who removes it.
    entries -= directories.count { $0.parent == nil }
    entries = max(0, entries)
  }

  private mutating func move(_ name: [CChar], from directory: Int32, parent: Int?) -> Int32? {
    let number = String(directories.count)
    if unsafe renameat(directory, name, holder, number) < 0 {
      // A directory that its owner may not write cannot get another parent.
      guard errno == EACCES || errno == EPERM, unlock(name, in: directory) == nil else { return errno }
      if unsafe renameat(directory, name, holder, number) < 0 { return errno }
    }
    directories.append((parent, name))
    return nil
  }

  /// Makes a directory one that its owner may read, write and search; the errno.
  private func unlock(_ name: [CChar], in directory: Int32) -> Int32? {
    let file = Int32(clamping: unsafe csnug_open_beneath(directory, name, true))
    if file < 0 { return -file }
    defer { csnug_close(file) }
    guard let facts = status(of: file), facts.isDirectory else { return ENOTDIR }
    if facts.st_mode & 0o700 == 0o700 { return nil }
    let result = csnug_fchmod(file, 0o700)
    return result < 0 ? Int32(clamping: -result) : nil
  }

  private mutating func empty(_ number: Int) {
    let name = Array(String(number).utf8CString)
    if let code = unlock(name, in: holder) {
      // What was a directory a moment ago and is none now is removed as what it is.
      if code == ENOTDIR, unsafe unlinkat(holder, name, 0) == 0 { return entries += 1 }
      return fail(number, nil, code)
    }
    let directory = Int32(clamping: unsafe csnug_open_beneath(holder, name, false))
    if directory < 0 { return fail(number, nil, -directory) }
    defer { csnug_close(directory) }
    let own = status(of: directory)?.bytes ?? 0
    while true {
      let (isChanged, failed) = removeEntries(of: directory, number)
      if unsafe unlinkat(holder, name, AT_REMOVEDIR) == 0 {
        entries += 1
        bytes += own
        return
      }
      let code = errno
      // Names may be passed over while others of the same directory vanish: again, as long as that brings anything.
      if code == ENOTEMPTY, isChanged { continue }
      for (name, code) in failed { fail(number, name, code) }
      if failed.isEmpty { fail(number, nil, code) }
      return
    }
  }

  private mutating func removeEntries(of directory: Int32, _ number: Int)
    -> (isChanged: Bool, failed: [(name: [CChar], code: Int32)])
  {
    var isChanged = false
    var failed: [(name: [CChar], code: Int32)] = []
    lseek(directory, 0, SEEK_SET)
    while let entries = nextEntries(directory, &buffer), !entries.isEmpty {
      for entry in entries {
        if let code = remove(entry, from: directory, number) {
          failed.append((entry.name, code))
        } else {
          isChanged = true
        }
      }
    }
    return (isChanged, failed)
  }

  private mutating func remove(_ entry: DirectoryEntry, from directory: Int32, _ number: Int) -> Int32? {
    let facts = status(entry.name, in: directory)
    if entry.isDirectory != true {
      if unsafe unlinkat(directory, entry.name, 0) == 0 {
        entries += 1
        if let facts, facts.st_nlink == 1 { bytes += facts.bytes }
        return nil
      }
      if errno != EISDIR { return errno }
    }
    if unsafe unlinkat(directory, entry.name, AT_REMOVEDIR) == 0 {
      entries += 1
      bytes += facts?.bytes ?? 0
      return nil
    }
    return move(entry.name, from: directory, parent: number)
  }

  // MARK: - What stays

  private mutating func fail(_ number: Int, _ name: [CChar]?, _ code: Int32) {
    failureCount += 1
    // What a person reads of thousands is the beginning.
    if failures.count < 10 { failures.append(Failure(path: path(of: number, name), reason: errorText(code))) }
  }

  /// Where a directory, or a name in it, was in the tree.
  private func path(of number: Int, _ name: [CChar]?) -> String {
    var parts = name.map { [text($0)] } ?? []
    var next = number
    while let parent = directories[next].parent {
      parts.append(text(directories[next].name))
      next = parent
    }
    return parts.isEmpty ? "." : parts.reversed().joined(separator: "/")
  }
}
