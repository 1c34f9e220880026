import Testing

@testable import SnugProfile

@Suite struct CheckerTests {
  /// What each wrong profile says, word by word.
  @Test(arguments: [
    (
      "version = 1\n[files]\nraed = [\"~/x\"]",
      """
      snug: unknown key "raed" in [files]
        at x.toml:3:1
        3 | raed = ["~/x"]
          | ^
        hint: did you mean "read"?
      """
    ),
    (
      "version = 1\nread = [\"~/x\"]",
      """
      snug: unknown key "read"
        at x.toml:2:1
        2 | read = ["~/x"]
          | ^
        hint: did you mean "files.read"?
      """
    ),
    (
      "version = 1\n\tfiles.home = \"privat\" # \u{202E}",
      """
      snug: files.home: expected one of "none", "temporary", "private", "overlay" or "host", found "privat"
        at x.toml:2:15
        2 | \\tfiles.home = "privat" # \\u{202e}
          |                ^
        hint: did you mean "private"?
      """
    ),
    (
      "version = 1\r\n[desktop]\r\nwayland = \"yes\"\r\n",
      """
      snug: desktop.wayland: expected true or false, found a string
        at x.toml:3:11
        3 | wayland = "yes"
          |           ^
        hint: write true or false without quotes
      """
    ),
    (
      "[files]",
      """
      snug: "version" is missing
        at x.toml:1:1
        1 | [files]
          | ^
        hint: begin the profile with version = 1
      """
    ),
    (
      "version = 2\nnew-key = 1",
      """
      snug: version 2 is not known, only 1
        at x.toml:1:11
        1 | version = 2
          |           ^
        hint: this profile needs a newer Snug
      """
    ),
    (
      "version = \"1\"",
      """
      snug: version: expected the number 1, found a string
        at x.toml:1:11
        1 | version = "1"
          |           ^
      """
    ),
    (
      "version = 1\nid = 'a.b'\nid = 'a.c'",
      """
      snug: not valid TOML: cannot redefine existing string 'id'
        at x.toml:3:6
        3 | id = 'a.c'
          |      ^
        hint: a key or table is written once
      """
    ),
    (
      "version = 1\n# é e\u{301}\nsummary = \"é e\u{301}\nx",
      """
      snug: not valid TOML: the string is not closed on its line
        at x.toml:3:16
        3 | summary = "é e\u{301}
          |               ^
      """
    ),
    (
      "version = 1\nfiles.read = [{ path = \"~/x\", if-mising = \"skip\" }, { at = \"/x\" }]",
      """
      snug: unknown key "if-mising" in files.read
        at x.toml:2:31
        2 | files.read = [{ path = "~/x", if-mising = "skip" }, { at = "/x" }]
          |                               ^
        hint: did you mean "if-missing"?
      snug: files.read: "path" is missing
        at x.toml:2:53
        2 | files.read = [{ path = "~/x", if-mising = "skip" }, { at = "/x" }]
          |                                                     ^
      """
    ),
    (
      "version = 1\n[[files.op]]\nop = \"bnid\"\n[[files.op]]\ntarget = \"/x\"\n[[files.op]]\nop = \"bind\"\ntarget = \"x\"",
      """
      snug: files.op: expected one of "bind", "tmpfs", "overlay", "proc", "dev", "mqueue", "directory", "file", "symlink" or "remount", found "bnid"
        at x.toml:3:6
        3 | op = "bnid"
          |      ^
        hint: did you mean "bind"?
      snug: files.op: "op" is missing
        at x.toml:4:1
        4 | [[files.op]]
          | ^
        hint: op = "bind", "tmpfs", "overlay", "proc", "dev", "mqueue", "directory", "file", "symlink" or "remount"
      snug: files.op bind: target: path "x" is relative
        at x.toml:8:10
        8 | target = "x"
          |          ^
        hint: write "~/x" for a path in the home, or "./x" for one where the command is started
      snug: files.op bind: "host" is missing
        at x.toml:6:1
        6 | [[files.op]]
          | ^
      """
    ),
  ])
  func golden(text: String, expected: String) { #expect(problems(text) == expected) }

  @Test(arguments: [
    ("process.nice = 20", "process.nice: expected an integer from -20 to 19, found 20"),
    ("process.nice = 1.5", "process.nice: expected an integer from -20 to 19, found a decimal number"),
    ("process.umask = 27", "process.umask: expected an octal number such as \"0755\" or 0o755, found 27"),
    ("process.umask = 0o1000", "process.umask: expected an octal number such as \"0755\" or 0o755, found 512"),
    ("landlock.connect-tcp = [65536]", "landlock.connect-tcp: expected an integer from 0 to 65535, found 65536"),
    ("landlock.connect-tcp = ['!http']", "landlock.connect-tcp: expected an integer from 0 to 65535, found a string"),
    (
      "limits.memory = 0",
      "limits.memory: expected a size such as \"512M\", \"4G\" or \"10%\", or a number of bytes, found 0"
    ),
    (
      "limits.core = '10%'",
      "limits.core: expected a size such as \"512M\" or \"4G\", or a number of bytes, found \"10%\""
    ),
    ("limits.core = -1", "limits.core: expected a size such as \"512M\" or \"4G\", or a number of bytes, found -1"),
    ("desktop.x11 = 'isolatd'", "desktop.x11: expected true, false, \"untrusted\" or \"isolated\", found \"isolatd\""),
    ("desktop.audio = 1", "desktop.audio: expected true, false or \"playback\", found an integer"),
    ("files = 1", "files: expected a table, or false, found an integer"),
    ("bus.session = true", "bus.session: expected a table, or false, found a boolean"),
    (
      "files.read = '~/x'",
      "files.read: expected a list, each item a path or a table { path, at, if-missing }, found a string"
    ),
    (
      "files.read = [1979-05-27]",
      "files.read: expected a path or a table { path, at, if-missing }, found a date or time"
    ),
    ("files.hide = [{ path = '/a', at = '/b' }]", "files.hide: nothing is made for a hidden path"),
    ("files.hide = [{ path = '/a', if-missing = 'create' }]", "files.hide: nothing is made for a hidden path"),
    ("environment.set = { 'A=' = 'x' }", "environment.set: expected the name of a variable, found \"A=\""),
    ("environment.set = { A = 1 }", "environment.set.A: expected a string, found an integer"),
    ("command = []", "command: the list is empty"),
    ("optional = ['landlok']", "optional: unknown key \"landlok\""),
    ("extends = ['a/b']", "extends: \"a/b\" is not the name of a profile"),
    ("'files.read' = []", "unknown key \"files.read\""),
    (
      "bus.session.talk = ['x']",
      "bus.session.talk: expected a bus name such as \"org.example.App\" or \"org.example.App.*\", found \"x\""
    ),
    ("id = 'x'", "id: expected a reverse-DNS name such as \"org.example.App\", found \"x\""),
    ("files.op = [1]", "files.op: expected a table, found an integer"),
    ("files.op = [{ op = 'overlay', target = '/a', lower = [] }]", "files.op overlay: \"lower\" is empty"),
    (
      "files.op = [{ op = 'overlay', target = '/a', lower = ['/b'], upper = '/c' }]",
      "files.op overlay: \"upper\" and \"work\" go together"
    ),
    (
      "files.op = [{ op = 'overlay', target = '/a', lower = ['/b'], access = 'read-only' }]",
      "files.op overlay: a read-only overlay needs two or more \"lower\""
    ),
    (
      "files.op = [{ op = 'overlay', target = '/a', lower = ['/b'], upper = '/c', work = '/d', size = 1 }]",
      "files.op overlay: \"size\" is for an overlay that is thrown away"
    ),
    ("files.op = [{ op = 'file', target = '/a' }]", "files.op file: exactly one of \"text\" and \"base64\" is needed"),
    ("files.op = [{ op = 'file', target = '/a', base64 = 'x' }]", "files.op file: \"base64\" is not valid base64"),
    ("files.op = [{ op = 'symlink', target = '/a', to = '' }]", "files.op symlink: \"to\" is empty"),
    ("files.op = [{ op = 'proc', target = '/a', size = 1 }]", "unknown key \"size\" in files.op proc"),
  ])
  func oneProblem(line: String, message: String) {
    let checked = checkFile(Array("version = 1\n\(line)\n".utf8), file: "x.toml", context)
    #expect(checked.diagnostics.map(\.message) == [message])
    #expect(checked.diagnostics.allSatisfy { $0.origin?.line == 2 && $0.sourceLine == line })
  }

  @Test func listsAreBounded() {
    func text(_ count: Int) -> String {
      "version = 1\nenvironment.keep = [" + String(repeating: "'A',", count: count) + "]"
    }
    #expect(problems(text(10_000)) == "")
    #expect(problems(text(10_001)).contains("environment.keep: the list has more than 10000 entries"))
    let lowers = String(repeating: "'/a',", count: 501)
    #expect(
      problems("version = 1\nfiles.op = [{ op = 'overlay', target = '/b', lower = [\(lowers)] }]")
        .contains("more than 500 directories"))
  }

  @Test func problemsAreBoundedAndTheirLinesClipped() {
    let checked = checkFile(
      Array(("version = 1\nenvironment.keep = [" + String(repeating: "1,", count: 5_000) + "]").utf8), file: "x.toml",
      context)
    #expect(checked.diagnostics.count == 101)
    #expect(checked.diagnostics[50].text.utf8.count < 400)
    let lines = checked.diagnostics[50].text.split(separator: "\n")
    let caret = Array(lines[3].utf8).firstIndex(of: UInt8(ascii: "^"))
    #expect(caret.map { Array(lines[2].utf8)[$0] } == UInt8(ascii: "1"))
  }

  @Test func theListOfKeysIsSound() {
    #expect(Set(Key.all.map(\.name)).count == Key.all.count)
    for key in Key.all {
      #expect(Key.named(key.name) == key)
      #expect(!key.help.isEmpty && !key.help.hasSuffix(".") && !key.kind.expected.isEmpty)
    }
    #expect(Key.isTable("bus") && Key.isTable("bus.session") && !Key.isTable("files.read"))
    #expect(Key.all.count == 78)
  }
}
