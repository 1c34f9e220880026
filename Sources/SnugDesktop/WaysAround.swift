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

  /// Joins the parts.
  public init(kind: Kind, id: String, path: String, profile: String, reason: String) {
    self.kind = kind
    self.id = id
    self.path = path
    self.profile = profile
    self.reason = reason
  }
}

/// Looks for ways around boxes.
public struct WaySearch {
  private let judge: Judge
  /// The boxed profiles by the last names of their programs.
  private var owners: [String: String] = [:]
  private let known: Set<String>
  private var ways: [WayAround] = []

  /// - Parameters:
  ///   - judge: knows all profiles.
  ///   - boxed: names of those that something is installed for.
  public init(_ judge: Judge, boxed: Set<String>) {
    self.judge = judge
    known = Set(judge.profiles.map(\.name))
    for profile in judge.profiles where boxed.contains(profile.name) {
      for name in profile.names where owners[name] == nil { owners[name] = profile.name }
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
    guard let way = way(file) else { return }
    ways.append(WayAround(kind: kind, id: file.id, path: file.path, profile: way.profile, reason: way.reason))
  }

  /// Looks at the names that the bus starts.
  public mutating func look(at bus: BusNames) {
    func add(_ id: String, _ path: String, _ way: (profile: String, reason: String)?) {
      guard let way else { return }
      ways.append(WayAround(kind: .service, id: id, path: path, profile: way.profile, reason: way.reason))
    }
    for name in bus.names {
      guard let file = bus.shown(name), case .success(let service) = file.service else { continue }
      add(name, file.path, way(service.line))
    }
    for file in bus.unclear {
      add(lastName(file.path), file.path, mentioned(file.bytes ?? [], "it cannot be read for sure, and names"))
    }
  }

  /// Looks at what opens files and addresses: only where that is an entry which leads around a box.
  public mutating func look(at associations: Associations, in menu: Menu) {
    var seen: Set<[String]> = []
    for choice in associations.choices {
      guard let file = menu.shown(choice.id), let way = way(file), seen.insert([choice.type, choice.id]).inserted else {
        continue
      }
      ways.append(
        WayAround(
          kind: .handler, id: choice.id, path: choice.path, profile: way.profile,
          reason: "it opens \(choice.type): \(way.reason)"))
    }
  }

  /// Adds one that was found elsewhere.
  public mutating func add(_ way: WayAround) { ways.append(way) }

  private func way(_ file: MenuFile) -> (profile: String, reason: String)? {
    switch file.entry {
    case .failure(let problem):
      return mentioned(file.bytes ?? [], "it cannot be read for sure (\(problem.text)), and names")
    case .success(let entry):
      if !entry.isApplication || entry.isHidden { return nil }
      for start in entry.starts {
        if let way = way(start.line) { return way }
      }
      return nil
    }
  }

  private func way(_ line: StartLine) -> (profile: String, reason: String)? {
    if let start = SnugStart(line) {
      let isThere = judge.host.isExecutable(start.executable) || !start.executable.hasPrefix("/")
      if !isThere { return (start.profile, "it starts \(start.executable), which is not there") }
      let isKnown = known.contains(start.profile) || start.profile.contains("/")
      return isKnown ? nil : (start.profile, "its profile is not there or cannot be read")
    }
    switch line.started {
    case .program(let program):
      guard let owner = owners[lastName(program)] else { return nil }
      return (owner, "it starts \(program) without the box")
    case .unclear(let reason, let names):
      for name in names {
        if let owner = owners[name] { return (owner, "\(reason), among them \(name)") }
      }
      return nil
    }
  }

  /// A text that the strict reader refuses may start something all the same.
  private func mentioned(_ bytes: [UInt8], _ reason: String) -> (profile: String, reason: String)? {
    for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      guard line.drop(while: isBlank).starts(with: "Exec".utf8) else { continue }
      for name in namesIn(String(decoding: line, as: UTF8.self)) {
        if let owner = owners[name] { return (owner, "\(reason) \(name)") }
      }
    }
    return nil
  }
}
