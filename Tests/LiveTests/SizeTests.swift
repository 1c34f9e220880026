import SnugPlan
import TestSupport
import Testing

extension Live {
  /// Many, long and odd: everything works or is refused by name.
  @Suite(.serialized) struct SizeTests {
    private let stage: Stage

    init() throws { stage = try LiveTests.stage() }

    @Test func `three thousand binds start and are all there`() throws {
      let many = "\(stage.home)/many"
      try stage.outside(
        shell:
          "mkdir -p \(many); cd \(many); i=0; while [ $i -lt 3000 ]; do mkdir -p d$i; "
          + "echo $i > d$i/f; i=$((i+1)); done"
      )
      defer { _ = try? stage.remove(many) }
      for count in wantsLongForm ? [375, 750, 1500, 3000] : [750, 3000] {
        let grants = (0..<count).map { "{ path = \"~/many/d\($0)\", at = \"/m/d\($0)\" }" }.joined(separator: ", ")
        try stage.profile("size", "extends = [\"default\"]\n[files]\nread = [\(grants)]\n")
        let began = ContinuousClock.now
        let done = try stage.inside(
          shell:
            "ls /m | wc -l; cat /m/d*/f | wc -l; "
            + "grep -c ' /m/d[0-9]* ro,nosuid,nodev' /proc/self/mountinfo; : > /m/d7/f",
          "size")
        print("\(count) binds: \(began.duration(to: .now))")
        #expect(done.output == "\(count)\n\(count)\n\(count)\n", "\(done.everything)")
        #expect(done.errors.contains("Read-only file system"), "\(done.errors)")
      }
    }

    @Test func `each bind costs the same calls however many there are`() throws {
      func calls(_ count: Int) throws -> Int {
        var host: [String: FileType] = [:]
        for index in 0..<count { host["/many/d\(index)"] = .directory }
        let kernel = RecordingKernel(host: host)
        let site = try kernel.makeSite()
        var mounts: [[Descriptor]] = []
        let ops = (0..<count).map { index in
          let source = Source(path: "/many/d\(index)", written: "~/many/d\(index)", type: .directory, identity: nil)
          return Bind(source: source, target: "/m/d\(index)", access: .readOnly)
        }
        for op in ops { mounts.append(try op.prepare(site)) }
        for (op, mounts) in zip(ops, mounts) { try op.place(mounts, site) }
        return kernel.calls.count
      }
      let counts = try [100, 200, 400].map(calls)
      #expect(counts[2] - counts[1] == 2 * (counts[1] - counts[0]), "\(counts)")
    }

    @Test func `a thousand more mounts on the host change nothing inside`() throws {
      guard stage.isRoot else { return skip("mounts on the host take root") }
      let tree = "\(stage.folder)/mounts"
      try Stage.shell("rm -rf \(tree); mkdir -p \(tree); chmod 755 \(tree)")
      let line =
        "grep -c ' \(tree)/[0-9]* ro,nosuid,nodev' /proc/self/mountinfo; "
        + "grep -c . /proc/self/mountinfo; ls \(tree) | wc -l"
      func table(_ mounts: Int, _ options: [String]) throws -> [Int] {
        let began = ContinuousClock.now
        let done = try stage.run(
          [stage.snug, "run"] + options + ["--", "sh", "-c", line], mounts: (tree, mounts))
        print("\(mounts) mounts, \(options): \(began.duration(to: .now))")
        #expect(done.status == 0, "\(done.everything)")
        return done.output.split(separator: "\n").compactMap { Int($0) }
      }
      let plain = try table(0, [])
      #expect(try table(1000, []) == plain)
      // Shown, every one of them is read-only, with no instant and no exception.
      #expect(try table(1000, ["--read", tree]) == [1000, plain[1] + 1001, 1000])
      try stage.remove(tree)
    }

    /// Names that some text format on the way could trip over.
    private static let names = [
      "new\nline", "quo\"te", "ap'ostrophe", "back\\slash", "tab\t", "😀", "co:lon", "com,ma", "-dash", "oct\\040al",
      "#hash",
      "sp ace", "e\u{301}", "\u{1b}[31m", "\u{202e}", String(repeating: "n", count: 255), "$HOME", "*", "~", "%s",
    ]

    @Test(arguments: names)
    func `a name of any kind works wherever a path may stand`(name: String) throws {
      let place = "\(stage.home)/odd/\(name)"
      try stage.outside(argv: ["mkdir", "-p", "--", place, "\(stage.home)/layer"])
      try stage.outside(argv: ["sh", "-c", "echo in > \"$1/f\"", "sh", place])
      defer { _ = try? stage.remove("\(stage.home)/odd") }
      let option = String(place.split(separator: ":", omittingEmptySubsequences: false).joined(separator: "\\:"))
      let written = try stage.snug(
        ["run", "--write", option, "--", "sh", "-c", "cat \"$1/f\"; echo out > \"$1/g\"; : > \"$1/../h\"", "sh", place])
      #expect(written.output == "in\n", "\(written.everything)")
      #expect(try stage.outside(argv: ["sh", "-c", "cat \"$1/g\"; ls -A \"$1/..\"", "sh", place]) == "out\n\(name)\n")
      // In a profile: a grant, a destination, a layer of an overlay, a content, a text of a link.
      let text = Self.quoted(place)
      try stage.profile(
        "size",
        """
        extends = ["default"]
        [files]
        read = [\(text)]
        [[files.op]]
        op = "tmpfs"
        target = \(Self.quoted("/made/\(name)"))
        [[files.op]]
        op = "overlay"
        target = \(Self.quoted("/opt/\(name)"))
        lower = [\(text), "~/layer"]
        size = "1M"
        [[files.op]]
        op = "symlink"
        target = \(Self.quoted("/made/link"))
        to = \(Self.quoted(name))
        """)
      let read = try stage.snug(
        [
          "run", "-p", "size", "--", "sh", "-c",
          "cat \"$1/f\" \"/opt/$2/f\"; echo n > \"/opt/$2/n\" && cat \"/opt/$2/n\"; "
            + "test -d \"/made/$2\" && readlink /made/link; : > \"$1/x\"",
          "sh", place, name,
        ])
      #expect(read.output == "in\nin\nn\n\(name)\n", "\(read.everything)")
      #expect(read.errors.contains("Read-only file system"), "\(read.errors)")
    }

