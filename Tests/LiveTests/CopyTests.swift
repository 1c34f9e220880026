import TestSupport
import Testing

extension Live {
  /// `snug cp`, also while the app inside changes what is copied: rows 5, 6 and 22 of the threat list.
  @Suite(.serialized) struct CopyTests {
    private let stage: Stage
    private let work: String

    init() throws {
      stage = try LiveTests.stage()
      work = "\(stage.home)/copy"
      try stage.remove(work)
      try stage.outside(shell: "mkdir \(work)")
    }

    /// Runs a body while an instance named `box` without an app is there.
    private func withBox(_ options: [String] = [], profile: String = "default", _ body: () throws -> Void) throws {
      let started = try stage.snug(
        ["run", "--detach", "--keep", "--name", "box", "--read", stage.probe] + options + ["-p", profile])
      #expect(started.status == 0 && started.output == "box\n", "\(started.everything)")
      // Also where the body gives up: the next test wants the name.
      defer {
        #expect((try? stage.snug(["stop", "box"]))?.status == 0)
        #expect(stage.leftovers() == [])
        try? stage.remove(work, "\(stage.home)/.config")
      }
      try body()
    }

    private func inside(_ line: String) throws -> String {
      let done = try stage.snug(["exec", "box", "--", "sh", "-ec", line])
      #expect(done.status == 0, "\(line): \(done.everything)")
      return done.output
    }

    private func cp(_ source: String, _ target: String) throws -> Finished {
      try stage.snug(["cp", source, target], directory: work)
    }

