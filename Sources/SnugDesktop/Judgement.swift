import SnugPlan

/// What a profile is for, as far as menus ask.
public struct BoxableProfile: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// `programs`.
  public var programs: [String]
  /// The first word of `command`.
  public var command: String?

  /// Joins the parts.
  public init(name: String, programs: [String], command: String? = nil) {
    self.name = name
    self.programs = programs
    self.command = command
  }

  /// All programs that it is for.
  public var allPrograms: [String] { programs + (command.map { [$0] } ?? []) }
  /// Their last names.
  var names: Set<String> { Set(allPrograms.map(lastName)) }
}

/// What becomes of an entry.
public enum EntryState: Hashable, Sendable {
  /// All that it starts is in the box of a profile.
  case boxed(String)
  /// Profiles that could have it.
  case possible([String])
  /// None can, and why.
  case cannot(String)
}

/// Finds out which profile a program belongs to.
public struct Judge: Sendable {
  /// All that there are.
  public let profiles: [BoxableProfile]
  /// The machine.
  public let host: Host
  /// By the files that their programs are in the end: names of profiles.
  private var files: [String: [String]] = [:]

  /// Joins the parts.
  public init(profiles: [BoxableProfile], host: Host) {
    self.profiles = profiles
    self.host = host
    for profile in profiles {
      for program in profile.allPrograms {
        guard let file = file(of: program), files[file]?.contains(profile.name) != true else { continue }
        files[file, default: []].append(profile.name)
      }
    }
  }

  /// The file that a program is in the end, whatever name it is started by: `editor` may be Vim. Nil where there is none,
  /// and where one file is many programs, told apart by the name.
  func file(of program: String) -> String? {
    if !program.hasPrefix("/"), program.contains("/") { return nil }
    guard let path = program.hasPrefix("/") ? program : findProgram(program, on: host),
      case .exists(let real, .file, _, _) = host.look(path), host.isExecutable(path), !isShim(path, on: host)
    else { return nil }
    return manyInOne.contains(lastName(real)) ? nil : real
  }

  /// What becomes of an entry. Every line has to have a place in the same box: else a right click would lead out of it.
  public func state(of entry: DesktopEntry) -> EntryState {
    let starts = entry.starts.map { SnugStart($0.line) }
    if let profile = starts.first??.profile, !entry.isActivatable, starts.allSatisfy({ $0?.profile == profile }) {
      guard let gone = starts.first(where: { $0?.isThere(on: host) == false }), let gone else { return .boxed(profile) }
      return .cannot("it starts \(gone.executable), which is not there")
    }
    guard entry.start != nil else { return .cannot("the message bus alone starts it") }
    var names: [String]?
    for start in entry.starts {
      let place = start.group == DesktopEntry.mainGroup ? "" : "[\(start.group)]: "
      switch profiles(for: start.line) {
      case .failure(let reason): return .cannot(place + reason.text)
      case .success(let found):
        let both = names.map { $0.filter(found.contains) } ?? found
        if both.isEmpty {
          return .cannot(place + "it starts a program of \(found.joined(separator: ", ")), and not the entry's own")
        }
        names = both
      }
    }
    return .possible(names ?? [])
  }

  /// Why a program belongs to no profile.
  public struct Reason: Error, Hashable, Sendable {
    /// In words.
    public var text: String
  }

  /// The profiles that a line's program belongs to; at least one.
  public func profiles(for line: StartLine) -> Result<[String], Reason> {
    if SnugStart(line) != nil { return .failure(Reason(text: "a part of it is started with snug run already")) }
    let program: String
    switch line.started {
    case .unclear(let reason, _): return .failure(Reason(text: reason))
    case .program(let found): program = found
    }
    let name = lastName(program)
    let named = profiles.filter { $0.names.contains(name) || $0.allPrograms.contains(program) }
    if named.isEmpty {
      guard let names = file(of: program).flatMap({ files[$0] }) else {
        return .failure(Reason(text: "no profile names \(program)"))
      }
      return .success(names)
    }
    if !program.contains("/") {
      if findProgram(program, on: host) == nil { return .failure(Reason(text: "\(program) is not installed")) }
      return .success(named.map(\.name))
    }
    if !program.hasPrefix("/") { return .failure(Reason(text: "\(program) depends on the directory it is started in")) }
    guard case .exists(let real, .file, _, _) = host.look(program), host.isExecutable(program) else {
      return .failure(Reason(text: "\(program) is not installed"))
    }
    let fitting = named.filter { profile in
      if profile.allPrograms.contains(program) { return true }
      guard profile.names.contains(name), let found = findProgram(name, on: host) else { return false }
      if case .exists(real, _, _, _) = host.look(found) { return true }
      return false
    }
    if fitting.isEmpty {
      return .failure(Reason(text: "\(program) is another file than the \(name) that is found in PATH"))
    }
    return .success(fitting.map(\.name))
  }
}

/// The file that a name stands for in a menu: in the caller's PATH, else where programs of the system are. What `--shim` has
/// written is passed over.
public func findProgram(_ name: String, on host: Host) -> String? {
  let own = (host.variable("PATH") ?? "").split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
  for directory in own + systemDirectories {
    let path = directory == "/" ? "/\(name)" : "\(directory)/\(name)"
    guard case .exists(_, .file, _, _) = host.look(path), host.isExecutable(path) else { continue }
    if !isShim(path, on: host) { return path }
  }
  return nil
}

private let manyInOne: Set = ["busybox", "ccache", "coreutils", "firejail", "snap", "toybox"]
private let systemDirectories = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/games", "/usr/games"]
