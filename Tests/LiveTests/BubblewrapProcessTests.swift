import Glibc
import TestSupport
import Testing

private let ids = "echo $(id -u) $(id -g)"
private let noNamespace = "unshare -U true 2>&- || echo no"

extension Live {
  /// Options about namespaces, ids, capabilities, environment and the command, and what it finds.
  @Suite(.serialized) struct BubblewrapProcessTests {
    private let rows = [
      BubblewrapRow("--unshare-uts --hostname box", "hostname", "box\n"),
      BubblewrapRow("--uid 5 --gid 7", ids, "5 7\n"),
      BubblewrapRow("--unshare-user --uid 0 --gid 0 --dev /dev", ids, "0 0\n"),
      BubblewrapRow("--clearenv --setenv A 1 --setenv B 2 --unsetenv A", "env -u _ | sort", "B=2\nPWD=/\n"),
      BubblewrapRow("--setenv A 1 --clearenv", "echo ${A-none}", "none\n"),
      BubblewrapRow("--unsetenv HOME", "echo ${HOME-none}", "none\n"),
      BubblewrapRow("--dir /d/e --chdir /d/e", "pwd; echo $PWD", "/d/e\n/d/e\n"),
      BubblewrapRow("--unshare-pid --as-pid-1 --proc /proc", "echo $$", "1\n"),
      BubblewrapRow("--unshare-pid --proc /proc", "echo $$; echo /proc/[0-9]*", "2\n/proc/1 /proc/2\n"),
      BubblewrapRow("--unshare-user --disable-userns", noNamespace, "no\n"),
      BubblewrapRow("", "\(noNamespace); echo end", "end\n"),
      BubblewrapRow("--bind WORK /w", "/w/script 1 2", "shell 1 2\n"),
    ]

    @Test func `what the command finds`() throws {
      let stage = try stage()
      let folder = try stage.boxFixture()
      // No interpreter line: the C library's execvp gives it to the shell.
      try stage.write("echo shell $*\n", to: "\(folder)/script", mode: "755")
      for row in rows { try row.check(stage, folder) }
      #expect(stage.leftovers() == [])
    }

    @Test(arguments: [
      ("", ""), ("--unshare-user", ""), ("--unshare-user-try", ""), ("--unshare-pid", "pid pid_for_children"),
      ("--unshare-ipc", "ipc"), ("--unshare-net", "net"), ("--unshare-uts", "uts"), ("--unshare-cgroup", "cgroup"),
      ("--unshare-cgroup-try", "cgroup"), ("--unshare-all", "cgroup ipc net pid pid_for_children uts"),
      ("--unshare-all --share-net", "cgroup ipc pid pid_for_children uts"),
      ("--share-net --unshare-net", "net"),
    ])
    func `namespaces are new where they are asked for, and only there`(options: String, new: String) throws {
      let stage = try stage()
      let done = try stage.box(
        options.split(separator: " ").map(String.init) + ["--proc", "/proc", "/probe", "report"])
      #expect(done.status == 0, "\(done.everything)")
      let facts = Fingerprint(done).facts
      let found = facts.filter { $0.key.hasPrefix("namespace ") && $0.value == "new" }.keys.map {
        String($0.dropFirst("namespace ".count))
      }
      let wanted = new.split(separator: " ").map(String.init) + ["mnt", "user"]
      #expect(found.sorted() == wanted.sorted(), "\(options)")
      #expect(facts["NoNewPrivs"] == "1")
    }

    @Test func `an own network has loopback, and it is up`() throws {
      let stage = try stage()
      guard access("/usr/bin/python3", X_OK) == 0 else { return skip("python3 is not installed") }
      let line =
        "from socket import *; s = create_server(('127.0.0.1', 0)); create_connection(s.getsockname()); print('up')"
      let done = try stage.box(["--unshare-net", "python3", "-c", line])
      #expect(done.output == "up\n", "\(done.everything)")
      let down = try stage.run(["/usr/bin/unshare", "-rn", "python3", "-c", line])
      #expect(down.status != 0, "the positive control: a new network has it down")
    }

    @Test(arguments: [
      ("", "0000000000000000"), ("--cap-add CAP_NET_RAW", "0000000000002000"),
      ("--cap-add cap_net_raw --cap-add CAP_CHOWN", "0000000000002001"),
      ("--cap-add ALL --cap-drop ALL --cap-add CAP_KILL", "0000000000000020"),
      ("--cap-add CAP_KILL --cap-drop CAP_KILL", "0000000000000000"), ("--cap-drop ALL", "0000000000000000"),
    ])
    func `capabilities are those that were added`(options: String, mask: String) throws {
      let stage = try stage()
      for more in [[], ["--dev", "/dev"], ["--unshare-all", "--uid", "7"]] {
        let words = options.split(separator: " ").map(String.init) + more + ["--proc", "/proc", "/probe", "report"]
        let facts = Fingerprint(try stage.box(words)).facts
        for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
          #expect(facts[set] == mask, "\(words): \(set)")
        }
      }
    }

