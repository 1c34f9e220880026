import TestSupport
import Testing

extension Live {
  /// What each op makes, seen from inside; and that the mount table is the plan, neither more nor less.
  @Suite(.serialized) struct OpTests {
    private let stage: Stage

    init() throws {
      stage = try LiveTests.stage()
      try stage.remove("\(stage.home)/layers")
      try stage.outside(
        shell: """
          mkdir -p ~/layers; cd ~/layers; mkdir -p top bottom upper work 'o:d,d\\ n' more
          echo top > top/both; echo bottom > bottom/both; echo only > bottom/only; mkdir bottom/folder top/folder
          echo x > bottom/folder/x; echo odd > 'o:d,d\\ n/odd'
          """)
    }

    private func ops(_ text: String) throws { try stage.profile("ops", "extends = [\"default\"]\n\(text)") }

    @Test func `an overlay is kept, read-only or thrown away`() throws {
      let lower = "lower = [\"~/layers/top\", \"~/layers/bottom\", '~/layers/o:d,d\\ n']"
      let op = "[[files.op]]\nop = \"overlay\"\ntarget = \"/o\"\n\(lower)\n"
      let before = try stage.fingerprint(["\(stage.home)/layers/top", "\(stage.home)/layers/bottom"])
      let change =
        "cat /o/both /o/only /o/odd; echo new > /o/new; rm /o/only; rm -r /o/folder; mv /o/both /o/moved; ls /o"
      let all = "top\nonly\nodd\n"

      try ops(op + "upper = \"~/layers/upper\"\nwork = \"~/layers/work\"\n")
      let kept = try stage.inside(shell: change, "ops")
      #expect(kept.output == all + "moved\nnew\nodd\n" && kept.errors == "", "\(kept.everything)")
      #expect(try stage.inside(shell: "ls /o; cat /o/moved", "ops").output == "moved\nnew\nodd\ntop\n")
      #expect(try Stage.shell("cat \(stage.home)/layers/upper/new") == "new\n")

      try ops(op + "size = \"1M\"\n")
      let thrown = try stage.inside(shell: change + "; head -c 2M /dev/zero > /o/big", "ops")
      #expect(thrown.output == all + "moved\nnew\nodd\n", "\(thrown.everything)")
      #expect(thrown.errors.contains("No space left"), "\(thrown.errors)")
      #expect(try stage.inside(shell: "ls /o | tr '\\n' ' '", "ops").output == "both folder odd only ")

      try ops(op + "access = \"read-only\"\n")
      let read = try stage.inside(shell: "cat /o/both /o/only /o/odd; : > /o/new; : > /o/both; rm /o/only", "ops")
      #expect(read.output == all && read.status != 0 && !read.errors.contains("No such"), "\(read.everything)")
      #expect(try stage.fingerprint(["\(stage.home)/layers/top", "\(stage.home)/layers/bottom"]) == before)
    }

