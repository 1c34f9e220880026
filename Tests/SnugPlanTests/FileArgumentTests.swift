import SnugProfile
import TestSupport
import Testing

@testable import SnugPlan

/// `files.arguments`: words of the command line that are files.
struct FileArgumentTests {
  private func tree() -> FixtureTree {
    let tree = debian()
    for name in ["a.txt", "b c.txt", "notes/x.md", "notes/y.md", "Pictures/private/p.png", "Pictures/q.png"] {
      tree.file("/home/anna/" + name)
    }
    tree.file("/data/real/r.txt")
    tree.link("/home/anna/by-name.txt", "/data/real/r.txt")
    tree.special("/home/anna/door", .socket)
    tree.file("/run/user/1000/snug/x/control")
    tree.special("/run/user/1000/gpg/S.agent", .socket)
    tree.file("/tmp/t.txt")
    return tree
  }

  /// The plan of `true WORDS` in a profile with this mode.
  private func plan(
    _ mode: String, _ words: [String], in directory: String? = "/home/anna/notes", _ more: String = ""
  ) throws -> Plan {
    let host = anna(tree(), in: directory)
    return try compile(
      profile("version = 1\nfiles.arguments = '\(mode)'\n" + more, for: host), for: host,
      ProgramRequest(command: (["true"] + words).map { Array($0.utf8) }))
  }

  private func refusal(_ mode: String, _ words: [String], _ more: String = "") throws -> String {
    do {
      _ = try plan(mode, words, more)
      return ""
    } catch let error as CompileError {
      #expect(error.exitStatus == 125)
      return error.diagnostics.map(\.text).joined(separator: "\n")
    }
  }

  private func named(_ plan: Plan) -> [String] {
    plan.ops.filter { $0.origin == .commandLine }.flatMap { plan.lines(at: $0.op.target) }
  }

  @Test(arguments: ["read", "write"])
  func aFileAtItsOwnPath(mode: String) throws {
    let access = mode == "read" ? "read-only" : "writable"
    for word in [
      "/home/anna/a.txt", "file:///home/anna/a.txt", "file://localhost/home/anna/a.txt", "file:/home/anna/%61.txt",
      "FILE:///home/anna/a.txt",
    ] {
      let plan = try plan(mode, [word])
      #expect(named(plan) == ["bind /home/anna/a.txt \(access)"], "\(word)")
      #expect(plan.words == ["true", word])
    }
    #expect(named(try plan(mode, ["file:///home/anna/b%20c.txt"])) == ["bind /home/anna/b c.txt \(access)"])
  }

  @Test func noneIsTheDefault() throws {
    let plan = try plan("none", ["/home/anna/a.txt", "x.md"])
    #expect(named(plan) == [] && plan.words == ["true", "/home/anna/a.txt", "x.md"])
  }

