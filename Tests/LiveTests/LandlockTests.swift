import TestSupport
import Testing

extension Live {
  /// Landlock on this kernel and on older ones, which `SNUG_LANDLOCK_ABI` imitates: Debian 12's has ABI 2.
  @Suite(.serialized) struct LandlockTests {
    /// What a profile that asks for all of it cannot have.
    private func missing(_ abi: Int) -> [String] {
      (abi < 3 ? ["landlock.files"] : []) + (abi < 4 ? ["landlock.connect-tcp"] : [])
        + (abi < 6 ? ["landlock.scope"] : [])
    }

    private let all =
      "version = 1\nextends = [\"default\"]\n[network]\nmode = \"host\"\n[landlock]\nconnect-tcp = [443]\n"

    @Test(arguments: 0...7) func `what this kernel lacks is said everywhere`(abi: Int) throws {
      let stage = try stage()
      try stage.setProfiles([("all", all)])
      let extra = ["SNUG_LANDLOCK_ABI=\(abi)"]
      let missing = missing(abi)
      let run = try stage.snug(["run", "--status-fd", "1", "-p", "all", "--", "true"], extra: extra)
      // No terminal, no words: a script's standard error is the program's.
      #expect(run.status == 0 && run.errors == "", "\(run.everything)")
      let names = missing.map { "\"\($0)\"" }.joined(separator: ",")
      #expect(run.output.contains("\"not-enforced\":[\(names)]}"), "\(run.output)")

      let plan = try stage.snug(["plan", "all"], extra: extra)
      let section = "\nnot enforced\n" + missing.map { "  \($0)\n" }.joined()
      #expect(
        missing.isEmpty ? !plan.output.contains("not enforced") : plan.output.hasSuffix(section), "\(plan.everything)")
      #expect(plan.output.contains(abi == 0 ? "\nlandlock\n  not used\n" : "\nlandlock\n  abi "), "\(plan.everything)")

