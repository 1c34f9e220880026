import TestSupport
import Testing

extension Live {
  /// What `files` says, seen from inside and from outside: home, root, read, write, hide, at, if-missing.
  @Suite(.serialized) struct HomeTests {
    private let stage: Stage

    init() throws {
      stage = try LiveTests.stage()
      try stage.remove(stage.homes, "\(stage.home)/data", "\(stage.home)/made")
      try stage.outside(
        shell: """
          cd ~; mkdir -p data/sub data/secret data/viaptr; echo real > .realrc; chmod 755 data
          for f in data/one data/two data/sub/deep data/secret/key data/viaptr/p data/hidden.txt; do echo $f > $f; done
          ln -sfn hidden.txt data/link; ln -sfn secret data/door; ln -sfn ~/data/viaptr ptr; ln -sfn data alias
          """)
    }

    @Test(arguments: [
      // Mode, what is seen, what a second run sees of what the first one wrote, whether the real home changes.
      ("none", "no home", "no home", false), ("temporary", "", "", false), ("private", "", "new", false),
      ("overlay", "real", "", false), ("host", "real", "new", true),
    ])
    func `each kind of home keeps what it says`(mode: String, sees: String, keeps: String, changes: Bool) throws {
      let before = try stage.fingerprint([stage.home], except: ["\(stage.home)/.local"])
      let look = "if [ -d ~ ]; then cat ~/.realrc 2>/dev/null; cat ~/made 2>/dev/null; "
      let change =
        "echo new > ~/made; echo changed > ~/.realrc; rm -rf ~/data/sub; "
        + "cat ~/made >/dev/null; else echo no home; fi; true"
      let first = try stage.inside(shell: look + change, "default", ["--home", mode])
      #expect(first.status == 0 && first.output == (sees.isEmpty ? "" : sees + "\n"), "\(first.everything)")
      let second = try stage.inside(shell: "\(look) :; else echo no home; fi; true", "default", ["--home", mode])
      let wanted = ["private": "changed\nnew\n", "host": "changed\nnew\n", "overlay": "real\n", "none": "no home\n"]
      #expect(second.output == wanted[mode, default: ""], "\(second.everything)")
      #expect(second.output.contains("new") == (keeps == "new"))
      #expect((try stage.fingerprint([stage.home], except: ["\(stage.home)/.local"]) != before) == changes)
      let kept = try Stage.shell("cat \(stage.homes)/default/made 2>/dev/null || true")
      #expect(kept == (mode == "private" ? "new\n" : ""))
      if mode == "private" { #expect(try Stage.shell("stat -c %a \(stage.homes)/default") == "700\n") }
      try stage.remove("\(stage.home)/made", stage.homes)
    }

    @Test func `each kind of root shows what it says`() throws {
      let look =
        "ls / | tr '\\n' ' '; echo; touch /x /usr/x /etc/x /home/x 2>/dev/null; "
        + "ls -A /root /home /mnt 2>/dev/null; echo"
      var seen: [String: Finished] = [:]
      for root in ["system", "host"] {
        try stage.profile("root", "extends = [\"default\"]\n[files]\nroot = \"\(root)\"\nhome = \"none\"\n")
        seen[root] = try stage.inside(shell: look, "root")
      }
      let (system, host) = (seen["system"]?.output ?? "", seen["host"]?.output ?? "")
      let names = Set(system.split(separator: "\n").first?.split(separator: " ").map(String.init) ?? [])
      #expect(names.isSuperset(of: ["usr", "etc", "proc", "dev", "tmp", "run"]), "\(names)")
      #expect(
        names.isSubset(of: [
          "usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc", "proc", "dev", "tmp", "run", "var",
        ]))
      // Landlock gives no right on the whole of `/` here: names are asked for one by one.
      let own = ["home", "root", "sys", "proc", "dev", "run", "tmp"]
      let outside = try Stage.shell("ls /").split(separator: "\n").map(String.init).filter { !own.contains($0) }
      let listed =
        "for n in \(outside.map { "'\($0)'" }.joined(separator: " ")); "
        + "do test -e /$n -o -L /$n && echo $n; done; true"
      #expect(try stage.inside(shell: listed, "root").output.split(separator: "\n").map(String.init) == outside)
      #expect(!host.contains("\n.") && !host.contains("snug"), "home and root are empty: \(host)")
      #expect(try Stage.shell("test -e /x -o -e /usr/x -o -e /etc/x -o -e /home/x && echo made || true") == "")
      // Nothing at all, and every op written out.
      try stage.profile("root", "[files]\nroot = \"empty\"\nread = [\"/usr/bin/true\"]\n")
      let empty = try stage.snug(["run", "-p", "root", "--", "/usr/bin/true"])
      #expect(empty.status == 126, "no loader, no library: \(empty.everything)")
      try stage.profile(
        "root",
        "[files]\nroot = \"empty\"\nread = [\"\(stage.probe)\", \"/usr\", { path = \"/usr/bin\", at = \"/bin\" }, "
          + "{ path = \"/usr/lib\", at = \"/lib\" }, { path = \"/usr/lib64\", at = \"/lib64\", "
          + "if-missing = \"skip\" }]\n"
      )
      let bare = try stage.inside(shell: "ls / | tr '\\n' ' '; ls /proc /dev /tmp", "root")
      #expect(bare.output.split(separator: "\n").first?.contains("proc") == false, "\(bare.everything)")
      #expect(
        bare.output.hasPrefix("bin lib lib64 usr var ") || bare.output.hasPrefix("bin lib usr var "), "\(bare.output)")
    }