    private static func quoted(_ text: String) -> String {
      "\""
        + text.unicodeScalars.map { scalar in
          scalar.value < 32
            ? "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            : ["\"", "\\"].contains(scalar) ? "\\" + String(scalar) : String(scalar)
        }.joined() + "\""
    }

    @Test func `what is not UTF-8 is kept as it is or refused by name`() throws {
      // By way of a shell: the words of this process are UTF-8.
      let script = """
        cd ~; bad=$(printf 'bad\\377\\376'); mkdir -p "odd/$bad"; echo in > "odd/$bad/f"
        \(stage.snug) run --read "odd/$bad" -- true; echo $?
        \(stage.snug) run --setenv "A=$bad" -- true; echo $?
        \(stage.snug) run --read odd -- cat "$HOME/odd/$bad/f"; echo $?
        \(stage.snug) run -- printf %s "$bad" | od -An -tx1
        KEPT="$bad" \(stage.snug) run --keep-env KEPT -- sh -c 'printf %s "$KEPT"' | od -An -tx1
        cd "odd/$bad"; \(stage.snug) run -- pwd
        """
      let done = try stage.run(["/bin/sh", "-c", script])
      #expect(
        done.output == "125\n125\nin\n0\n 62 61 64 ff fe\n 62 61 64 ff fe\n\(stage.home)\n", "\(done.everything)")
      #expect(done.errors.contains("odd/bad\\xff\\xfe with --read: it is not valid UTF-8"), "\(done.errors)")
      #expect(done.errors.contains("A=bad\\xff\\xfe with --setenv: it is not valid UTF-8"), "\(done.errors)")
      try stage.remove("\(stage.home)/odd")
    }

    @Test func `paths are as long as the kernel takes`() throws {
      // 4,095 bytes and the end of the text are PATH_MAX. Made from directory to directory.
      let base = "\(stage.home)/deep"
      let script = """
        import os, sys
        path = sys.argv[1]; total = int(sys.argv[2]); os.makedirs(path); os.chdir(path)
        while len(path) < total:
            left = total - len(path) - 1
            name = 'x' * (199 if left == 201 else min(200, left))
            os.mkdir(name); os.chdir(name); path += '/' + name
        open('f', 'w').write('deep'); print(path, end='')
        """
      for length in [4095, 4096] {
        let path = try stage.outside(argv: ["python3", "-c", script, base, String(length)])
        #expect(path.utf8.count == length)
        for option in [path, path + ":/place"] {
          let line = option == path ? "cd \"$1\" && cat f" : "cat /place/f"
          let done = try stage.snug(["run", "--read", option, "--", "sh", "-c", line, "sh", path])
          if length == 4095 {
            #expect(done.output == "deep", "\(done.everything)")
          } else {
            #expect(done.status == 125 && done.errors.contains("longer than 4095 bytes"), "\(done.errors.suffix(200))")
          }
        }
        try stage.remove(base)
      }
      let name = String(repeating: "n", count: 256)
      let long = try stage.snug(["run", "--read", "/tmp/\(name)", "--", "true"])
      #expect(long.status == 125 && long.errors.contains("longer than 255 bytes"), "\(long.errors)")
    }

    @Test func `arguments and variables are as long as the kernel takes`() throws {
      func both(_ words: [String]) throws {
        let inside = try stage.inside("default", [], ["arguments"] + words)
        #expect(inside.output == (try stage.outside(["arguments"] + words)).output, "\(inside.everything.prefix(300))")
        #expect(inside.status == 0 && inside.output.hasPrefix("\(words.count) "))
      }
      // MAX_ARG_STRLEN is 128 KiB with the end of the text.
      try both([String(repeating: "a", count: 131_071)])
      try both((0..<10_000).map { "argument \($0)" })
      try both(["", " ", "-x", "--", "a\nb", "😀", "\u{1b}[0m"])
      let value = String(repeating: "v", count: 131_067)
      let kept = try stage.snug(
        ["run", "--keep-env", "BIG", "--", "sh", "-c", "echo ${#BIG}"], extra: ["BIG=\(value)"])
      #expect(kept.output == "131067\n", "\(kept.everything.prefix(300))")
      // A name that makes it longer than the kernel takes.
      try stage.profile("size", "extends = [\"default\"]\n[environment]\nset = { LONGER = \"\(value)\" }\n")
      let longer = try stage.inside(shell: "true", "size")
      #expect(longer.status != 0 && longer.errors.hasPrefix("snug: cannot "), "\(longer.everything.prefix(300))")
    }
  }
}
