import SnugLint
import SnugPlan
import SnugProfile
import TestSupport
import Testing

@Suite struct OutputTests {
  private let text = "version = 1\nraed = [\"x\"] # 100%\n"

  @Test func textShowsTheLineAndTheRemedy() {
    #expect(
      lintText([linted("version = 1\n\n[files]\nraed = 1\n")]) == """
        /profiles/test.toml:4:1: error: unknown key "raed" in [files] [unknown-key]
          4 | raed = 1
            | ^
          hint: did you mean "read"?

        """)
  }

  @Test func textFromOutsideIsEscaped() {
    let report = linted("version = 1\n\"a\\u001b]\\u202e\" = 1\n")
    for out in [lintText([report]), lintGitHub([report]), lintJSON([report]).pretty] {
      #expect(out.unicodeScalars.allSatisfy { $0 == "\n" || !isUnsafe($0) }, "\(out)")
    }
  }

  @Test func jsonHasTheKeysOfTheContract() throws {
    let value = try #require(JSONValue(lintJSON([linted(text)]).pretty))
    let first = try #require(value.list.first)
    guard case .object(let members) = first else { throw NoObject() }
    #expect(members.keys.sorted() == ["column", "file", "hint", "level", "line", "message", "rule"])
    #expect(
      first["file"] == .text("/profiles/test.toml") && first["line"] == .number(2) && first["column"] == .number(1))
    #expect(first["level"] == .text("error") && first["rule"] == .text("unknown-key"))
    #expect(lintJSON([]).line == "[]")
  }

  @Test func gitHubAnnotationsHavePlaces() {
    let found = lintGitHub([linted("version = 1\n\"a,b:c%\" = 1\n")])
    #expect(
      found == "::error file=/profiles/test.toml,line=2,col=1,title=snug%3A unknown-key::unknown key \"a,b:c%25\"\n")
    let two = lintGitHub([linted("version = 1\n[files]\nraed = 1\n")])
    #expect(two.hasSuffix("in [files]%0Ahint: did you mean \"read\"?\n") && two.split(separator: "\n").count == 1)
  }

  @Test func gitHubPropertiesAreEscaped() {
    let host = anna(machine())
    let file = FoundProfile(path: "/a,b:c%/test.toml", name: "test", bytes: Array("version = 2\n".utf8))
    let report = lint([Subject(file, loader([:], host), host)])
    #expect(lintGitHub(report).hasPrefix("::error file=/a%2Cb%3Ac%25/test.toml,line=1,col=11,"))
  }

  /// What the published schema of SARIF 2.1.0 asks for, and what GitHub's code scanning asks for beyond it.
  @Test(arguments: FixtureTests.fixtures) func sarif(_ name: String) throws {
    let report = linted(try #require(readFile("\(here)/Fixtures/\(name).toml")))
    let log = try #require(JSONValue(lintSARIF([report], version: "1.2.3").pretty))
    #expect(log["version"] == .text("2.1.0"))
    #expect(log["$schema"].text.hasSuffix("sarif-2.1.0.json"))
    let run = try #require(log["runs"].list.first)
    #expect(log["runs"].list.count == 1)
    let driver = run["tool"]["driver"]
    #expect(driver["name"] == .text("snug") && driver["semanticVersion"] == .text("1.2.3"))
    #expect(run["columnKind"] == .text("unicodeCodePoints"))
    let rules = driver["rules"].list
    #expect(Set(rules.map { $0["id"].text }).count == rules.count && rules.count == Rule.all.count)
    for rule in rules {
      for key in ["shortDescription", "fullDescription", "help"] {
        #expect(rule[key]["text"].text.isEmpty == false)
      }
      #expect(["error", "warning", "note"].contains(rule["defaultConfiguration"]["level"].text))
    }
    let results = run["results"].list
    #expect(results.count == report.findings.count && !results.isEmpty)
    for (result, finding) in zip(results, report.findings) {
      let index = try #require(result["ruleIndex"].integer)
      #expect(rules.indices.contains(index) && rules[index]["id"].text == finding.rule)
      #expect(result["ruleId"].text == finding.rule)
      #expect(["error", "warning", "note"].contains(result["level"].text))
      #expect(result["message"]["text"].text.isEmpty == false)
      let place = try #require(result["locations"].list.first)["physicalLocation"]
      #expect(place["artifactLocation"]["uri"].text == "file:///profiles/test.toml")
      #expect((place["region"]["startLine"].integer ?? 0) >= 1 && (place["region"]["startColumn"].integer ?? 0) >= 1)
    }
  }

  @Test func sarifPathsAreURIs() {
    let host = anna(machine())
    let file = FoundProfile(path: "my profiles/ä#1.toml", name: "ä#1", bytes: Array("version = 2\n".utf8))
    let log = lintSARIF(lint([Subject(file, loader([:], host), host)]), version: "0").line
    #expect(log.contains("\"uri\":\"my%20profiles/%C3%A4%231.toml\""))
  }

  @Test func pagesFitATerminal() {
    for rule in Rule.all {
      let lines = rule.page.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.first.map(String.init) == "\(rule.name) (\(rule.level.rawValue))")
      #expect(lines.allSatisfy { $0.count <= 100 }, "\(rule.name)")
    }
    #expect(Rule.listing.split(separator: "\n").count == Rule.all.count)
  }
}

private struct NoObject: Error {}
