import Glibc
import TestSupport
import Testing

extension Live {
  /// `snug run --share-network-with`.
  @Suite(.serialized) struct SharedNetworkTests {
    private static let server = """
      import socket; s = socket.create_server(("127.0.0.1", 8125)); print("ready", flush=True)
      while True: s.accept()[0].sendall(b"served")
      """
    private static let client = """
      import socket; s = socket.socket(); s.settimeout(5); s.connect(("127.0.0.1", 8125)); print(s.recv(9).decode())
      """

    @Test func `a server in one instance is reached from another that shares its network, and from no third`() throws {
      let stage = try stage()
      let serving = try stage.start([stage.snug, "run", "--name", "serving", "--", "python3", "-c", Self.server])
      #expect(serving.waitFor("ready"))
      let sharing = ["run", "--share-network-with", "serving", "--"]
      let reached = try stage.snug(sharing + ["python3", "-c", Self.client])
      #expect(reached.status == 0 && reached.output == "served\n", "\(reached.everything)")
      let third = try stage.snug(["run", "--", "python3", "-c", Self.client])
      #expect(third.status == 1 && third.errors.contains("refused"), "\(third.everything)")

      // The same network namespace, and no other one.
      let kinds = ["net", "user", "pid", "mnt", "ipc", "uts", "cgroup"]
      let links = kinds.map { "readlink /proc/self/ns/\($0)" }.joined(separator: ";")
      let first = try stage.snug(["exec", "serving", "sh", "-c", links]).output.split(separator: "\n")
      let second = try stage.snug(sharing + ["sh", "-c", links]).output.split(separator: "\n")
      try #require(first.count == kinds.count && second.count == kinds.count)
      #expect(zip(first, second).map { $0 == $1 } == kinds.map { $0 == "net" })
      // By the rule of owners the first one has power over the second one's user namespace: it has no name for it.
      let kept = try stage.snug(["run", "--share-network-with", "serving", "--detach", "--keep", "--name", "second"])
      #expect(kept.status == 0, "\(kept.everything)")
      let held = try stage.start([stage.snug, "exec", "second", "--", "sh", "-c", "echo ready; exec sleep 600"])
      #expect(held.waitFor("ready"))
      #expect(try stage.snug(["exec", "serving", "pgrep", "-x", "sleep"]).output == "")
      #expect(try stage.snug(["exec", "second", "pgrep", "-x", "sleep"]).output != "", "the positive control")
      let names = try stage.snug(["exec", "second", "sh", "-c", "cat /proc/1/status | grep -E 'CapEff|NoNewPrivs'"]).output
      #expect(names.contains("0000000000000000") && names.contains("1"))

      #expect(try stage.snug(["stop", "--now", "second"]).status == 0)
      #expect(held.finish().status != 0)
      #expect(try stage.snug(["stop", "--now", "serving"]).status == 0)
      _ = serving.finish()
      #expect(stage.leftovers() == [])
    }

    @Test func `what cannot be shared is refused by name`() throws {
      let stage = try stage()
      let host = try stage.snug(["run", "--detach", "--keep", "--network", "host", "--name", "open"])
      #expect(host.status == 0, "\(host.everything)")
      let share = ["run", "--share-network-with"]
      let refused = try stage.snug(share + ["open", "--", "true"])
      #expect(refused.status == 125)
      #expect(
        refused.errors == """
          snug: cannot share the network of open: its network is not its own
            hint: --network host is the host's; one that shares another's: name that one

          """)
      let mixed = try stage.snug(share + ["open", "--network", "host", "--", "true"])
      #expect(mixed.status == 125 && mixed.errors.contains("the profile takes the host's"), "\(mixed.everything)")
      let missing = try stage.snug(share + ["nobody", "--", "true"])
      #expect(missing.status == 125 && missing.errors.contains("no instance named nobody"), "\(missing.everything)")
      #expect(try stage.snug(["stop", "--now", "open"]).status == 0)
      #expect(stage.leftovers() == [])
    }
  }
}
