import SnugPlan

/// A file below one of the directories that the session bus starts programs from.
public struct BusFile: Sendable {
  /// Where it stands.
  public var path: String
  /// What it says; the reason where it cannot be read.
  public var service: Result<BusService, KeyFile.Failure>
  /// Its bytes; nil where it cannot be read.
  public var bytes: [UInt8]?

  /// The profile that Snug has wrapped it for; nil for everybody else's files.
  public var profile: String? { (try? service.get())?.profile }
  /// Whether it is one of Snug's that somebody has changed since.
  public var isChanged: Bool { (try? service.get()).map { $0.profile != nil && $0.isChanged } ?? false }
}

/// The names that can be started on the session bus. See dbus-daemon(1).
public struct BusNames: Sendable {
  /// By bus name, the one that counts first.
  public private(set) var files: [String: [BusFile]] = [:]
  /// Files that are refused: the bus may be less strict.
  public private(set) var unclear: [BusFile] = []

  /// Reads all services.
  ///
  /// - Parameter directories: absolute, the user's own first.
  public init(_ directories: [String], on host: Host) {
    for directory in directories.map({ $0 + "/dbus-1/services" }) {
      for name in host.list(directory) where name.hasSuffix(".service") {
        let path = "\(directory)/\(name)"
        let bytes = host.read(path)
        let file = BusFile(path: path, service: bytes.map(readService) ?? .failure(unreadable), bytes: bytes)
        switch file.service {
        case .success(let service): files[service.name, default: []].append(file)
        case .failure: unclear.append(file)
        }
      }
    }
  }

  /// Names, sorted.
  public var names: [String] { files.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

  /// What the bus starts for a name.
  public func shown(_ name: String) -> BusFile? { files[name]?.first }

  /// What it would start without Snug: with `kept`, the user's own file that had the place of ours.
  public func original(_ name: String, kept: (BusFile) -> [UInt8]?) -> BusFile? {
    for file in files[name] ?? [] {
      guard file.profile != nil else { return file }
      guard let bytes = kept(file) else { continue }
      return BusFile(path: file.path, service: readService(bytes), bytes: bytes)
    }
    return nil
  }
}

private let unreadable = KeyFile.Failure(line: 0, "it cannot be read")

private func readService(_ bytes: [UInt8]) -> Result<BusService, KeyFile.Failure> {
  do throws(KeyFile.Failure) { return .success(try BusService(bytes)) } catch { return .failure(error) }
}