  @Test(arguments: [
    "-x.md", "--file=/home/anna/a.txt", "", "nothing", "https://a.example/", "file://other/home/anna/a.txt",
    "file:///home/anna/%2fa.txt", "file:///home/anna/a.txt%00", "file:///home/anna/%6", "file:///home/anna/%+6",
    "file:home/anna/a.txt", "file:///home/anna/a.txt#1", "file:///home/anna/a.txt?1", "/home/anna/none", "/proc/1/mem",
    "/dev/sda", "/dev/fd/63", "/home/anna/a.txt/", ".",
  ])
  func wordsThatAreNone(word: String) throws {
    // The last two: the first is a file whose name a program would not find, the second is a directory.
    let expected = ["/home/anna/a.txt/", "."].contains(word)
    for mode in ["read", "write-folder"] {
      let plan = try plan(mode, [word])
      #expect(named(plan).isEmpty != expected, "\(word): \(named(plan))")
      if !expected { #expect(plan.words.last == word) }
    }
  }

  @Test func relativeWords() throws {
    let here = try plan("read", ["x.md"])
    #expect(named(here) == ["bind /home/anna/notes/x.md read-only"])
    // The app starts in the home: the caller's directory is not inside.
    #expect(here.process.workingDirectory == "/home/anna" && here.words == ["true", "/home/anna/notes/x.md"])
    let seen = try plan("read", ["x.md", "./y.md"], "files.read = ['~/notes']")
    #expect(seen.process.workingDirectory == "/home/anna/notes" && seen.words == ["true", "x.md", "./y.md"])
    let up = try plan("read", ["../a.txt", "/home/anna/notes/../a.txt"])
    #expect(named(up) == ["bind /home/anna/a.txt read-only"])
    #expect(up.words == ["true", "/home/anna/a.txt", "/home/anna/a.txt"])
  }

  @Test func foldersOfFiles() throws {
    let plan = try plan("write-folder", ["x.md", "file:///home/anna/notes/y.md"])
    #expect(named(plan) == ["bind /home/anna/notes writable"])
    #expect(plan.words == ["true", "x.md", "file:///home/anna/notes/y.md"])
    #expect(plan.process.workingDirectory == "/home/anna/notes")
    let linked = try self.plan("write-folder", ["/home/anna/by-name.txt", "file:///home/anna/by-name.txt"])
    #expect(named(linked) == ["bind /data/real writable"])
    #expect(linked.words == ["true", "/data/real/r.txt", "file:///data/real/r.txt"])
  }

  @Test func newFiles() throws {
    for word in ["new.txt", "/home/anna/notes/new", "file:///home/anna/notes/new.txt", "../notes/new"] {
      #expect(named(try plan("write-folder", [word])) == ["bind /home/anna/notes writable"], "\(word)")
    }
    for word in ["utf-8", "80x24", "...", "a:b.c", "http://a.b/c", "none/new.txt"] {
      #expect(named(try plan("write-folder", [word])).isEmpty, "\(word)")
    }
    let alone = try plan("write", ["/home/anna/notes/new.txt"])
    #expect(named(alone) == [] && alone.skipped.last?.path == "/home/anna/notes/new.txt")
    #expect(named(try plan("read", ["/home/anna/notes/new.txt"])) == [])
    #expect(try plan("write-folder", ["/tmp/new.txt"]).skipped.last?.reason.contains("system directory") == true)
  }

  @Test func foldersThatAreNotShown() throws {
    for (word, reason) in [("/home/anna/a.txt", "it is your home"), ("/tmp/t.txt", "it is a system directory")] {
      let plan = try plan("write-folder", [word])
      #expect(named(plan) == ["bind \(word) writable"], "\(word)")
      #expect(plan.skipped.last?.reason.contains(reason) == true, "\(plan.skipped)")
    }
  }

  /// Who may write there has what runs outside of the box: autostart entries, start files of shells, Snug's profiles.
  @Test(arguments: [
    ".config/foo.conf", ".config/autostart/x.txt", ".config/snug/profiles/x.toml", ".local/share/x.txt",
    ".local/share/applications/x.txt", ".ssh/config", ".vim/x.vim",
  ])
  func foldersOfSettings(name: String) throws {
    let tree = tree()
    tree.file("/home/anna/\(name)")
    let host = anna(tree, in: "/home/anna/notes")
    let request = ProgramRequest(command: ["true", "/home/anna/\(name)"].map { Array($0.utf8) })
    let plan = try compile(profile("version = 1\nfiles.arguments = 'write-folder'", for: host), for: host, request)
    #expect(named(plan) == ["bind /home/anna/\(name) writable"])
    #expect(plan.skipped.last?.reason.contains("settings, keys or code") == true, "\(plan.skipped)")
  }

  @Test func refusedWords() throws {
    for (word, reason) in [
      ("/", "above it"), ("/home", "above it"), ("/home/anna", "it is your home"), ("..", "it is your home"),
      ("file:///home/anna/", "it is your home"), ("/etc", "system directory"), ("/tmp", "system directory"),
      ("/run/user/1000", "sockets"), ("/run/user/1000/snug", "sockets"), ("/run/user/1000/gpg", "sockets"),
      ("/home/anna/door", "it is a socket"), ("/home/anna/pipe", "it is a fifo"),
      ("/run/user/1000/bus", "it is a socket"),
      ("/tmp/.X11-unix", "sockets"), ("/run/user/1000/snug/x/control", "sandboxes are commanded"),
      ("/sys", "system directory"),
    ] {
      for mode in ["read", "write", "write-folder"] {
        let text = try refusal(mode, [word])
        #expect(text.contains("to the app") && text.contains(reason), "\(mode) \(word): \(text)")
        #expect(text.contains("at command line"), "\(text)")
      }
    }
  }

  @Test func hidesHold() throws {
    let hide = "files.hide = ['~/Pictures/private']"
    let plan = try plan("write", ["/home/anna/Pictures/private/p.png"], hide)
    #expect(named(plan) == [] && plan.skipped.last?.reason == "the profile hides it")
    #expect(plan.skipped.last?.origin == .commandLine)
    // What is hidden below a folder stays so.
    let folder = try self.plan("write-folder", ["/home/anna/Pictures/q.png"], hide)
    #expect(named(folder) == ["bind /home/anna/Pictures writable"])
    #expect(folder.lines(at: "/home/anna/Pictures/private") == ["tmpfs read-only 0"])
    let parent = try self.plan("read", ["/home/anna/Pictures"], hide)
    #expect(parent.lines(at: "/home/anna/Pictures/private") == ["tmpfs read-only 0"])
    // What a later layer shows again is not hidden.
    #expect(
      named(try self.plan("read", ["/home/anna/notes/x.md"], "files.hide = ['~/notes/y.md']"))
        == ["bind /home/anna/notes/x.md read-only"])
  }

