import Glibc
import TestSupport
import Testing

extension Live {
  /// `network.mode = "private"`.
  @Suite(.serialized) struct PrivateNetworkTests {
    /// Prints what a server says: words are an address, a port, and a line to send.
    private static let client = """
      import socket, sys
      s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 2)
      s.sendall((sys.argv[3] if len(sys.argv) > 3 else "").encode() + b"\\n")
      print(s.recv(99).decode())
      """

    private func ask(_ words: String...) -> [String] { ["/usr/bin/python3", "-c", Self.client] + words }
    private let isRoot = "only root can make a network with another machine in it"
    private let inside = ["run", "--network", "private", "--"]

    @Test func `other machines are reached, by name too, and this machine's loopback is not`() throws {
      guard geteuid() == 0 else { return skip(isRoot) }
      let world = try OutsideNetwork(try stage())
      defer { world.end() }
      let served = try world.snug(inside + ask(OutsideNetwork.other, "8200"))
      #expect(served.output == "served\n", "\(served.everything)")
      // Its name, from a resolver on the loopback outside.
      let named = try world.snug(inside + ask("far.example", "8200"))
      #expect(named.output == "served\n", "\(named.everything)")
      // Each control succeeds outside.
      for (address, port) in [("127.0.0.1", "8300"), ("127.0.0.1", "8301"), (OutsideNetwork.own, "8301")] {
        #expect(try world.run(ask(address, port)).output == "mine\n", "the positive control")
        let refused = try world.snug(inside + ask(address, port))
        #expect(refused.status == 1 && refused.output == "", "\(address):\(port) \(refused.everything)")
      }
      // As pasta would have it: its gateway stands for the loopback outside.
      let gateway = try world.snug(inside + ask(OutsideNetwork.other, "8300"))
      #expect(gateway.status == 1 && gateway.output == "", "\(gateway.everything)")
      // Nobody else listens at the address that names are asked of.
      let resolver = try world.snug(inside + ask("169.254.1.1", "8300"))
      #expect(resolver.status == 1 && resolver.output == "", "\(resolver.everything)")
      #expect(try stage().leftovers() == [])
    }

    @Test func `what listens inside is reached by commands inside, by who shares the network, and by nobody outside`()
      throws
    {
      guard geteuid() == 0 else { return skip(isRoot) }
      let stage = try stage()
      let world = try OutsideNetwork(stage)
      defer { world.end() }
      let server = """
        import socket; s = socket.create_server(("0.0.0.0", 8400)); print("ready", flush=True)
        while True: c = s.accept()[0]; c.sendall(b"within"); c.close()
        """
      let serving = try world.start(
        [stage.snug, "run", "--network", "private", "--name", "serving", "--", "python3", "-c", server])
      #expect(serving.waitFor("ready"))
      let command = try world.snug(["exec", "serving", "--"] + ask("127.0.0.1", "8400"))
      #expect(command.output == "within\n", "\(command.everything)")
      let outward = try world.snug(["exec", "serving", "--"] + ask(OutsideNetwork.other, "8200"))
      #expect(outward.output == "served\n", "\(outward.everything)")
      let sharing = ["run", "--network", "private", "--share-network-with", "serving", "--"]
      #expect(try world.snug(sharing + ask("127.0.0.1", "8400")).output == "within\n")
      let shared = try world.snug(sharing + ask("far.example", "8200"))
      #expect(shared.output == "served\n", "\(shared.everything)")

      for address in ["127.0.0.1", OutsideNetwork.own] {
        let refused = try world.run(ask(address, "8400"))
        #expect(refused.status == 1, "\(refused.everything)")
      }
      // From the other machine, and to a port that is open: the control.
      #expect(try world.run(ask(OutsideNetwork.other, "8200", "8301")).output == "mine\n")
      #expect(try world.run(ask(OutsideNetwork.other, "8200", "8400")).output.hasPrefix("none"))
      #expect(try world.snug(["stop", "--now", "serving"]).status == 0)
      _ = serving.finish()
      #expect(stage.leftovers() == [])
    }

