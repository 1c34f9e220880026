import SnugPlan

/// Which entries open which types, as the user and the machine have chosen. See "Association between MIME types and
/// applications" of freedesktop.org.
public struct Associations: Sendable {
  /// One choice.
  public struct Choice: Hashable, Sendable {
    /// The type of file, or `x-scheme-handler/...`.
    public var type: String
    /// The id of the entry.
    public var id: String
    /// The file that says so.
    public var path: String
  }

  /// All choices, those that count first.
  public private(set) var choices: [Choice] = []

  /// Reads lists of associations. What cannot be read is passed over, as launchers do.
  ///
  /// - Parameter paths: the files in the order in which they count.
  public init(_ paths: [String], on host: Host) {
    for path in paths {
      guard let bytes = host.read(path), let file = try? KeyFile(bytes, keys: .any) else { continue }
      for group in ["Default Applications", "Added Associations"] {
        for entry in file.entries(in: group) where entry.locale == nil {
          for id in decodedList(entry.raw) ?? [] { choices.append(Choice(type: entry.key, id: id, path: path)) }
        }
      }
    }
  }
}

/// Where such lists stand, in the order in which they count.
///
/// - Parameters:
///   - configurations: the directories of settings, the user's own first.
///   - data: the directories of data, the user's own first.
///   - desktops: `XDG_CURRENT_DESKTOP`, taken apart.
public func associationFiles(configurations: [String], data: [String], desktops: [String]) -> [String] {
  let names = desktops.map { "\($0.lowercased())-mimeapps.list" } + ["mimeapps.list"]
  return configurations.flatMap { directory in names.map { "\(directory)/\($0)" } }
    + data.flatMap { directory in (names + ["defaults.list"]).map { "\(directory)/applications/\($0)" } }
}