  @Test func nothingIsTakenAway() throws {
    // `read` does not narrow what the profile lets the app change, nor what is read anyway.
    let plan = try plan("read", ["/home/anna/notes/x.md", "/usr/bin/notes.txt"], "files.write = ['~/notes']")
    #expect(named(plan) == [] && plan.lines(at: "/home/anna/notes") == ["bind /home/anna/notes writable"])
    // A longer read of the profile stays one below a folder.
    let kept = try self.plan("write-folder", ["/home/anna/notes/x.md"], "files.read = ['~/notes/y.md']")
    #expect(kept.lines(at: "/home/anna/notes/y.md") == ["bind /home/anna/notes/y.md read-only"])
    let more = try self.plan("write", ["/home/anna/notes/x.md"], "files.read = ['~/notes']")
    #expect(named(more) == ["bind /home/anna/notes/x.md writable"])
  }

  @Test func linksThatTheAppMayHaveMade() throws {
    let text = try refusal("read", ["/home/anna/by-name.txt"], "files.home = 'host'")
    #expect(text.contains("it is a link out of /home/anna, which the app may change"), "\(text)")
    #expect(text.contains("hint: name /data/real/r.txt itself"))
    let plan = try plan("read", ["/home/anna/by-name.txt"])
    #expect(named(plan) == ["bind /data/real/r.txt read-only", "bind /data/real/r.txt read-only"])
    #expect(plan.lines(at: "/home/anna/by-name.txt") == ["bind /data/real/r.txt read-only"])
  }

