import Glibc
import TestSupport
import Testing

extension Live {
  /// `[process]`, `[limits]` and `[environment]` as they are seen inside, and callers with limits of their own.
  @Suite(.serialized) struct ProcessTests {
    @Test func `a caller with few descriptors is served or refused in words`() throws {
      let stage = try stage()
      var served: [Int] = []
      for limit in 3...20 {
        let done = try stage.run(
          ["/usr/bin/prlimit", "--nofile=\(limit)", stage.snug, "run", "--", "sh", "-c", "ulimit -Hn; exit 3"],
          seconds: 20)
        if done.status == 3 {
          served.append(limit)
          #expect(done.output == "\(limit)\n", "the app has the caller's limit")
          #expect(done.errors == "")
        } else if done.status != 127 || limit > 4 {
          // With three or four the dynamic loader itself can open no library, in a debug build.
          #expect(done.status == 125, "\(limit): \(done.everything)")
          #expect(done.errors.hasPrefix("snug: cannot "), "\(limit): \(done.everything)")
          #expect(!done.output.contains("\(limit)"))
        }
        #expect(stage.leftovers() == [], "\(limit)")
      }
      print("RLIMIT_NOFILE that suffices, of 3 to 20: \(served)")
      let plenty = try stage.run(
        ["/usr/bin/prlimit", "--nofile=200:4000", stage.snug, "run", "--", "sh", "-c", "ulimit -Sn; ulimit -Hn"])
      #expect(plenty.output == "200\n4000\n", "soft and hard are the caller's: \(plenty.everything)")
    }

    @Test func `a caller that may have no more processes is refused in words`() throws {
      let stage = try stage()
      let none = try stage.run(["/usr/bin/prlimit", "--nproc=1", stage.snug, "run", "--", "sh", "-c", "exit 3"])
      #expect(none.status == 125, "\(none.everything)")
      #expect(none.errors.hasPrefix("snug: cannot "), "\(none.everything)")
      let enough = try stage.run(["/usr/bin/prlimit", "--nproc=200", stage.snug, "run", "--", "sh", "-c", "exit 3"])
      #expect(enough.status == 3, "\(enough.everything)")
      #expect(stage.leftovers() == [])
    }

    @Test func `a caller that may write no file is refused in words`() throws {
      let stage = try stage()
      let done = try stage.run(
        [
          "/usr/bin/prlimit", "--fsize=0", stage.snug, "run", "--", "sh", "-c",
          "cat /etc/passwd | wc -l; ulimit -f; exit 3",
        ])
      // Snug itself puts files into the new root.
      #expect(done.status == 125, "\(done.everything)")
      #expect(done.errors.hasPrefix("snug: cannot "), "\(done.everything)")
      #expect(stage.leftovers() == [])
    }

    @Test func `limits of the profile are those of the app, soft and hard`() throws {
      let stage = try stage()
      try stage.profile("limited", "[limits]\nopen-files = 77\ncore = 4096\nfile-size = \"64K\"\nprocesses = 9")
      let done = try stage.snug(["run", "-p", "limited", "--", "cat", "/proc/self/limits"])
      let limits = Dictionary(
        uniqueKeysWithValues: done.output.split(separator: "\n").dropFirst().map { line in
          (String(line.prefix(26)), line.dropFirst(26).split(separator: " ").prefix(2).map(String.init))
        })
      for (name, value) in [
        ("Max open files", "77"), ("Max core file size", "4096"), ("Max file size", "65536"), ("Max processes", "9"),
      ] {
        let key = name + String(repeating: " ", count: 26 - name.count)
        #expect(limits[key] == [value, value], "\(name): \(done.everything)")
      }
      let plain = try stage.snug(["run", "--", "sh", "-c", "ulimit -c; ulimit -Hc"])
      #expect(plain.output == "0\n0\n", "core is 0 by default")
      // It holds: PID 1, the shell, and what it may still make.
      let forks = try stage.snug(
        [
          "run", "-p", "limited", "--", "bash", "-c",
          "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 0.3 & done; wait; echo end",
        ])
      #expect(forks.errors.contains("Resource temporarily unavailable"), "\(forks.everything)")
      #expect(stage.leftovers() == [])
    }

