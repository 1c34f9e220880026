import TestSupport
import Testing

extension Live {
  /// `snug override` and `snug new`, on files of an ordinary user.
  @Suite(.serialized) struct OverrideCommandTests {
    private func folder(_ stage: Stage) -> String { "\(stage.home)/.config/snug/profiles" }

    /// A clean user with a folder to be started in; `git` cannot be used in the home itself.
    private func start() throws -> (stage: Stage, work: String) {
      let stage = try stage()
      try stage.setProfiles([])
      let work = try stage.workFolder()
      try Stage.shell("rm -rf \(work)/* \(stage.home)/.config; mkdir -p \(work)/a; chown \(stage.uid) \(work)/a")
      return (stage, work)
    }

    private func modes(_ path: String) throws -> String {
      try Stage.shell("stat -c '%a %U' '\(path)'")
    }

    @Test func `changes last, are found by run, and are taken back`() throws {
      let (stage, work) = try start()
      let file = "\(folder(stage))/default.toml"
      let words = ["run", "-p", "default", "--", "cat", "\(work)/a/secret"]
      try stage.write("seen\n", to: "\(work)/a/secret")
      #expect(try stage.snug(words).status == 1)
      let none = try stage.snug(["override", "default", "--show"])
      #expect(
        none.status == 0 && none.output == "" && none.errors.hasPrefix("snug: there are no changes of \"default\""))

      let done = try stage.snug(["override", "default", "--read", "\(work)/a", "--setenv", "GREETING=a b"])
      #expect(done.status == 0 && done.errors == "", "\(done.everything)")
      #expect(
        neutral(done.output, stage) == """
          HOME/.config/snug/profiles/default.toml is new
            + version = 1
            + summary = "Nothing but the system: an empty home, no network, no desktop"
            + extends = ["default"]
            + [files]
            + read = ["~/work/a"]
            + [environment]
            + set = { GREETING = "a b" }
            gain: can now read ~/work/a
            gain: finds GREETING = "a b"

          """)
      #expect(try modes(file) == "600 \(stage.userName)\n" && modes(folder(stage)) == "700 \(stage.userName)\n")
      let seen = try stage.snug(words)
      #expect(seen.status == 0 && seen.output == "seen\n", "\(seen.everything)")

