import TestSupport
import Testing

extension Live {
  /// The commands besides `run`, with good and bad words: form, exit status, and JSON that others read.
  @Suite(.serialized) struct CommandOutputTests {
    /// Keys of the first object of a JSON text, and those of the objects that stand below them, by Python's reader.
    private func keys(_ json: String) throws -> String {
      let script = """
        import json, sys
        def walk(v, p):
          if isinstance(v, list): v = v[0] if v else None
          if isinstance(v, dict):
            for k in v: print(p + k); walk(v[k], p + k + ".")
        walk(json.load(sys.stdin), "")
        """
      let read = try spawn(["/usr/bin/python3", "-c", script], input: json)
      #expect(read.status == 0, "\(read.everything)\(json)")
      return read.output
    }

    @Test func `a filter can be read as words and as the program that is loaded`() throws {
      let stage = try stage()
      let words = try stage.snug(["seccomp", "desktop"])
      #expect(words.status == 0 && words.output.contains("clone3"), "\(words.everything)")
      let listing = try stage.snug(["seccomp", "desktop", "--listing"])
      #expect(listing.status == 0 && listing.output.contains("answer ENOSYS"), "\(listing.everything)")
      // As long as the plan says it is.
      let plan = try stage.snug(["plan", "default", "--json"]).output
      let count = listing.output.split(separator: "\n").count
      #expect(plan.contains("\"instructions\": \(count)"), "\(count) instructions")
      #expect(try stage.snug(["seccomp", "none", "--listing"]).output == "")
    }

