import TestSupport
import Testing

extension Live {
  /// What a new user gets wrong in a profile or on the command line of `run`.
  @Suite(.serialized) struct BadInputTests {
    private let mine = "HOME/.config/snug/profiles"

    /// A profile's text, and what is said of it.
    struct Slip: CustomTestStringConvertible, Sendable {
      var text: String
      var message: String
      var testDescription: String { text }

      init(_ text: String, _ message: String) {
        self.text = text
        self.message = message
      }
    }

    static let slips = [
      Slip(
        "version = 1\n[files]\nraed = [\"~/x\"]\n",
        """
        snug: unknown key "raed" in [files]
          at MINE/bad.toml:3:1
          3 | raed = ["~/x"]
            | ^
          hint: did you mean "read"?
        """),
      Slip(
        "version = 1\n[files]\nread = [\"a\tb\"]\n",
        """
        snug: files.read: path "a\\tb" is relative
          at MINE/bad.toml:3:9
          3 | read = ["a\\tb"]
            |         ^
          hint: write "~/a\\tb" for a path in the home, or "./a\\tb" for one where the command is started
        """),
      Slip(
        "version = 1\n[files]\nwrite = [\"Documents/x\"]\n",
        """
        snug: files.write: path "Documents/x" is relative
          at MINE/bad.toml:3:10
          3 | write = ["Documents/x"]
            |          ^
          hint: write "~/Documents/x" for a path in the home, or "./Documents/x" for one where the command is started
        """),
      Slip(
        "version = 1\nextends = [\"bad\"]\n",
        """
        snug: there is no other profile "bad" to extend
          at MINE/bad.toml:2:12
          2 | extends = ["bad"]
            |            ^
        """),
      Slip(
        "version = 1\nextends = [\"defualt\"]\n",
        """
        snug: no profile is called "defualt"
          at MINE/bad.toml:2:12
          2 | extends = ["defualt"]
            |            ^
          hint: did you mean "default"?
        """),
      Slip(
        "version = 2\n",
        """
        snug: version 2 is not known, only 1
          at MINE/bad.toml:1:11
          1 | version = 2
            |           ^
          hint: this profile needs a newer Snug
        """),
      Slip("", "snug: \"version\" is missing\n  at MINE/bad.toml:1:1\n  hint: begin the profile with version = 1"),
      Slip(
        "version = 1\nsummary =\n",
        """
        snug: not valid TOML: expected value, found the end of the line
          at MINE/bad.toml:2:10
          2 | summary =
            |          ^
        """),
      Slip(
        "version = 1\nsummary = \"a\"\nsummary = \"b\"\n",
        """
        snug: not valid TOML: cannot redefine existing string 'summary'
          at MINE/bad.toml:3:11
          3 | summary = "b"
            |           ^
          hint: a key or table is written once
        """),
      Slip(
        "version = 1\n[seccomp]\ndeny = [\"opne\"]\n",
        "snug: unknown system call \"opne\"\n  at MINE/bad.toml:3:9\n  hint: did you mean \"open\"?"),
      Slip(
        "version = 1\n[files]\nroot = \"sytem\"\n",
        """
        snug: files.root: expected one of "system", "host" or "empty", found "sytem"
          at MINE/bad.toml:3:8
          3 | root = "sytem"
            |        ^
          hint: did you mean "system"?
        """),
      Slip(
        "version = 1\n[files]\nread = [\"~/nothing\"]\n",
        """
        snug: cannot bind ~/nothing on HOME/nothing: No such file or directory
          at MINE/bad.toml:3:9
          hint: set if-missing = "skip" to go on without it
        """),
      Slip(
        "version = 1\n[files]\nread = [\"/x\\u001b[31m\\u202ey\\n\"]\n",
        """
        snug: cannot bind /x\\x1b[31m\\u{202e}y\\n on /x\\x1b[31m\\u{202e}y\\n: No such file or directory
          at MINE/bad.toml:3:9
          hint: set if-missing = "skip" to go on without it
        """),
    ]

    @Test(arguments: slips) func `a profile that is wrong is refused once, at its line`(slip: Slip) throws {
      let stage = try stage()
      try stage.setProfiles([("bad", slip.text)])
      let message = slip.message.replacing("MINE", with: mine)
      try stage.expectRefusal(["run", "-p", "bad", "--", "true"], 125, message)
      try stage.expectRefusal(["plan", "bad"], 1, message)
      try stage.setProfiles([])
    }

