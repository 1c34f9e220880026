import SnugPlan

/// A way to start a program of a boxed profile outside of its box, or a start that does not work any more.
public struct WayAround: Hashable, Sendable {
  /// Where it begins.
  public enum Kind: String, Hashable, Sendable {
    case entry, autostart, service, handler, shim
  }

  /// Where it begins.
  public var kind: Kind
  /// The id of the entry, the bus name or the program.
  public var id: String
  /// The file.
  public var path: String
  /// The profile whose program it is.
  public var profile: String
  /// In words.
  public var reason: String
  /// What closes it.
  public var hint: String

  /// Joins the parts.
  public init(kind: Kind, id: String, path: String, profile: String, reason: String, hint: String) {
    self.kind = kind
    self.id = id
    self.path = path
    self.profile = profile
    self.reason = reason
    self.hint = hint
  }
}

/// Looks for ways around boxes.
public struct WaySearch {
  private let judge: Judge
  /// The boxed profiles by the last names of their programs.
  private var owners: [String: String] = [:]
  /// The same by the files that the programs are in the end.
  private var files: [String: String] = [:]
  private let known: Set<String>
  private var ways: [WayAround] = []

  /// What is found in one file, before it is known what kind of file that is.
  private struct Finding {
    var profile: String
    var reason: String
    /// What closes it; nil where it is not known yet.
    var hint: String?
  }

  /// - Parameters:
  ///   - judge: knows all profiles.
  ///   - boxed: names of those that something is installed for.
  public init(_ judge: Judge, boxed: Set<String>) {
    self.judge = judge
    known = Set(judge.profiles.map(\.name))
    for profile in judge.profiles where boxed.contains(profile.name) {
      for name in profile.names where owners[name] == nil { owners[name] = profile.name }
      for file in profile.allPrograms.compactMap(judge.file) where files[file] == nil { files[file] = profile.name }
    }
  }

  /// What was found, in the order in which it was looked at.
  public var found: [WayAround] { ways }

  /// Looks at what menus show.
  public mutating func look(at menu: Menu) {
    for id in menu.ids {
      guard let file = menu.shown(id) else { continue }
      look(at: file, .entry)
    }
  }

  /// Looks at one entry: of a menu, or one that is started with the session.
  public mutating func look(at file: MenuFile, _ kind: WayAround.Kind) {
    if let way = way(file) { add(way, kind, file.id, file.path) }
  }

  /// Looks at the names that the bus starts.
  ///
  /// - Parameter units: where the units are that it has the service manager start.
  public mutating func look(at bus: BusNames, units: [String]) {
    for name in bus.names {
      guard let file = bus.shown(name), case .success(let service) = file.service else { continue }
      if var way = way(service.line) ?? way(service, units) {
        if isBoxable(service.line, way.profile) { way.hint = way.hint ?? installing(way.profile) }
        add(way, .service, name, file.path)
      }
    }
    for file in bus.unclear {
      guard let way = mentioned(file.bytes ?? [], "it cannot be read for sure, and names") else { continue }
      add(way, .service, lastName(file.path), file.path)
    }
  }

  /// Looks at what opens files and addresses: only where that is an entry which leads around a box.
  public mutating func look(at associations: Associations, in menu: Menu) {
    var seen: Set<[String]> = []
    for choice in associations.choices {
      guard let file = menu.shown(choice.id), var way = way(file), seen.insert([choice.type, choice.id]).inserted else {
        continue
      }
      way.reason = "it opens \(choice.type): \(way.reason)"
      way.hint = way.hint ?? "xdg-mime default ID.desktop \(choice.type) chooses another entry"
      add(way, .handler, choice.id, choice.path)
    }
  }

  /// Adds one that was found elsewhere.
  public mutating func add(_ way: WayAround) { ways.append(way) }

  private mutating func add(_ way: Finding, _ kind: WayAround.Kind, _ id: String, _ path: String) {
    let hint = way.hint ?? "in a file of yours with its name, begin Exec with: snug run -p \(way.profile) --"
    ways.append(WayAround(kind: kind, id: id, path: path, profile: way.profile, reason: way.reason, hint: hint))
  }