    @Test func `help and version go to standard output`() throws {
      let stage = try stage()
      for words in [
        ["--help"], ["run", "--help"], ["run", "-h"], ["help", "run"], ["plan", "--help"], ["list", "--help"],
      ] {
        let done = try stage.snug(words)
        #expect(done.status == 0 && done.errors == "", "\(words): \(done.everything)")
        #expect(done.output.contains("USAGE: snug"), "\(words): \(done.output)")
        expectPlain(done.output)
      }
      let run = try stage.snug(["run", "--help"]).output
      for option in [
        "--read", "--write", "--hide", "--network", "--setenv", "--keep-env", "--home", "--name", "--status-fd", "--fd",
        "--detach", "--keep", "--share-network-with", "--trace-timing", "-v", "-p", "125", "126", "127",
      ] { #expect(run.contains(option), "\(option)") }
      let version = try stage.snug(["--version"])
      #expect(version.status == 0 && version.output.hasPrefix("snug ") && version.errors == "", "\(version.everything)")
      #expect(version.output.split(separator: "\n").count == 1)
    }

    @Test(arguments: [
      (["bogus"], "unknown command \"bogus\"", "snug --help lists the commands"),
      (["--bogus"], "unknown option '--bogus'", "snug --help"),
      (["list", "extra"], "unexpected argument 'extra'", "snug list --help"),
      (["list", "--bogus"], "unknown option '--bogus'", "snug list --help"),
      (["list", "--json", "--names"], "--json and --names exclude each other", "snug list --help"),
      (["doctor", "extra"], "unexpected argument 'extra'", "snug doctor --help"),
      (["show"], "missing expected argument '<name|file>'", "snug show --help"),
      (["show", "a", "b"], "unexpected argument 'b'", "snug show --help"),
      (["seccomp"], "missing expected argument '<preset>'", "snug seccomp --help"),
      (["seccomp", "dekstop"], "unknown preset dekstop", "the presets are base, desktop, devel, nested, none"),
      (["plan"], "no profile is given", "snug plan --help"),
      (["plan", "--json"], "no profile is given", "snug plan --help"),
      (["plan", "git", "--bogus"], "unknown option --bogus", "snug plan --help"),
      (["plan", "git", "-p", "git", "x"], "the profile is given twice, by name and by -p", "snug plan --help"),
    ])
    func `words that make no command are usage errors`(words: [String], message: String, hint: String) throws {
      let stage = try stage()
      try stage.expectRefusal(words, 2, "snug: \(message)\n  hint: \(hint)")
    }

    @Test(arguments: [
      (["plan", "nosuch"], "no profile is called \"nosuch\"\n  hint: snug list shows the profiles"),
      (["show", "dfault"], "no profile is called \"dfault\"\n  hint: did you mean \"default\"?"),
      (["plan", "x.toml"], "no profile is called \"x.toml\"\n  hint: for a file write ./x.toml"),
      (["show", "./x.toml"], "cannot read ./x.toml: No such file or directory"),
      (
        ["plan", "default", "--read", "nosuch"],
        "cannot bind nosuch on HOME/nosuch: No such file or directory\n  at --read"
      ),
      (
        ["plan", "default", "word"],
        "profile \"default\" names no program\n  hint: snug run -p default -- COMMAND runs one in it"
      ),
    ])
    func `what is refused leaves with 1`(words: [String], message: String) throws {
      let stage = try stage()
      try stage.expectRefusal(words, 1, "snug: \(message)")
    }

    @Test func `the plan of every shipped profile reads and parses`() throws {
      let stage = try stage()
      try Stage.shell("mkdir -p \(stage.home)/project; chown \(stage.uid):\(stage.gid) \(stage.home)/project")
      for name in ["default", "terminal", "project", "git", "python3", "curl"] {
        let text = try stage.snug(["plan", name], directory: "\(stage.home)/project")
        #expect(text.status == 0 && text.errors == "", "\(text.everything)")
        expectPlain(text.output)
        let json = try stage.snug(["plan", name, "--json"], directory: "\(stage.home)/project")
        let found = Set(try keys(json.output).split(separator: "\n").map(String.init))
        let wanted = [
          "version", "namespaces", "ops", "ops.index", "ops.op", "ops.target", "ops.origin", "ops.origin.file",
          "ops.origin.line", "skipped", "seccomp", "seccomp.preset", "seccomp.allow", "seccomp.deny",
          "seccomp.instructions", "landlock", "landlock.abi", "landlock.scope", "landlock.files",
          "landlock.connect-tcp",
          "environment", "bus", "process", "command", "not-enforced",
        ]
        #expect(wanted.allSatisfy(found.contains), "\(wanted.filter { !found.contains($0) })")
      }
    }

    @Test func `plan takes the name first or last, and a program as run does`() throws {
      let stage = try stage()
      let lines: [([String], String)] = [
        (["plan", "git", "--network", "host", "status", "-s"], "/usr/bin/git status -s"),
        (["plan", "--network", "host", "git", "status", "-s"], "/usr/bin/git status -s"),
        (["plan", "-p", "git", "--", "ls", "-l"], "/usr/bin/ls -l"),
        (["plan", "git", "--", "ls", "-l"], "/usr/bin/ls -l"),
        (["plan", "--", "ls", "-l"], "/usr/bin/ls -l"),
      ]
      try Stage.shell("mkdir -p \(stage.home)/project; chown \(stage.uid):\(stage.gid) \(stage.home)/project")
      for (words, command) in lines {
        let done = try stage.snug(words, directory: "\(stage.home)/project")
        let shown = done.output.split(separator: "\n").drop { $0 != "command" }.dropFirst()
          .prefix { $0.hasPrefix("  ") }.map { $0.drop { $0 == " " } }.joined(separator: " ")
        #expect(done.status == 0 && shown == command, "\(words): \(done.everything)")
      }
    }

    @Test func `list and show tell where profiles come from`() throws {
      let stage = try stage()
      try stage.setProfiles([
        ("odd", "version = 1\nsummary = \"a \\u001b[31m \\u202e b\"\nprograms = [\"ls\"]\n"),
        ("broken", "version = 3\n"),
        ("git", "version = 1\nextends = [\"git\"]\n[files]\nread = [\"/opt\"]\n"),
      ])
      let text = try stage.snug(["list"])
      #expect(text.status == 0 && text.errors == "", "\(text.everything)")
      expectPlain(text.output)
      let json = try stage.snug(["list", "--json"])
      expectPlain(json.output)
      #expect(try keys(json.output) == "name\nfile\nsummary\ncommand\nproblem\n")
      for line in [
        "{\"name\": \"default\", \"file\": \"\(stage.profiles)/default.toml\"",
        "\"file\": \"\(stage.home)/.config/snug/profiles/git.toml\"",
        "\"problem\": \"version 3 is not known, only 1\"}",
      ] { #expect(json.output.contains(line), "\(line)\n\(json.output)") }
      let shown = try stage.snug(["show", "git"])
      #expect(shown.status == 0 && shown.errors == "", "\(shown.everything)")
      let layers = shown.output.split(separator: "\n").filter { $0.hasPrefix("# layer: ") }
      #expect(layers.count == 4 && layers.last == "# layer: \(stage.home)/.config/snug/profiles/git.toml", "\(layers)")
      // What is shown is a profile that says the same.
      try stage.write(shown.output, to: "\(stage.home)/shown.toml")
      let again = try stage.snug(["show", "./shown.toml"])
      func values(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
          line.firstRange(of: "  # ").map { line[..<$0.lowerBound] } ?? line
        }
      }
      #expect(again.status == 0 && values(again.output) == values(shown.output), "\(again.everything)")
      try Stage.shell("rm \(stage.home)/shown.toml")
      try stage.setProfiles([])
    }

    @Test func `doctor and seccomp say what they found`() throws {
      let stage = try stage()
      let text = try stage.snug(["doctor"])
      expectPlain(text.output)
      let lines = text.output.split(separator: "\n")
      for check in ["kernel", "user-namespace", "mount-api", "overlay", "landlock", "seccomp", "network-namespace"] {
        #expect(lines.contains { $0.hasPrefix("ok    \(check) ") }, "\(check): \(text.everything)")
      }
      let json = try stage.snug(["doctor", "--json"])
      #expect(json.status == text.status)
      #expect(try keys(json.output) == "check\nok\ndetail\nremedy\n")
      for preset in ["base", "desktop", "devel", "nested", "none"] {
        let done = try stage.snug(["seccomp", preset])
        #expect(done.status == 0 && done.output.hasPrefix("\(preset): ") && done.errors == "", "\(done.everything)")
        expectPlain(done.output)
      }
    }

    @Test func `the status records parse and have the keys of the contract`() throws {
      let stage = try stage()
      let done = try stage.snug(["run", "--status-fd", "1", "--", "true"])
      let lines = done.output.split(separator: "\n").map(String.init)
      #expect(lines.count == 2, "\(done.everything)")
      let started = try keys(lines.first ?? "")
      #expect(
        started.hasPrefix("event\ninstance\napp-id\npid\napp-pid\nnamespaces\nnamespaces.user\n")
          && started.hasSuffix("\nnot-enforced\n"), "\(started)")
      #expect(
        try keys(lines.last ?? "")
          == "event\nstatus\nsignal\nuser-ms\nsystem-ms\nwall-ms\npeak-bytes\nlimit\n")
      // One descriptor for both: what the app is given and what the launcher writes to.
      let shared = try stage.run(
        ["/bin/sh", "-c", "exec \(stage.snug) run --fd 9 --status-fd 9 -- sh -c 'echo app >&9' 9>&1"])
      let events = shared.output.split(separator: "\n").map { $0.prefix(17) }
      #expect(events.sorted() == ["app", "{\"event\":\"ended\",", "{\"event\":\"started"], "\(shared.everything)")
      let failed = try stage.snug(["run", "--status-fd", "1", "--", "no-such-program"])
      #expect(try keys(failed.output) == "event\nstatus\nmessage\norigin\n")
    }

    @Test func `output that cannot be written is an error`() throws {
      let stage = try stage()
      for words in ["list", "plan default --json", "show default", "seccomp desktop", "doctor"] {
        let done = try stage.run(["/bin/sh", "-c", "exec \(stage.snug) \(words) >/dev/full"])
        #expect(done.status == 1, "\(words): \(done.everything)")
        #expect(done.errors == "snug: cannot write to standard output: No space left on device\n")
      }
    }
  }
}
