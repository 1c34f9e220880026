import TestSupport
import Testing

@testable import SnugProfile

@Suite struct DecisionTests {
  private func rule(_ kind: GrantRule.Kind, _ layer: Int, _ names: String...) -> GrantRule {
    GrantRule(kind, layer: layer, names: names)
  }

  @Test func longestMatchDecides() {
    let rules = [rule(.write, 0, "/a"), rule(.read, 0, "/a/b"), rule(.write, 0, "/a/b/c")]
    #expect(decide("/a/x", rules).visibility == .writable)
    #expect(decide("/a/b/x", rules).visibility == .readOnly)
    #expect(decide("/a/b/c", rules).visibility == .writable)
    #expect(decide("/ab", rules) == Verdict(visibility: .hidden, rule: nil))
    #expect(decide("/", rules).visibility == .hidden)
  }

  @Test func samePath() {
    #expect(decide("/a", [rule(.write, 0, "/a"), rule(.read, 0, "/a")]).visibility == .readOnly)
    #expect(decide("/a", [rule(.read, 0, "/a"), rule(.write, 1, "/a")]).visibility == .writable)
    #expect(decide("/a", [rule(.hide, 0, "/a"), rule(.write, 1, "/a")]).visibility == .hidden)
  }

  @Test func hideTakesAwayWhatEarlierLayersGranted() {
    let rules = [rule(.read, 0, "/a/b"), rule(.write, 0, "/a/c"), rule(.hide, 1, "/a"), rule(.read, 1, "/a/d")]
    #expect(decide("/a/b", rules).visibility == .hidden)
    #expect(decide("/a/c/x", rules).visibility == .hidden)
    #expect(decide("/a/d/x", rules).visibility == .readOnly)
    #expect(effective(rules) == [rules[2], rules[3]])
  }

  @Test func inOneLayerTheLongerGrantStands() {
    #expect(decide("/a/b", [rule(.hide, 0, "/a"), rule(.read, 0, "/a/b")]).visibility == .readOnly)
  }

  @Test func laterLongerGrantBelowAHideStands() {
    let rules = [rule(.hide, 0, "/a"), rule(.write, 1, "/a/b")]
    #expect(decide("/a/b/c", rules).visibility == .writable)
    #expect(decide("/a/c", rules).visibility == .hidden)
  }

  @Test func hiddenUnderOneNameIsHiddenUnderAll() {
    let rules = [rule(.read, 0, "/home"), rule(.hide, 0, "/home/link", "/data/secret"), rule(.read, 0, "/data")]
    #expect(decide("/data/secret/x", rules).visibility == .hidden)
    #expect(decide(["/home/link/x", "/data/secret/x"], rules).visibility == .hidden)
    #expect(decide(["/home/other/x", "/data/secret/x"], rules).visibility == .hidden)
    #expect(decide(["/home/other/x", "/data/x"], rules).visibility == .readOnly)
  }

  /// Without it a `hide` would make /a/b/c writable.
  @Test func aReadThatIsTakenAwayStillBounds() {
    let before = [rule(.read, 0, "/a/b/c"), rule(.write, 1, "/a/b")]
    #expect(decide("/a/b/c", before).visibility == .readOnly)
    let after = before + [rule(.hide, 1, "/a")]
    #expect(decide("/a/b/c/x", after).visibility == .readOnly)
    #expect(decide("/a/b/d", after).visibility == .writable)
    #expect(effective(after) == after)
  }

  @Test func baseIsBelowEverything() {
    let base = baseRules(root: Located(.host), home: Located(.temporary), home: ["/home/ada"], system: [])
    #expect(decide("/opt", base).visibility == .readOnly)
    #expect(decide("/home/ada/x", base).visibility == .hidden)
    #expect(decide("/run/x", base).visibility == .hidden)
    // Not a hide: a grant of the same path stands.
    #expect(decide("/run/x", base + [rule(.read, 0, "/run")]).visibility == .readOnly)
    let system = baseRules(root: Located(.system), home: Located(.host), home: ["/home/ada"], system: ["/usr"])
    #expect(decide("/usr/lib", system).visibility == .readOnly)
    #expect(decide("/opt", system).visibility == .hidden)
    #expect(decide("/home/ada/x", system).visibility == .writable)
    #expect(decide("/home/ada", system + [rule(.hide, 0, "/home")]).visibility == .hidden)
    #expect(baseRules(root: Located(.empty), home: Located(.none), home: ["/h"], system: ["/usr"]).count == 1)
  }

  @Test func namesAreBytes() {
    let rules = [rule(.read, 0, "/caf\u{E9}"), rule(.hide, 0, "/cafe\u{301}")]
    #expect(decide("/caf\u{E9}", rules).visibility == .readOnly)
    #expect(decide("/cafe\u{301}", rules).visibility == .hidden)
    // A slash with a combining mark is one Character.
    #expect(decide("/a/\u{301}b", [rule(.hide, 0, "/a")] + [rule(.read, 0, "/")]).visibility == .hidden)
  }

  // MARK: - Properties

