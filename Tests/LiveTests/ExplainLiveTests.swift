import TestSupport
import Testing

extension Live {
  /// `snug explain` against what is found inside: a probe tries each path in the started sandbox.
  @Suite(.serialized) struct ExplainLiveTests {
    /// What `explain --json` says a process finds at a path.
    private struct Said {
      var exists: Bool?
      var isReadable: Bool
      var isWritable: Bool
      var host: String?
    }

    private struct NotTried: Error { var output: String }

    /// What trying showed.
    private struct Found {
      var exists: Bool
      var isReadable: Bool
      var isWritable: Bool
    }

    private static let profile = """
      extends = ["default"]
      [files]
      read = ["~/tree/a", "/var/log", { path = "~/tree/b/a", at = "/opt/elsewhere" }, "~/tree/way"]
      write = ["~/tree/b", "~/tree/a/b", { path = "~/tree/c", at = "~/other" }]
      hide = ["~/tree/a/b/c", "~/tree/b/secret", "/usr/share/doc"]
      [[files.op]]
      op = "tmpfs"
      target = "~/tree/b/covered"
      [[files.op]]
      op = "remount"
      target = "/opt/elsewhere"
      access = "read-only"
      """

    /// Directories three deep in each of three trees, with files, links across, and what may not be read.
    private func makeTree(_ stage: Stage) throws {
      try stage.outside(
        shell: """
          rm -rf ~/tree; mkdir ~/tree; cd ~/tree
          for x in a b c; do for y in a b c; do for z in a b c; do
            mkdir -p $x/$y/$z; echo $x$y$z > $x/$y/$z/file; echo $x > $x/$y/other
          done; done; done
          mkdir b/secret b/covered; echo s > b/secret/file; echo c > b/covered/file; echo k > a/closed; chmod 0 a/closed
          chmod 0444 b/c/other; ln -s ../b/a a/link; ln -s ~/tree/c/a b/out; ln -s a/c way; ln -s nowhere b/dangling
          ln -s ../a/b/c b/hidden
          """)
    }

    /// Paths of the machine as the user sees it, and of the trees; some through links, some that do not exist.
    private func paths(_ stage: Stage, _ count: Int) throws -> [String] {
      let own = try stage.outside(shell: "find ~ -mindepth 1 -not -path '*/.local/*' 2>/dev/null | sort || true")
      let machine = try stage.outside(
        shell: "find / -xdev -maxdepth 4 \\( -path /proc -o -path /sys -o -path /dev -o -path '\(stage.folder)' \\) "
          + "-prune -o \\( -xtype f -o -xtype d \\) -print 2>/dev/null | sort || true")
      // A name with a line break is none that this test's own lines could carry.
      let usable = { (text: String) in
        text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("/") && !$0.contains(",") }
      }
      var numbers = Numbers(state: 20)
      var chosen = usable(own)
      // The same trees at the places that the profile gives them.
      for (tree, place) in [
        ("\(stage.home)/tree/c", "\(stage.home)/other"), ("\(stage.home)/tree/b/a", "/opt/elsewhere"),
      ] {
        chosen += chosen.filter { $0.hasPrefix(tree + "/") }.map { place + $0.dropFirst(tree.count) }
      }
      chosen += usable(machine).shuffled(using: &numbers).prefix(count - chosen.count)
      for name in ["/other/a/file", "/tree/way/a/file", "/tree/a/link/a/file", "/tree/b/out/file", "/other"] {
        chosen.append(stage.home + name)
      }
      return chosen + [
        "/opt/elsewhere/a/file", "/opt/elsewhere", "/bin/sh", "/tmp", "/run", "/nowhere/x", "/etc/passwd",
      ]
    }

    /// What trying shows; `isInside` says where. A directory counts as writable where a name can be made in it.
    private func tried(_ paths: [String], _ stage: Stage, isInside: Bool) throws -> [Found] {
      var found: [Found] = []
      for start in stride(from: 0, to: paths.count, by: 100) {
        let part = paths[start..<min(start + 100, paths.count)]
        let words = part.flatMap { path in
          ["stat", path, ",", "read", path, ",", "list", path, ",", "write", path, ","]
            + ["create", path + "/.snug-probe", ",", "unlink", path + "/.snug-probe", ","]
        }
        let done =
          isInside
          ? try stage.inside("explained", [], ["try"] + words, directory: "/") : try stage.outside(["try"] + words)
        let lines = done.output.split(separator: "\n").map { $0.hasSuffix(": ok") }
        guard lines.count == part.count * 6 else { throw NotTried(output: done.everything) }
        for index in 0..<part.count {
          let line = lines[(index * 6)..<(index * 6 + 5)].map { $0 }
          found.append(Found(exists: line[0], isReadable: line[1] || line[2], isWritable: line[3] || line[4]))
        }
      }
      return found
    }

    private func said(_ paths: [String], _ stage: Stage) throws -> [Said] {
      let done = try stage.snug(
        ["explain", "explained", "--json", "--read", stage.probe] + paths, directory: "/", seconds: 120)
      #expect(done.status == 0, "\(done.everything)")
      guard let items = JSONValue(done.output)?.list else { throw NotTried(output: String(done.output.suffix(2000))) }
      return items.map { item in
        let inside = item["inside"]
        func flag(_ key: String) -> Bool? { if case .boolean(let value) = inside[key] { value } else { nil } }
        return Said(
          exists: flag("exists"), isReadable: flag("readable") ?? false, isWritable: flag("writable") ?? false,
          host: inside["host"] == .null ? nil : inside["host"].text)
      }
    }

