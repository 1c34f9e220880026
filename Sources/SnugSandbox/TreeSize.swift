import CSnug
import Glibc

/// How much a tree takes on its file system. The tree may be a hostile program's: no link is followed, nothing that is
/// mounted in it is entered, a file of many names counts once, and its depth costs no descriptors.
public struct TreeSize: Hashable, Sendable {
  /// Bytes, as the file system counts them.
  public var bytes: UInt64 = 0
  /// Names of files and directories, without the top.
  public var entries = 0
  /// Directories that could not be looked into, or were moved in that moment: what is in them is not counted.
  public var unreadable = 0

  /// Measures the tree below an open directory, which stays open.
  init(of top: Int32) {
    var walk = Walk()
    walk.measure(top)
    self = walk.size
  }

  init() {}
}

private struct Walk {
  var size = TreeSize()
  /// Files with more than one name.
  private var seen: Set<OpenIdentity> = []
  private var buffer = [UInt8](repeating: 0, count: 32 << 10)
  /// From the top down to where the walk is.
  private var levels: [Level] = []

  private struct Level {
    var identity: OpenIdentity
    /// Directories that are still to be entered.
    var waiting: [[CChar]] = []
  }

  mutating func measure(_ top: Int32) {
    let copy = Int32(clamping: csnug_dup_above(top, 3))
    guard copy >= 0, let facts = status(of: copy) else { return }
    var current = copy
    defer { csnug_close(current) }
    size.bytes += facts.bytes
    lseek(current, 0, SEEK_SET)
    levels = [enter(current, OpenIdentity(facts))]
    while !levels.isEmpty {
      if let name = levels[levels.count - 1].waiting.popLast() {
        guard let child = open(name, in: current) else { continue }
        csnug_close(current)
        current = child.file
        levels.append(enter(child.file, child.identity))
        continue
      }
      levels.removeLast()
      guard let level = levels.last else { break }
      guard let parent = above(current), OpenIdentity(parent) == level.identity else {
        // Somebody moved the directory that the walk was in: where it leads now is none of this tree.
        size.unreadable += levels.reduce(1) { $0 + $1.waiting.count }
        break
      }
      csnug_close(current)
      current = parent
    }
  }

  /// A child that can be left again by `..`, or nil.
  private mutating func open(_ name: [CChar], in parent: Int32) -> (file: Int32, identity: OpenIdentity)? {
    let file = Int32(clamping: unsafe csnug_open_beneath(parent, name, false))
    // Another file system is not in this tree.
    if file == -EXDEV { return nil }
    if file >= 0, let identity = OpenIdentity(file), let back = above(file) {
      defer { csnug_close(back) }
      if OpenIdentity(back) == levels.last?.identity { return (file, identity) }
    }
    if file >= 0 { csnug_close(file) }
    size.unreadable += 1
    return nil
  }

  private func above(_ directory: Int32) -> Int32? {
    let file = unsafe openat(directory, "..", O_PATH | O_DIRECTORY | O_CLOEXEC)
    return file < 0 ? nil : file
  }

  private mutating func enter(_ directory: Int32, _ identity: OpenIdentity) -> Level {
    var level = Level(identity: identity)
    while true {
      guard let entries = nextEntries(directory, &buffer) else {
        size.unreadable += 1
        return level
      }
      if entries.isEmpty { return level }
      for entry in entries {
        guard let facts = status(entry.name, in: directory) else { continue }
        size.entries += 1
        if facts.isDirectory {
          level.waiting.append(entry.name)
        } else if facts.st_nlink > 1, !seen.insert(OpenIdentity(facts)).inserted {
          continue
        }
        size.bytes += facts.bytes
      }
    }
  }
}
