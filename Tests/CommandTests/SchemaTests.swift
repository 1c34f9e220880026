import TestSupport
import Testing

@testable import SnugProfile

/// The schema by a validator that others wrote: Debian's python3-jsonschema, with the TOML reader of Python 3.11.
@Suite struct SchemaTests {
  /// Reads profiles from standard input, separated by lines of dashes; a line `ok` or `wrong PLACE` for each.
  private static let script = """
    import json, sys, tomllib, jsonschema
    schema = json.load(open(sys.argv[1]))
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    for text in sys.stdin.read().split("-----\\n"):
      errors = list(validator.iter_errors(tomllib.loads(text)))
      print("wrong " + "; ".join(e.message[:200] for e in errors) if errors else "ok")
    """

  private func validate(_ profiles: [String]) throws -> [Substring]? {
    let python = "/usr/bin/python3"
    let there = try spawn([python, "-c", "import jsonschema, tomllib"])
    guard there.status == 0 else {
      skip("python3-jsonschema is not installed")
      return nil
    }
    let done = try spawn(
      [python, "-W", "ignore", "-c", Self.script, "\(checkout)/share/schema/snug-profile.schema.json"],
      input: profiles.joined(separator: "-----\n"))
    #expect(done.status == 0, "\(done.everything)")
    let lines = done.output.split(separator: "\n")
    #expect(lines.count == profiles.count)
    return lines
  }

