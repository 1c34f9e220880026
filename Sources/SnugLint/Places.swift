import SnugPlan
import SnugProfile

// What rules about ways out ask: which line lets the app change, or see, a place on the host.

extension Subject {
  /// Where a host path leads, links followed; of one that does not exist, where it would be.
  func real(_ path: String) -> String {
    if case .exists(let real, _, _, _) = host.look(path) { return real }
    return path == "/" ? path : nameOfLink(path)
  }

  /// The link-free names of a host path: its own, and where it leads. Whoever keeps start files in a repository has links
  /// to them in the home, and a link is replaced as easily as what it leads to.
  private func realNames(_ path: String) -> [String] {
    switch host.look(path) {
    case .exists(let real, _, _, nil): [real]
    case .exists(let real, _, _, .some): [nameOfLink(path), real]
    case .missing, .unreadable: [nameOfLink(path)]
    }
  }

  /// The last name of a path in the real directory that holds it.
  private func nameOfLink(_ path: String) -> String {
    var names = components(path)
    guard let name = names.popLast() else { return path }
    return joined(real("/" + names.joined(separator: "/")), String(name))
  }

  /// Whether the home is a part of what was put inside: rules of their own tell of that, once.
  func holdsHome(_ sight: Exposure.Sight) -> Bool { isAtOrBelow(realHome, sight.source) }

  /// One finding for each line that lets the app change something at or below some of the places.
  ///
  /// - Parameters:
  ///   - places: as a profile would name them.
  ///   - consequence: what comes of it, in plain words.
  func changing(
    _ places: [String], _ consequence: String,
    hint: String = "grant a narrower path, or keep its files in a private home"
  ) -> [Finding] {
    if writers.isEmpty { return [] }
    var lines = LinesByOrigin()
    for place in places {
      guard let path = context.absolute(place) else { continue }
      for name in realNames(path) {
        let above = exposure.sights(of: name).filter { $0.isWritable && !holdsHome($0) }
        let below = writerPaths.holds(name) ? writers.filter { isAtOrBelow($0.source, name) } : []
        for writer in above + below { lines.add(place, at: writer.origin) }
      }
    }
    return lines.findings { Finding("the app can change \($1): \(consequence)", at: $0, hint: hint) }
  }

  /// Whether an app goes by this name, for all that the profile says: `firefox` of `firefox-esr`, and `mozilla` of
  /// `org.mozilla.firefox`.
  func isOwnApp(_ name: String) -> Bool {
    let lowered = name.lowercased()
    let programs = profile.programs.map(\.value) + (profile.command?.value.prefix(1) ?? [])
    let own =
      [profile.name, profile.id.value] + programs.compactMap { components($0).last.map(String.init) }
      + profile.id.value.split(separator: ".").dropFirst().map(String.init)
    return own.map { $0.lowercased() }.contains { own in
      own == lowered || own.hasPrefix(lowered + "-") || lowered.hasPrefix(own + "-")
    }
  }
}

/// Of how many granted directories the content is looked at: lint answers at once, whatever is granted.
let lookedInto = 1_000

extension PathFacts {
  /// Whether something is there.
  var isThere: Bool { if case .exists = self { true } else { false } }
}

/// What was found, line by line: lines are what a person repairs.
struct LinesByOrigin {
  private var order: [Origin] = []
  private var texts: [Origin: [String]] = [:]

  /// Notes a text for a line, once.
  mutating func add(_ text: String, at origin: Origin) {
    if texts[origin] == nil { order.append(origin) }
    if texts[origin]?.contains(text) != true { texts[origin, default: []].append(text) }
  }

  /// A finding for each line, from its place and its texts in words.
  func findings(_ make: (Origin, String) -> Finding) -> [Finding] {
    order.map { make($0, inWords(texts[$0] ?? [])) }
  }
}

/// `a`, `a and b`, `a, b and 3 more`.
private func inWords(_ texts: [String]) -> String {
  switch texts.count {
  case 0...1: texts.first ?? ""
  case 2...3: texts.dropLast().joined(separator: ", ") + " and " + (texts.last ?? "")
  default: texts.prefix(2).joined(separator: ", ") + " and \(texts.count - 2) more"
  }
}
