/// One rule about a path and everything below it: an entry of `[files]`, or what `root` and `home` say.
public struct GrantRule: Hashable, Sendable {
  /// What it says.
  public enum Kind: String, Hashable, Sendable {
    case read, write, hide
    /// Not shown, though not hidden: any grant on the same path stands above it. Only `root` and `home` say so.
    case absent
  }
  /// What it says.
  public var kind: Kind
  /// Later layers win. `GrantRule.rootLayer` and `GrantRule.homeLayer` are the lowest.
  public var layer: Int
  /// Clean absolute paths: the path as written, and where its links lead, each once.
  public var names: [String]
  /// Where it was written.
  public var origin: Origin

  /// Layer of what `files.root` says.
  public static let rootLayer = -2
  /// Layer of what `files.home` says.
  public static let homeLayer = -1

  /// Makes a rule.
  public init(_ kind: Kind, layer: Int, names: [String], origin: Origin = .defaults) {
    self.kind = kind
    self.layer = layer
    self.names = names
    self.origin = origin
  }

  /// The rule of a grant; nil where its path stands for nothing or is refused.
  ///
  /// - Parameter real: where the links of its path lead; nil where it does not exist.
  public init?(_ grant: Grant, real: String?) {
    guard let path = grant.path.absolute else { return nil }
    let kind: Kind =
      switch grant.kind {
      case .read: .read
      case .write: .write
      case .hide: .hide
      }
    let names = [path] + [real].compactMap { $0 }.filter { !$0.utf8.elementsEqual(path.utf8) }
    self.init(kind, layer: grant.layer, names: names, origin: grant.origin)
  }
}

/// What rules say about a path, narrowest first.
public enum Visibility: Int, Hashable, Sendable, Comparable {
  case hidden, readOnly, writable

  /// Narrower comes first.
  public static func < (left: Visibility, right: Visibility) -> Bool { left.rawValue < right.rawValue }
}

/// The answer about one path.
public struct Verdict: Hashable, Sendable {
  /// What the app can do with it.
  public var visibility: Visibility
  /// The rule that decides; nil where no rule says anything.
  public var rule: GrantRule?
}

/// Decides about paths as design section 4 says: the longest matching path, on the same path `hide`, then the later
/// layer, then read before write; a `hide` takes away what earlier layers granted at or below it.
///
/// A read that was taken away still keeps what a later, shorter write shows read-only: were it simply gone, adding a
/// `hide` could turn a readable path into a writable one.
public struct GrantRules: Sendable {
  private let rules: [GrantRule]
  private let isTaken: [Bool]
  private let tree: NameTree

  /// Indexes the rules. Time is linear in the length of all paths.
  public init(_ rules: [GrantRule]) {
    var tree = NameTree()
    for (index, rule) in rules.enumerated() {
      for name in rule.names { tree.insert(index, at: name) }
    }
    tree.sortRules { left, right in
      let (a, b) = (rules[left], rules[right])
      let isHide = (a.kind == .hide, b.kind == .hide)
      if isHide.0 != isHide.1 { return isHide.0 }
      if a.layer != b.layer { return a.layer > b.layer }
      if a.kind != b.kind { return precedence(a.kind) < precedence(b.kind) }
      return left < right
    }
    var isTaken: [Bool] = []
    for rule in rules {
      let canBeTaken = rule.kind == .read || rule.kind == .write
      isTaken.append(
        canBeTaken
          && rule.names.contains { name in
            tree.rules(atOrAbove: name).contains { rules[$0].kind == .hide && rules[$0].layer > rule.layer }
          })
    }
    self.rules = rules
    self.isTaken = isTaken
    self.tree = tree
  }

  /// Decides about one path under all its names: as written and where its links lead. Hidden under one is hidden.
  public func decide(_ names: [String]) -> Verdict {
    let verdicts = names.map { decide($0) }
    return verdicts.min { $0.visibility < $1.visibility } ?? Verdict(visibility: .hidden, rule: nil)
  }

  /// Decides about one name of a path.
  public func decide(_ path: String) -> Verdict {
    guard let (visibility, index) = decision(path) else { return Verdict(visibility: .hidden, rule: nil) }
    return Verdict(visibility: visibility, rule: rules[index])
  }

