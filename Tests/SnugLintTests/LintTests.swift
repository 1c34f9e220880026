import SnugLint
import SnugProfile
import Testing

@Suite struct LintTests {
  private let duplicate = "version = 1\n[environment]\nkeep = [\n\"A\",\n\"A\",\n]\n"

  @Test func `an error makes an error`() {
    #expect(linted("version = 1\nraed = 1\n").hasErrors)
    #expect(!linted(duplicate).hasErrors)
    #expect(linted("version = 1\n").rules.isDisjoint(with: ["unknown-key", "duplicate-grant"]))
  }

  @Test func `what a base says wrong is told at the entry that brings it in`() {
    let broken = ["outer": "version = 1\nextends = [\"inner\"]\n", "inner": "version = 1\nraed = 1\n"]
    let report = linted("version = 1\nextends = [\n  \"base\",\n  \"outer\",\n]\n", shipped: broken)
    let found = report.findings.filter { $0.rule == "unknown-key" }
    #expect(found.map(\.origin) == [Origin(file: "/profiles/test.toml", line: 4, column: 3)])
    #expect(found.first?.message == "unknown key \"raed\", inherited from /shipped/inner.toml:2:1")
    #expect(found.first?.fix == nil)
  }

  @Test func `a leaf is not blamed for a base that is linted too`() {
    let own = ["leaf": "version = 1\nextends = [\"root\"]\n", "root": "version = 1\n[desktop]\nx11 = true\n"]
    #expect(lintAll(["leaf"], own)[0].places.contains("2:12 x11-access"))
    let both = lintAll(["leaf", "root"], own)
    #expect(!both[0].rules.contains("x11-access") && both[1].places.contains("3:7 x11-access"))
  }

  @Test func `an allow of a base holds for those who extend it`() {
    let allowed = ["root": "version = 1\n[desktop]\n# snug: allow x11-access soon\nx11 = true\n"]
    let leaf = "version = 1\nextends = [\"root\"]\n"
    #expect(!linted(leaf, shipped: allowed).rules.contains("x11-access"))
    let plain = ["root": "version = 1\n[desktop]\nx11 = true\n"]
    #expect(linted(leaf, shipped: plain).rules.contains("x11-access"))
    let there = "version = 1\n# snug: allow x11-access it will come\nextends = [\"root\"]\n"
    #expect(linted(there, shipped: plain).rules.isDisjoint(with: ["x11-access", "unused-allow"]))
  }

  @Test(arguments: [
    "# snug: allow duplicate-grant why\n\"A\",", "\"A\", # snug: allow duplicate-grant why not",
    "# snug: allow duplicate-grant why\n  # and more\n\"A\",", "\t#\tsnug: allow duplicate-grant why\n\"A\",",
  ])
  func `an allow takes a finding away`(line: String) {
    let text = "version = 1\n[environment]\nkeep = [\n\(line)\n\"A\",\n]\n"
    #expect(linted(text).rules.isDisjoint(with: ["duplicate-grant", "unused-allow"]))
  }

  @Test(arguments: [
    "# snug: allow duplicate-grant\n\"A\",", "# snug: allow useless-grant why\n\"A\",",
    "# snug: allow duplicate-grant why\n\n\"A\",", "\"A\", # snug allow duplicate-grant why",
    "\"# snug: allow duplicate-grant why\", \"A\",\n\"B\",", "'''\n# snug: allow duplicate-grant why\n''', \"A\",",
  ])
  func `what is no allow for it takes nothing away`(line: String) {
    let text = "version = 1\n[environment]\nkeep = [\n\(line)\n\"A\",\n]\n"
    #expect(linted(text).rules.contains("duplicate-grant"))
  }

  @Test func `errors of reading cannot be allowed`() {
    let report = linted("version = 1\nraed = 1 # snug: allow unknown-key it is meant\n")
    #expect(report.rules.contains("unknown-key"))
  }

  @Test func `errors of compiling can be allowed`() {
    let text = "version = 1\n[files]\nread = [\"/nowhere\"] # snug: allow missing-source it is on the other machine\n"
    #expect(!linted(text).hasErrors)
  }

  @Test func `findings are in the order of lines`() {
    let report = linted("version = 1\nb = 1\na = 1\n\n[files]\nx = 1\n")
    #expect(report.findings.map(\.origin.line) == [2, 3, 6])
  }

  @Test func `a start that fails for one reason is judged for the others`() {
    let text = "version = 1\n[files]\nread = [\"/nowhere\"]\n[environment]\nkeep = [\n\"A\",\n\"A\",\n]\n"
    #expect(linted(text).rules.isSuperset(of: ["missing-source", "duplicate-grant"]))
  }
}
