import SnugLint
import SnugProfile
import Testing

@Suite struct RuleTests {
  static let names = Rule.all.map(\.name)

  @Test func namesAreKebabCaseAndUnique() {
    #expect(Set(Self.names).count == Self.names.count)
    for name in Self.names {
      #expect(
        name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }, "\(name)")
    }
  }

  /// What stops reading or compiling belongs to exactly one rule.
  @Test(arguments: Cause.allCases) func everyCauseHasARule(_ cause: Cause) {
    #expect(Self.names.filter { $0 == cause.rawValue }.count == 1)
  }

  @Test(arguments: names) func pagesAreWhole(_ name: String) throws {
    let rule = try #require(Rule.named(name))
    #expect(!rule.what.isEmpty && !rule.what.hasSuffix("."))
    #expect(rule.why.hasSuffix(".") && !rule.why.contains("  "))
    #expect(!rule.example.isEmpty && !rule.safer.isEmpty && rule.example != rule.safer)
  }

  /// What a page shows is what the rule does.
  @Test(arguments: names.filter { !FixtureTests.withoutFixture.contains($0) }) func examples(_ name: String) throws {
    let rule = try #require(Rule.named(name))
    let prefix = rule.example.contains("version") ? "" : "version = 1\n"
    let bad = linted(prefix + rule.example)
    #expect(bad.rules.contains(name), "the example is not found: \(bad.findings.map(\.message))")
    let good = linted((rule.safer.contains("version") ? "" : "version = 1\n") + rule.safer)
    #expect(!good.rules.contains(name), "the safer form is found: \(good.findings.map(\.message))")
    let errors = good.findings.filter { $0.level == .error }.map(\.message)
    #expect(errors.isEmpty, "the safer form has errors: \(errors)")
  }
}
