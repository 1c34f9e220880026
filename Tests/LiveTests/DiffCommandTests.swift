import TestSupport
import Testing

extension Live {
  /// `snug diff` as a person and a build service start it.
  @Suite(.serialized) struct DiffCommandTests {
    private static let before = "version = 1\n[files]\nread = [\"~/notes\"]\n"
    private static let after = "version = 1\n[files]\nwrite = [\"~/notes\"]\n"

    /// A repository of the user's in `repo`: `a.toml` reads, then writes; `gone/old.toml` was there once.
    private func repository(_ stage: Stage) throws -> String {
      let folder = "\(stage.home)/repo"
      try stage.remove(folder)
      try stage.write(Self.before, to: "\(folder)/a.toml")
      try stage.write(Self.before, to: "\(folder)/gone/old.toml")
      let git = "git -c user.name=u -c user.email=u@example.org"
      try stage.outside(
        shell: "git init -q .; git add .; \(git) commit -qm one; git rm -q gone/old.toml", directory: folder)
      try stage.write(Self.after, to: "\(folder)/a.toml")
      try stage.outside(shell: "\(git) commit -qam two", directory: folder)
      return folder
    }

    @Test func `gains, losses and the exit status`() throws {
      let stage = try stage()
      defer { try? stage.remove("\(stage.home)/diff") }
      try stage.write(Self.before, to: "\(stage.home)/diff/a.toml")
      try stage.write(Self.after, to: "\(stage.home)/diff/b.toml")
      let gain = "+ files     can now change ~/notes (was: read)  # ./diff/b.toml:3\n"
      let named = "= identity  is known as snug.b (was: snug.a)\n"
      let wider = try stage.snug(["diff", "./diff/a.toml", "./diff/b.toml"])
      #expect(wider.status == 0 && wider.errors == "", "\(wider.everything)")
      #expect(wider.output == gain + named + "\n1 gain, 1 neutral\n")
      let failed = try stage.snug(["diff", "./diff/a.toml", "./diff/b.toml", "--fail-on", "widen"])
      #expect(failed.status == 1 && failed.output == wider.output && failed.errors == "", "\(failed.everything)")
      let narrower = try stage.snug(["diff", "--fail-on", "widen", "./diff/b.toml", "./diff/a.toml"])
      #expect(narrower.status == 0 && narrower.output.contains("\n1 loss, 1 neutral\n"), "\(narrower.everything)")
      for same in ["default", "git", "mousepad", "project", "xterm", "./diff/a.toml"] {
        let none = try stage.snug(["diff", same, same, "--fail-on", "widen"])
        #expect(none.status == 0 && none.output == "nothing differs\n" && none.errors == "", "\(none.everything)")
      }
    }

    @Test func `JSON has the keys of the contract`() throws {
      let stage = try stage()
      let done = try stage.snug(["diff", "default", "xterm", "--json", "--fail-on", "widen"])
      #expect(done.status == 1 && done.errors == "", "\(done.everything)")
      expectPlain(done.output)
      let changes = try #require(JSONValue(done.output)).list
      #expect(changes.contains { $0["change"].text == "gain" && $0["area"].text == "windows" })
      for change in changes {
        guard case .object(let members) = change else {
          Issue.record("\(change)")
          continue
        }
        #expect(members.keys.sorted() == ["area", "change", "origin", "text"])
        #expect(["gain", "loss", "neutral"].contains(change["change"].text) && !change["text"].text.isEmpty)
      }
      #expect(changes.first?["origin"]["file"].text.hasPrefix(stage.profiles) == true, "\(done.output)")
      #expect(try stage.snug(["diff", "git", "git", "--json"]).output == "[]\n")
    }

