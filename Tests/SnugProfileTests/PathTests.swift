import Testing

@testable import SnugProfile

@Suite struct PathTests {
  @Test(arguments: [
    ("/usr", "/usr"), ("/usr//lib/./x/", "/usr/lib/x"), ("/", "/"), ("~", "/home/ada"), ("~/", "/home/ada"),
    ("~/a b/*", "/home/ada/a b/*"), ("xdg-download", "/home/ada/Downloads"),
    ("xdg-download/x", "/home/ada/Downloads/x"),
    ("xdg-config", "/home/ada/.config"), ("xdg-cache/a", "/home/ada/.cache/a"), ("xdg-data", "/home/ada/.local/share"),
    ("xdg-run/bus", "/run/user/1000/bus"), (".", "/home/ada/work"), ("./out", "/home/ada/work/out"), ("/...", "/..."),
    ("/a\u{301}", "/a\u{301}"),
  ])
  func absolute(written: String, path: String) throws {
    let value = try expand(written, context)
    #expect(value.written == written)
    #expect(value.absolute.map { Array($0.utf8) } == Array(path.utf8))
  }

  @Test(arguments: [
    ("xdg-pictures", "xdg-pictures is not set"), ("xdg-desktop", "xdg-desktop is the home or above it"),
    ("xdg-music/sub", "xdg-music is the home or above it"),
  ])
  func missing(written: String, reason: String) throws {
    #expect(try expand(written, context).meaning == .missing(reason))
  }

  @Test(
    arguments: [
      ("", "the path is empty", nil), ("a/b", "path \"a/b\" is relative", nil),
      ("../x", "path \"../x\" has a \"..\" component", nil), ("~/../x", "path \"~/../x\" has a \"..\" component", nil),
      ("/a/..", "path \"/a/..\" has a \"..\" component", nil), ("./..", "path \"./..\" has a \"..\" component", nil),
      ("$HOME/x", "path \"$HOME/x\" is relative", "write ~ for the home: \"~/x\""),
      ("~bob/x", "path \"~bob/x\" is relative", "only ~/... is known, for your own home"),
      ("xdg-downloads", "path \"xdg-downloads\" is relative", "did you mean \"xdg-download\"?"),
      ("/a\0b", "a path cannot hold a NUL byte", nil),
    ] as [(String, String, String?)])
  func wrong(written: String, message: String, hint: String?) {
    do {
      let value = try expand(written, context)
      Issue.record("\(written) is \(value)")
    } catch {
      #expect(error.message == message)
      if let hint { #expect(error.hint == hint) }
    }
  }

  @Test func lengthIsBounded() throws {
    let name = String(repeating: "a", count: 255)
    let longest = String(repeating: "/" + name, count: 15) + "/" + String(repeating: "b", count: 254)
    #expect(longest.utf8.count == 4095)
    #expect(try expand(longest, context).absolute == longest)
    let long = Problem(.badPath, "the path is longer than 4095 bytes")
    #expect(throws: long) { try expand(longest + "/c", context) }
    #expect(throws: long) { try expand("~/" + longest.dropFirst(9), context) }
    let longName = Problem(.badPath, "a name in the path is longer than 255 bytes")
    #expect(throws: longName) { try expand("/a" + name, context) }
  }

  @Test(arguments: [
    ("/home/ada", true), ("/home", true), ("/", true), ("/usr/share/x", true), ("/etc", true), ("/tmp", true),
    ("/run/user/1000", true), ("/root", true), ("/tmp/build", false), ("/home/ada/work", false), ("/home/adam", false),
    ("/usrlocal", false), ("/srv/project", false), ("/run/media/ada/disk", false),
  ])
  func here(directory: String, isRefused: Bool) throws {
    var context = context
    context.workingDirectory = directory
    for written in [".", "./sub"] {
      let meaning = try expand(written, context).meaning
      let refused = if case .refused = meaning { true } else { false }
      #expect(refused == isRefused, "\(written) in \(directory)")
    }
  }

  @Test(arguments: [("/var/home/ada", true), ("/var/home", true), ("/var/home/ada/work", false)])
  func hereWhereTheHomeIsALink(directory: String, isRefused: Bool) throws {
    let context = PathContext(home: "/home/ada", realHome: "/var/home/ada", workingDirectory: directory)
    let refused = if case .refused = try expand(".", context).meaning { true } else { false }
    #expect(refused == isRefused)
    let download = PathContext(home: "/home/ada", realHome: "/var/home/ada", xdg: ["xdg-download": directory])
    #expect((try expand("xdg-download", download).absolute == nil) == isRefused)
  }

  @Test func hereIsMissingWhereItIsGone() throws {
    var context = context
    context.workingDirectory = nil
    #expect(try expand(".", context).absolute == nil)
    #expect(throws: Problem.self) { try expandOnCommandLine("x", context) }
  }

  @Test(
    arguments: [
      ("x", "/home/ada/work/x", nil), ("./x/", "/home/ada/work/x", nil), ("../x", "/home/ada/x", nil),
      ("../../../../x", "/x", nil), ("~/x", "/home/ada/x", nil), ("xdg-download", "/home/ada/Downloads", nil),
      ("./xdg-download", "/home/ada/work/xdg-download", nil), ("a\\:b", "/home/ada/work/a:b", nil),
      ("a\\b", "/home/ada/work/a\\b", nil), ("/a:/b", "/a", "/b"), ("x:~/y", "/home/ada/work/x", "/home/ada/y"),
      ("/a\\:b:/c\\:d", "/a:b", "/c:d"), ("\\", "/home/ada/work/\\", nil),
    ] as [(String, String, String?)])
  func commandLine(text: String, host: String, inside: String?) throws {
    let entry = try entryOnCommandLine(text, context)
    #expect(entry.path.absolute == host)
    #expect(entry.at?.absolute == inside)
  }

  @Test(arguments: ["", ":", "/a:", ":/b", "/a:/b:/c", "/a:b", "a/../b", "/a/../b"])
  func notOnCommandLine(text: String) {
    #expect(throws: Problem.self) { try entryOnCommandLine(text, context) }
  }

  @Test func hereOnCommandLineKeepsItsRefusals() throws {
    #expect(try expandOnCommandLine(".", context).absolute == "/home/ada/work")
    #expect(
      try expandOnCommandLine("..", context).meaning == .refused("the directory it is started in is the home"))
    #expect(try expandOnCommandLine("../../ada", context).absolute == "/home/ada")
  }