    @Test func `a command with capabilities and a dev of its own cannot touch its mounts`() throws {
      let stage = try stage()
      let words = ["--cap-add", "ALL", "--ro-bind", "/etc", "/e", "--tmpfs", "/t", "/probe", "try", "umount", "/e"]
      #expect(
        try stage.box(words).output == "umount: ok\n", "without --dev it owns them, as in bubblewrap: the control")
      #expect(try stage.box(["--dev", "/dev"] + words).output == "umount: EPERM\n")
    }

    @Test func `root keeps what it has, and a new user namespace adds nothing to it`() throws {
      let stage = try stage()
      guard stage.isRoot else { return skip("the tests do not run as root") }
      let root = Stage.Caller(asRoot: true)
      let outside = Fingerprint(try stage.run([stage.probe, "report"], caller: root)).facts
      for options in [[], ["--unshare-pid"], ["--unshare-user"]] {
        let done = try stage.box(options + ["--proc", "/proc", "/probe", "report"], caller: root)
        let facts = Fingerprint(done).facts
        #expect(facts["CapEff"] == outside["CapEff"], "\(options): \(done.everything)")
        #expect(facts["namespace user"] == (options == ["--unshare-user"] ? "new" : "the caller's"))
      }
      let dropped = try stage.box(["--cap-drop", "ALL", "--proc", "/proc", "/probe", "report"], caller: root)
      #expect(Fingerprint(dropped).facts["CapEff"] == "0000000000000000")
      #expect(outside["CapEff"] != "0000000000000000")
    }

    @Test func `--argv0, --new-session and --die-with-parent are seen by the command`() throws {
      let stage = try stage()
      let plain = Fingerprint(try stage.box(["/probe", "process"])).facts
      #expect(plain["argv0"] == "/probe" && plain["session"] == "other" && plain["dumpable"] == "1")
      let named = Fingerprint(try stage.box(["--argv0", "-name", "--new-session", "/probe", "process"])).facts
      #expect(named["argv0"] == "-name" && named["session"] == "own")
      let bound = Fingerprint(try stage.box(["--die-with-parent", "/probe", "process"])).facts
      #expect(bound["death-signal"] == "9" && plain["death-signal"] == "0")
    }

    @Test func `--assert-userns-disabled starts where none can be made`() throws {
      let stage = try stage()
      let inner = [stage.bwrap, "--assert-userns-disabled", "--ro-bind", "/", "/", "true"]
      let open = try stage.run(inner)
      #expect(open.status == 1)
      #expect(open.errors.contains("creation of new user namespaces was not disabled as requested"))
      let words = ["--unshare-user", "--disable-userns", "--assert-userns-disabled", "sh", "-c", noNamespace]
      let both = try stage.box(words)
      #expect(both.status == 0 && both.output == "no\n", "\(both.everything)")
    }

    @Test func `the directory is the caller's where that exists, else the home, else the root`() throws {
      let stage = try stage()
      let line = "echo $(pwd) $PWD"
      let folder = try stage.boxFixture()
      func directory(_ words: [String], from: String, extra: [String] = []) throws -> String {
        let done = try stage.box(words + ["sh", "-c", line], directory: from, extra: extra)
        return done.errors + done.output
      }
      #expect(try directory([], from: "/usr/share") == "/usr/share /usr/share\n")
      #expect(try directory([], from: folder) == "/ /\n")
      #expect(try directory(["--dir", "/h", "--setenv", "HOME", "/h"], from: folder) == "/h /h\n")
      #expect(try directory(["--bind", folder, folder], from: folder) == "\(folder) \(folder)\n")
      #expect(try directory(["--dir", "/d", "--chdir", "/d"], from: "/usr", extra: ["PWD=/lie"]) == "/d /d\n")
      try Stage.shell("ln -sfn \(folder)/directory \(folder)/link")
      #expect(
        try directory(["--bind", folder, folder], from: "\(folder)/link") == "\(folder)/directory \(folder)/directory\n"
      )
    }

    @Test func `the status is the command's, or 128 and the signal`() throws {
      let stage = try stage()
      for options in [[], ["--unshare-pid"], ["--unshare-pid", "--as-pid-1"], ["--unshare-all", "--dev", "/dev"]] {
        for (line, status) in [("exit 0", 0), ("exit 3", 3), ("exit 255", 255)] {
          #expect(try stage.box(options + ["sh", "-c", line]).status == Int32(status), "\(options) \(line)")
        }
        if options.contains("--as-pid-1") { continue }
        for number in [SIGTERM, SIGKILL, SIGSEGV] {
          let done = try stage.box(options + ["sh", "-c", "kill -\(number) $$"])
          #expect(done.status == 128 + number, "\(options)")
          #expect(done.errors == "")
        }
      }
      #expect(stage.leftovers() == [])
    }

    @Test func `both names, help and version`() throws {
      let stage = try stage()
      for words in [["--help"], ["--version"], [], ["--not-an-option"], ["--bind", "a"]] {
        let linked = try stage.bwrap(words)
        let named = try stage.snug(["bwrap"] + words)
        #expect(linked.everything == named.everything)
        #expect(linked.status == (words.first == "--help" || words.first == "--version" ? 0 : 1))
      }
      #expect(try stage.bwrap(["--version"]).output.hasPrefix("bubblewrap 0."))
    }
  }
}