  /// An earlier start may have had the folder to write in: then what its links lead to is that app's choice.
  @Test func linksInFoldersThatAreLent() throws {
    let tree = tree()
    tree.file("/home/anna/docs/a.odt")
    tree.link("/home/anna/docs/report.odt", "../.ssh/id_ed25519")
    tree.link("/home/anna/docs/keys", "../.ssh")
    tree.link("/home/anna/docs/same.odt", "a.odt")
    tree.link("/home/anna/docs/by-way", "/home/anna/other/x")
    tree.link("/home/anna/other/x", "../.ssh/id_ed25519")
    func compiled(_ mode: String, _ word: String, _ more: String = "", owner: UInt32 = 1000) throws -> (Plan, String) {
      var host = anna(tree)
      host.owner = { _ in owner }
      let (plan, error) = attempt(
        try profile("version = 1\nfiles.arguments = '\(mode)'\n" + more, for: host), for: host,
        ProgramRequest(command: ["true", word].map { Array($0.utf8) }))
      return (plan, error?.diagnostics.map(\.text).joined(separator: "\n") ?? "")
    }
    for name in ["report.odt", "keys", "keys/id_ed25519", "keys/new", "by-way"] {
      let (plan, text) = try compiled("write-folder", "/home/anna/docs/" + name)
      #expect(text.contains("it is a link out of /home/anna/docs, which the app may change"), "\(name): \(text)")
      #expect(text.contains("hint: name /home/anna/.ssh"), "\(text)")
      #expect(!plan.ops.contains { $0.op.shown.contains { $0.hasPrefix("/home/anna/.ssh") } })
      // Nobody lends a folder where files alone are shown, nor one of root's.
      #expect(try compiled("read", "/home/anna/docs/" + name).1 == "")
      #expect(try compiled("write-folder", "/home/anna/docs/" + name, owner: 0).1 == "")
    }
    for word in ["/home/anna/docs/same.odt", "/home/anna/docs/a.odt", "/home/anna/.ssh/id_ed25519"] {
      #expect(try compiled("write-folder", word).1 == "", "\(word)")
    }
    // What the app may write to anyway is no secret of anybody's.
    #expect(try compiled("write-folder", "/home/anna/docs/report.odt", "files.write = ['~/.ssh']").1 == "")
  }

  /// A link of the person's may lead over one of the app's.
  @Test func linksThatLeadOverOthers() throws {
    let tree = tree()
    tree.link("/home/anna/start", "/home/anna/work/next")
    tree.link("/home/anna/work/next", "../.ssh/id_ed25519")
    let host = anna(tree)
    let text = "version = 1\n[files]\narguments = 'read'\nwrite = ['~/work']"
    let (_, error) = attempt(
      try profile(text, for: host), for: host,
      ProgramRequest(command: ["true", "/home/anna/start"].map { Array($0.utf8) }))
    #expect(error?.diagnostics.first?.message.contains("a link out of ~/work, which the app may change") == true)
  }

  @Test func directories() throws {
    #expect(named(try plan("read", ["/home/anna/src"])) == ["bind /home/anna/src read-only"])
    #expect(named(try plan("write-folder", ["/home/anna/src"])) == ["bind /home/anna/src writable"])
    #expect(named(try plan("write", ["."])) == ["bind /home/anna/notes writable"])
  }

  @Test func theProfilesOwnWordsAreNone() throws {
    let host = anna(tree())
    let profile = try profile(
      "version = 1\nfiles.arguments = 'read'\ncommand = ['true', '/home/anna/a.txt']", for: host)
    let plan = try compile(profile, for: host, ProgramRequest(arguments: [Array("/home/anna/notes/x.md".utf8)]))
    #expect(named(plan) == ["bind /home/anna/notes/x.md read-only"])
    #expect(plan.words == ["true", "/home/anna/a.txt", "/home/anna/notes/x.md"])
  }

  @Test func urisAreWrittenAsTheyAreRead() throws {
    for name in ["/a b", "/%", "/ä#?;", "/a\"'\\", "/x:y@z"] {
      #expect(filePath(ofURI: fileURI(name)) == Array(name.utf8), "\(name)")
    }
    #expect(String(decoding: fileURI("/a b/ä"), as: UTF8.self) == "file:///a%20b/%C3%A4")
  }
}
