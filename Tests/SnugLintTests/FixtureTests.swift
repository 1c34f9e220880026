import SnugLint
import SnugProfile
import Testing

/// One profile for each rule, `Fixtures/RULE.toml`. A line `#^ RULE` says that the rule finds something on the line above
/// it (marks of several rules may follow each other); every other line is a near miss. Rules that a fixture neither is
/// named after nor marks are not looked at.
@Suite struct FixtureTests {
  private static let folder = here + "/Fixtures"
  static let fixtures = names(in: folder).filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }

  /// Too long for a file that somebody reads; `RobustnessTests` has them. No key is deprecated yet; `StyleTests` marks
  /// some.
  static let withoutFixture: Set<String> = ["long-list", "too-many-problems", "deprecated-key"]

  @Test func everyRuleHasAFixture() {
    let rules = Set(Rule.all.map(\.name))
    #expect(rules.subtracting(Self.withoutFixture) == Set(Self.fixtures))
  }

  @Test(arguments: fixtures) func fixture(_ name: String) throws {
    let text = try #require(readFile("\(Self.folder)/\(name).toml"))
    var marks: Set<String> = []
    var rules: Set<String> = [name]
    var marked = 0
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.split(separator: " ")
      guard words.first == "#^" else {
        marked = index + 1
        continue
      }
      for rule in words.dropFirst() {
        marks.insert("\(marked) \(rule)")
        rules.insert(String(rule))
      }
    }
    let report = linted(text)
    let found = report.findings.filter { rules.contains($0.rule) }
    #expect(Set(found.map { "\($0.origin.line) \($0.rule)" }) == marks, "\(report.findings.map(\.message))")
    #expect(marks.contains { $0.hasSuffix(" " + name) }, "\(name).toml marks no line of its rule")
  }
}
