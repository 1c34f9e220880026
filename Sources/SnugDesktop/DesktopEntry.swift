/// What a desktop entry of type Application says, as far as wrapping it needs. See the Desktop Entry Specification 1.5.
public struct DesktopEntry: Hashable, Sendable {
  /// A line that starts something: that of the entry itself or of one of its actions.
  public struct Start: Hashable, Sendable {
    /// The name of the group, without brackets.
    public var group: String
    /// The line.
    public var line: StartLine
  }

  /// The group that every entry begins with.
  public static let mainGroup = "Desktop Entry"
  /// The key of ours that names the profile; what has it is a file that Snug has written.
  public static let profileKey = "X-Snug-Profile"
  /// The key of ours that names the file which was wrapped.
  public static let sourceKey = "X-Snug-Source"
  /// The key of ours that tells whether somebody has changed what Snug has written.
  public static let sumKey = "X-Snug-Sum"

  /// The text.
  public var file: KeyFile
  /// Every `Exec` in the file, whatever group it stands in: menus other than those of the specification know more kinds of
  /// actions.
  public var starts: [Start] = []
  /// Whether it counts as not being there.
  public var isHidden = false
  /// Whether launchers ask the bus to start it.
  public var isActivatable = false
  /// `Type` is `Application`: the others start nothing.
  public var isApplication = true
  /// The profile that it was wrapped for, where Snug has written the file.
  public var profile: String?
  /// Whether somebody has changed it since.
  public var isChanged: Bool { file.isChanged(in: Self.mainGroup) }

  /// Reads an entry.
  public init(_ bytes: [UInt8]) throws(KeyFile.Failure) {
    file = try KeyFile(bytes)
    guard file.groups.first == Self.mainGroup else {
      throw KeyFile.Failure(line: 0, "it does not begin with [\(Self.mainGroup)]")
    }
    for group in file.groups {
      for entry in file.entries(in: group) where decisive.contains(entry.key) && entry.locale != nil {
        // Readers that take every key for one with a locale would start something else than the others.
        throw KeyFile.Failure(line: entry.line, "\(entry.key) has a locale")
      }
      guard let entry = file.entry("Exec", in: group) else { continue }
      do throws(StartLine.Failure) {
        starts.append(Start(group: group, line: try StartLine(entry.raw)))
      } catch {
        throw KeyFile.Failure(line: entry.line, "Exec has \(error.reason)")
      }
    }
    guard let type = try text("Type") else { throw KeyFile.Failure(line: 0, "it has no Type") }
    isApplication = type == "Application"
    isHidden = try flag("Hidden")
    isActivatable = try flag("DBusActivatable")
    profile = try text(Self.profileKey)
    if isApplication, !isHidden, !isActivatable, start == nil { throw KeyFile.Failure(line: 0, "it has no Exec") }
  }

  /// The line of the entry itself; nil where the bus alone starts it.
  public var start: Start? { starts.first { $0.group == Self.mainGroup } }

  /// Items of a list of the main group.
  public func list(_ key: String) -> [String] {
    file.entry(key, in: Self.mainGroup).flatMap { decodedList($0.raw) } ?? []
  }

  private func text(_ key: String) throws(KeyFile.Failure) -> String? {
    guard let entry = file.entry(key, in: Self.mainGroup) else { return nil }
    guard let text = decodedValue(entry.raw) else {
      throw KeyFile.Failure(line: entry.line, "\(key) has a backslash before what is no escape")
    }
    return text
  }

  private func flag(_ key: String) throws(KeyFile.Failure) -> Bool {
    guard let entry = file.entry(key, in: Self.mainGroup) else { return false }
    switch try text(key) {
    case "true", "1": return true
    case "false", "0": return false
    default: throw KeyFile.Failure(line: entry.line, "\(key) is neither true nor false")
    }
  }
}

/// Keys that decide what is started.
private let decisive: Set = [
  "Actions", "DBusActivatable", "Exec", "Hidden", "Path", "TryExec", "Type", DesktopEntry.profileKey,
]
