import Testing

@testable import SnugProfile

/// Options of the command line made lasting, and which file they go into.
@Suite struct OverrideTests {
  private let mine = "\(userDirectory)/git.toml"
  private let base = "version = 1\nid = 'org.git.Git'\nsummary = 'Git \"x\"'\n"

  private func write(_ options: [(String, String)], into text: String, base extra: String = "") -> String {
    let files = [
      "git.toml": TestFile(text: base + extra, uid: 0),
      mine: TestFile(text: text.replacing(head, with: head + "extends = ['git']\n")),
    ]
    let loader = loader(files)
    let keys = [
      "--read": "files.read", "--write": "files.write", "--hide": "files.hide", "--network": "network.mode",
      "--setenv": "environment.set", "--keep-env": "environment.keep", "--home": "files.home",
    ]
    do {
      let settings = options.map { OptionSetting(key: keys[$0.0] ?? "", text: $0.1, option: $0.0) }
      let merged = try loader.merge("git")
      let bytes = try loader.writing(settings, into: Array(text.utf8), file: mine, over: merged)
      return String(decoding: bytes, as: UTF8.self)
    } catch let error as Diagnostic {
      return error.text
    } catch {
      return "\(error)"
    }
  }

  private let head = "version = 1\n"

  @Test func eachOptionHasItsKey() {
    let text = write(
      [
        ("--read", "/opt"), ("--write", "sub/x"), ("--hide", "~/.ssh"), ("--network", "host"), ("--home", "private"),
        ("--setenv", "A=b=\"c"), ("--keep-env", "EDITOR"), ("--read", "/data:/inside"),
      ], into: head)
    #expect(
      text == """
        version = 1

        [files]
        read = ["/data", "/opt"]
        """.replacing("\"/data\"", with: "{ path = \"/data\", at = \"/inside\" }") + "\n"
          + """
          write = ["~/work/sub/x"]
          hide = ["~/.ssh"]
          home = "private"

          [network]
          mode = "host"

          [environment]
          set = { A = "b=\\"c" }
          keep = ["EDITOR"]

          """)
  }

  @Test(arguments: [
    // Said again: nothing changes, however the path is written.
    ("files.read = ['/home/ada/x'] # c\n", [("--read", "~/x")], "files.read = ['/home/ada/x'] # c\n"),
    ("files.read = ['~/x']\n", [("--read", "~/x:/y")], "files.read = [{ path = \"~/x\", at = \"/y\" }]\n"),
    // The last word about a path stands.
    ("files.write = ['~/x', '/z']\n", [("--read", "~/x")], "files.write = ['/z']\nfiles.read = [\"~/x\"]\n"),
    ("[files]\nread = ['~/x']\n", [("--write", "~/x")], "[files]\nwrite = [\"~/x\"]\n"),
    ("[files]\nhide = ['~/x']\n", [("--read", "~/x")], "[files]\nread = [\"~/x\"]\n"),
    ("[files]\nread = ['!~/x']\n", [("--read", "~/x")], "[files]\nread = [\"~/x\"]\n"),
    ("[files]\n", [("--read", "~/x"), ("--write", "~/x"), ("--hide", "~/x")], "[files]\nhide = [\"~/x\"]\n"),
    // The longest xdg name.
    ("[files]\n", [("--read", "~/Downloads/a")], "[files]\nread = [\"xdg-download/a\"]\n"),
    ("[files]\n", [("--read", "~/.config/a")], "[files]\nread = [\"xdg-config/a\"]\n"),
    ("[files]\n", [("--read", "/run/user/1000/a")], "[files]\nread = [\"xdg-run/a\"]\n"),
    ("[files]\n", [("--read", "."), ("--read", "/home/adam")], "[files]\nread = [\"/home/adam\", \"~/work\"]\n"),
    ("network.mode = 'none' # c\n", [("--network", "host")], "network.mode = \"host\" # c\n"),
    ("environment.set.A = '1'\n", [("--setenv", "A=2")], "environment.set.A = \"2\"\n"),
    ("[environment]\nset.A = '1'\n", [("--keep-env", "A")], "[environment]\nkeep = [\"A\"]\n"),
    ("[environment]\nunset = ['A', 'B']\n", [("--keep-env", "A")], "[environment]\nunset = ['B']\nkeep = [\"A\"]\n"),
  ])
  func contradictionsOfTheFileGo(text: String, options: [(String, String)], expected: String) {
    #expect(write(options, into: head + text) == head + expected)
  }

  @Test func whatTheChangedProfileSaysIsLifted() {
    let base = "[files]\nhide = ['/home/ada/x']\n[environment]\nunset = ['A']\n"
    #expect(
      write([("--read", "~/x")], into: head + "[files]\n", base: base) == head
        + "[files]\nhide = [\"!~/x\"]\nread = [\"~/x\"]\n")
    #expect(
      write([("--setenv", "A=1"), ("--hide", "~/x")], into: head + "[environment]\n", base: base)
        == head + "[environment]\nset = { A = \"1\" }\nunset = [\"!A\"]\n\n[files]\nhide = [\"~/x\"]\n")
    // Once is enough, and taking it back needs no lifting.
    let lifted = head + "[files]\nhide = [\"!~/x\"]\nread = [\"~/x\"]\n"
    #expect(write([("--read", "~/x")], into: lifted, base: base) == lifted)
    #expect(write([("--hide", "~/x")], into: lifted, base: base) == head + "[files]\nhide = [\"~/x\"]\n")
  }

  @Test(arguments: [
    ([("--read", "/a/../b")], "snug: --read: path \"/a/../b\" has a \"..\" component\n  at --read"),
    ([("--network", "hosts")], "snug: --network: expected one of"),
    ([("--keep-env", "A=1")], "snug: --keep-env: expected the name of a variable"),
    ([("--read", "xdg-music/a")], "snug: cannot grant or hide xdg-music/a: it stands for nothing on this machine"),
  ])
  func wrongWordsAreToldOfTheirOption(options: [(String, String)], expected: String) {
    #expect(write(options, into: head).hasPrefix(expected))
  }

  @Test func findsTheFile() throws {
    let shipped = TestFile(text: base, uid: 0)
    let change = TestFile(text: "version = 1\nextends = ['git']")
    func kind(_ files: [String: TestFile]) throws -> Override.Kind {
      try loader(files).override("git", in: userDirectory + "/").kind
    }
    #expect(try kind(["git.toml": shipped]) == .none)
    #expect(try kind(["git.toml": shipped, mine: change]) == .change)
    #expect(try kind(["git.toml": shipped, mine: TestFile(text: "version = 1")]) == .whole)
    #expect(try kind([mine: TestFile(text: "version = 1")]) == .whole)
    // A broken file is taken for what it stands before.
    #expect(try kind(["git.toml": shipped, mine: TestFile(text: "= =")]) == .change)
    for name in ["../git", "", "a/b", ".git", "\u{1B}", "none"] {
      #expect(throws: Diagnostic.self) { try loader(["git.toml": shipped]).override(name, in: userDirectory) }
    }
    #expect(throws: Diagnostic.self) {
      try loader([mine: TestFile(text: "", uid: 7)]).override("git", in: userDirectory)
    }
    // A file in a directory that is searched before the user's hides every change.
    #expect(throws: Diagnostic.self) { try loader([mine: change]).override("git", in: systemDirectory) }
  }

  @Test func aNewFileKeepsIdAndSummaryAndChangesNothing() throws {
    let loader = loader(["git.toml": TestFile(text: base + "[network]\nmode = 'host'\n", uid: 0)])
    let merged = try loader.merge("git")
    let again = try loader.replacing(mine, with: loader.emptyOverride(of: merged)).merge("git")
    #expect(again.layers.count == 2 && again.file == mine)
    #expect(again.profile.id.value == "org.git.Git" && again.profile.summary?.value == "Git \"x\"")
    #expect(again.profile.network.mode.value == .host)
  }
}