    @Test func `files and trees go in and come out`() throws {
      try withBox {
        try stage.outside(
          shell: """
            mkdir -p tree/sub; echo one > tree/sub/one; echo run > tree/run; chmod 750 tree/run; chmod 711 tree/sub
            ln -s sub/one tree/link; ln -s /usr tree/usr; echo odd > a:b; touch -d @981173106 tree/run tree/sub tree
            """, directory: work)
        // Into a directory, under a new name, over what is there, and the content alone.
        for (source, target) in [
          ("tree", "box:/tmp"), ("tree/run", "box:/tmp/renamed"), ("./a:b", "box:~/"), ("tree/.", "box:~"),
          ("tree", "box:~/new"),
        ] {
          let done = try cp(source, target)
          #expect(done.status == 0 && done.output + done.errors == "", "\(source) \(target): \(done.everything)")
        }
        #expect(
          try inside("cat /tmp/tree/link /tmp/renamed ~/a:b ~/link; readlink ~/new/usr") == "one\nrun\nodd\none\n/usr\n"
        )
        #expect(
          try inside("cd /tmp/tree; stat -c '%a %Y %U' . sub run; ls -A ~ /tmp") == """
            755 981173106 \(stage.userName)
            711 981173106 \(stage.userName)
            750 981173106 \(stage.userName)
            /tmp:
            renamed
            tree

            \(stage.home):
            a:b
            link
            new
            run
            sub
            usr

            """)
        // Out again; what leads out of the tree stays.
        _ = try inside("rm /tmp/tree/usr; touch -d @981173106 /tmp/tree; ln -s /tmp/tree ~/way")
        for (source, target) in [("box:/tmp/tree", "back"), ("box:~/way/run", "."), ("box:~/way", "existing/")] {
          if target == "existing/" { try stage.outside(shell: "mkdir existing", directory: work) }
          let done = try cp(source, target)
          #expect(done.status == 0 && done.output + done.errors == "", "\(source) \(target): \(done.everything)")
        }
        try stage.outside(shell: "rm tree/usr; touch -d @981173106 tree", directory: work)
        let form = "find . -printf '%p %y %m %T@ %l %u\\n' | sort"
        #expect(
          try stage.outside(shell: "cd \(work)/tree; \(form)") == stage.outside(shell: "cd \(work)/back; \(form)"))
        #expect(try stage.outside(shell: "cat run back/link existing/way/link", directory: work) == "run\none\none\n")
        #expect(try stage.outside(shell: "find . -name '.snug*'", directory: work) == "")
      }
    }

    @Test func `what cannot be copied is told and the rest is there`() throws {
      try withBox {
        _ = try inside(
          """
          mkdir -p /tmp/tree/sub; cd /tmp/tree; echo a > a; echo z > sub/z; mkfifo sub/pipe; ln -s \(work)/secret sub/out
          ln -s ../../x sub/up; echo none > closed; chmod 0 closed
          """)
        let done = try cp("box:/tmp/tree", "tree")
        #expect(done.status == 1 && done.output == "", "\(done.everything)")
        #expect(
          done.errors == """
            snug: cannot copy box:/tmp/tree/closed: Permission denied
            snug: cannot copy box:/tmp/tree/sub/out: it is a symbolic link that leads out of what is copied, to \(work)/secret
            snug: cannot copy box:/tmp/tree/sub/pipe: it is a named pipe; only files, directories and links are copied
            snug: cannot copy box:/tmp/tree/sub/up: it is a symbolic link that leads out of what is copied, to ../../x

            """)
        #expect(try stage.outside(shell: "cd tree; find . | sort", directory: work) == ".\n./a\n./sub\n./sub/z\n")
        let readOnly = try cp("tree", "box:/usr/share")
        #expect(readOnly.status == 1)
        #expect(
          readOnly.errors == """
            snug: cannot write box:/usr/share/tree: Read-only file system
              hint: it is read-only inside: the profile grants no writing there, see snug explain

            """)
        try stage.outside(shell: "mkdir kernel", directory: work)
        for source in ["box:/dev/zero", "box:/dev", "box:/proc/self/status", "box:/proc/1"] {
          let done = try cp(source, "kernel")
          #expect(done.status == 1 && done.errors.contains("cannot copy \(source)"), "\(done.everything)")
        }
        #expect(try stage.outside(shell: "find kernel ! -type d ! -type l", directory: work) == "")
      }
    }

    @Test func `a file that finds no room is not there`() throws {
      try stage.profile(
        "small", "extends = [\"default\"]\n[[files.op]]\nop = \"tmpfs\"\ntarget = \"/small\"\nsize = \"64K\"\n")
      try withBox(profile: "small") {
        try stage.outside(shell: "mkdir tree; echo a > tree/a; head -c 200000 /dev/urandom > tree/b", directory: work)
        let done = try cp("tree", "box:/small/")
        #expect(done.status == 1)
        #expect(done.errors == "snug: cannot write box:/small/tree/b: No space left on device\n")
        #expect(try inside("ls -A /small/tree") == "a\n")
      }
    }

    @Test func `wrong words and missing things are told`() throws {
      try withBox {
        try stage.outside(shell: "echo x > file", directory: work)
        let cases: [(source: String, target: String, status: Int32, text: String)] = [
          ("file", "other", 2, "cannot copy file to other: neither is in an instance"),
          ("box:/a", "box:/b", 2, "both are in an instance"), ("box:a", ".", 2, "a path inside begins with / or ~/"),
          ("box:", ".", 2, "a path inside begins with / or ~/"), (":/a", ".", 2, "no instance is named"),
          ("-", "box:/tmp", 2, "cannot copy from or to -"), ("", "box:/tmp", 2, "empty"),
          ("box:/tmp/none", ".", 1, "cannot open box:/tmp/none: No such file or directory"),
          ("none", "box:/tmp", 1, "cannot open none: No such file or directory"),
          ("file", "box:/none/file", 1, "cannot open box:/none/: No such file or directory"),
          ("file", "box:/tmp/none/", 1, "cannot write box:/tmp/none/: no directory is there"),
          ("file", "other:/tmp", 1, "other"), ("box:/etc/passwd", "file/x", 1, "cannot open file/: Not a directory"),
          ("box:/proc/1/root/etc/passwd", ".", 1, "cannot open box:/proc/1/root/etc/passwd"),
        ]
        for (source, target, status, text) in cases {
          let done = try cp(source, target)
          #expect(done.status == status && done.errors.contains(text), "\(source) \(target): \(done.everything)")
        }
        #expect(try stage.outside(shell: "cat file; ls -A", directory: work) == "x\nfile\n")
      }
    }

    // MARK: - While the app changes what is copied

    /// A body while a racer inside exchanges pairs of names.
    private func racing(_ pairs: [(String, String)], _ body: () throws -> Void) throws {
      let racers = try pairs.map { one, other in
        try stage.start(
          [stage.snug, "exec", "box", "--", stage.probe, "race", "\(work)/\(one)", "\(work)/\(other)"])
      }
      for racer in racers { #expect(racer.waitFor("ready")) }
      try body()
      for racer in racers {
        let done = racer.finish(seconds: 10)
        #expect(Int(done.output.split(separator: "\n").last ?? "") ?? 0 > 100, "\(done.everything)")
      }
    }

    private var copies: Int { wantsLongForm ? 1000 : 60 }

    @Test func `nothing from outside comes out of a tree whose names are exchanged`() throws {
      try stage.outside(
        shell: """
          mkdir -p secret/folder shared/tree/folder shared/aside; cd shared
          echo secret > ../secret/file; echo secret > ../secret/folder/file
          head -c 300000 /dev/zero | tr '\\0' j > tree/file; cp tree/file tree/folder/file
          ln -s \(work)/secret/file aside/file; ln -s ../../secret/folder aside/folder
          """, directory: work)
      try withBox(["--write", "\(work)/shared"]) {
        var results: [String: Int] = [:]
        try racing([("shared/tree/file", "shared/aside/file"), ("shared/tree/folder", "shared/aside/folder")]) {
          for index in 0..<copies {
            let done = try cp("box:\(work)/shared/tree", "out\(index)")
            #expect([0, 1].contains(done.status), "\(done.everything)")
            for word in ["folder", "file"] {
              let named = try cp("box:\(work)/shared/tree/\(word)", "one-\(word)\(index)")
              results[named.status == 0 ? "named" : "named refused", default: 0] += 1
            }
            results[done.status == 0 ? "whole" : "told", default: 0] += 1
          }
          // The control: cp outside, which looks at a name and then uses it, is led out.
          var fooled = 0
          for _ in 0..<2000 where fooled == 0 {
            try stage.outside(shell: "rm -rf naive; cp -rL shared/tree naive 2>/dev/null || true", directory: work)
            fooled += try stage.outside(shell: "grep -rl secret naive || true", directory: work) == "" ? 0 : 1
          }
          #expect(fooled > 0)
        }
        print("copies out: \(results)")
        #expect((results["whole"] ?? 0) > 0 && (results["told"] ?? 0) > 0 && (results["named"] ?? 0) > 0, "\(results)")
        #expect(try stage.outside(shell: "grep -rls secret out* one-* || true", directory: work) == "")
        // Whole files alone have their names, and no link came that leads to the secret.
        #expect(
          try stage.outside(
            shell: "find out* one-* -type f ! -size 300000c; find out* one-* -type l; find . -name '.snug*'",
            directory: work) == "")
        #expect(try stage.outside(shell: "find out* -type f | wc -l", directory: work) != "0\n")
      }
    }

    @Test(arguments: ["absolute", "relative"])
    func `nothing is written outside through a directory that is exchanged`(form: String) throws {
      let marker = form == "absolute" ? "\(work)/marker" : "../../marker"
      try stage.outside(
        shell: """
          mkdir -p marker tree/place/deep shared/in/place/deep shared/in/tree/place/deep shared/aside; echo new > tree/file
          echo new > tree/place/deep/file; ln -s \(marker) shared/aside/place
          ln -s \(form == "absolute" ? marker : "../" + marker) shared/aside/deep
          """, directory: work)
      try withBox(["--write", "\(work)/shared"]) {
        let before = try stage.fingerprint([work], except: ["\(work)/shared"])
        var results: [Int32: Int] = [:]
        try racing([("shared/in/place", "shared/aside/place"), ("shared/in/tree/place", "shared/aside/deep")]) {
          for _ in 0..<copies {
            for target in ["in", "in/place", "in/place/deep", "in/place/new"] {
              results[try cp("tree", "box:\(work)/shared/\(target)").status, default: 0] += 1
            }
          }
        }
        print("copies in: \(results)")
        #expect(Set(results.keys) == [0, 1], "\(results)")
        #expect(try stage.fingerprint([work], except: ["\(work)/shared"]) == before)
        // The control: what follows the link writes outside.
        try stage.outside(
          shell: "rm -rf shared/in/place; ln -s \(marker) shared/in/place; cp -r tree shared/in/place/", directory: work
        )
        #expect(try stage.fingerprint([work], except: ["\(work)/shared"]) != before)
      }
    }
  }
}
