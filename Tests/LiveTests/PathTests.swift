import TestSupport
import Testing

extension Live {
  /// Links and exchanges of names that try to make, mount or read something outside the new root: rows 1 to 17 of the
  /// threat list.
  @Suite(.serialized) struct PathTests {
    private let stage: Stage
    /// Nothing may ever appear here. The user can write to it: permissions are no help.
    private let marker: String
    /// Granted for writing, full of links.
    private let evil: String

    init() throws {
      stage = try LiveTests.stage()
      marker = "\(stage.folder)/marker"
      evil = "\(stage.home)/evil"
      try Stage.shell(
        "rm -rf \(marker) \(evil); mkdir -p \(marker)/below \(evil) \(stage.home)/source; "
          + "echo source > \(stage.home)/source/file; echo untouched > \(marker)/file; "
          + "chown -R \(stage.uid):\(stage.gid) \(marker) \(evil) \(stage.home)/source")
    }

    /// One op of each kind, all but its target.
    private static let kinds = [
      "directory": "", "file": "text = \"x\"", "symlink": "to = \"/etc/passwd\"", "tmpfs": "",
      "bind": "host = \"~/source\"", "overlay": "lower = [\"~/source\"]\nsize = \"1M\"", "dev": "", "proc": "",
      "mqueue": "",
    ]

    private func plan(_ op: String, at target: String, more: String = "") throws {
      let own = "[[files.op]]\nop = \"\(op)\"\ntarget = \"\(target)\"\n\(Self.kinds[op] ?? "")\n"
      try stage.profile("paths", "extends = [\"default\"]\n[files]\nwrite = [\"~/evil\"]\n\(more)\(own)")
    }

    private func outsideTree() throws -> [String] {
      // The registry of instances is snug's own and changes with each start.
      try stage.fingerprint([marker, "\(stage.home)/source", stage.runtime], except: ["\(stage.runtime)/snug"])
    }

    @Test(arguments: kinds.keys.sorted())
    func `a hostile link as a destination leads nowhere outside`(op: String) throws {
      // Forty links: one more than the kernel follows in one go counts as a loop, one less leads to the marker.
      let chain = (1..<39).map { "ln -s c\($0 + 1) c\($0)" }.joined(separator: "; ")
      let links = [
        ("old", "/oldroot\(marker)"), ("magic", "/proc/self/root\(marker)"), ("one", "/proc/1/root\(marker)"),
        ("up", String(repeating: "../", count: 20) + marker.dropFirst()), ("absolute", marker), ("c39", marker),
        ("fd", "/proc/self/fd/3"), ("cwd", "/proc/self/cwd\(marker)"),
      ]
      try stage.outside(
        shell: "cd \(evil); " + links.map { "ln -s \($0.1) \($0.0)" }.joined(separator: "; ") + "; \(chain)")
      let before = try outsideTree()
      for (name, _) in links {
        let link = name == "c39" ? "c1" : name
        for target in wantsLongForm ? ["", "/below", "/new/er"] : [name == "absolute" ? "/new" : "/below"] {
          try plan(op, at: "~/evil/\(link)\(target)")
          let done = try stage.snug(["run", "-p", "paths", "--", "true"])
          #expect(done.status == 125, "\(op) at \(link)\(target): \(done.everything)")
          #expect(done.errors.contains("/evil/\(link)"), "\(done.errors)")
        }
      }
      #expect(try outsideTree() == before)
      #expect(try Stage.shell("ls -A \(evil) | wc -l") == "\(links.count + 38)\n", "nothing is made beside the links")
      // The control: outside, the same names lead to the marker, and the user may write there.
      for name in ["absolute", "up", "c1", "magic"] {
        try stage.outside(shell: "mkdir \(evil)/\(name)/new-\(name)")
        #expect(try Stage.shell("ls \(marker)").contains("new-\(name)"))
      }
      #expect(try outsideTree() != before)
    }

