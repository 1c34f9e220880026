import SnugLint
import SnugProfile
import TestSupport
import Testing

@Suite struct RepairTests {
  private func repaired(_ text: String) -> (text: String, changes: [String]) {
    let host = anna(machine(), in: "/home/anna/src/demo")
    let file = FoundProfile(path: "/profiles/test.toml", name: "test", bytes: Array(text.utf8))
    // Sorting has tests of its own, and would hide what these are about.
    let rules = Rule.all.filter { $0.name != "unsorted-list" }
    let repair = repair(file, loader(["test": text], host), host, rules: rules)
    let changes = repair.changes.map { "\($0.origin.line): \($0.value)" }
    return (String(decoding: repair.bytes, as: UTF8.self), changes)
  }

  private func list(_ body: String) -> String { "version = 1\n\n[environment]\nkeep = [\(body)]\n" }

  @Test(arguments: [
    ("\"A\", \"A\"", "\"A\""), ("\"A\", \"B\", \"A\"", "\"B\", \"A\""), ("\"A\",\"A\",\"A\"", "\"A\""),
    ("\n  \"A\", # first\n  \"A\", # second\n", "\n  # first\n  \"A\", # second\n"),
    ("\n  \"A\",\n  \"B\",\n  \"A\"\n", "\n  \"B\",\n  \"A\"\n"),
    ("\n  'A', \"B\",\n  \"A\"\n", "\n  \"B\",\n  \"A\"\n"), ("\n  \"B\", \"A\",\n  \"A\"\n", "\n  \"B\",\n  \"A\"\n"),
    ("\"!N\"", ""), ("\"A\", \"!N\"", "\"A\""), ("\n  \"A\",\n  \"!N\"\n", "\n  \"A\",\n"),
    ("\"\"\"A\"\"\", \"A\"", "\"A\""), ("\"é\", \"é\", \"B\"", "\"é\", \"B\""),
    ("\n  \"A\", \"A\",\r\n  \"B\"\r\n", "\n  \"A\",\r\n  \"B\"\r\n"),
  ])
  func `items go with their commas, comments stay`(before: String, after: String) {
    #expect(repaired(list(before)).text == list(after))
  }

  @Test func `a table goes as a whole`() {
    let text =
      "version = 1\n[files]\nhome = \"host\"\nhide = [{ path = \"/usr/share\" }, { path = \"/usr/share\", if-missing = \"skip\" }]\n"
    #expect(
      repaired(text).text
        == "version = 1\n[files]\nhome = \"host\"\nhide = [{ path = \"/usr/share\", if-missing = \"skip\" }]\n")
  }

  @Test(arguments: [
    ("[files]\nraed = [\"/srv\"] # mine\n", "[files]\nread = [\"/srv\"] # mine\n"),
    ("files.raed = [\"/srv\"]\n", "files.read = [\"/srv\"]\n"), ("[fiels]\nread = []\n", "[files]\nread = []\n"),
    ("[files]\n\"raed\" = []\n", "[files]\n\"read\" = []\n"),
    ("[files]\nhome = 'privat'\n", "[files]\nhome = 'private'\n"),
    ("[process]\ncancel-signal = \"SIGTREM\"\n", "[process]\ncancel-signal = \"TERM\"\n"),
    ("[seccomp]\ndeny = [\"ptrance\"]\n", "[seccomp]\ndeny = [\"ptrace\"]\n"),
    ("extends = [\"bsae\"]\n", "extends = [\"base\"]\n"),
    ("optional = [\"landlok\"]\n", "optional = [\"landlock\"]\n"),
    (
      "[files]\nread = [{ path = \"/srv\", if-mising = \"skip\" }]\n",
      "[files]\nread = [{ path = \"/srv\", if-missing = \"skip\" }]\n"
    ),
  ])
  func `a misspelt word is corrected`(before: String, after: String) {
    #expect(repaired("version = 1\n" + before).text == "version = 1\n" + after)
  }

  @Test(arguments: [
    "[files]\nhome = \"priv\\u0061t\"\n", "[network]\nread = []\n", "[files]\nroot = \"sssssystem\"\n", "a = 1\n",
    "[files\n", "", "[environment]\nkeep = [\"A\", \"A\"] # snug: allow duplicate-grant both are needed\n",
  ])
  func `what is not clear stays`(text: String) {
    let whole = "version = 1\n" + text
    #expect(repaired(whole).text == whole)
  }

  @Test func `repairs go on until none is left, and are told`() {
    let result = repaired(
      "version = 1\nextends = [\"bsae\"]\n[environment]\nkeep = [\"LANG\"]\n[seccomp]\nallow = [\"read\"]\n")
    #expect(
      result.text == "version = 1\nextends = [\"base\"]\n[environment]\nkeep = []\n[seccomp]\nallow = []\n")
    #expect(
      result.changes == ["2: write \"base\" for \"bsae\"", "4: take out \"LANG\"", "6: take out \"read\""])
  }

  /// Each fixture, repaired, is what it was to a reader: no finding that can be repaired is left, and none is new.
  @Test(arguments: FixtureTests.fixtures) func fixtures(_ name: String) throws {
    let text = try #require(readFile("\(here)/Fixtures/\(name).toml"))
    let before = linted(text)
    let once = repaired(text).text
    let after = linted(once)
    #expect(repaired(once).text == once)
    let readable = before.findings.allSatisfy { Rule.named($0.rule)?.canBeAllowed == true }
    if readable { #expect(after.rules.isSubset(of: before.rules), "\(after.findings.map(\.message))") }
  }
}
