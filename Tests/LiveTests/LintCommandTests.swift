import TestSupport
import Testing

extension Live {
  /// `snug lint` from argv to the exit status.
  @Suite(.serialized) struct LintCommandTests {
    private let broken = "version = 1\n\n[files]\nraed = [\"/srv\"] # mine\n"

    @Test func `every shipped profile is clean`() throws {
      let stage = try stage()
      let names = try stage.snug(["list", "--json"]).output
      let listed = try #require(JSONValue(names)?.list)
      #expect(!listed.isEmpty)
      let done = try stage.snug(["lint", "--format", "github"] + listed.map { $0["name"].text })
      #expect(done.status == 0 && done.errors == "", "\(done.everything)")
      #expect(!done.output.contains("::error") && !done.output.contains("::warning"), "\(done.output)")
    }

    @Test func `errors are 1, warnings are not`() throws {
      let stage = try stage()
      let folder = try stage.workFolder()
      try stage.write(broken, to: "\(folder)/broken.toml")
      try stage.write("version = 1\n[environment]\nkeep = [\"A\", \"A\"]\n", to: "\(folder)/twice.toml")
      let found = try stage.snug(["lint", "./broken.toml"], directory: folder)
      #expect(found.status == 1 && found.errors == "", "\(found.everything)")
      #expect(found.output.hasPrefix("./broken.toml:4:1: error: unknown key \"raed\" in [files] [unknown-key]\n"))
      let warned = try stage.snug(["lint", "./twice.toml"], directory: folder)
      #expect(warned.status == 0 && warned.output.contains("[duplicate-grant]"), "\(warned.everything)")
      let both = try stage.snug(["lint", "--format", "json", "./broken.toml", "./twice.toml"], directory: folder)
      let rules = JSONValue(both.output)?.list.map { $0["rule"].text } ?? []
      #expect(both.status == 1 && rules.contains("unknown-key") && rules.contains("duplicate-grant"))
    }

    @Test func `standard input is a profile too`() throws {
      let stage = try stage()
      let found = try stage.snug(["lint", "-"], input: broken)
      #expect(found.status == 1 && found.output.hasPrefix("stdin:4:1: error: "), "\(found.everything)")
    }

    @Test func `a repair changes what it says and nothing else`() throws {
      let stage = try stage()
      let folder = try stage.workFolder()
      try stage.write(broken, to: "\(folder)/fix.toml", mode: "640")
      _ = try stage.shell("ln -sf fix.toml $STAGE/link.toml")
      let done = try stage.snug(["lint", "--fix", "./link.toml"], directory: folder)
      #expect(done.errors == "snug: fixed ./link.toml:4:1: write \"read\" for \"raed\"\n", "\(done.everything)")
      let after = try stage.shell(
        "cat $STAGE/fix.toml; stat -c %a $STAGE/fix.toml; readlink $STAGE/link.toml; ls -A $STAGE")
      #expect(after.output.hasPrefix("version = 1\n\n[files]\nread = [\"/srv\"] # mine\n640\nfix.toml\n"))
      #expect(!after.output.contains(".snug-"), "\(after.output)")
    }

    @Test func `pages and the list of rules`() throws {
      let stage = try stage()
      let page = try stage.snug(["lint", "--explain", "unknown-key"])
      #expect(page.status == 0 && page.output.hasPrefix("unknown-key (error)\n"), "\(page.everything)")
      let list = try stage.snug(["lint", "--list"])
      #expect(list.status == 0 && list.output.contains("\nmissing-source "), "\(list.everything)")
    }

    @Test(arguments: [
      (["lint"], 2, "snug: missing profile to lint\n  hint: snug lint --help"),
      (
        ["lint", "--fix", "-"], 2,
        "snug: --fix needs a file, standard input cannot be changed\n  hint: snug lint --help"
      ),
      (
        ["lint", "--explain", "unknown-kye"], 2,
        "snug: there is no rule \"unknown-kye\"\n  hint: did you mean \"unknown-key\"?"
      ),
      (["lint", "x.toml"], 1, "snug: no profile is called \"x.toml\"\n  hint: for a file write ./x.toml"),
    ])
    func `what cannot be linted is refused`(words: [String], status: Int32, text: String) throws {
      try stage().expectRefusal(words, status, text)
    }
  }
}