    @Test(arguments: kinds.keys.sorted())
    func `a link that leads to a place inside is followed inside`(op: String) throws {
      try stage.outside(shell: "cd \(evil); ln -s /tmp/there here; ln -s \(marker)/inside same")
      let before = try outsideTree()
      for (link, place) in [("here", "/tmp/there"), ("same", "\(marker)/inside")] {
        let made = "[[files.op]]\nop = \"directory\"\ntarget = \"\(place)\"\n"
        try plan(op, at: "~/evil/\(link)/x", more: made)
        let done = try stage.inside(shell: "ls -lad \(place)/x && grep -c ' \(place)/x ' /proc/self/mountinfo", "paths")
        #expect(done.output.contains("\(place)/x"), "\(op) at \(link): \(done.everything)")
        #expect(done.output.hasSuffix(["directory", "symlink"].contains(op) ? "\n0\n" : "\n1\n"), "\(done.output)")
      }
      #expect(try outsideTree() == before)
    }

    @Test func `a grant at a place behind a hostile link is made nowhere outside`() throws {
      try stage.outside(shell: "cd \(evil); ln -s \(marker) out; ln -s /proc/self/root\(marker) magic")
      let before = try outsideTree()
      for at in ["out/x", "magic/x", "out", "magic"] {
        try stage.profile(
          "paths",
          "extends = [\"default\"]\n[files]\nwrite = [\"~/evil\", { path = \"~/source\", at = \"~/evil/\(at)\" }]\n")
        let done = try stage.inside(shell: "cat ~/evil/\(at)/file; cat \(marker)/file", "paths")
        // Either refused, or shown at that place of the new root.
        let shown = done.output.split(separator: "\n").allSatisfy { $0 == "source" } && done.output != ""
        #expect(done.status == 125 || shown, "\(at): \(done.everything)")
      }
      #expect(try outsideTree() == before)
    }

    @Test func `var run is run, and a directory that may only be searched is enough`() throws {
      try Stage.shell(
        "d=\(stage.home)/searched; rm -rf $d; mkdir -p $d/below; echo deep > $d/below/file; "
          + "chown -R \(stage.uid):\(stage.gid) $d; chmod 0311 $d")
      defer { _ = try? Stage.shell("chmod 755 \(stage.home)/searched") }
      try stage.profile(
        "paths",
        """
        extends = ["default"]
        [files]
        read = [{ path = "~/searched", at = "/opt/searched" }]
        [[files.op]]
        op = "symlink"
        target = "/var/run"
        to = "/run"
        [[files.op]]
        op = "file"
        target = "/var/run/thing/file"
        text = "placed"
        [[files.op]]
        op = "tmpfs"
        target = "/var/run/thing/memory"
        [[files.op]]
        op = "tmpfs"
        target = "/opt/searched/below"
        """)
      let done = try stage.inside(
        shell:
          "cat /run/thing/file; readlink /var/run; "
          + "stat -fc %T /run/thing/memory /opt/searched/below; ls /opt/searched",
        "paths")
      #expect(done.output == "placed/run\ntmpfs\ntmpfs\n", "\(done.everything)")
      #expect(done.errors.contains("Permission denied"), "the directory cannot be listed: \(done.errors)")
      // The same from the machine's own /var/run, where it is a link.
      guard try Stage.shell("readlink /var/run || true") == "/run\n" else { return skip("/var/run is no link here") }
      let host = "extends = [\"default\"]\n[files]\nroot = \"host\"\n"
      try stage.profile(
        "paths", host + "[[files.op]]\nop = \"file\"\ntarget = \"/var/run/thing/file\"\ntext = \"placed\"\n")
      let whole = try stage.inside(shell: "cat /run/thing/file", "paths")
      #expect(whole.output == "placed", "\(whole.everything)")
    }