    private func files(_ text: String) throws {
      try stage.profile("files", "extends = [\"default\"]\n[files]\n\(text)\n")
    }

    @Test func `a file that may be written is that file alone`() throws {
      try files("write = [\"~/data/one\"]")
      let done = try stage.inside(
        shell:
          "ls -A ~/data; echo more >> ~/data/one && cat ~/data/one; echo x > ~/n; "
          + "mv ~/n ~/data/one; echo x > ~/data/two; true",
        "files")
      #expect(done.output == "one\ndata/one\nmore\n", "\(done.everything)")
      #expect(done.errors.contains("busy"), "it cannot be replaced: \(done.errors)")
      #expect(try Stage.shell("cd \(stage.home); cat data/one data/two") == "data/one\nmore\ndata/two\n")
    }

    @Test func `the longer rule decides`() throws {
      try files("read = [\"~/data\", { path = \"~/data/one\", at = \"/opt/deep/er/one\" }]\nwrite = [\"~/data/sub\"]")
      let done = try stage.inside(
        shell:
          "cd ~/data; cat one sub/deep /opt/deep/er/one; for f in one new sub/new sub/deep; "
          + "do (echo x > $f) 2>/dev/null && echo $f; done; true",
        "files")
      #expect(done.output == "data/one\ndata/sub/deep\ndata/one\nsub/new\nsub/deep\n", "\(done.everything)")
      #expect(try Stage.shell("ls \(stage.home)/data/sub") == "deep\nnew\n")
      // The other way round: read-only in what is writable.
      try files("write = [\"~/data\"]\nread = [\"~/data/sub\"]")
      let narrow = try stage.inside(
        shell:
          "cd ~/data; for f in two sub/more sub/deep; do (echo x > $f) 2>/dev/null && echo $f; "
          + "done; mv sub gone; true",
        "files")
      #expect(narrow.output == "two\n" && narrow.errors.contains("busy"), "\(narrow.everything)")
    }

    @Test func `what is hidden under one name is hidden under all`() throws {
      let look = """
        for f in ~/data/secret/key ~/data/hidden.txt ~/data/link ~/data/door/key ~/data/viaptr/p ~/ptr/p \
          /opt/data/secret/key /opt/data/hidden.txt /opt/data/link /opt/data/viaptr/p; do cat $f 2>/dev/null; done
        cat ~/data/one /opt/data/one; (echo x > ~/data/hidden.txt) 2>/dev/null && echo written
        (mkdir ~/data/secret/new) 2>/dev/null && echo made; mv ~/data/secret ~/data/moved 2>/dev/null && echo moved
        rm -f ~/data/hidden.txt 2>/dev/null && echo removed; true
        """
      let shows = "[\"~/data\", \"~/ptr\", { path = \"~/alias\", at = \"/opt/data\" }]"
      try files("write = \(shows)")
      // The control: without the hides all of it is read.
      #expect(
        try stage.inside(shell: "cat ~/data/link ~/data/door/key ~/ptr/p /opt/data/secret/key", "files").status == 0)
      let before = try stage.fingerprint(["\(stage.home)/data"])
      try files("write = \(shows)\nhide = [\"~/data/secret\", \"~/data/hidden.txt\", \"~/ptr\"]")
      let done = try stage.inside(shell: look, "files")
      #expect(done.output == "data/one\ndata/one\n", "\(done.everything)")
      #expect(try stage.fingerprint(["\(stage.home)/data"]) == before)
      // Written below it, a longer grant lifts it there and nowhere else.
      try files("write = [\"~/data\"]\nhide = [\"~/data/secret\"]\nread = [\"~/data/secret/key\"]")
      let lifted = try stage.inside(
        shell: "ls ~/data/secret; cat ~/data/secret/key; echo x > ~/data/secret/new", "files")
      #expect(lifted.output == "key\ndata/secret/key\n" && lifted.status != 0, "\(lifted.everything)")
    }

    @Test func `what is missing follows if-missing`() throws {
      func run(_ policy: String) throws -> Finished {
        try files("write = [{ path = \"~/data/made/deep\"\(policy) }]")
        return try stage.inside(shell: "echo x > ~/data/made/deep/file && echo done", "files")
      }
      let fails = try run("")
      #expect(fails.status == 125 && fails.errors.contains("~/data/made/deep") && fails.errors.contains("files.toml:4"))
      #expect(fails.errors.contains("hint: set if-missing"), "\(fails.errors)")
      #expect(try run(", if-missing = \"skip\"").output == "")
      #expect(try Stage.shell("ls -d \(stage.home)/data/made 2>/dev/null || true") == "")
      #expect(try run(", if-missing = \"create\"").output == "done\n")
      #expect(
        try Stage.shell("cd \(stage.home)/data; stat -c %a made made/deep; cat made/deep/file") == "700\n700\nx\n")
      // A missing name below what is writable could be made: the start stops, and nothing is made for a hide.
      try files("write = [\"~/data\"]\nhide = [\"~/data/later\"]")
      #expect(try stage.inside(shell: "true", "files").status == 125)
      try files("write = [\"~/data\"]\nhide = [{ path = \"~/data/later\", if-missing = \"skip\" }]")
      #expect(try stage.inside(shell: "true", "files").status == 0)
      #expect(try Stage.shell("ls -d \(stage.home)/data/later 2>/dev/null || true") == "")
    }
  }
}
