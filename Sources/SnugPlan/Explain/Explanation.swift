import SnugProfile

/// What a start lets the app see, change and reach, in plain words.
public struct Explanation: Hashable, Sendable {
  /// What facts are about, in the order in which they are told.
  public enum Area: String, Hashable, Sendable, CaseIterable {
    /// What a person should worry about; told first.
    case worries
    /// What this version refuses to run, or what the machine cannot enforce.
    case notEnforced = "not-enforced"
    case change, read, hidden, devices, windows, bus, network, calls, lifetime, environment, assert, skipped
  }

  /// One sentence or two, with the lines that caused it.
  public struct Fact: Hashable, Sendable {
    /// Safe to print.
    public var text: String
    /// Lines of profiles, options, or `Origin.defaults`.
    public var origins: [Origin]

    /// Makes a fact of one line.
    public init(_ text: String, _ origin: Origin) { self.init(text, [origin]) }

    /// Makes a fact.
    public init(_ text: String, _ origins: [Origin] = []) {
      self.text = text
      self.origins = origins
    }
  }

  /// Name of the profile.
  public var profile: String
  /// Its app id.
  public var id: String
  /// Its one line, where it has one.
  public var summary: String?
  /// What keeps it from starting here and now; then the facts are those of a machine that has what is missing.
  public var obstacles: [Diagnostic]
  /// The facts by area. Areas without any are absent, but for `worries`.
  public var facts: [Area: [Fact]]

  /// The explanation as a person reads it, at most 100 columns wide but for longer words.
  public var text: String {
    let names = shortFileNames(facts.values.flatMap { $0 }.flatMap({ $0.origins }))
    let title = "\(escaped(profile)) (\(escaped(id)))" + (summary.map { ": " + escaped($0) } ?? "")
    var out = obstacles.isEmpty ? "" : obstacleText(obstacles) + "\n"
    out += wrapped(title, indent: "  ", first: "")
    for area in Area.allCases {
      guard let facts = facts[area] else { continue }
      out += "\n\(area.title)\n"
      if facts.isEmpty { out += "  nothing stands out; what follows is all that it gets\n" }
      for fact in facts {
        out += wrapped(fact.text + sourceText(fact.origins, names), indent: "    ", first: "  - ")
      }
    }
    return out
  }

  /// An array of {area, text, origin}; `origin` is a list of {file, line}. What keeps it from starting comes first, as
  /// the area `cannot-start`.
  public var json: JSON {
    let first = obstacles.map { object("cannot-start", escaped($0.message), [$0.origin].compactMap { $0 }) }
    let rest = Area.allCases.flatMap { area in
      (facts[area] ?? []).map { object(area.rawValue, $0.text, $0.origins) }
    }
    return .list(first + rest)
  }

  private func object(_ area: String, _ text: String, _ origins: [Origin]) -> JSON {
    .object([.init("area", .text(area)), .init("text", .text(text)), .init("origin", list(origins))])
  }
}

extension Explanation.Area {
  /// The heading.
  var title: String {
    switch self {
    case .worries: "worth knowing first"
    case .notEnforced: "asked for, but not there"
    case .change: "files it can change"
    case .read: "files it can read"
    case .hidden: "files it never sees"
    case .devices: "devices"
    case .windows: "windows and sound"
    case .bus: "message bus (how desktop programs call each other)"
    case .network: "network"
    case .calls: "system calls (what it may ask of the kernel)"
    case .lifetime: "lifetime"
    case .environment: "what it is told"
    case .assert: "tried before it starts"
    case .skipped: "left out"
    }
  }
}

/// ` (firefox.toml:14, --read)`; each line once, at most four.
func sourceText(_ origins: [Origin], _ names: [String: String]) -> String {
  var texts: [String] = []
  for origin in origins {
    let text = origin == .defaults ? "by default" : shortText(origin, names)
    if !texts.contains(text) { texts.append(text) }
  }
  if texts.isEmpty { return "" }
  let more = texts.count > 4 ? ", ..." : ""
  return " (" + texts.prefix(4).joined(separator: ", ") + more + ")"
}

/// Lines as JSON.
func list(_ origins: [Origin]) -> JSON {
  .list(origins.map { .object([.init("file", .text($0.file)), .init("line", .integer($0.line))]) })
}