    @Test func `proc and dev of a root that is full of traps are the real ones`() throws {
      let tree = "\(stage.home)/rootfs"
      try Stage.shell(
        "r=\(tree); rm -rf $r; mkdir -p $r/usr $r/bin $r/lib $r/lib64 $r/tmp/trap $r/opt $r/trapdev; cd $r; "
          + "ln -s tmp/trap proc; ln -s \(marker) dev; ln -s \(marker) opt/out; "
          + "chown -hR \(stage.uid):\(stage.gid) $r")
      let before = try outsideTree()
      let system = ["usr", "bin", "lib", "lib64"].filter { (try? Stage.shell("test -e /\($0)")) != nil }
        .map { "[[files.op]]\nop = \"bind\"\nhost = \"/\($0)\"\ntarget = \"/\($0)\"\n" }.joined()
      func root(_ ops: String...) throws -> Finished {
        let text =
          "[files]\nroot = \"empty\"\n[[files.op]]\nop = \"bind\"\nhost = \"~/rootfs\"\ntarget = \"/\"\n"
          + "access = \"writable\"\n\(system)"
        try stage.profile("paths", text + ops.map { "[[files.op]]\nop = \"\($0)\"\ntarget = \"/\($0)\"\n" }.joined())
        return try stage.inside(
          shell: "stat -fc %T /tmp/trap; cat /proc/self/comm; ls /proc/kcore >/dev/null; head -c1 /proc/keys", "paths")
      }
      let proc = try root("proc")
      #expect(proc.output == "proc\ncat\n", "\(proc.everything)")
      let dev = try root("proc", "dev")
      #expect(dev.status == 125 && dev.errors.contains("/dev"), "\(dev.everything)")
      // A root with nodes that are something else: they are covered by the sandbox's own.
      try Stage.shell(
        "cd \(tree); rm dev; mkdir dev; echo fake > dev/null; ln -s \(marker)/file dev/zero; "
          + "chown -hR \(stage.uid):\(stage.gid) dev"
      )
      let own = try root("proc", "dev")
      #expect(own.status == 0, "\(own.everything)")
      let nodes = try stage.inside(
        shell: "stat -c '%F %t:%T' /dev/null /dev/zero; echo x > /dev/null; test -r /dev/kmsg", "paths")
      #expect(nodes.output == "character special file 1:3\ncharacter special file 1:5\n", "\(nodes.everything)")
      #expect(try outsideTree() == before)
      try stage.remove(tree)
    }

    @Test func `nothing stands in for proc`() throws {
      try stage.outside(shell: "mkdir -p ~/source/self; echo 0 > ~/source/self/uid_map")
      for op in ["bind", "tmpfs", "overlay", "file", "symlink"] {
        for target in ["/proc/sys", "/proc/self/attr", "/proc"] {
          try plan(op, at: target)
          let done = try stage.snug(["run", "-p", "paths", "--", "true"])
          #expect(done.status == 125 && done.errors.contains("proc"), "\(op) at \(target): \(done.everything)")
        }
      }
      for grant in [
        "{ path = \"~/source\", at = \"/proc\" }", "{ path = \"~/source\", at = \"/proc/sys\" }", "\"/proc\"",
      ] {
        try stage.profile("paths", "extends = [\"default\"]\n[files]\nread = [\(grant)]\n")
        let done = try stage.snug(["run", "-p", "paths", "--", "true"])
        #expect(done.status == 125 && done.errors.contains("proc"), "\(grant): \(done.everything)")
      }
    }

    @Test func `a map is not written to a file that only looks like proc's`() throws {
      // A mount namespace in which /proc holds copies: whatever is written there changes nothing.
      let fake =
        "mount -t tmpfs x /proc; mkdir -p /proc/self/ns; cd /proc/self; : > uid_map; : > gid_map; : > setgroups; "
        + "printf 'Name:\\tx\\n' > status; for n in user mnt pid net ipc uts cgroup; "
        + "do ln -s \"$n:[1]\" ns/$n; done; "
        + "mkdir fd; ln -s \(stage.snug) exe; cd /; "
      let own = "\(stage.home)/own.toml"
      try stage.write("version = 1\n[files]\nhome = \"none\"\n", to: own)
      let run = "HOME=\(stage.home) \(stage.snug) run -p \(own) -- true"
      let done = try stage.run(["/usr/bin/unshare", "-Urm", "sh", "-c", fake + run])
      // Whichever look at proc fails first.
      #expect([125, 127].contains(done.status) && done.errors.hasPrefix("snug: cannot"), "\(done.everything)")
      // The control: in such a namespace it starts.
      let control = try stage.run(["/usr/bin/unshare", "-Urm", "sh", "-c", run])
      #expect(control.status == 0, "\(control.everything)")
    }
  }
}
