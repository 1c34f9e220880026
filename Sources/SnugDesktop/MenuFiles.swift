import SnugPlan

/// A file below one of the directories that menus are made from.
public struct MenuFile: Sendable {
  /// What the entry is called everywhere else: its path below `applications` with `-` for `/`.
  public var id: String
  /// Where it stands.
  public var path: String
  /// That path below `applications`.
  public var name: String
  /// What it says; the reason where it cannot be read.
  public var entry: Result<DesktopEntry, KeyFile.Failure>
  /// Its bytes; nil where it cannot be read.
  public var bytes: [UInt8]?

  /// The profile that Snug has wrapped it for; nil for everybody else's files.
  public var profile: String? { (try? entry.get())?.profile }
  /// Whether it is one of Snug's that somebody has changed since.
  public var isChanged: Bool { (try? entry.get()).map { $0.profile != nil && $0.isChanged } ?? false }

  /// Whether it takes its id out of the menus.
  var isHidden: Bool { (try? entry.get())?.isHidden ?? false }
}

/// The entries of a machine: every id with its files, the one that counts first. See the XDG Base Directory Specification.
public struct Menu: Sendable {
  /// By id.
  public private(set) var files: [String: [MenuFile]] = [:]

  /// Reads all entries.
  ///
  /// - Parameters:
  ///   - directories: absolute, the user's own first.
  ///   - folder: the name of the folder in each of them; `autostart` is one of the same kind.
  public init(_ directories: [String], folder: String = "applications", on host: Host) {
    for directory in directories {
      var reached: Set<String> = []
      collect("\(directory)/\(folder)", "", 0, &reached, host)
    }
  }

  /// Ids with a file, sorted.
  public var ids: [String] { files.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

  /// What a menu shows for an id; nil where it shows nothing.
  public func shown(_ id: String) -> MenuFile? { files[id]?.first.flatMap { $0.isHidden ? nil : $0 } }

  /// What it would show without Snug: with `kept`, the user's own file that had the place of ours.
  public func original(_ id: String, kept: (MenuFile) -> [UInt8]?) -> MenuFile? {
    for file in files[id] ?? [] {
      guard file.profile != nil else { return file.isHidden ? nil : file }
      guard let bytes = kept(file) else { continue }
      let own = MenuFile(id: id, path: file.path, name: file.name, entry: readEntry(bytes), bytes: bytes)
      return own.isHidden ? nil : own
    }
    return nil
  }

  private mutating func collect(
    _ directory: String, _ prefix: String, _ depth: Int, _ reached: inout Set<String>, _ host: Host
  ) {
    // Links may lead back up, and files of others may be anything.
    guard depth < 8, case .exists(let real, .directory, _, _) = host.look(directory), reached.insert(real).inserted
    else { return }
    let names = host.list(directory)
    // Files first: of two with one id that is the one which is called like it.
    for name in names where name.hasSuffix(".desktop") {
      let path = "\(directory)/\(name)"
      let bytes = host.read(path)
      // Neither a directory of that name nor a link that leads nowhere is an entry.
      if bytes == nil, !isFile(path, host) { continue }
      let entry = bytes.map(readEntry) ?? .failure(KeyFile.Failure(line: 0, "it cannot be read"))
      let id = String((prefix + name).map { $0 == "/" ? "-" : $0 })
      files[id, default: []].append(MenuFile(id: id, path: path, name: prefix + name, entry: entry, bytes: bytes))
    }
    for name in names where !name.hasSuffix(".desktop") {
      collect("\(directory)/\(name)", prefix + name + "/", depth + 1, &reached, host)
    }
  }
}

private func isFile(_ path: String, _ host: Host) -> Bool {
  if case .exists(_, .file, _, _) = host.look(path) { true } else { false }
}

private func readEntry(_ bytes: [UInt8]) -> Result<DesktopEntry, KeyFile.Failure> {
  do throws(KeyFile.Failure) { return .success(try DesktopEntry(bytes)) } catch { return .failure(error) }
}