  @Test func `every shipped profile is valid`() throws {
    let files = try spawn(["/bin/sh", "-c", "ls '\(checkout)'/profiles/*.toml"]).output.split(separator: "\n")
    #expect(files.count > 5)
    let texts = try files.map { try spawn(["/bin/cat", String($0)]).output }
    guard let lines = try validate(texts) else { return }
    for (file, line) in zip(files, lines) { #expect(line == "ok", "\(file): \(line)") }
  }

  static let right = [
    "extends = [\"a\", \"b\"]\nprograms = []\ncommand = [\"x\", \"\"]\noptional = [\"!landlock\", \"desktop.wayland\", \"bus\"]",
    "[files]\nread = [\"/\", \"~\", \"~/a b\", \"xdg-run/x\", \".\", \"./x\", \"!~/x\", { path = \"/a\", at = \"/b\", if-missing = \"create\" }]",
    "[files]\nhide = [\"/a\", { path = \"/b\", if-missing = \"skip\" }, \"!/c\"]\nroot = \"empty\"",
    "files = false\n[desktop]\nx11 = \"isolated\"\naudio = \"playback\"",
    "[bus]\nsession = false\n[bus.system]\ntalk = [\"org.a.B\", \"!org.a.*\"]\ncall = { \"org.a.B\" = [\"*\"] }",
    "[process]\nadopt-wait = \"forever\"\nstop-wait = \"300ms\"\ncancel-signal = \"SIGINT\"\numask = 0o22\nnice = -20",
    "[process]\numask = \"022\"\nhostname = \"a-b.c\"\nworking-directory = \"xdg-music\"",
    "[limits]\nmemory = \"50%\"\ncore = 0\nfile-size = \"4G\"\nopen-files = 64\ncpu = \"150%\"",
    "[landlock]\nscope = [\"!signal\"]\nconnect-tcp = [443, \"!443\"]\nfiles = false",
    "[seccomp]\nallow = [\"ptrace\", \"!mount\"]\n[environment]\nset = { A = \"b=c\", \"a b\" = \"\" }\nkeep = [\"!LANG\"]",
    "[[files.op]]\nop = \"bind\"\nhost = \"/a\"\ntarget = \"/b\"\naccess = \"device\"\n[[files.op]]\nop = \"proc\"\ntarget = \"/p\"",
    "[[files.op]]\nop = \"file\"\ntarget = \"/a\"\ntext = \"\"\nmode = \"0600\"\n[[files.op]]\nop = \"symlink\"\ntarget = \"/a\"\nto = \"b\"",
    "[[files.op]]\nop = \"overlay\"\ntarget = \"/a\"\nlower = [\"/b\"]\nupper = \"/c\"\nwork = \"/d\"",
  ]

  static let wrong = [
    "raed = 1", "[files]\nraed = []", "version = 1", "id = \"firefox\"", "id = \"org.1a\"", "summary = 3",
    "extends = \"a\"", "extends = [\"a/b\"]", "command = []", "programs = [\"a/\"]", "optional = [\"land\"]",
    "desktop = true", "desktop = 1", "[desktop]\nwayland = \"true\"", "[desktop]\nx11 = \"yes\"",
    "[files]\nread = \"/a\"", "[files]\nread = [\"a\"]", "[files]\nread = [\"/a/../b\"]", "[files]\nread = [\"..\"]",
    "[files]\nread = [\"~root/x\"]", "[files]\nread = [\"xdg-foo\"]", "[files]\nread = [\"\"]",
    "[files]\nread = [\"!\"]",
    "[files]\nread = [{ at = \"/a\" }]", "[files]\nread = [{ path = \"/a\", x = 1 }]",
    "[files]\nread = [{ path = \"/a\", if-missing = \"ask\" }]", "[files]\nhide = [{ path = \"/a\", at = \"/b\" }]",
    "[files]\nhide = [{ path = \"/a\", if-missing = \"create\" }]", "[files]\nroot = \"usr\"", "[files]\nhome = true",
    "[bus.session]\ntalk = [\"nodot\"]", "[bus.session]\ncall = { nodot = [] }", "[bus]\nother = false",
    "[process]\nadopt-wait = \"5\"", "[process]\nadopt-wait = 5", "[process]\ncancel-signal = \"BUSY\"",
    "[process]\numask = \"0888\"", "[process]\nnice = 20", "[process]\nhostname = \"-a\"", "[limits]\nmemory = \"0\"",
    "[limits]\nmemory = \"101%\"", "[limits]\ncore = \"10%\"", "[limits]\ncore = \"1KB\"", "[limits]\nopen-files = 2",
    "[limits]\ncpu = \"150\"", "[landlock]\nscope = [\"all\"]", "[landlock]\nconnect-tcp = [70000]",
    "[landlock]\nconnect-tcp = [\"443\"]", "[seccomp]\nallow = [\"Ptrace\"]", "[environment]\nkeep = [\"A=B\"]",
    "[environment]\nset = { A = 1 }", "[[files.op]]\ntarget = \"/a\"", "[[files.op]]\nop = \"mount\"\ntarget = \"/a\"",
    "[[files.op]]\nop = \"bind\"\ntarget = \"/a\"", "[[files.op]]\nop = \"proc\"\ntarget = \"/a\"\nsize = 1",
    "[[files.op]]\nop = \"file\"\ntarget = \"/a\"",
    "[[files.op]]\nop = \"file\"\ntarget = \"/a\"\ntext = \"\"\nbase64 = \"\"",
    "[[files.op]]\nop = \"overlay\"\ntarget = \"/a\"\nlower = [\"/b\"]\nupper = \"/c\"",
    "[[files.op]]\nop = \"tmpfs\"\ntarget = \"/a\"\nmode = \"rwx\"", "[assert]\nnetwork = \"no\"",
  ]

  @Test func `what may be written is valid, what may not is not`() throws {
    // `version = 1` twice is no TOML: the one wrong profile without it stands for "missing".
    let broken = Self.wrong.map { $0 == "version = 1" ? "version = 2\n" : "version = 1\n\($0)\n" } + ["id = \"a.b\"\n"]
    let profiles = Self.right.map { "version = 1\n\($0)\n" } + broken
    guard let lines = try validate(profiles) else { return }
    for (index, line) in lines.enumerated() {
      #expect((line == "ok") == (index < Self.right.count), "\(profiles[index])\(line)")
    }
  }

  @Test func `the reader of profiles says the same`() {
    let context = PathContext(home: "/home/you", workingDirectory: "/home/you/work")
    for (texts, isRight) in [(Self.right, true), (Self.wrong, false)] {
      for text in texts {
        let found = checkFile(Array("version = 1\n\(text)\n".utf8), file: "x.toml", context).diagnostics
        #expect(found.isEmpty == isRight, "\(text)\n\(found.map(\.text))")
      }
    }
  }
}