    @Test func `tabs, defaults and what a profile may say are no trouble`() throws {
      let stage = try stage()
      let text =
        "version\t=\t1\r\n[files]\n\tread = [\t\"/usr\",\n\t]\n[process]\n\tterminal = \"auto\"\n\tsingle = false\n"
      try stage.setProfiles([("good", text)])
      let done = try stage.snug(["run", "-p", "good", "--", "true"])
      #expect(done.status == 0 && done.errors == "", "\(done.everything)")
      try stage.setProfiles([])
    }

    @Test func `a loop of extends is shown whole`() throws {
      let stage = try stage()
      try stage.setProfiles([
        ("a", "version = 1\nextends = [\"b\"]\n"), ("b", "version = 1\nextends = [\"c\"]\n"),
        ("c", "version = 1\nextends = [\"a\"]\n"),
      ])
      let message = """
        snug: the profile extends itself in a loop: a -> b -> c -> a
          at \(mine)/c.toml:2:12
          2 | extends = ["a"]
            |            ^
        """
      try stage.expectRefusal(["run", "-p", "a", "--", "true"], 125, message)
      try stage.expectRefusal(["show", "a"], 1, message)
      try stage.setProfiles([])
    }

    @Test func `what is no file, or not to be trusted, is no profile`() throws {
      let stage = try stage()
      let folder = "\(stage.home)/.config/snug/profiles"
      try stage.setProfiles([("open", "version = 1\n"), ("secret", "version = 1\n"), ("mine", "version = 1\n")])
      try Stage.shell(
        """
        cd \(folder); mkdir dir.toml; mkfifo fifo.toml; ln -s /dev/zero zero.toml; ln -s nowhere dangling.toml
        ln -s loop.toml loop.toml; chmod 666 open.toml; chmod 0 secret.toml; chmod 664 mine.toml
        echo 'version = 1' > huge.toml; yes '# ........' | head -c 1100000 >> huge.toml
        chown -h \(stage.uid):\(stage.gid) *
        """)
      let reasons = [
        ("dir", "cannot read \(mine)/dir.toml: it is a directory, not a profile"),
        ("fifo", "cannot read \(mine)/fifo.toml: it is a fifo, not a file"),
        ("zero", "cannot read \(mine)/zero.toml: it is a character device, not a file"),
        ("dangling", "no profile is called \"dangling\"\n  hint: snug list shows the profiles"),
        ("loop", "cannot read \(mine)/loop.toml: Too many levels of symbolic links"),
        ("secret", "cannot read \(mine)/secret.toml: Permission denied"),
        ("huge", "cannot read \(mine)/huge.toml: it is larger than 1 MiB"),
        ("open", "cannot use \(mine)/open.toml: everybody can write it\n  hint: chmod o-w \(mine)/open.toml"),
      ]
      for (name, reason) in reasons {
        try stage.expectRefusal(["run", "-p", name, "--", "true"], 125, "snug: " + reason)
      }
      // The positive control: writable by the caller's own group is the caller's own business.
      #expect(try stage.snug(["run", "-p", "mine", "--", "true"]).status == 0)
      if stage.uid != 0, stage.userName.hasPrefix("snugt") {
        try Stage.shell("chown nobody:nogroup \(folder)/mine.toml; chmod 644 \(folder)/mine.toml")
        try stage.expectRefusal(
          ["run", "-p", "mine", "--", "true"], 125,
          "snug: cannot use \(mine)/mine.toml: it belongs to user 65534, neither you nor root\n"
            + "  hint: take a copy of your own")
      }
      let listed = try stage.snug(["list"])
      #expect(listed.status == 0 && listed.output.contains("broken: cannot read"), "\(listed.everything)")
      try stage.setProfiles([])
    }

