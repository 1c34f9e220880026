import Glibc
import TestSupport
import Testing

extension Live {
  /// `files.arguments` on real files.
  @Suite(.serialized) struct FileArgumentTests {
    private func prepared() throws -> (stage: Stage, folder: String) {
      let stage = try LiveTests.stage()
      let folder = try stage.workFolder()
      for mode in ["none", "read", "write", "write-folder"] {
        try stage.profile("arguments-\(mode)", "extends = [\"default\"]\nfiles.arguments = \"\(mode)\"")
      }
      try stage.outside(
        shell: "cd '\(folder)'; mkdir -p sub/deep; echo one >a.txt; echo two >'sub/b c.txt'; ln -s sub/b\\ c.txt link")
      return (stage, folder)
    }

    @Test func `words are shown as the profile says`() throws {
      let (stage, folder) = try prepared()
      defer { try? stage.remove(folder, "\(stage.home)/.config") }
      func run(_ mode: String, _ script: String, _ words: [String], in directory: String? = nil) throws -> Finished {
        try stage.snug(
          ["run", "-p", "arguments-\(mode)", "--", "sh", "-c", script, "x"] + words, directory: directory ?? folder)
      }
      let none = try run("none", "cat \"$1\"", ["\(folder)/a.txt"])
      #expect(none.status != 0, "\(none.everything)")
      let read = try run("read", "cat \"$@\"; echo x >\"$1\"", ["a.txt", "sub/b c.txt", "link"])
      #expect(read.output == "one\ntwo\ntwo\n" && read.errors.contains("Read-only"), "\(read.everything)")
      let write = try run("write", "echo three >\"$1\"; mv \"$1\" \"$1.old\"", ["\(folder)/a.txt"])
      #expect(write.status != 0 && write.errors.contains("busy"), "\(write.everything)")
      #expect(readText("\(folder)/a.txt") == "three\n")
      let save = try run(
        "write-folder", "echo four >\"$1.tmp\" && mv \"$1.tmp\" \"$1\" && echo new >\"$2\" && ls ..",
        ["sub/deep/a.txt", "sub/deep/new.txt"])
      #expect(save.status == 0, "\(save.everything)")
      #expect(readText("\(folder)/sub/deep/a.txt") == "four\n" && readText("\(folder)/sub/deep/new.txt") == "new\n")
      // Nothing but the folder.
      let rest = try run("write-folder", "cat \(folder)/a.txt", ["sub/deep/a.txt"])
      #expect(rest.status != 0, "\(rest.everything)")
      let home = try run("read", "true", [stage.home])
      #expect(home.status == 125, "\(home.everything)")
      expectOneMessage(home.errors)
    }

    @Test func `a word that is not shown is told`() throws {
      let (stage, folder) = try prepared()
      defer { try? stage.remove(folder, "\(stage.home)/.config") }
      let done = try stage.snug(
        ["run", "--hide", "\(folder)/sub", "-p", "arguments-read", "--", "cat", "\(folder)/sub/b c.txt"])
      #expect(done.status == 1, "\(done.everything)")
      #expect(
        done.errors.contains("snug: not shown to the app: \(folder)/sub/b c.txt: the profile hides it\n"),
        "\(done.everything)")
    }

    @Test func `a thousand files`() throws {
      let (stage, folder) = try prepared()
      defer { try? stage.remove(folder, "\(stage.home)/.config") }
      try stage.outside(shell: "cd '\(folder)/sub'; for i in $(seq 1000); do echo $i >f$i; done")
      let words = (1...1000).map { "f\($0)" }
      let all = try stage.snug(
        ["run", "-p", "arguments-read", "--", "sh", "-c", "cat \"$@\" | wc -l", "x"] + words, directory: "\(folder)/sub"
      )
      #expect(all.status == 0 && all.output.filter { !$0.isWhitespace } == "1000", "\(all.everything)")
    }

    @Test func `a plan names each grant's origin`() throws {
      let (stage, folder) = try prepared()
      defer { try? stage.remove(folder, "\(stage.home)/.config") }
      let done = try stage.snug(["plan", "-p", "arguments-read", "--json", "--", "cat", "\(folder)/a.txt"])
      let json = try #require(JSONValue(done.output))
      let op = try #require(json["ops"].list.first { $0["target"].text == "\(folder)/a.txt" }, "\(done.everything)")
      #expect(op["origin"]["file"].text == "command line" && op["access"].text == "read-only")
    }
  }
}