    @Test func `a revision is read out of the repository that holds the file`() throws {
      let stage = try stage()
      let folder = try repository(stage)
      defer { try? stage.remove(folder) }
      let gain = "can now change ~/notes (was: read)  # "
      for (before, directory) in [
        ("git:HEAD~1:a.toml", folder), ("git:HEAD~1:./a.toml", folder), ("git:HEAD~1:repo/a.toml", stage.home),
        ("git:HEAD~1:../a.toml", "\(folder)/.git"), ("git:HEAD~1:\(folder)/a.toml", "/"),
      ] {
        let done = try stage.snug(
          ["diff", before, "\(folder)/a.toml", "--fail-on", "widen"], directory: directory)
        #expect(
          done.status == 1 && done.output == "+ files  \(gain)\(folder)/a.toml:3\n\n1 gain\n", "\(done.everything)")
      }
      let back = try stage.snug(["diff", "git:HEAD:a.toml", "git:HEAD~1:a.toml"], directory: folder)
      #expect(
        back.output
          == "- files  can no longer change ~/notes, only read (was: change)  # git:HEAD:a.toml:3\n\n1 loss\n",
        "\(back.everything)")
      // Its folder is gone since, and the file is not in the work tree.
      let old = try stage.snug(["diff", "git:HEAD~1:gone/old.toml", "git:HEAD~1:a.toml"], directory: folder)
      #expect(old.status == 0 && old.output.contains("snug.a (was: snug.old)"), "\(old.everything)")
    }

    @Test func `what git refuses is told in its words`() throws {
      let stage = try stage()
      let folder = try repository(stage)
      defer { try? stage.remove(folder) }
      let form = "\n  hint: write git:REV:path, for example git:HEAD~1:firefox.toml"
      for (word, message) in [
        ("git:HEAD:b.toml", "cannot read git:HEAD:b.toml: fatal: path 'b.toml' does not exist in 'HEAD'"),
        ("git:nosuch:a.toml", "cannot read git:nosuch:a.toml: fatal: invalid object name 'nosuch'."),
        ("git:HEAD~1:gone", "cannot read git:HEAD~1:gone: fatal: git cat-file HEAD~1:./gone: bad file"),
        ("git:--batch:a.toml", "revision --batch begins with \"-\"" + form),
        ("git:HEAD", "git:HEAD names no file" + form), ("git::a.toml", "git::a.toml names no revision" + form),
        ("git:HEAD:gone/", "cannot read git:HEAD:gone/: it is a directory, not a profile"),
      ] {
        try stage.expectRefusal(["diff", word, "default"], 1, "snug: " + message, directory: folder)
      }
      let without = try stage.snug(["diff", "git:HEAD:a.toml", "default"], directory: folder, extra: ["PATH=/nowhere"])
      #expect(without.status == 1 && without.errors.contains("git is not installed"), "\(without.everything)")
    }

    @Test func `a version of a changed profile extends the shipped one`() throws {
      let stage = try stage()
      let folder = "\(stage.home)/.config/snug/profiles"
      defer { try? stage.setProfiles([]) }
      try stage.setProfiles([("git", "version = 1\nextends = [\"git\"]\n")])
      try stage.outside(
        shell: "git init -q .; git add .; git -c user.name=u -c user.email=u@example.org commit -qm one",
        directory: folder)
      try stage.write(
        "version = 1\nextends = [\"git\"]\n[network]\nmode = \"host\"\n", to: "\(folder)/git.toml")
      let done = try stage.snug(["diff", "git:HEAD:git.toml", "git"], directory: folder)
      #expect(done.output.contains("+ network  can now use this machine's network (was: no network)"), done.comment)
    }

    @Test func `needs of the desktop are compared by their keys`() throws {
      let stage = try stage()
      defer { try? stage.remove("\(stage.home)/diff") }
      try stage.write("version = 1\n[desktop]\nwayland = true\n", to: "\(stage.home)/diff/a.toml")
      let done = try stage.snug(["diff", "default", "./diff/a.toml"])
      #expect(done.output.contains("can now show windows through Wayland"), done.comment)
    }

    @Test func `words that make no diff are refused`() throws {
      let stage = try stage()
      for (words, message) in [
        (["diff", "git"], "missing expected argument '<b>'"),
        (["diff", "git", "git", "--fail-on", "x"], "the value 'x' is invalid for '--fail-on <fail-on>'"),
      ] {
        let done = try stage.snug(words)
        #expect(done.status == 2 && done.errors.hasPrefix("snug: \(message)"), done.comment)
      }
      try stage.expectRefusal(
        ["diff", "git", "gti"], 1, "snug: no profile is called \"gti\"\n  hint: did you mean \"git\"?")
    }

    @Test func `colour is for terminals`() throws {
      let stage = try stage()
      for (extra, isColoured) in [([], true), (["NO_COLOR=1"], false)] as [([String], Bool)] {
        let terminal = try stage.startOnTerminal([stage.snug, "diff", "default", "xterm"], extra: extra)
        #expect(terminal.waitFor("1 neutral"), "\(terminal.shown)")
        #expect(terminal.finish() == 0)
        #expect(terminal.shown.contains("\u{1b}[32m+ windows") == isColoured, "\(terminal.shown)")
        #expect(terminal.shown.contains("+ windows"), "\(terminal.shown)")
      }
    }
  }
}

extension Finished {
  fileprivate var comment: Comment { "\(everything)" }
}
