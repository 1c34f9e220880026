/// Where profiles are looked for by name: an ordered list of directories.
public struct ProfileSearch: Sendable {
  /// One directory of the search order.
  public struct Directory: Hashable, Sendable {
    /// Absolute.
    public var path: String
    /// Whether it holds the profiles that Snug ships.
    public var isShipped: Bool

    /// Makes a directory of the search order.
    public init(path: String, isShipped: Bool = false) {
      self.path = cleaned(path)
      self.isShipped = isShipped
    }
  }

  /// First to last; the first file of a name stands for it.
  public var directories: [Directory]

  /// Makes a search order. A directory that comes again counts at its first place.
  public init(directories: [Directory]) {
    var seen: Set<[UInt8]> = []
    self.directories = directories.filter { seen.insert(Array($0.path.utf8)).inserted }
  }
}

/// What reading a file gave.
public enum ReadResult: Sendable {
  /// Its bytes, owner, group and permission bits.
  case file([UInt8], uid: UInt32, gid: UInt32, mode: UInt32)
  /// The errno and its words: EISDIR for a directory.
  case failed(Int32, String)
}

/// A profile found, not yet read for what it says.
public struct FoundProfile: Sendable {
  /// Its path, or what stands for it in messages where it has none.
  public var path: String
  /// The name it is run by; of a file its name without `.toml`.
  public var name: String
  /// Whether Snug ships it.
  public var isShipped: Bool
  /// Its content, at most 1 MiB and one byte.
  public var bytes: [UInt8]

  /// Makes one, for text that comes from elsewhere than the search order.
  public init(path: String, name: String, isShipped: Bool = false, bytes: [UInt8]) {
    self.path = path
    self.name = name
    self.isShipped = isShipped
    self.bytes = bytes
  }
}

let noEntry: Int32 = 2
private let notDirectory: Int32 = 20
private let isDirectory: Int32 = 21

/// The last name of a path without `.toml`.
func profileName(ofFile path: String) -> String {
  let last = String(Substring(path.utf8.split(separator: UInt8(ascii: "/")).last ?? path.utf8[...]))
  return last.hasSuffix(".toml") ? String(last.dropLast(5)) : last
}

extension ProfileLoader {
  /// The file that a word of the command line stands for: a name, or a file where it has a slash.
  public func find(_ word: String) throws(Diagnostic) -> FoundProfile {
    if word.utf8.contains(UInt8(ascii: "/")) {
      let name = profileName(ofFile: word)
      switch read(word) {
      case .failed(let code, let reason): throw unreadable(word, code, reason)
      case .file(let bytes, let uid, let gid, let mode):
        if let problem = problem(ofProfileName: name) { throw problem.diagnostic(at: nil) }
        try judge(word, uid, gid, mode)
        let place = position(of: word, name)
        let isShipped = place.map { search.directories[$0].isShipped } ?? false
        return FoundProfile(path: word, name: name, isShipped: isShipped, bytes: bytes)
      }
    }
    if let problem = problem(ofProfileName: word) { throw problem.diagnostic(at: nil) }
    if let found = try find(word, from: 0) { return found }
    throw Diagnostic("no profile is called \"\(word)\"", .unknownProfile, hint: hint(forUnknown: word))
  }

  /// The first file of a name in the search order, from a directory on; nil where there is none.
  func find(_ name: String, from start: Int) throws(Diagnostic) -> FoundProfile? {
    for directory in search.directories.dropFirst(start) {
      let path = (directory.path == "/" ? "" : directory.path) + "/" + name + ".toml"
      switch read(path) {
      case .failed(noEntry, _), .failed(notDirectory, _): continue
      case .failed(let code, let reason): throw unreadable(path, code, reason)
      case .file(let bytes, let uid, let gid, let mode):
        try judge(path, uid, gid, mode)
        return FoundProfile(path: path, name: name, isShipped: directory.isShipped, bytes: bytes)
      }
    }
    return nil
  }

  /// Which directory of the search order a file stands in as the profile of a name.
  func position(of path: String, _ name: String) -> Int? {
    let isAbsolute = path.utf8.first == UInt8(ascii: "/")
    guard isAbsolute || context.workingDirectory != nil else { return nil }
    let absolute = cleaned(isAbsolute ? path : (context.workingDirectory ?? "") + "/" + path)
    return search.directories.firstIndex { cleaned($0.path + "/" + name + ".toml").utf8.elementsEqual(absolute.utf8) }
  }

  /// Names of all profiles in the search order, each once.
  func names() -> [String] {
    var seen: Set<String> = []
    return search.directories.flatMap { list($0.path) }
      .filter { $0.hasSuffix(".toml") }
      .map { String($0.dropLast(5)) }
      .filter { problem(ofProfileName: $0) == nil && seen.insert($0).inserted }
  }

  func hint(forUnknown word: String) -> String {
    if word.hasSuffix(".toml") { return "for a file write ./\(word)" }
    if let near = suggestion(for: word, in: names()) { return near }
    if isProgram(word) { return "for a program without a profile: snug run -- \(word)" }
    return "snug list shows the profiles"
  }

  /// Whoever can write a profile decides what its user's apps may do.
  private func judge(_ path: String, _ uid: UInt32, _ gid: UInt32, _ mode: UInt32) throws(Diagnostic) {
    if uid != callerUID && uid != 0 {
      throw Diagnostic(
        "cannot use \(path): it belongs to user \(uid), neither you nor root", .unusableProfile,
        hint: "take a copy of your own")
    }
    if mode & 0o002 != 0 {
      throw Diagnostic("cannot use \(path): everybody can write it", .unusableProfile, hint: "chmod o-w \(path)")
    }
    if mode & 0o020 != 0 && gid != callerGID {
      throw Diagnostic("cannot use \(path): group \(gid) can write it", .unusableProfile, hint: "chmod g-w \(path)")
    }
  }

  private func unreadable(_ path: String, _ code: Int32, _ reason: String) -> Diagnostic {
    if code == isDirectory {
      return Diagnostic("cannot read \(path): it is a directory, not a profile", .unusableProfile)
    }
    return Diagnostic("cannot read \(path): \(reason)", .unusableProfile)
  }
}