    @Test func `host name, umask, niceness and directory are those of the profile`() throws {
      let stage = try stage()
      try stage.profile(
        "dressed",
        """
        [process]
        hostname = "boxed-1"
        umask = "0137"
        nice = 7
        working-directory = "/usr/share"
        """)
      let line = "uname -n; umask; nice; pwd; >/tmp/x; stat -c %a /tmp/x"
      let done = try stage.snug(["run", "-p", "dressed", "--", "sh", "-c", line])
      #expect(done.output == "boxed-1\n0137\n7\n/usr/share\n640\n", "\(done.everything)")
      let plain = try stage.snug(
        ["run", "--", "sh", "-c", line], caller: Stage.Caller(umask: "027"), directory: "/usr/lib")
      #expect(plain.output == "snug\n0027\n0\n/usr/lib\n640\n", "\(plain.everything)")
      let unseen = try stage.snug(["run", "--", "pwd"], directory: "/etc/apt")
      #expect(unseen.output == "\(stage.home)\n", "not visible inside: the home")
    }

    @Test(arguments: ["self", "nobody", "root"])
    func `the user inside is one of three, and always the caller outside`(user: String) throws {
      let stage = try stage()
      let folder = try stage.workFolder()
      try stage.profile("who", "process.user = \"\(user)\"")
      let done = try stage.snug(
        [
          "run", "-p", "who", "--write", folder, "--", "sh", "-c",
          "id -u; id -g; id -G; id -un; cat /proc/self/uid_map; >\(folder)/made-\(user); echo $USER $LOGNAME",
        ])
      let (uid, gid, name) =
        switch user {
        case "nobody": ("65534", "65534", "nobody")
        case "root": ("0", "0", "root")
        default: (String(stage.uid), String(stage.gid), stage.userName)
        }
      let lines = done.output.split(separator: "\n").map(String.init)
      #expect(lines.count == 6, "\(done.everything)")
      guard lines.count == 6 else { return }
      #expect(Array(lines[0...3]) == [uid, gid, gid, name])
      #expect(lines[4].split(separator: " ").map(String.init) == [uid, String(stage.uid), "1"])
      #expect(lines[5] == "\(name) \(name)")
      var facts = stat()
      #expect(stat("\(folder)/made-\(user)", &facts) == 0)
      #expect(facts.st_uid == stage.uid && facts.st_gid == stage.gid)
    }

    @Test func `the environment is what is set and kept, and nothing else`() throws {
      let stage = try stage()
      try stage.profile(
        "variables",
        """
        [environment]
        keep = ["KEPT", "ABSENT", "GONE", "ODD"]
        set = { SET = "a b=c", EMPTY = "" }
        unset = ["GONE", "SHELL"]
        """)
      let done = try stage.snug(
        ["run", "-p", "variables", "--setenv", "LINE=from the line", "--keep-env", "ASKED", "--", "env", "-0"],
        extra: [
          "KEPT=1 2", "GONE=x", "OTHER=secret", "ODD=two\nlines", "ASKED=yes", "LD_PRELOAD=/nothing.so", "BASH_ENV=/x",
        ])
      let variables = done.output.split(separator: "\0").map(String.init).sorted()
      #expect(
        variables
          == [
            "ASKED=yes", "EMPTY=", "HOME=\(stage.home)", "KEPT=1 2", "LINE=from the line", "LOGNAME=\(stage.userName)",
            "ODD=two\nlines", "PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games", "PWD=\(stage.home)",
            "SET=a b=c", "USER=\(stage.userName)", "XDG_RUNTIME_DIR=/run/user/\(stage.uid)",
          ].sorted(), "\(done.everything)")
    }
  }
}
