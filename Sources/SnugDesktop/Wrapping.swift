/// How the lines of an entry become starts of Snug.
public struct Wrapping: Hashable, Sendable {
  /// The profile.
  public var profile: String
  /// Absolute path of the executable: menus look programs up in ways of their own.
  public var executable: String
  /// The first word of the profile's `command`, where it has one: its arguments go before those of the entry.
  public var command: String?

  /// Joins the parts.
  public init(profile: String, executable: String, command: String? = nil) {
    self.profile = profile
    self.executable = executable
    self.command = command
  }

  /// An entry of the same name that starts the same program with the same words in the box. Nil where it is not clear what
  /// a line starts, or where the bus alone starts something.
  ///
  /// - Parameter source: the file that is wrapped, for whoever looks into ours.
  public func wrap(_ entry: DesktopEntry, source: String) -> [UInt8]? {
    guard entry.isApplication, entry.start != nil else { return nil }
    var file = entry.file
    for start in entry.starts {
      guard let line = wrap(start.line, nil) else { return nil }
      file.set("Exec", in: start.group, to: line)
    }
    // The bus would start what its own file names.
    if entry.isActivatable { file.set("DBusActivatable", in: DesktopEntry.mainGroup, to: Array("false".utf8)) }
    mark(&file, DesktopEntry.mainGroup, source)
    return file.bytes
  }

  /// A service of the same name that starts the same program with the same words in the box; nil as for an entry. Where
  /// the profile does not own the name, the start fails at once: nobody would ever see the program under it.
  public func wrap(_ service: BusService, source: String) -> [UInt8]? {
    guard let line = wrap(service.line, service.name) else { return nil }
    var file = service.file
    file.set("Exec", in: BusService.group, to: line)
    // The unit would be started in place of the line.
    file.remove(BusService.unitKey, in: BusService.group)
    mark(&file, BusService.group, source)
    return file.bytes
  }

  private func mark(_ file: inout KeyFile, _ group: String, _ source: String) {
    file.set(DesktopEntry.profileKey, in: group, to: encodedValue(profile.utf8))
    file.set(DesktopEntry.sourceKey, in: group, to: encodedValue(source.utf8))
    file.seal(in: group)
  }

  /// The words of the entry stay as they are written: what a launcher makes of them is not ours to change.
  ///
  /// - Parameter name: the bus name that it is for; nil for launchers.
  private func wrap(_ line: StartLine, _ name: String?) -> [UInt8]? {
    let reader: StartLine.Reader = name == nil ? .launcher : .bus
    guard case .program(let started) = line.started else { return nil }
    let count = line.environmentCount
    // Behind `env` itself.
    let settings = line.words[..<count].dropFirst()
    let rest = line.words[count...]
    var words = written([executable, "run", "--from-menu"] + (name.map { ["--bus-name", $0] } ?? []), reader)
    for setting in settings { words += written(["--setenv"], reader) + [setting.raw] }
    if let command, lastName(command) == lastName(started) {
      words += written([profile], reader) + rest.dropFirst().map(\.raw)
    } else {
      words += written(["-p", profile, "--"], reader) + rest.map(\.raw)
    }
    return Array(words.joined(separator: [0x20]))
  }

  private func written(_ words: [String], _ reader: StartLine.Reader) -> [[UInt8]] {
    words.map { StartLine.written(Array($0.utf8), for: reader) }
  }
}

/// The last name of a path.
func lastName(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