  /// The rules that decide about a name of their own, in their order: what was taken away, and what another rule on the
  /// same path stands above, is not among them. They say the same about every path as all rules do.
  public var effective: [GrantRule] {
    var seen: Set<Int> = []
    for rule in rules {
      for name in rule.names {
        if let (_, index) = decision(name) { seen.insert(index) }
      }
    }
    return rules.indices.filter { seen.contains($0) }.map { rules[$0] }
  }

  private func decision(_ path: String) -> (Visibility, Int)? {
    var cap: Int?
    for index in tree.rules(atOrAbove: path) {
      let rule = rules[index]
      if isTaken[index] {
        if rule.kind == .read, cap == nil { cap = index }
        continue
      }
      switch rule.kind {
      case .hide, .absent: return (.hidden, index)
      case .read: return (.readOnly, index)
      case .write: return cap.map { (.readOnly, $0) } ?? (.writable, index)
      }
    }
    return nil
  }
}

/// What rules say about one name of a path.
public func decide(_ path: String, _ rules: [GrantRule]) -> Verdict { GrantRules(rules).decide(path) }

/// What rules say about a path under all its names: as written and where its links lead.
public func decide(_ names: [String], _ rules: [GrantRule]) -> Verdict { GrantRules(rules).decide(names) }

/// The rules that still decide something: see `GrantRules.effective`.
public func effective(_ rules: [GrantRule]) -> [GrantRule] { GrantRules(rules).effective }

/// What `files.root` and `files.home` say about the host's paths: the lowest layers.
///
/// - Parameters:
///   - home: the names of the home, as written and where its links lead.
///   - system: the paths that `root = "system"` shows, for example `/usr`, and of `/etc` what the compiler picks.
public func baseRules(root: Located<Files.Root>, home mode: Located<Files.Home>, home: [String], system: [String])
  -> [GrantRule]
{
  func rule(_ kind: GrantRule.Kind, _ path: String) -> GrantRule {
    GrantRule(kind, layer: GrantRule.rootLayer, names: [path], origin: root.origin)
  }
  var rules: [GrantRule] =
    switch root.value {
    case .system: system.map { rule(.read, $0) }
    case .host: [rule(.read, "/")] + neverFromHost.map { rule(.absent, $0) }
    case .empty: []
    }
  let kind: GrantRule.Kind =
    switch mode.value {
    case .none, .temporary, .kept: .absent
    case .overlay: .read
    case .host: .write
    }
  rules.append(GrantRule(kind, layer: GrantRule.homeLayer, names: home, origin: mode.origin))
  return rules
}

/// What `root = "host"` leaves out.
public let neverFromHost = ["/home", "/root", "/run", "/tmp", "/var/tmp", "/dev", "/proc", "/sys"]

private func precedence(_ kind: GrantRule.Kind) -> Int {
  switch kind {
  case .hide: 0
  case .absent: 1
  case .read: 2
  case .write: 3
  }
}

/// Rules by path, one node a component. Components are bytes: for the kernel, two spellings of é are two names.
private struct NameTree {
  private var children: [[ArraySlice<UInt8>: Int]] = [[:]]
  private var rules: [[Int]] = [[]]

  mutating func insert(_ rule: Int, at path: String) {
    var node = 0
    for name in Array(path.utf8).split(separator: UInt8(ascii: "/")) {
      if let child = children[node][name] {
        node = child
      } else {
        children[node][name] = children.count
        node = children.count
        children.append([:])
        rules.append([])
      }
    }
    rules[node].append(rule)
  }

  /// Orders the rules of each path, the deciding one first.
  mutating func sortRules(_ precedes: (Int, Int) -> Bool) {
    for node in rules.indices where rules[node].count > 1 { rules[node].sort(by: precedes) }
  }

  /// The rules on a path and on every directory above it, the longest first.
  func rules(atOrAbove path: String) -> [Int] {
    var found = [rules[0]]
    var node = 0
    for name in Array(path.utf8).split(separator: UInt8(ascii: "/")) {
      guard let child = children[node][name] else { break }
      node = child
      found.append(rules[child])
    }
    return found.reversed().flatMap { $0 }
  }
}