  /// Design section 4 word by word, over all rules for each question.
  private func naive(_ path: String, _ rules: [GrantRule]) -> Visibility {
    func isTaken(_ grant: GrantRule) -> Bool {
      (grant.kind == .read || grant.kind == .write)
        && rules.contains { hide in
          hide.kind == .hide && hide.layer > grant.layer
            && hide.names.contains { h in grant.names.contains { $0 == h || $0.hasPrefix(h == "/" ? "/" : h + "/") } }
        }
    }
    func length(_ rule: GrantRule) -> Int {
      rule.names.filter { $0 == "/" || path == $0 || path.hasPrefix($0 + "/") }.map { $0 == "/" ? 0 : $0.count }.max()
        ?? -1
    }
    func stronger(_ a: GrantRule, _ b: GrantRule) -> Bool {
      if length(a) != length(b) { return length(a) > length(b) }
      if (a.kind == .hide) != (b.kind == .hide) { return a.kind == .hide }
      if a.layer != b.layer { return a.layer > b.layer }
      return a.kind == .read && b.kind == .write
    }
    let matching = rules.filter { length($0) >= 0 }
    guard let first = matching.filter({ !isTaken($0) }).min(by: stronger) else { return .hidden }
    if first.kind == .hide { return .hidden }
    if first.kind == .read { return .readOnly }
    let isBound = matching.contains { isTaken($0) && $0.kind == .read && stronger($0, first) }
    return isBound ? .readOnly : .writable
  }

  private func randomPath(_ random: inout Numbers) -> String {
    let depth = Int.random(in: 0...4, using: &random)
    return depth == 0 ? "/" : (0..<depth).map { _ in "/" + ["a", "b"][Int.random(in: 0...1, using: &random)] }.joined()
  }

  private func randomRule(_ random: inout Numbers, _ kinds: [GrantRule.Kind] = [.read, .write, .hide])
    -> GrantRule
  {
    var names = [randomPath(&random)]
    let other = randomPath(&random)
    if Int.random(in: 0...3, using: &random) == 0, other != names[0] { names.append(other) }
    let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
    return GrantRule(kind, layer: Int.random(in: 0...3, using: &random), names: names)
  }

  private let allPaths: [String] = {
    var paths = ["/"]
    var level = [""]
    for _ in 0..<5 {
      level = level.flatMap { [$0 + "/a", $0 + "/b"] }
      paths += level
    }
    return paths
  }()

  @Test func agreesWithTheWords() {
    var random = Numbers(state: 1)
    for _ in 0..<2_000 {
      let rules = (0..<Int.random(in: 0...7, using: &random)).map { _ in randomRule(&random) }
      let indexed = GrantRules(rules)
      for path in [randomPath(&random), randomPath(&random), randomPath(&random) + "/x"] {
        #expect(indexed.decide(path).visibility == naive(path, rules), "\(path) under \(rules)")
      }
    }
  }

  @Test func aHideNeverWidens() {
    var random = Numbers(state: 2)
    var narrowed = 0
    for _ in 0..<1_000 {
      let rules = (0..<Int.random(in: 1...7, using: &random)).map { _ in randomRule(&random) }
      let before = GrantRules(rules)
      let after = GrantRules(rules + [randomRule(&random, [.hide])])
      for path in allPaths {
        let (old, new) = (before.decide(path).visibility, after.decide(path).visibility)
        if new > old { Issue.record("\(path) goes from \(old) to \(new) under \(rules)") }
        if new < old { narrowed += 1 }
      }
    }
    #expect(narrowed > 1_000)
  }

  @Test func orderInsideALayerDoesNotMatter() {
    var random = Numbers(state: 3)
    for _ in 0..<500 {
      let rules = (0..<6).map { _ in randomRule(&random) }
      let (one, other) = (GrantRules(rules), GrantRules(rules.shuffled(using: &random)))
      for path in allPaths where one.decide(path).visibility != other.decide(path).visibility {
        Issue.record("\(path) under \(rules)")
      }
    }
  }

  @Test func effectiveRulesSayTheSame() {
    var random = Numbers(state: 4)
    var dropped = 0
    for _ in 0..<1_000 {
      let rules = (0..<Int.random(in: 1...8, using: &random)).map { _ in randomRule(&random) }
      let reduced = effective(rules)
      dropped += rules.count - reduced.count
      let (all, few) = (GrantRules(rules), GrantRules(reduced))
      for path in allPaths where all.decide(path).visibility != few.decide(path).visibility {
        Issue.record("\(path) under \(rules), reduced to \(reduced)")
      }
    }
    #expect(dropped > 1_000)
  }

  @Test func effectiveHasOneRuleAPath() {
    let rules = [
      rule(.read, 0, "/a"), rule(.write, 1, "/a"), rule(.write, 1, "/b"), rule(.read, 1, "/b"), rule(.read, 1, "/b"),
    ]
    #expect(effective(rules).map(\.names) == [["/a"], ["/b"]])
    #expect(effective(rules).map(\.kind) == [.write, .read])
  }
}
