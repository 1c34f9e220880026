import SnugLint
import SnugProfile
import TestSupport
import Testing

/// The repairs of the style rules, and the mechanism of deprecated keys, of which there is none yet.
@Suite struct StyleTests {
  private func repaired(_ text: String, by name: String) -> String {
    let host = anna(machine(), in: "/home/anna/src/demo")
    let file = FoundProfile(path: "/profiles/test.toml", name: "test", bytes: Array(text.utf8))
    let repair = repair(file, loader(["test": text], host), host, rules: Rule.all.filter { $0.name == name })
    return String(decoding: repair.bytes, as: UTF8.self)
  }

  @Test(arguments: [
    ("keep = [\"B\", \"A\"]", "keep = [\"A\", \"B\"]"), ("keep = ['B',\n  \"A\",\n]", "keep = [\"A\",\n  'B',\n]"),
    ("keep = [\"C\", \"A\", \"B\"] # why", "keep = [\"A\", \"B\", \"C\"] # why"),
  ])
  func `a list is sorted in its own layout`(before: String, after: String) {
    let head = "version = 1\n[environment]\n"
    #expect(repaired(head + before + "\n", by: "unsorted-list") == head + after + "\n")
  }

  @Test(arguments: ["keep = [\n\"B\", # why\n\"A\"]", "keep = [\"B\", \"!A\"]", "keep = [\"A\", \"B\"]"])
  func `a list whose order says something stays`(list: String) {
    let text = "version = 1\n[environment]\n\(list)\n"
    #expect(repaired(text, by: "unsorted-list") == text)
  }

  @Test(arguments: [
    ("\"~/Downloads/new\"", "\"xdg-download/new\""), ("'/home/anna/notes'", "'~/notes'"),
    ("{ path = \"~/Downloads\", if-missing = \"skip\" }", "{ path = \"xdg-download\", if-missing = \"skip\" }"),
    ("\"!~/Downloads\"", "\"!xdg-download\""),
  ])
  func `a path gets its better name`(before: String, after: String) {
    let head = "version = 1\n[files]\nread = ["
    #expect(repaired(head + before + "]\n", by: "portable-path") == head + after + "]\n")
  }

  /// Which of the two strings is the path is not told by its text alone.
  @Test func `a path that stands twice in a table stays`() {
    let text = "version = 1\n[files]\nread = [{ path = \"~/Downloads\", at = \"~/Downloads\" }]\n"
    #expect(repaired(text, by: "portable-path") == text)
    #expect(linted(text).places.contains("3:9 portable-path"))
  }

  @Test func `a key that is marked as deprecated is told with what came in its place`() throws {
    let text = "version = 1\nextends = [\"base\"]\n[process]\nnice = 5\n"
    let host = anna(machine(), in: "/home/anna/src/demo")
    let file = FoundProfile(path: "/profiles/test.toml", name: "test", bytes: Array(text.utf8))
    let subject = Subject(file, loader(["test": text], host), host)
    #expect(subject.deprecatedKeys(Key.all).isEmpty)
    var marked = try #require(Key.named("process.nice"))
    marked.deprecated = "process.priority"
    var other = try #require(Key.named("process.umask"))
    other.deprecated = "process.mask"
    let found = subject.deprecatedKeys([marked, other])
    #expect(found.map(\.origin) == [Origin(file: "/profiles/test.toml", line: 4, column: 8)])
    #expect(found.map(\.message) == ["process.nice is deprecated"])
    #expect(found.map(\.hint) == ["write process.priority"])
  }
}
