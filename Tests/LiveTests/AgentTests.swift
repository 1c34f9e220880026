import Glibc
import TestSupport
import Testing

extension Live {
  /// Agents that hold keys, and the print server: row 117 of the threat list.
  @Suite(.serialized) struct AgentTests {
    private let stage: Stage

    init() throws {
      stage = try LiveTests.stage()
      for name in ["ssh", "gpg"] {
        try stage.profile("\(name)-agent", "extends = [\"default\"]\n[desktop]\n\(name)-agent = true")
      }
      try stage.profile("gpg-full", "extends = [\"gpg-agent\"]\noptional = [\"desktop.gpg-agent\"]")
      try stage.profile("prints", "extends = [\"default\"]\n[desktop]\nprinting = true")
    }

    private func inside(_ line: String, _ profile: String, _ extra: [String] = []) throws -> Finished {
      try stage.snug(["run", "-p", profile, "--", "sh", "-c", line], extra: extra)
    }

    @Test func `the SSH agent's keys can be used`() throws {
      let folder = "\(try stage.workFolder())/agent"
      try stage.outside(shell: "mkdir -p -m 700 \(folder); ssh-keygen -q -t ed25519 -N '' -f \(folder)/key")
      let agent = try stage.start(["/usr/bin/ssh-agent", "-D", "-a", "\(folder)/socket"])
      defer { _ = try? Stage.shell("rm -r \(folder)") }
      let variable = ["SSH_AUTH_SOCK=\(folder)/socket"]
      try #require(eventually { access("\(folder)/socket", F_OK) == 0 })
      let added = try stage.run(["/usr/bin/ssh-add", "-q", "\(folder)/key"], extra: variable)
      #expect(added.status == 0, "\(added.everything)")
      let list = try inside("ssh-add -L; echo $SSH_AUTH_SOCK", "ssh-agent", variable)
      #expect(
        list.output.contains("ssh-ed25519 ") && list.output.hasSuffix("\n/run/snug/ssh-agent\n"), "\(list.everything)")
      // It signs inside, and the key itself is not there.
      let sign = try inside(
        "cd; ssh-add -L > key.pub; echo text > file; ssh-keygen -q -Y sign -f key.pub -n x file && cat file.sig; "
          + "ls \(folder)", "ssh-agent", variable)
      #expect(sign.output.contains("BEGIN SSH SIGNATURE") && !sign.output.contains("key\n"), "\(sign.everything)")
      let without = try inside(
        "ssh-add -L; find / -xdev -name 'ssh-agent' -o -name socket 2>/dev/null", "default", variable)
      #expect(without.output == "", "\(without.everything)")
      agent.signal(9)
      _ = agent.finish()
      let dead = try inside("true", "ssh-agent", variable)
      #expect(
        dead.status == 125
          && dead.errors.hasPrefix("snug: cannot reach the SSH agent: nobody listens at \(folder)/socket\n"),
        "\(dead.everything)")
      expectOneMessage(dead.errors)
      let none = try inside("true", "ssh-agent")
      #expect(none.status == 125 && none.errors.contains("SSH_AUTH_SOCK is not set"), "\(none.everything)")
    }

    @Test func `the GnuPG agent signs and gives nothing away`() throws {
      let none = try inside("true", "gpg-agent")
      #expect(none.status == 125 && none.errors.contains("gpgconf --launch gpg-agent"), "\(none.everything)")
      let file = "\(try stage.workFolder())/public"
      try stage.outside(
        shell: "gpg -q --batch --passphrase '' --quick-gen-key anna@example.org ed25519 sign never 2>/dev/null; "
          + "gpg -q --batch --export anna@example.org > \(file)")
      defer { _ = try? stage.outside(shell: "gpgconf --kill gpg-agent; rm -rf \(stage.home)/.gnupg \(file)") }
      func withKey(_ line: String, _ profile: String) throws -> Finished {
        let prepare = "mkdir -m 700 -p ~/.gnupg; gpg -q --batch --import \(file) && "
        return try stage.snug(["run", "--read", file, "-p", profile, "--", "sh", "-c", prepare + line])
      }
      let sign = "echo text | gpg -q --batch -u anna@example.org --clearsign"
      let done = try withKey(sign, "gpg-agent")
      #expect(done.status == 0 && done.output.contains("BEGIN PGP SIGNATURE"), "\(done.everything)")
      let export =
        "gpg -q --batch --pinentry-mode loopback --passphrase '' --export-secret-keys anna@example.org | wc -c"
      let control = try stage.outside(shell: export)
      #expect(control != "0\n", "the control")
      let refused = try withKey(export, "gpg-agent")
      #expect(refused.output == "0\n", "\(refused.everything)")
      let tell = "gpg-connect-agent --no-autostart 'GETINFO restricted' 'KILLAGENT' /bye"
      let restricted = try withKey(tell, "gpg-agent")
      #expect(
        restricted.output.contains("OK\nERR") && restricted.output.contains("orbidden"), "\(restricted.everything)")
      #expect(try withKey(sign, "default").status != 0)
      // The full one only where the profile lets it go.
      let sockets = try stage.outside(shell: "gpgconf --list-dirs agent-extra-socket")
      try Stage.shell("rm \(sockets)")
      let stopped = try withKey(sign, "gpg-agent")
      #expect(stopped.status == 125 && stopped.errors.contains("is not restricted"), "\(stopped.everything)")
      let full = try withKey(export, "gpg-full")
      #expect(full.output == control, "\(full.everything)")
    }

    @Test func `the print server's socket`() throws {
      let socket = "\(try stage.workFolder())/cups"
      let listen = """
        import socket, sys
        s = socket.socket(socket.AF_UNIX)
        s.bind(sys.argv[1]); s.listen(8)
        print('ready', flush=True)
        while True:
          c = s.accept()[0]
          try: c.sendall(b'printer')
          except OSError: pass
          c.close()
        """
      let server = try stage.start(["/usr/bin/python3", "-c", listen, socket])
      defer {
        server.signal(9)
        _ = server.finish()
        unlink(socket)
      }
      try #require(server.waitFor("ready"))
      let ask = """
        python3 -c 'import os, socket
        s = socket.socket(socket.AF_UNIX)
        s.connect(os.environ["CUPS_SERVER"])
        print(os.environ["CUPS_SERVER"], s.recv(99))'
        """
      let done = try inside(ask, "prints", ["CUPS_SERVER=\(socket)"])
      #expect(done.output == "/run/cups/cups.sock b'printer'\n", "\(done.everything)")
      #expect(try inside(ask, "default", ["CUPS_SERVER=\(socket)"]).status != 0)
      #expect(try inside("ls /run", "default", ["CUPS_SERVER=\(socket)"]).output.contains("cups") == false)
    }
  }
}
