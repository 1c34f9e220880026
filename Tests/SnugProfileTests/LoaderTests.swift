import Testing

@testable import SnugProfile

@Suite struct LoaderTests {
  private func failure(_ loader: ProfileLoader, _ word: String) -> String {
    do {
      return "loaded \(try loader.merge(word).file)"
    } catch {
      return error.text
    }
  }

  @Test func flattensDepthFirstEachFileOnceAtItsFirstPlace() throws {
    let merged = try userLoader([
      "app": "extends = ['left', 'right', 'base']", "left": "extends = ['base']", "right": "extends = ['base']",
      "base": "",
    ]).merge("app")
    #expect(merged.layers.map(\.file) == ["base", "left", "right", "app"].map { "\(userDirectory)/\($0).toml" })
    #expect(merged.profile.layers == merged.layers.map(\.file))
  }

  @Test func firstDirectoryWins() throws {
    let file = TestFile(text: "version = 1")
    let merged = try loader(["a.toml": file, "\(systemDirectory)/a.toml": file]).merge("a")
    #expect(merged.file == "\(systemDirectory)/a.toml")
    #expect(merged.layers.map(\.isShipped) == [false])
  }

  @Test func ownNameIsTheNextFileOfThatName() throws {
    let changed = TestFile(text: "version = 1\nextends = ['git']\nfiles.read = ['/mine']")
    let files = [
      "\(userDirectory)/git.toml": changed, "\(systemDirectory)/git.toml": changed,
      "git.toml": TestFile(text: "version = 1\nextends = ['base']\nfiles.read = ['/shipped']", uid: 0),
      "base.toml": TestFile(text: "version = 1", uid: 0),
    ]
    let merged = try loader(files).merge("git")
    #expect(
      merged.layers.map(\.file) == [
        "\(shippedDirectory)/base.toml", "\(shippedDirectory)/git.toml", "\(systemDirectory)/git.toml",
        "\(userDirectory)/git.toml",
      ])
    #expect(merged.profile.files.grants.map(\.isShipped) == [true, false])
    // The same by its file, and for a file from elsewhere the first of that name.
    #expect(try loader(files).merge("\(userDirectory)/git.toml").layers.count == 4)
    let elsewhere = files.merging(["./git.toml": changed]) { first, _ in first }
    #expect(try loader(elsewhere).merge("./git.toml").layers.count == 5)
    #expect(try loader(elsewhere).merge("./git.toml").name == "git")
  }

  /// An earlier version of a file stands where the file stands: what it extends is not that file as it is now.
  @Test func aVersionExtendsWhatItsFileExtends() throws {
    let path = "\(userDirectory)/git.toml"
    let loader = loader([
      path: TestFile(text: "version = 1\nsummary = \"now\"\nextends = [\"git\"]\nprograms = [\"now\"]"),
      "git.toml": TestFile(text: "version = 1\nprograms = [\"shipped\"]"),
    ])
    let text = Array("version = 1\nextends = [\"git\"]\n[files]\nread = [\"/opt\"]".utf8)
    let merged = try loader.merge(text, named: "git:HEAD:git.toml", versionOf: path)
    #expect(merged.layers.map(\.file) == ["\(shippedDirectory)/git.toml", "git:HEAD:git.toml"])
    #expect(merged.profile.name == "git" && merged.profile.programs.map(\.value) == ["shipped"])
    #expect(merged.profile.files.grants.first?.origin.file == "git:HEAD:git.toml")
    #expect(throws: ProfileErrors.self) { try loader.merge(text, named: "git:HEAD:a b", versionOf: "a\nb.toml") }
  }

  @Test func ownNameWithoutAnotherFile() {
    #expect(
      failure(userLoader(["a": "extends = ['a']"]), "a") == """
        snug: there is no other profile "a" to extend
          at \(userDirectory)/a.toml:2:12
          2 | extends = ['a']
            |            ^
        """)
  }

  @Test func aLoopIsShown() {
    let loader = userLoader(["a": "extends = ['b']", "b": "extends = ['c']", "c": "extends = ['b']"])
    #expect(
      failure(loader, "a") == """
        snug: the profile extends itself in a loop: b -> c -> b
          at \(userDirectory)/c.toml:2:12
          2 | extends = ['b']
            |            ^
        """)
  }

  @Test func aLongChainIsRefused() {
    let chain = Dictionary(uniqueKeysWithValues: (0..<70).map { ("p\($0)", "extends = ['p\($0 + 1)']") })
    #expect(failure(userLoader(chain), "p0").contains("more than 64 deep"))
  }

  @Test func problemsOfAllFilesAreReported() {
    let loader = userLoader(["a": "extends = ['b', 'bse']\nraed = 1", "b": "x = 1", "base": ""])
    #expect(
      failure(loader, "a").split(separator: "\n").filter { !$0.hasPrefix("  ") } == [
        "snug: unknown key \"raed\"", "snug: unknown key \"x\"", "snug: no profile is called \"bse\"",
      ])
  }

  @Test(arguments: [
    ("frefox", "snug: no profile is called \"frefox\"\n  hint: did you mean \"firefox\"?"),
    ("make", "snug: no profile is called \"make\"\n  hint: for a program without a profile: snug run -- make"),
    ("zzz", "snug: no profile is called \"zzz\"\n  hint: snug list shows the profiles"),
    ("here.toml", "snug: no profile is called \"here.toml\"\n  hint: for a file write ./here.toml"),
    ("", "snug: the name of the profile is empty"),
    ("..", "snug: \"..\" is not the name of a profile\n  hint: a name, without a directory and without .toml"),
    ("./none.toml", "snug: cannot read ./none.toml: No such file or directory"),
    (shippedDirectory, "snug: cannot read \(shippedDirectory): it is a directory, not a profile"),
    ("a/..", "snug: cannot read a/..: No such file or directory"),
    (
      "\u{1B}]52;x",
      "snug: \"\\x1b]52;x\" is not the name of a profile\n  hint: a name has no control or invisible characters"
    ),
  ])
  func unknown(word: String, text: String) {
    let files = ["firefox.toml": TestFile(text: "version = 1"), "./here.toml": TestFile(text: "version = 1")]
    #expect(failure(loader(files, programs: ["make", "frefox"]), word) == text)
  }

  @Test(arguments: [
    (UInt32(1000), UInt32(1000), UInt32(0o644), true), (0, 0, 0o644, true), (0, 0, 0o664, false),
    (1000, 1000, 0o664, true), (1000, 50, 0o664, false), (1000, 50, 0o644, true), (1001, 1000, 0o644, false),
    (1000, 1000, 0o646, false), (0, 0, 0o666, false), (65_534, 65_534, 0o444, false),
  ])
  func ownership(uid: UInt32, gid: UInt32, mode: UInt32, isUsed: Bool) {
    for path in ["a.toml", "./a.toml"] {
      let files = [path: TestFile(text: "version = 1", uid: uid, gid: gid, mode: mode)]
      let word = path == "a.toml" ? "a" : path
      #expect(failure(loader(files), word).hasPrefix(isUsed ? "loaded" : "snug: cannot use ") == true)
    }
  }

  @Test func aRefusedFileIsNotPassedOver() {
    let files = [
      "\(userDirectory)/a.toml": TestFile(text: "version = 1", uid: 1001), "a.toml": TestFile(text: "version = 1"),
    ]
    #expect(failure(loader(files), "a").contains("it belongs to user 1001"))
  }

  @Test func listShowsWhatStandsAndToleratesWhatIsBroken() {
    let listed = loader([
      "git.toml": TestFile(text: "version = 1\nsummary = 'shipped'\nprograms = ['git', 'tig']"),
      "\(userDirectory)/git.toml": TestFile(text: "version = 1\nextends = ['git']\nsummary = 'mine'"),
      "vi.toml": TestFile(text: "version = 1\ncommand = ['vi', '-n']"), "bad.toml": TestFile(text: "version = 2"),
      "README": TestFile(text: ""), ".hidden.toml": TestFile(text: ""),
    ]).listed()
    #expect(listed.map(\.name) == ["bad", "git", "vi"])
    #expect(listed.map(\.summary) == [nil, "mine", nil])
    #expect(listed.map(\.command) == [[], ["git"], ["vi", "-n"]])
    #expect(listed[0].problem?.message == "version 2 is not known, only 1")
    #expect(listed[0].file == "\(shippedDirectory)/bad.toml")
    #expect(listed[1].file == "\(userDirectory)/git.toml" && listed[1].problem == nil)
  }

  @Test func aDirectoryThatComesAgainCountsOnce() throws {
    let search = ProfileSearch(directories: [.init(path: "/a/"), .init(path: "/b"), .init(path: "/a")])
    #expect(search.directories.map(\.path) == ["/a", "/b"])
  }
}