  @Test func userDirectories() {
    let text = """
      # comment
      XDG_DOWNLOAD_DIR="$HOME/Downloads"
       XDG_MUSIC_DIR = "/data/\\"mu\\\\sic"\r
      XDG_DESKTOP_DIR="$HOME"
      XDG_PICTURES_DIR="$HOMER/x"
      XDG_VIDEOS_DIR=relative
      XDG_DOCUMENTS_DIR="unclosed
      XDG_PUBLICSHARE_DIR="$HOME/P"
      XDG_PICTURES_DIR="$HOME/.."
      XDG_TEMPLATES_DIR="$HOME/T"
      XDG_CONFIG_DIR="/x"
      nonsense
      """
    let bytes = Array(text.utf8) + [0x0A, 0xFF, 0x0A]
    let found = parseUserDirectories(bytes, home: "/home/ada")
    #expect(
      found == [
        "xdg-download": "/home/ada/Downloads", "xdg-music": "/data/\"mu\\sic", "xdg-desktop": "/home/ada",
      ])
  }

  @Test func ancestry() {
    #expect(isPath("/a/b", atOrBelow: "/a"))
    #expect(isPath("/a", atOrBelow: "/a"))
    #expect(isPath("/a", atOrBelow: "/"))
    #expect(!isPath("/ab", atOrBelow: "/a"))
    #expect(!isPath("/a", atOrBelow: "/a/b"))
    // One letter in two spellings: the same for Swift, two names for the kernel.
    #expect(!isPath("/caf\u{E9}", atOrBelow: "/cafe\u{301}"))
  }
}
