import Glibc
import SnugLint
import SnugProfile
import TestSupport
import Testing

/// Whatever the bytes are: findings with places, or none; never a crash, and nothing that a terminal would act on.
@Suite struct RobustnessTests {
  private func answers(_ bytes: [UInt8]) -> Report {
    let report = linted(bytes)
    for finding in report.findings where finding.origin.line < 1 || finding.origin.column < 1 {
      Issue.record("no place: \(finding)")
    }
    let isSafe = lintText([report]).unicodeScalars.allSatisfy { $0 == "\n" || !isUnsafe($0) }
    if !isSafe { Issue.record("unsafe text for \(bytes)") }
    return report
  }

  private func answers(_ text: String) -> Report { answers(Array(text.utf8)) }

  @Test func `a file of one mebibyte`() {
    let line = "# a comment that says nothing of any use to anybody\n"
    let text = "version = 1\n" + String(repeating: line, count: (1 << 20) / line.utf8.count - 1)
    #expect(text.utf8.count <= 1 << 20 && !answers(text).hasErrors)
    let larger = answers(text + String(repeating: line, count: 4))
    #expect(larger.rules == ["unusable-profile"])
  }

  @Test func `a hundred thousand keys`() {
    let text = "version = 1\n" + (0..<99_000).map { "a\($0)=1\n" }.joined()
    #expect(text.utf8.count <= 1 << 20)
    let report = answers(text)
    #expect(report.rules == ["unknown-key", "too-many-problems"] && report.findings.count == 101)
    let more = answers("version = 1\n" + (0..<101_000).map { "a\($0)=1\n" }.joined())
    #expect(more.hasErrors)
  }

  @Test func `a list of ten thousand, and one of more`() {
    func profile(_ count: Int) -> String {
      "version = 1\n[environment]\nkeep = [" + (0..<count).map { "\"A\($0)\"," }.joined() + "]\n"
    }
    #expect(!answers(profile(10_000)).hasErrors)
    #expect(answers(profile(10_001)).rules == ["long-list"])
  }

  @Test func `ten thousand grants of each kind`() {
    func list(_ name: String, _ path: String) -> String {
      "\(name) = [" + (0..<10_000).map { "\"\(path)/d\($0 % 5_000)\"," }.joined() + "]\n"
    }
    let text = "version = 1\n[files]\n" + list("read", "/srv") + list("write", "/usr/bin") + list("hide", "/usr")
    let report = answers(text)
    #expect(report.rules.isSuperset(of: ["missing-source", "duplicate-grant"]))
    let duplicates = report.findings.filter { $0.rule == "duplicate-grant" }
    #expect(duplicates.count == 100 && duplicates.last?.message.hasSuffix(", and 14900 more of this rule") == true)
  }

  @Test(arguments: ["[", "{a=", "a."]) func `nesting a thousand deep`(open: String) {
    let text = "version = 1\n" + (open == "a." ? "" : "a = ") + String(repeating: open, count: 1_000) + "a = 1\n"
    #expect(answers(text).hasErrors)
    let tables = (1...1_000).map { "[" + Array(repeating: "a", count: $0).joined(separator: ".") + "]\n" }
    #expect(answers("version = 1\n" + tables.prefix(300).joined()).hasErrors)
  }

  @Test func `random bytes`() {
    var random = Numbers(state: 11)
    for size in [0, 1, 2, 16, 256, 4_096, 65_536] {
      for _ in 0..<20 {
        let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(answers(bytes).hasErrors)
      }
    }
  }

  /// Profiles made of the key list: values of the right kind mostly, and now and then of another. `SNUG_LONG=1` makes
  /// 10,000 of them.
  @Test func `random profiles`() {
    var random = RandomProfile(state: 12)
    var readable = 0
    for _ in 0..<(getenv("SNUG_LONG") == nil ? 300 : 10_000) {
      let report = answers(random.next())
      if report.findings.allSatisfy({ Rule.named($0.rule)?.canBeAllowed == true }) { readable += 1 }
    }
    // Most are worth something: else only the reader was tried.
    #expect(readable > 100)
  }

  /// Cut anywhere, and with bytes changed, the fixtures still give an answer, and so does their repair.
  @Test(arguments: FixtureTests.fixtures) func `mutated fixtures`(name: String) throws {
    let bytes = Array(try #require(readFile("\(here)/Fixtures/\(name).toml")).utf8)
    var random = Numbers(state: UInt64(bytes.count))
    let host = anna(machine(), in: "/home/anna/src/demo")
    for _ in 0..<20 {
      var changed = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
      for _ in 0..<Int.random(in: 0...3, using: &random) where !changed.isEmpty {
        let index = Int.random(in: 0..<changed.count, using: &random)
        let choice = Array("[]{}\"'=.,#\n!\\".utf8)
        changed[index] = choice[Int.random(in: 0..<choice.count, using: &random)]
      }
      _ = answers(changed)
      let file = FoundProfile(path: "/profiles/test.toml", name: "test", bytes: changed)
      let repaired = repair(file, loader([:], host), host)
      #expect(!linted(repaired.bytes).rules.contains("invalid-toml") || linted(changed).rules.contains("invalid-toml"))
    }
  }
}