  private func installing(_ profile: String) -> String { "snug desktop install \(profile)" }

  /// Whether `install` makes a boxed start of a line.
  private func isBoxable(_ line: StartLine, _ profile: String) -> Bool {
    if case .success(let names) = judge.profiles(for: line) { names.contains(profile) } else { false }
  }

  private func way(_ file: MenuFile) -> Finding? {
    switch file.entry {
    case .failure(let problem):
      return mentioned(file.bytes ?? [], "it cannot be read for sure (\(problem.text)), and names")
    case .success(let entry):
      if !entry.isApplication || entry.isHidden { return nil }
      for start in entry.starts {
        guard var way = way(start.line) else { continue }
        if entry.profile != nil {
          way.hint = known.contains(way.profile) ? installing(way.profile) : "snug desktop remove \(way.profile)"
        } else if case .possible(let names) = judge.state(of: entry), names.contains(way.profile) {
          way.hint = installing(way.profile)
        }
        return way
      }
      return nil
    }
  }

  private func way(_ line: StartLine) -> Finding? {
    if let start = SnugStart(line) {
      if !start.isThere(on: judge.host) {
        return Finding(profile: start.profile, reason: "it starts \(start.executable), which is not there")
      }
      let isKnown = known.contains(start.profile) || start.profile.contains("/")
      return isKnown
        ? nil : Finding(profile: start.profile, reason: "its profile is not there or cannot be read")
    }
    switch line.started {
    case .program(let program):
      if let owner = owner(of: program) {
        return Finding(profile: owner, reason: "it starts \(program) without the box")
      }
      // One that starts what it is given: there are more of them than anybody can list.
      for word in line.words.dropFirst().compactMap(\.text).map({ String(decoding: $0, as: UTF8.self) }) {
        guard !word.hasPrefix("-"), let owner = given(word) else { continue }
        return Finding(profile: owner, reason: "\(lastName(program)) is given \(word)")
      }
      return nil
    case .unclear(let reason, let names):
      for name in names {
        if let owner = owners[name] { return Finding(profile: owner, reason: "\(reason), among them \(name)") }
      }
      return nil
    }
  }

  /// The service manager starts the unit, and not the line.
  private func way(_ service: BusService, _ directories: [String]) -> Finding? {
    guard let unit = service.unit else { return nil }
    let hint = "systemctl --user mask \(unit) keeps it from being started"
    guard let commands = unitCommands(unit, in: directories, on: judge.host) else {
      let name = unit.hasSuffix(".service") ? String(unit.dropLast(".service".count)) : unit
      return owners[name].map {
        Finding(profile: $0, reason: "the unit that it starts is not found: \(unit)", hint: hint)
      }
    }
    for command in commands {
      let program = String(command.prefix { $0 != " " && $0 != "\t" })
      if let owner = owner(of: program) {
        return Finding(profile: owner, reason: "its unit \(unit) starts \(program) without the box", hint: hint)
      }
      // A line of Snug's names the program as well.
      if lastName(program) == "snug" { continue }
      for word in wordsIn(command) {
        guard let owner = given(word) else { continue }
        return Finding(profile: owner, reason: "its unit \(unit) names \(word)", hint: hint)
      }
    }
    return nil
  }

  private func owner(of program: String) -> String? {
    if let owner = owners[lastName(program)] { return owner }
    return judge.file(of: program).flatMap { files[$0] ?? owners[lastName($0)] }
  }

  /// A path among the operands is mostly a file to open: only the very program counts.
  private func given(_ word: String) -> String? {
    if word.hasPrefix("/") { return judge.file(of: word).flatMap { files[$0] } }
    return word.contains("/") ? nil : owner(of: word)
  }

  /// A text that the strict reader refuses may start something all the same.
  private func mentioned(_ bytes: [UInt8], _ reason: String) -> Finding? {
    for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      guard line.drop(while: isBlank).starts(with: "Exec".utf8) else { continue }
      for name in namesIn(String(decoding: line, as: UTF8.self)) {
        if let owner = owners[name] { return Finding(profile: owner, reason: "\(reason) \(name)") }
      }
    }
    return nil
  }
}