    @Test func `explain says of random paths what a probe finds inside`() throws {
      let stage = try stage()
      try makeTree(stage)
      defer { _ = try? Stage.shell("rm -rf \(stage.home)/tree") }
      try stage.profile("explained", Self.profile)
      let paths = try paths(stage, 500)
      #expect(paths.count >= 500)
      let said = try said(paths, stage)
      guard said.count == paths.count else { return #expect(said.count == paths.count) }
      let inside = try tried(paths, stage, isInside: true)
      // The host's permissions hold besides: what is seen is tried outside, too, by its own path.
      let outside = try tried(said.enumerated().map { $1.host ?? paths[$0] }, stage, isInside: false)
      var seen: [String: Int] = [:]
      for (index, path) in paths.enumerated() {
        let (said, inside, outside) = (said[index], inside[index], outside[index])
        guard let exists = said.exists else { continue }
        let isHost = said.host != nil
        #expect(inside.exists == exists, "\(path) exists: \(inside.exists), said \(said)")
        #expect(inside.isReadable == (said.isReadable && (!isHost || outside.isReadable)), "\(path) readable: \(said)")
        #expect(inside.isWritable == (said.isWritable && (!isHost || outside.isWritable)), "\(path) writable: \(said)")
        seen[!exists ? "absent" : inside.isWritable ? "writable" : "read-only", default: 0] += 1
        if isHost { seen["host", default: 0] += 1 }
      }
      #expect(["absent", "writable", "read-only", "host"].allSatisfy { (seen[$0] ?? 0) > 25 }, "\(seen)")
    }

    @Test func `explain answers on the command line, and says what is wrong with a question`() throws {
      let stage = try stage()
      let whole = try stage.snug(["explain", "default"])
      #expect(whole.status == 0 && whole.output.contains("files it never sees"), "\(whole.everything)")
      expectPlain(whole.output)
      try stage.outside(shell: "mkdir -p ~/asked")
      defer { _ = try? Stage.shell("rm -rf \(stage.home)/asked") }
      let without = try stage.snug(["explain", "default", "~/asked"])
      #expect(without.output.contains("snug run --read ~/asked"), "\(without.everything)")
      let with = try stage.snug(["explain", "default", "--read", "~/asked", "~/asked", "tcp:443", "syscall:ptrace"])
      #expect(with.status == 0 && with.output.contains("not change it (--read)"), "\(with.everything)")
      #expect(with.output.contains("tcp:443: no") && with.output.contains("syscall:ptrace: no"))
      for (words, status, message) in [
        (["explain"], Int32(2), "no profile is given"), (["explain", "default", "tcp:x"], 2, "is no port"),
        (["explain", "default", "--bogus"], 2, "unknown option --bogus"),
        (["explain", "nobody-has-this"], 1, "no profile is called"),
        (["explain", "default", "syscall:ptrce"], 1, "did you mean \"ptrace\"?"),
        (["explain", "default", "--read", "/proc/self"], 1, "/proc is the sandbox's own"),
      ] {
        let done = try stage.snug(words)
        #expect(done.status == status && done.errors.contains(message) && done.output == "", "\(done.everything)")
      }
    }

    @Test func `what can be answered is answered beside what cannot`() throws {
      let stage = try stage()
      let done = try stage.snug(["explain", "default", "tcp:443", "syscall:ptrce", "/usr", "--json"])
      #expect(done.status == 1 && done.errors.contains("did you mean \"ptrace\"?"), "\(done.everything)")
      expectOneMessage(done.errors)
      #expect(JSONValue(done.output)?.list.map { $0["query"].text } == ["tcp:443", "/usr"], "\(done.everything)")
    }

    @Test func `what cannot start here is explained, after what keeps it from starting`() throws {
      let stage = try stage()
      defer { try? stage.setProfiles([]) }
      try stage.profile(
        "graphical", "extends = [\"default\"]\n[files]\nread = [\"~/nowhere\", \"./\"]\n[desktop]\nx11 = true")
      #expect(try stage.snug(["run", "-p", "graphical", "--", "true"], without: ["DISPLAY"]).status == 125)
      let whole = try stage.snug(["explain", "graphical"], without: ["DISPLAY"])
      let lines = whole.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      #expect(whole.status == 0 && whole.errors == "", "\(whole.everything)")
      let obstacles = lines.prefix { $0.hasPrefix("would not start now: ") }
      for words in ["DISPLAY is not set", "~/nowhere", "cannot read ./"] {
        #expect(obstacles.contains { $0.contains(words) }, "\(words): \(whole.output)")
      }
      #expect(obstacles.count == 3 && lines[3].isEmpty && lines[4].hasPrefix("graphical ("), "\(whole.output)")
      #expect(whole.output.contains("every window"), "\(whole.output)")
      let asked = try stage.snug(["explain", "graphical", "tcp:443"], without: ["DISPLAY"])
      #expect(asked.status == 0 && asked.output.hasPrefix("would not start now: "), "\(asked.everything)")
      #expect(asked.output.contains("\ntcp:443: no"), "\(asked.everything)")
      let json = try stage.snug(["explain", "graphical", "--json"], without: ["DISPLAY"])
      #expect(JSONValue(json.output)?.list.first?["area"].text == "cannot-start", "\(json.everything)")
      // What is the profile's own fault fails, here and everywhere.
      try stage.profile("graphical", "[desktop]\nx11 = true\n[seccomp]\nallow = [\"ptrce\"]")
      let wrong = try stage.snug(["explain", "graphical"], without: ["DISPLAY"])
      #expect(wrong.status == 1 && wrong.output == "" && wrong.errors.contains("ptrce"), "\(wrong.everything)")
    }
  }
}