      let again = try stage.snug(["override", "--read", "\(work)/a", "default"])
      #expect(
        again.status == 0 && neutral(again.output, stage) == "HOME/.config/snug/profiles/default.toml says so already\n"
      )
      try Stage.shell("chmod 640 \(file); sed -i 's/^read/# mine\\nread/' \(file)")
      let hidden = try stage.snug(["override", "default", "--hide", "\(work)/a"])
      #expect(
        neutral(hidden.output, stage) == """
          HOME/.config/snug/profiles/default.toml is changed
            - read = ["~/work/a"]
            + hide = ["~/work/a"]
            loss: no longer sees ~/work/a
          HOME/.config/snug/profiles/default.toml:7:9: warning: files.hide: "~/work/a" is not seen inside anyway \
          [unreachable-hide]
            7 | hide = ["~/work/a"]
              |         ^
            hint: take out "~/work/a": --fix does it

          """)
      // What lint said before the change is not said again.
      let next = try stage.snug(["override", "default", "--setenv", "GREETING=c"])
      #expect(next.output.hasSuffix("}\n  its app gains and loses nothing\n"), "\(next.everything)")
      #expect(try modes(file).hasPrefix("640 ") && stage.snug(words).status == 1)
      let shown = try stage.snug(["override", "default", "--show"])
      #expect(shown.output.contains("\n# mine\n") && shown.output.contains("\nhide = [\"~/work/a\"]\n"))

      let back = try stage.snug(["override", "default", "--reset"])
      #expect(
        back.status == 0
          && neutral(back.output, stage).hasSuffix(
            "\n  loss: no longer finds GREETING\n  it is kept as HOME/.config/snug/profiles/default.toml~\n")
      )
      #expect(try Stage.shell("ls -A \(folder(stage))") == "default.toml~\n")
      #expect(try stage.snug(["override", "default", "--reset"]).errors.hasPrefix("snug: there are no changes"))
      try stage.remove("\(stage.home)/.config/snug")
    }

    @Test func `a whole profile is changed itself and not thrown away`() throws {
      let (stage, _) = try start()
      let text = "version = 1\nsummary = 'mine' # why\n"
      try stage.setProfiles([("default", text), ("own", text)])
      for name in ["default", "own"] {
        let done = try stage.snug(["override", name, "--network", "host"])
        #expect(
          done.status == 0 && done.errors == "snug: \"\(name)\" is a whole profile of yours: it is changed itself\n")
        let shown = try stage.snug(["override", name, "--show"])
        #expect(shown.output == text + "\n[network]\nmode = \"host\"\n", "\(shown.everything)")
        let reset = try stage.snug(["override", name, "--reset"])
        #expect(reset.status == 1 && reset.errors.contains("it is a whole profile"))
        expectOneMessage(reset.errors)
      }
      try stage.setProfiles([])
    }

    @Test func `the editor works on a copy that is only taken over when it works`() throws {
      let (stage, _) = try start()
      let copy = "\(folder(stage))/.default.edit.toml"
      func edit(_ editor: String) throws -> Finished {
        try stage.snug(["override", "default", "--edit"], extra: ["EDITOR=\(editor)"], without: ["VISUAL"])
      }
      #expect(try edit("true").output == "nothing is changed\n")
      #expect(try Stage.shell("ls -A \(folder(stage))") == "")
      let failed = try edit("exit 3; :")
      #expect(failed.status == 1 && failed.errors.hasPrefix("snug: cannot edit with exit 3; :: it ended with status 3"))
      #expect(try Stage.shell("ls -A \(folder(stage))") == "")

      for wrong in ["raed = 1", "[files]\\nread = [\\\"/no/such/place\\\"]", "[", "devices.gpu = 1"] {
        let refused = try edit("printf '\(wrong)\\n' >>")
        #expect(refused.status == 1 && refused.output == "", "\(refused.everything)")
        #expect(refused.errors.contains("the text is kept as \(copy)"), "\(refused.errors)")
        #expect(try Stage.shell("ls -A \(folder(stage))") == ".default.edit.toml\n")
        try Stage.shell("rm \(copy)")
      }
      #expect(try edit("printf 'raed = 1\\n' >>").status == 1)
      let mended = try edit("sed -i 's/raed.*/network.mode = \\\"host\\\" # yes/'")
      #expect(
        mended.status == 0 && mended.output.contains("  + network.mode = \"host\" # yes\n  gain: "),
        "\(mended.everything)")
      #expect(mended.errors.hasPrefix("snug: going on with "))
      #expect(try Stage.shell("ls -A \(folder(stage))") == "default.toml\n")
      // Changed by another hand while the editor was open.
      let raced = try edit("printf 'limits.processes = 9\\n' >> \(folder(stage))/default.toml; printf '# x\\n' >>")
      #expect(raced.status == 1 && raced.errors.contains("was changed meanwhile"), "\(raced.everything)")
      #expect(try Stage.shell("cat \(folder(stage))/default.toml").contains("limits.processes"))
      try stage.setProfiles([])
    }

    @Test(arguments: [
      (["override"], 2, "no profile is given\n  hint: snug override --help"),
      (["override", "git"], 2, "nothing to change is given\n  hint: snug override --help"),
      (
        ["override", "git", "--show", "--reset"], 2,
        "--show, --edit, --reset and changes each stand alone\n  hint: snug override --help"
      ),
      (
        ["override", "git", "-v", "--read", "/usr"], 2,
        "only options that change the profile can last\n  hint: snug override --help"
      ),
      (
        ["override", "git", "--read", "/usr", "--", "x"], 2,
        "only options that change the profile can last\n  hint: snug override --help"
      ),
      (["override", "git", "--read"], 2, "--read needs a value\n  hint: snug override --help"),
      (
        ["override", "../git", "--show"], 1,
        "\"../git\" is not the name of a profile\n  hint: a name, without a directory and without .toml"
      ),
      (
        ["override", "a\u{1B}[1m", "--show"], 1,
        "\"a\\x1b[1m\" is not the name of a profile\n  hint: a name has no control or invisible characters"
      ),
      (
        ["override", "nosuch", "--show"], 1,
        "no profile is called \"nosuch\"\n  hint: snug list shows the profiles; snug new writes one"
      ),
      (
        ["override", "default", "--read", "/no/such"], 1,
        "cannot bind /no/such on /no/such: No such file or directory\n  at --read"
      ),
      (
        ["new", "a/b"], 1, "\"a/b\" is not the name of a profile\n  hint: a name, without a directory and without .toml"
      ),
      (["new", ".."], 1, "\"..\" is not the name of a profile\n  hint: a name, without a directory and without .toml"),
      (["new", "x", "--from", "no-such-program"], 1, "cannot find a program no-such-program\n  at --from"),
      (
        ["new", "x", "--from", "no-such.desktop"], 1,
        "cannot read no-such.desktop: no menu entry is called so\n  at --from\n  hint: for a file write ./no-such.desktop"
      ),
      (
        ["new", "git"], 1,
        "cannot write a new profile \"git\": SHIPPED/git.toml is there\n  hint: snug override git changes it"
      ),
    ])
    func `what cannot be done is refused and writes nothing`(words: [String], status: Int32, message: String) throws {
      let (stage, _) = try start()
      try stage.expectRefusal(words, status, "snug: " + message)
    }

    @Test func `files that are not the user's to write are left alone`() throws {
      let (stage, work) = try start()
      let config = "\(stage.home)/.config"
      let change = ["override", "default", "--network", "host"]
      try Stage.shell("mkdir -p \(folder(stage)); chown -R \(stage.uid):\(stage.gid) \(config)")

      try Stage.shell("chmod 555 \(folder(stage))")
      let closed = try stage.snug(change)
      #expect(
        closed.status == 1 && closed.errors.hasSuffix("default.toml: Permission denied\n"), "\(closed.everything)")
      try Stage.shell("chmod 755 \(folder(stage))")

      // The user's own link is followed, also to a file elsewhere: that is how settings are kept under version control.
      try Stage.shell(
        "mkdir \(work)/dots; rmdir \(folder(stage)); ln -s \(work)/dots \(folder(stage)); chown -hR \(stage.uid) \(work)/dots \(folder(stage))"
      )
      #expect(try stage.snug(change).status == 0)
      #expect(try Stage.shell("ls -A \(work)/dots") == "default.toml\n")
      try Stage.shell(
        "mv \(work)/dots/default.toml \(work)/dots/real; ln -s real \(work)/dots/default.toml; chown -h \(stage.uid) \(work)/dots/default.toml"
      )
      #expect(try stage.snug(["override", "default", "--home", "private"]).status == 0)
      #expect(try Stage.shell("readlink \(work)/dots/default.toml; grep -c private \(work)/dots/real") == "real\n1\n")

      guard stage.isRoot else { return skip("links and files of another user can only be made by root") }
      try Stage.shell("chown -h 1 \(folder(stage))")
      let foreign = try stage.snug(change + ["--hide", "/opt"])
      #expect(
        foreign.status == 1 && foreign.errors.contains("profiles is a link of user 1, neither you nor root"),
        "\(foreign.everything)")
      try Stage.shell(
        "rm \(folder(stage)); mkdir \(folder(stage)); chown \(stage.uid) \(folder(stage)); printf 'version = 1\\nextends = [\"default\"]\\n' > \(folder(stage))/default.toml; chown 1 \(folder(stage))/default.toml"
      )
      let owned = try stage.snug(change)
      #expect(owned.status == 1 && owned.errors.contains("it belongs to user 1"), "\(owned.everything)")
      try stage.remove(config)
    }

    @Test func `a broken file is told and stays as it is`() throws {
      let (stage, _) = try start()
      try stage.setProfiles([("default", "version = 1\nextends = [\n")])
      let done = try stage.snug(["override", "default", "--network", "host"])
      #expect(done.status == 1 && done.errors.contains("not valid TOML"), "\(done.everything)")
      #expect(try stage.snug(["override", "default", "--show"]).output == "version = 1\nextends = [\n")
      #expect(try stage.snug(["override", "default", "--reset"]).status == 0)
      try stage.setProfiles([])
    }

    @Test func `a starter reads, compiles and runs`() throws {
      let (stage, work) = try start()
      let done = try stage.snug(["new", "lister", "--from", "ls"])
      #expect(done.status == 0 && done.errors == "", "\(done.everything)")
      #expect(
        neutral(done.output, stage) == """
          HOME/.config/snug/profiles/lister.toml is new
            snug explain lister tells what it lets through, snug run lister tries it

          """)
      #expect(try modes("\(folder(stage))/lister.toml") == "600 \(stage.userName)\n")
      let run = try stage.snug(["run", "lister", "-d", "/usr"])
      #expect(run.status == 0 && run.output == "/usr\n", "\(run.everything)")
      let twice = try stage.snug(["new", "lister"])
      #expect(twice.status == 1 && twice.errors.contains("lister.toml is there"))
      expectOneMessage(twice.errors)

      // A script of the user's own, through a menu entry.
      try stage.write("#!/bin/sh\necho \"ran $1\"\n", to: "\(work)/tool", mode: "755")
      try stage.write(
        "[Desktop Entry]\nName=Tool\nExec=\(work)/tool %f\nTerminal=true\n", to: "\(work)/org.example.Tool.desktop")
      let made = try stage.snug(["new", "tool", "--from", "./org.example.Tool.desktop"], directory: work)
      #expect(made.status == 0 && made.errors == "", "\(made.everything)")
      let ran = try stage.snug(["run", "tool", "once"])
      #expect(ran.output == "ran once\n", "\(ran.everything)")

      let plain = try stage.snug(["new", "nothing-like-it", "--print"])
      #expect(
        plain.status == 0 && plain.errors == "snug: no program is called nothing-like-it here: this is a plain start\n")
      expectPlain(plain.output)
      #expect(try stage.snug(["new", "-", "--from", "ls"]).output.hasPrefix("# A starter by `snug new`."))
      #expect(try Stage.shell("ls -A \(folder(stage))") == "lister.toml\ntool.toml\n")
      try stage.setProfiles([])
    }
  }
}