    @Test func `pasta has locked itself up, and ends with the launcher`() throws {
      guard geteuid() == 0 else { return skip(isRoot) }
      let stage = try stage()
      let world = try OutsideNetwork(stage)
      defer { world.end() }
      for round in 0..<3 {
        let running = try world.start([
          stage.snug, "run", "--network", "private", "--", "sh", "-c", "echo up; sleep 99",
        ])
        #expect(running.waitFor("up"))
        let pastas = stage.processes().filter { readText("/proc/\($0)/cmdline")?.hasPrefix("pasta\0") == true }
        let pasta = try #require(pastas.first)
        #expect(pastas.count == 1)
        let status = (readText("/proc/\(pasta)/status") ?? "").split(separator: "\n")
        #expect(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"), "\(status)")
        let user = { (pid: String) in try Stage.shell("readlink /proc/\(pid)/ns/user") }
        #expect(try user(pasta) != user("self"), "its rights are those of the sandbox's own user namespace")
        #expect(try Stage.shell("ls -A /proc/\(pasta)/root/") == "", "no file of this machine is left to it")
        switch round {
        case 0:
          // The launcher is the child of what enters the world.
          kill(
            try #require(stage.processes().first { readText("/proc/\($0)/comm") == "snug\n" }.flatMap(Int32.init)), 9)
        case 1:
          // What it cannot do without is told, and the app lives on.
          kill(try #require(Int32(pasta)), 9)
          #expect(running.waitForErrors("pasta has ended: the app has no network any more"))
          running.signal(SIGTERM)
        default: running.signal(SIGTERM)
        }
        _ = running.finish()
        #expect(stage.leftovers() == [], "round \(round)")
      }
    }

    @Test func `a claim of a network holds, and a machine without its parts says what helps`() throws {
      guard geteuid() == 0 else { return skip(isRoot) }
      let stage = try stage()
      let world = try OutsideNetwork(stage)
      defer { world.end() }
      let profile = "\(stage.home)/private.toml"
      let text = "version = 1\nextends = [\"default\"]\n[network]\nmode = \"private\"\n[assert]\nnetwork = true\n"
      try stage.write(text, to: profile)
      let claimed = try world.snug(["run", "-p", profile, "--", "true"])
      #expect(claimed.status == 0, "\(claimed.everything)")

      try world.asRoot("chmod 600 /dev/net/tun")
      let refused = try world.snug(["run", "-p", profile, "--", "true"])
      #expect(
        refused.status == 125
          && refused.errors == """
            snug: cannot make a private network: /dev/net/tun: Permission denied
              at \(profile):4:8
              hint: on most machines everybody may open it (mode 0666): ask who looks after this one

            """,
        "\(refused.everything)")
      try stage.write(
        "version = 1\noptional = [\"network.mode\"]\n[network]\nmode = \"private\"\n[assert]\nnetwork = false\n",
        to: profile)
      let without = try world.snug(["run", "-v", "-p", profile, "--", "true"])
      #expect(
        without.status == 0 && without.errors.contains("not enforced on this machine: network.mode"),
        "\(without.everything)")
      try world.asRoot("chmod 666 /dev/net/tun; ip route del default")
      let offline = try world.snug(inside + ["true"])
      #expect(
        offline.status == 125 && offline.errors.contains("hint: this machine has no network itself"),
        "\(offline.everything)")
      #expect(stage.leftovers() == [])
    }

    @Test func `a fresh PID 1 of a kept instance has the network too`() throws {
      guard geteuid() == 0 else { return skip(isRoot) }
      let stage = try stage()
      let world = try OutsideNetwork(stage)
      defer { world.end() }
      let kept = try world.snug(["run", "--network", "private", "--detach", "--keep", "--name", "kept"])
      #expect(kept.status == 0, "\(kept.everything)")
      for _ in 0..<2 {
        let served = try world.snug(["exec", "kept", "--"] + ask(OutsideNetwork.other, "8200"))
        #expect(served.output == "served\n", "\(served.everything)")
        #expect(try world.snug(["reset", "kept"]).status == 0)
      }
      #expect(try world.snug(["stop", "--now", "kept"]).status == 0)
      #expect(stage.leftovers() == [])
    }
  }
}