    @Test func `a name that is none says how the command is meant`() throws {
      let stage = try stage()
      try stage.setProfiles([
        ("browser", "version = 1\nprograms = [\"nothing-like-it\"]\n"),
        ("ls", "version = 1\nextends = [\"default\"]\n"),
      ])
      let esc = "x\u{1B}[31m\n\u{202E}y"
      let cases: [([String], Int32, String)] = [
        (["nosuch"], 125, "no profile is called \"nosuch\"\n  hint: snug list shows the profiles"),
        (["defalut"], 125, "no profile is called \"defalut\"\n  hint: did you mean \"default\"?"),
        (["cat"], 125, "no profile is called \"cat\"\n  hint: for a program without a profile: snug run -- cat"),
        (["x.toml"], 125, "no profile is called \"x.toml\"\n  hint: for a file write ./x.toml"),
        (["./x.toml"], 125, "cannot read ./x.toml: No such file or directory"),
        (["-p", "/usr", "true"], 125, "cannot read /usr: it is a directory, not a profile"),
        (["default"], 127, "profile \"default\" names no program\n  hint: snug run -- COMMAND runs one in it"),
        (
          ["terminal"], 127,
          "profile \"terminal\" names no program\n  hint: snug run -p terminal -- COMMAND runs one in it"
        ),
        (["ls"], 127, "profile \"ls\" names no program\n  hint: for the program itself: snug run -- ls"),
        (
          ["--", "nothing-like-it"], 127, "cannot run nothing-like-it: it is not found inside\n  hint: snug run browser"
        ),
        (["--", "nothing"], 127, "cannot run nothing: it is not found inside"),
        (["--", ""], 127, "cannot run \"\": the name is empty"),
        (["--", "/usr"], 126, "cannot run /usr: it is a directory"),
        (
          ["--", "/etc/passwd"], 126,
          "cannot run /etc/passwd: Permission denied\n  hint: the file is not marked as a program: chmod +x"
        ),
        (["--", esc], 127, "cannot run x\\x1b[31m\\n\\u{202e}y: it is not found inside"),
        (
          ["-p", esc, "true"], 125,
          "\"x\\x1b[31m\\n\\u{202e}y\" is not the name of a profile\n  hint: a name has no control or invisible characters"
        ),
      ]
      for (words, status, message) in cases {
        try stage.expectRefusal(["run"] + words, status, "snug: " + message)
      }
      try stage.setProfiles([])
    }

    @Test(arguments: [
      (
        ["--network", "hots"], "--network: expected one of \"none\", \"host\" or \"private\", found \"hots\"",
        "--network"
      ),
      (
        ["--home", "x"],
        "--home: expected one of \"none\", \"temporary\", \"private\", \"overlay\" or \"host\", found \"x\"", "--home"
      ),
      (["--setenv", "X"], "--setenv: expected NAME=VALUE, found \"X\"", "--setenv"),
      (["--keep-env", "a=b"], "--keep-env: expected the name of a variable, found \"a=b\"", "--keep-env"),
      (["--read", ""], "--read: the path is empty", "--read"),
      (["--read", "nosuch"], "cannot bind nosuch on HOME/nosuch: No such file or directory", "--read"),
      (["--write", "/proc"], "cannot bind /proc on /proc: /proc is the sandbox's own", "--write"),
      (["--write", "/"], "cannot bind / on /: it would cover everything", "--write"),
      (
        ["--share-network-with", "x", "--network", "host"],
        "cannot share the network of x: the profile takes the host's", "--share-network-with"
      ),
    ])
    func `an option with a wrong value is named`(words: [String], message: String, option: String) throws {
      let stage = try stage()
      let done = try stage.snug(["run"] + words + ["--", "true"])
      #expect(done.status == 125 && done.output == "", "\(done.everything)")
      let lines = neutral(done.errors, stage).split(separator: "\n")
      #expect(lines.prefix(2) == ["snug: \(message)", "  at \(option)"], "\(done.everything)")
      // No if-missing stands on a command line.
      #expect(!done.errors.contains("if-missing"))
      expectOneMessage(done.errors)
      #expect(stage.leftovers() == [])
    }

    @Test(arguments: [
      ([], "no profile is given", "snug run --help"),
      (["--"], "no command is given", "snug run --help"),
      (["-p", "git"], "no command is given", "without -p the profile's own program is run: snug run git"),
      (["-p"], "-p needs a value", "snug run --help"),
      (["--read", "--", "true"], "--read needs a value", "snug run --help"),
      (["--bogus", "--", "true"], "unknown option --bogus", "snug run --help"),
      (["--detach=x", "--", "true"], "--detach takes no value", "snug run --help"),
      (
        ["--fd", "1", "--", "true"], "--fd needs the number of an open descriptor, 3 or more, not 1", "snug run --help"
      ),
    ])
    func `a usage error of run is told with its remedy`(words: [String], message: String, hint: String) throws {
      let stage = try stage()
      // 125, not 2: that could be the program's own.
      try stage.expectRefusal(["run"] + words, 125, "snug: \(message)\n  hint: \(hint)")
    }

    @Test func `a closed descriptor is named, an open one is used`() throws {
      let stage = try stage()
      for option in ["--fd", "--status-fd"] {
        try stage.expectRefusal(
          ["run", option, "99", "--", "true"], 125,
          """
          snug: cannot use descriptor 99: Bad file descriptor
            at \(option)
            hint: nothing is open there; a shell opens it with 99<FILE
          """)
      }
      let open = try stage.run([
        "/bin/sh", "-c", "exec \(stage.snug) run --fd 9 -- sh -c 'cat <&9' 9</etc/debian_version",
      ])
      #expect(open.status == 0, "\(open.everything)")
    }
  }
}
