import SnugProfile
import TestSupport
import Testing

@testable import SnugPlan

/// What `snug new` writes, for programs of every kind.
@Suite struct StarterTests {
  /// What a starter is for, on the fixture's machine.
  private func look(_ name: String, at path: String?, _ entry: String? = nil, on tree: FixtureTree) -> ProgramTraits {
    let host = anna(tree)
    var program = ProgramTraits(name: name)
    program.entry = entry.flatMap { readMenuEntry(Array($0.utf8)) }
    if let path {
      program.look(at: path, on: host) { file, offset, count in tree.read(file).flatMap { part($0, offset, count) } }
    }
    program.lookAround(host, context(host))
    return program
  }

  private func text(_ program: ProgramTraits, on tree: FixtureTree) -> String {
    starterText(program.name, program, context(anna(tree)))
  }

  private let shipped = [
    "default": "version = 1", "desktop": "version = 1\nextends = ['default']",
    "terminal": "version = 1\nextends = ['default']",
  ]

  /// Reads, compiles, finds its program, and asks for nothing that this version does not do.
  private func expectRuns(_ text: String, on tree: FixtureTree, needsProgram: Bool = true) throws {
    let host = anna(tree)
    let profile = try profile(text, named: "starter", shipped: shipped, for: host)
    _ = try compile(profile, for: host, ProgramRequest(needsProgram: needsProgram))
    #expect(profile.summary != nil)
  }

  private func desktopTree() -> FixtureTree {
    let tree = debian()
    let program = elf(needed: ["libc.so.6", "libfront.so.1"])
    tree.put("/usr/bin/paint", .file(program, isExecutable: true))
    // A small front of a library: what that asks for counts, what GTK asks for does not.
    tree.put(
      "/usr/lib/libfront.so.1",
      .file(elf(needed: ["libgtk-3.so.0", "libGL.so.1", "libpulse.so.0", "libdbus-1.so.3"]), isExecutable: false))
    tree.put("/usr/lib/libgtk-3.so.0", .file(elf(needed: ["libcurl.so.4"]), isExecutable: false))
    tree.directory("/home/anna/.config/paint", "/home/anna/.cache/paint", "/home/anna/.Paint")
    return tree
  }

  private let menu = """
    [Desktop Entry]
    Name=Paint
    Comment=Draw pictures
    Exec=paint %F
    Categories=Graphics;
    MimeType=image/png;
    """

  @Test func aDesktopProgram() throws {
    let tree = desktopTree()
    var program = look("paint", at: "/usr/bin/paint", menu, on: tree)
    #expect(program.traits == [.windows, .wayland, .graphics, .sound, .bus])
    program.id = "org.example.Paint"
    let text = text(program, on: tree)
    #expect(compareGolden(text, "starter-desktop.toml", beside: #filePath) == nil)
    try expectRuns(text, on: tree)
  }

  @Test func aTerminalProgram() throws {
    let tree = debian()
    tree.put("/usr/bin/fetch", .file(elf(needed: ["libcurl.so.4"], is64: false), isExecutable: true))
    let text = text(look("fetch", at: "/usr/bin/fetch", on: tree), on: tree)
    #expect(compareGolden(text, "starter-terminal.toml", beside: #filePath) == nil)
    try expectRuns(text, on: tree)
  }

  @Test func aScriptOutsideOfTheSystem() throws {
    let tree = debian()
    tree.put("/opt/app/bin/tool", .file(Array("#!/usr/bin/env -S python3 -u\n".utf8), isExecutable: true))
    let program = look("tool", at: "/opt/app/bin/tool", "[Desktop Entry]\nCategories=Network;Email;\n", on: tree)
    #expect(program.interpreter == "python3")
    let text = text(program, on: tree)
    #expect(compareGolden(text, "starter-script.toml", beside: #filePath) == nil)
    try expectRuns(text, on: tree)
  }

  @Test func aProgramInTheHome() throws {
    let tree = debian()
    tree.put("/home/anna/bin/mine", .file(elf(needed: []), isExecutable: true))
    let text = text(look("mine", at: "/home/anna/bin/mine", on: tree), on: tree)
    #expect(text.contains("programs = [\"/home/anna/bin/mine\"]\n") && text.contains("read = [\"~/bin/mine\"]\n"))
    try expectRuns(text, on: tree)
  }

  @Test func noProgram() throws {
    let tree = debian()
    let text = text(look("ghost", at: nil, on: tree), on: tree)
    #expect(text.contains("# programs = [\"ghost\"]\n"))
    try expectRuns(text, on: tree, needsProgram: false)
  }

  /// What stands in comments is right too: every line of TOML in them can be taken over, alone or all together.
  @Test func theSuggestionsAreProfilesToo() throws {
    let tree = desktopTree()
    let text = text(look("paint", at: "/usr/bin/paint", menu, on: tree), on: tree)
    let all = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> Substring in
      let bare = line.dropFirst(2)
      let isCode = line.hasPrefix("# ") && (bare.contains(" = ") || bare.hasPrefix("[")) && !bare.hasPrefix(" ")
      return isCode ? bare : line
    }.joined(separator: "\n")
    let profile = try profile(all, named: "starter", shipped: shipped, for: anna(tree))
    #expect(profile.desktop.wayland.value && profile.devices.gpu.value && profile.files.arguments.value == .read)
    #expect(
      profile.files.grants.map(\.path.written) == [
        "xdg-pictures", "xdg-cache/paint", "xdg-config/paint", "~/.Paint",
      ])
  }

  @Test func oddTextsOfTheMenuStayText() throws {
    let tree = debian()
    let entry = "[Desktop Entry]\nName=\u{202E}x\nComment=\"\\n]\\s#\u{1B}[31m\nExec=xterm\n"
    for name in ["a\"b", "-x", "\u{1B}[31m", "a'b#"] {
      var program = look("xterm", at: "/usr/bin/xterm", entry, on: tree)
      program.name = name
      let text = text(program, on: tree)
      #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || !isUnsafe($0) })
      try expectRuns(text, on: tree, needsProgram: false)
    }
  }
}
