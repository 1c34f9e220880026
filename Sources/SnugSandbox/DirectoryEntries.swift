import CSnug
import Glibc

/// A name in a directory, byte for byte: names need not be UTF-8.
struct DirectoryEntry {
  /// With the zero byte at its end.
  var name: [CChar]
  /// What the directory says of its type; nil where it says nothing.
  var isDirectory: Bool?
}

/// The next names of an open directory but `.` and `..`; empty at its end, nil where it cannot be read.
func nextEntries(_ directory: Int32, _ buffer: inout [UInt8]) -> [DirectoryEntry]? {
  var entries: [DirectoryEntry] = []
  while entries.isEmpty {
    let count = unsafe buffer.withUnsafeMutableBytes { unsafe csnug_getdents64(directory, $0.baseAddress, $0.count) }
    if count < 0 { return nil }
    if count == 0 { return [] }
    // struct linux_dirent64: inode 8, offset 8, record length 2, type 1, name. See getdents(2).
    var start = 0
    while start + 19 < count {
      let length = Int(buffer[start + 16]) | Int(buffer[start + 17]) << 8
      if length < 20 || start + length > count { return nil }
      let name = buffer[(start + 19)..<(start + length)].prefix { $0 != 0 }
      if !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8) {
        let type = buffer[start + 18]
        entries.append(
          DirectoryEntry(
            name: name.map { CChar(bitPattern: $0) } + [0], isDirectory: type == 0 ? nil : type == UInt8(DT_DIR)))
      }
      start += length
    }
  }
  return entries
}

/// A name as text, for messages and lists.
func text(_ name: [CChar]) -> String {
  String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Device and inode: what makes an open file the same as another one.
struct OpenIdentity: Hashable {
  var device: UInt64
  var inode: UInt64

  /// That of an open file; nil where it cannot be told.
  init?(_ file: Int32) {
    guard let facts = status(of: file) else { return nil }
    self.init(facts)
  }

  /// That of a file that was looked at.
  init(_ facts: stat) {
    device = UInt64(facts.st_dev)
    inode = UInt64(facts.st_ino)
  }
}

/// fstat(2); nil where it cannot be told.
func status(of file: Int32) -> stat? {
  var facts = stat()
  return unsafe fstat(file, &facts) == 0 ? facts : nil
}

/// fstatat(2) of a name itself, not of what a link leads to; nothing is mounted for the look.
func status(_ name: [CChar], in directory: Int32) -> stat? {
  var facts = stat()
  return unsafe fstatat(directory, name, &facts, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0 ? facts : nil
}

extension stat {
  /// Whether it is a directory.
  var isDirectory: Bool { st_mode & S_IFMT == S_IFDIR }
  /// What it takes on its file system, in bytes.
  var bytes: UInt64 { UInt64(clamping: st_blocks) * 512 }
}