    @Test func `an overlay takes 500 lower directories and no more`() throws {
      let many = "\(stage.home)/layers/many"
      try stage.outside(
        shell: "i=0; while [ $i -le 500 ]; do mkdir -p \(many)/$i; : > \(many)/$i/f$i; i=$((i+1)); done")
      for count in [500, 501] {
        let lower = (0..<count).map { "\"~/layers/many/\($0)\"" }.joined(separator: ", ")
        try ops("[[files.op]]\nop = \"overlay\"\ntarget = \"/o\"\nlower = [\(lower)]\nsize = \"1M\"\n")
        let done = try stage.inside(shell: "ls /o | wc -l; : > /o/n && echo made", "ops")
        if count == 500 { #expect(done.output == "500\nmade\n", "\(done.everything)") }
        if count == 501 { #expect(done.status == 125 && done.errors.contains("500"), "\(done.everything)") }
      }
    }

    @Test func `an overlay whose layers lie within each other is refused with the reason`() throws {
      try ops(
        "[[files.op]]\nop = \"overlay\"\ntarget = \"/o\"\nlower = [\"~/layers\", \"~/layers/top\"]\nsize = \"1M\"\n")
      let done = try stage.inside(shell: "true", "ops")
      #expect(done.status == 125 && done.errors.contains("within each other"), "\(done.everything)")
    }

    @Test func `a tmpfs has its size and its mode`() throws {
      try ops(
        """
        [[files.op]]
        op = "tmpfs"
        target = "/t"
        size = "1M"
        mode = "0710"
        [[files.op]]
        op = "tmpfs"
        target = "/r"
        access = "read-only"
        """)
      let done = try stage.inside(
        shell:
          "stat -c %a /t; head -c 2M /dev/zero > /t/f; stat -c %s /t/f; : > /r/f; chmod 4755 /t; cp /usr/bin/id /t/id",
        "ops")
      #expect(done.output == "710\n1048576\n", "\(done.everything)")
      #expect(done.errors.contains("No space left") && done.errors.contains("Read-only"), "\(done.errors)")
    }

    @Test func `a file that is placed has no name anywhere and cannot be replaced`() throws {
      try ops(
        "[[files.op]]\nop = \"file\"\ntarget = \"/tmp/placed\"\ntext = \"content\"\nmode = \"0640\"\n"
          + "[[files.op]]\nop = \"file\"\ntarget = \"/tmp/bytes\"\nbase64 = \"AP8K\"\n")
      let done = try stage.inside(
        shell: """
          cat /tmp/placed; echo; stat -c '%h %a %s' /tmp/placed; od -An -tx1 /tmp/bytes
          cd /tmp
          for c in 'rm -f placed' 'mv placed gone' 'mv bytes placed' 'ln placed other' 'chmod 777 placed' 'truncate -s0 placed'
          do
          $c 2>/dev/null && echo "$c worked"; done; ls -A /tmp | tr '\\n' ' '; cat placed
          """, "ops")
      #expect(done.output == "content\n0 640 7\n 00 ff 0a\nbytes placed content", "\(done.everything)")
      // The control: a file that is the app's own gives way.
      let own = try stage.inside(shell: "cd /tmp; : > a; mv a b && chmod 777 b && ln b c && rm b && ls", "ops")
      #expect(own.output == "bytes\nc\nplaced\n", "\(own.everything)")
    }

    // MARK: - The mount table

    /// A profile of random grants and ops; the same for the same seed.
    private func randomProfile(_ seed: UInt64) -> String {
      var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
      func pick(_ count: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(count))
      }
      let sources = [
        "~/layers", "~/layers/top", "~/layers/bottom", "~/layers/top/both", "~/layers/bottom/folder", "/etc/hostname",
      ]
      let places = ["/a", "/a/b", "/opt/x", "/tmp/in", "/mnt/deep/er", "/srv"]
      var lists: [String: [String]] = ["read": [], "write": [], "hide": []]
      for _ in 0..<(1 + pick(5)) {
        let list = ["read", "read", "write", "hide"][pick(4)]
        let source = sources[pick(sources.count)]
        let at = list != "hide" && pick(2) == 0 ? ", at = \"\(places[pick(places.count)])-\(pick(100))\"" : ""
        lists[list]?.append("{ path = \"\(source)\"\(at), if-missing = \"skip\" }")
      }
      let home = ["none", "temporary", "overlay", "host"][pick(4)]
      var text = "extends = [\"default\"]\n[files]\nhome = \"\(home)\"\nroot = \"\(["system", "host"][pick(2)])\"\n"
      for (list, items) in lists.sorted(by: { $0.key < $1.key }) {
        text += "\(list) = [\(items.joined(separator: ", "))]\n"
      }
      for index in 0..<pick(5) {
        let kinds = [
          "op = \"tmpfs\"\naccess = \"read-only\"", "op = \"tmpfs\"\nsize = \"1M\"", "op = \"file\"\ntext = \"x\"",
          "op = \"bind\"\nhost = \"~/layers/top\"", "op = \"bind\"\nhost = \"~/layers/bottom\"\naccess = \"writable\"",
          "op = \"overlay\"\nlower = [\"~/layers/top\", \"~/layers/bottom\"]\nsize = \"1M\"", "op = \"mqueue\"",
          "op = \"dev\"",
          "op = \"proc\"", "op = \"directory\"", "op = \"symlink\"\nto = \"/usr\"",
        ]
        text += "[[files.op]]\ntarget = \"/tmp/op\(index)\"\n\(kinds[pick(kinds.count)])\n"
      }
      return text
    }

    /// A line of a mount table, see proc_pid_mountinfo(5).
    private struct Mount {
      var place: String
      var flags: Set<String>

      init?(_ line: Substring) {
        let fields = line.split(separator: " ")
        guard fields.count > 6 else { return nil }
        place = String(fields[4])
        flags = Set(fields[5].split(separator: ",").map(String.init)).intersection(["ro", "nosuid", "nodev", "noexec"])
      }
    }

    /// What a plan says of its mounts: place and flags. Parts of proc are the kernel's to have or not.
    private func planned(_ ops: [JSONValue], on host: [Mount]) -> [String] {
      var table: [(place: String, flags: Set<String>)] = [("/", ["nosuid", "nodev"])]
      for op in ops {
        let target = op["target"].text
        var flags: Set<String> = ["nosuid", "nodev"]
        switch op["op"].text {
        case "directory", "symlink": continue
        case "remount":
          if let index = table.lastIndex(where: { $0.place == target }) { table[index].flags.insert("ro") }
          continue
        case "file": flags.insert("ro")
        case "proc", "mqueue": flags.insert("noexec")
        case "dev":
          flags.insert("ro")
          for node in ["null", "zero", "full", "random", "urandom", "tty", "pts"] {
            table.append(("\(target)/\(node)", ["nosuid", "noexec"]))
          }
          table.append(("\(target)/shm", ["nosuid", "nodev"]))
        default: if op["access"].text == "read-only" { flags.insert("ro") }
        }
        // A bind keeps what its source's mount has, and brings the host's mounts below it, as restricted as itself.
        if op["op"].text == "bind" {
          let source = op["host"].text
          for mount in host where mount.place.hasPrefix(source == "/" ? "/" : source + "/") {
            table.append((target + mount.place.dropFirst(source.utf8.count), flags.union(mount.flags)))
          }
          let around = host.filter { $0.place == "/" || source == $0.place || source.hasPrefix($0.place + "/") }
          flags.formUnion(around.max { $0.place.utf8.count < $1.place.utf8.count }?.flags ?? [])
        }
        table.append((target, flags))
      }
      return table.map { "\($0.place) \($0.flags.sorted().joined(separator: ","))" }.sorted()
    }

    @Test func `the mount table inside is the plan`() throws {
      var mounts = 0
      let host = try Stage.shell("cat /proc/self/mountinfo").split(separator: "\n").compactMap { Mount($0) }
      for seed in 1...UInt64(wantsLongForm ? 300 : 50) {
        try stage.profile("random", randomProfile(seed))
        let plan = try stage.snug(["plan", "random", "--json", "--read", stage.probe])
        let inside = try stage.inside("random", [], ["report"])
        guard plan.status == 0 else {
          // What cannot be planned is not started either, with the same words.
          #expect(inside.status == 125 && inside.errors == plan.errors, "\(seed): \(plan.errors)\(inside.everything)")
          continue
        }
        let ops = try #require(JSONValue(plan.output), "seed \(seed)")["ops"].list
        let procs = ops.filter { $0["op"].text == "proc" }.map { $0["target"].text + "/" }
        var seen: [String] = []
        for line in inside.output.split(separator: "\n") where line.hasPrefix("mount ") {
          let mount = try #require(Mount(line.dropFirst(6)))
          #expect(mount.flags.contains("nosuid"), "seed \(seed): \(line)")
          if procs.contains(where: { mount.place.hasPrefix($0) }) {
            #expect(mount.flags.isSuperset(of: ["ro", "nosuid", "nodev"]), "seed \(seed): \(line)")
          } else {
            seen.append("\(mount.place) \(mount.flags.sorted().joined(separator: ","))")
          }
        }
        #expect(inside.status == 0, "seed \(seed): \(inside.errors)")
        let wanted = planned(ops, on: host)
        let (missing, more) = (Set(wanted).subtracting(seen), Set(seen).subtracting(wanted))
        #expect(missing.isEmpty && more.isEmpty && seen.count == wanted.count, "seed \(seed): \(missing), \(more)")
        mounts += seen.count
      }
      #expect(mounts > 500, "\(mounts) mounts compared")
      #expect(stage.leftovers() == [])
    }
  }
}