      let terminal = try stage.run(
        ["/usr/bin/script", "-qec", "\(stage.snug) run -p all -- true", "/dev/null"], extra: extra)
      #expect(
        shown(terminal) == missing.map { "snug: not enforced on this machine: \($0)\r\n" }.joined(),
        "\(terminal.everything)")
      try stage.setProfiles([])
    }

    @Test func `a protection that may not go stops the start`() throws {
      let stage = try stage()
      try stage.setProfiles([
        ("strict", "version = 1\nextends = [\"default\"]\noptional = [\"!landlock\"]\n"),
        (
          "port",
          "version = 1\nextends = [\"default\"]\noptional = [\"!landlock\", \"landlock.files\", \"landlock.scope\"]\n"
            + "[landlock]\nconnect-tcp = [443]\n"
        ),
      ])
      func refused(_ key: String, _ needed: Int, _ present: String, _ place: String = "") -> String {
        "snug: cannot enforce \(key): it needs landlock ABI \(needed), this kernel has \(present)\(place)\n"
          + "  hint: list \"\(key)\" in optional to go on without it\n"
      }
      let cases = [
        ("strict", 0, refused("landlock.files", 3, "none") + refused("landlock.scope", 6, "none")),
        ("strict", 2, refused("landlock.files", 3, "ABI 2") + refused("landlock.scope", 6, "ABI 2")),
        ("strict", 5, refused("landlock.scope", 6, "ABI 5")), ("strict", 6, ""),
        (
          "port", 2, refused("landlock.connect-tcp", 4, "ABI 2", "\n  at HOME/.config/snug/profiles/port.toml:5:15")
        ), ("port", 4, ""),
      ]
      for (profile, abi, message) in cases {
        let done = try stage.snug(["run", "-p", profile, "--", "true"], extra: ["SNUG_LANDLOCK_ABI=\(abi)"])
        #expect(done.status == (message.isEmpty ? 0 : 125), "\(profile) \(abi): \(done.everything)")
        #expect(neutral(done.errors, stage) == message)
      }
      try stage.setProfiles([])
      #expect(stage.leftovers() == [])
    }

    /// What script(1) has shown, but for the zero byte that it types where its own standard input ends.
    private func shown(_ terminal: Finished) -> String { terminal.output.replacing("^@", with: "") }

    /// The mounts alone would let this through: a file of the host's that came in as a descriptor for reading.
    @Test func `file rules are a second wall behind the mounts`() throws {
      let stage = try stage()
      try stage.write("secret\n", to: "\(stage.home)/outside/file")
      try stage.setProfiles([("open", "version = 1\nextends = [\"default\"]\n[landlock]\nfiles = false\n")])
      func read(_ profile: String, _ abi: Int) throws -> Finished {
        try stage.run(
          [
            "/bin/sh", "-c",
            "exec \(stage.snug) run --read \(stage.probe) --fd 9 -p \(profile) -- \(stage.probe) try "
              + "read /proc/self/fd/9 , write /proc/self/fd/9 9<outside/file",
          ], extra: ["SNUG_LANDLOCK_ABI=\(abi)"])
      }
      for abi in [1, 2, 7] {
        let walled = try read("default", abi)
        #expect(walled.output == "read: EACCES\nwrite: EACCES\n", "\(abi): \(walled.everything)")
      }
      for (profile, abi) in [("open", 7), ("default", 0)] {
        let open = try read(profile, abi)
        #expect(open.output == "read: ok\nwrite: ok\n", "the positive control: \(open.everything)")
      }
      try stage.setProfiles([])
    }

    @Test func `abstract sockets outside are out of reach where the network is the host's`() throws {
      let stage = try stage()
      try stage.setProfiles([
        ("open", "version = 1\nextends = [\"default\"]\n[landlock]\nscope = [\"!abstract-unix-socket\"]\n")
      ])
      let name = "snug-test-\(stage.uid)-abstract"
      let server = try stage.start([stage.probe, "serve", name])
      #expect(server.waitFor("ready"))
      let words = ["try", "abstract", name]
      #expect(try stage.outside(words).output == "abstract: ok\n", "the positive control")
      let host = ["--network", "host"]
      #expect(try stage.inside("default", host, words).output == "abstract: EPERM\n")
      #expect(try stage.inside("open", host, words).output == "abstract: ok\n", "without the scope it is reached")
      #expect(
        try stage.inside("open", [], words).output == "abstract: ECONNREFUSED\n", "a network of its own has no such")
      _ = server.finish()
      try stage.setProfiles([])
      #expect(stage.leftovers() == [])
    }

    @Test func `only the ports that are listed can be connected to`() throws {
      let stage = try stage()
      let listen = """
        import socket, sys
        s = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        print(*[x.getsockname()[1] for x in s], "ready", flush=True)
        sys.stdin.read()
        """
      let server = try stage.start(["/usr/bin/python3", "-c", listen])
      #expect(server.waitFor("ready"))
      let ports = server.outputSoFar.split(separator: " ").compactMap { Int($0) }
      guard ports.count == 2 else {
        Issue.record("no ports: \(server.finish().everything)")
        return
      }
      let text = "version = 1\nextends = [\"default\"]\n[network]\nmode = \"host\"\n[landlock]\nconnect-tcp = "
      try stage.setProfiles([("one", text + "[\(ports[0])]\n"), ("no", text + "[]\n")])
      let connect = """
        import errno, socket
        for port in \(ports):
          try: socket.create_connection(("127.0.0.1", port), 5); print("ok")
          except OSError as e: print(errno.errorcode[e.errno])
        """
      func reach(_ words: [String], abi: Int = 7) throws -> String {
        try stage.run(words + ["/usr/bin/python3", "-c", connect], extra: ["SNUG_LANDLOCK_ABI=\(abi)"]).output
      }
      #expect(try reach([]) == "ok\nok\n", "the positive control, outside")
      #expect(try reach([stage.snug, "run", "-p", "one", "--"]) == "ok\nEACCES\n")
      #expect(try reach([stage.snug, "run", "-p", "no", "--"]) == "EACCES\nEACCES\n")
      #expect(try reach([stage.snug, "run", "-p", "one", "--"], abi: 3) == "ok\nok\n", "and said so: see above")
      #expect(try reach([stage.snug, "run", "--network", "host", "--"]) == "ok\nok\n", "without the key, unrestricted")
      _ = server.finish()
      try stage.setProfiles([])
      #expect(stage.leftovers() == [])
    }

    @Test(arguments: [0, 2, 7]) func `a build, a terminal and shared memory work under it`(abi: Int) throws {
      let stage = try stage()
      let folder = "\(stage.home)/build\(abi)"
      try stage.write("#include <stdio.h>\nint main(void) { return puts(\"built\") < 0; }\n", to: "\(folder)/a.c")
      try stage.write("a.out: a.c\n\tgcc -o a.tmp a.c && mv a.tmp a.out && ./a.out\n", to: "\(folder)/Makefile")
      let extra = ["SNUG_LANDLOCK_ABI=\(abi)"]
      let built = try stage.snug(["run", "-p", "project", "--", "make", "-s"], directory: folder, extra: extra)
      #expect(built.status == 0 && built.output == "built\n", "\(built.everything)")

      let script =
        "test -t 0 && echo isatty; echo said >/dev/tty; stty -a </dev/tty | grep -c speed; "
        + "echo x >/dev/shm/x && cat /dev/shm/x; head -c 4 /dev/urandom | wc -c; echo >/dev/null; ls /dev/pts >/dev/null && echo pts"
      try stage.write(script + "\n", to: "\(folder)/terminal.sh")
      let terminal = try stage.run(
        [
          "/usr/bin/script", "-qec", "\(stage.snug) run --read \(folder) -- sh \(folder)/terminal.sh 2>&1", "/dev/null",
        ],
        extra: extra)
      let lines = shown(terminal).split(separator: "\r\n").filter { !$0.hasPrefix("snug: not enforced") }
      #expect(lines == ["isatty", "said", "1", "x", "4", "pts"], "\(terminal.everything)")

      let python = """
        import multiprocessing as m, os, pty
        lock = m.Lock(); q = m.Queue(); p = m.Process(target=lambda: q.put("child")); p.start(); print(q.get()); p.join()
        from multiprocessing import shared_memory as s
        b = s.SharedMemory(create=True, size=64); b.buf[0] = 7; print(b.buf[0]); b.close(); b.unlink()
        a, b = pty.openpty(); print(os.isatty(b))
        """
      let shared = try stage.snug(["run", "python3", "-c", python], extra: extra)
      #expect(shared.output == "child\n7\nTrue\n", "\(shared.everything)")
      #expect(stage.leftovers() == [])
    }
  }
}
