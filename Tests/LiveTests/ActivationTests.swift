import Glibc
import TestSupport
import Testing

extension Live {
  /// What a start is handed besides its words: open descriptors, listening sockets, the service manager's own socket.
  @Suite(.serialized) struct ActivationTests {
    /// A service manager in small: listens on two sockets, starts `snug` with them as descriptors 3 and 4, asks each of
    /// them once. `pid` is what LISTEN_PID says, an expression.
    private func manager(_ pid: String, _ snug: [String]) -> String {
      """
      import os, socket, sys
      a, b = socket.socket(), socket.socket(socket.AF_UNIX)
      a.bind(("127.0.0.1", 0)); b.bind("\\0snug-test-%d" % os.getpid())
      for s in (a, b): s.listen(4)
      child = os.fork()
      if child == 0:
        os.dup2(a.fileno(), 13); os.dup2(b.fileno(), 14); os.dup2(13, 3); os.dup2(14, 4)
        os.set_inheritable(3, True); os.set_inheritable(4, True)
        os.environ.update(LISTEN_PID=str(\(pid)), LISTEN_FDS="2", LISTEN_FDNAMES="web:admin")
        os.execv("\(snug[0])", \(pythonList(snug)))
      for s, name in ((a, "tcp"), (b, "unix")):
        c = socket.socket(s.family); c.settimeout(20); c.connect(s.getsockname()); s.close()
        try: print(name, c.recv(100).decode(), flush=True)
        except OSError as error: print(name, type(error).__name__, flush=True)
      sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
      """
    }

    private func pythonList(_ words: [String]) -> String {
      "["
        + words.map {
          "\"" + $0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
        }
        .joined(separator: ", ") + "]"
    }

    /// Answers on both with what the app was told.
    private let server = """
      import os, socket
      for n in (3, 4):
        s = socket.socket(fileno=n); c, _ = s.accept()
        mine = os.environ["LISTEN_PID"] == str(os.getpid())
        c.sendall(("%s %s %s" % (mine, os.environ["LISTEN_FDS"], os.environ["LISTEN_FDNAMES"])).encode()); c.close()
      """

    @Test func `listening sockets arrive with the app's own pid`() throws {
      let stage = try stage()
      let line = [stage.snug, "run", "--", "python3", "-c", server]
      let done = try stage.run(["/usr/bin/python3", "-c", manager("os.getpid()", line)])
      #expect(done.output == "tcp True 2 web:admin\nunix True 2 web:admin\n" && done.status == 0, "\(done.everything)")
      #expect(stage.leftovers() == [])
    }

    @Test func `sockets that are meant for another process are not passed on`() throws {
      let stage = try stage()
      let look = "ls /proc/self/fd | tr '\\n' ' '; env | grep LISTEN_; true"
      let done = try stage.run([
        "/usr/bin/python3", "-c",
        manager("os.getppid()", [stage.snug, "run", "--keep-env", "LISTEN_FDS", "--", "sh", "-c", look]),
      ])
      #expect(done.output.hasSuffix("\n0 1 2 3 ") && !done.output.contains("LISTEN_"), "\(done.everything)")
    }

    @Test(arguments: [
      ("2x", "it is no number of descriptors"), ("-1", "it is no number"), ("9", "Bad file descriptor"),
    ])
    func `handed sockets that are none stop the start`(count: String, message: String) throws {
      let stage = try stage()
      let done = try stage.shell("exec env LISTEN_FDS=\(count) sh -c 'LISTEN_PID=$$ exec $SNUG run -- true'")
      #expect(done.status == 125 && done.errors.contains(message), "\(done.everything)")
      expectOneMessage(done.errors)
      #expect(try stage.shell("exec sh -c 'LISTEN_FDS=0 LISTEN_PID=$$ exec $SNUG run -- true'").status == 0)
    }

    @Test func `as many descriptors as are asked for are passed, each at its number`() throws {
      let stage = try stage()
      let numbers = [3, 4, 5, 6, 8, 9]
      let options = numbers.map { "--fd \($0)" }.joined(separator: " ")
      let opens = (3...9).map { "\($0)<<E\($0)" }.joined(separator: " ")
      let bodies = (3...9).map { "text \($0)\nE\($0)\n" }.joined()
      let reads = numbers.map { "cat <&\($0)" }.joined(separator: "; ")
      let done = try stage.shell(
        "exec $SNUG run \(options) --fd 9 -- sh -c '\(reads); cat <&7 && echo open; true' \(opens)\n\(bodies)")
      #expect(
        done.output == numbers.map { "text \($0)\n" }.joined() && done.errors.contains("7"), "\(done.everything)")
    }

    @Test(arguments: ["<", ">", "2>", "7<"])
    func `an open directory is not passed on`(redirection: String) throws {
      let stage = try stage()
      _ = try stage.workFolder()
      // The control: through such a descriptor `..` leads up, whatever the root is.
      let escape = try stage.shell("cd $STAGE && exec python3 -c 'import os; os.open(\"../work\", 0, dir_fd=7)' 7<.")
      #expect(escape.status == 0, "\(escape.everything)")
      let number = redirection == "7<" ? 7 : redirection == "<" ? 0 : redirection == ">" ? 1 : 2
      // Only a descriptor that is open for reading can be a directory.
      let script = """
        import os, subprocess, sys
        d = os.open(".", os.O_RDONLY)
        e = os.dup(2)
        os.dup2(d, \(number)); os.set_inheritable(\(number), True)
        words = [os.environ["SNUG"], "run"] + (["--fd", "7"] if \(number) == 7 else []) + ["--", "true"]
        status = subprocess.run(words, close_fds=False).returncode
        os.write(e, b"status %d\\n" % status)
        """
      let done = try stage.run(
        ["/usr/bin/python3", "-c", script], directory: stage.home, extra: ["SNUG=\(stage.snug)"])
      #expect(done.errors.hasSuffix("status 125\n"), "\(done.everything)")
      let names = [0: "standard input", 1: "standard output", 7: "descriptor 7"]
      if let name = names[number] { #expect(done.errors.contains("snug: cannot pass on \(name): it is a directory")) }
    }

    @Test func `the service manager hears the app where that is asked for`() throws {
      let stage = try stage()
      let script = """
        import os, socket, subprocess, sys
        folder = os.environ["XDG_RUNTIME_DIR"] + "/manager"
        os.makedirs(folder, exist_ok=True)
        other = socket.socket(socket.AF_UNIX); other.bind(folder + "/other")
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(folder + "/notify"); s.settimeout(20)
        os.environ["NOTIFY_SOCKET"] = folder + "/notify"
        inside = '''
        import os, socket
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(os.environ["NOTIFY_SOCKET"]); s.send(b"READY=1")
        print(os.environ["NOTIFY_SOCKET"], os.listdir("/run/snug"), os.path.exists("\(stage.runtime)/manager"))
        '''
        snug = os.environ["SNUG"]
        status = subprocess.run([snug, "run", "--keep-env", "NOTIFY_SOCKET", "--", "python3", "-c", inside]).returncode
        print(s.recv(100).decode(), status, flush=True)
        look = "env | grep -c NOTIFY; ls /run/snug"
        subprocess.run([snug, "run", "--", "sh", "-c", look], stderr=subprocess.DEVNULL)
        sys.stdout.flush()
        print(subprocess.run([snug, "explain", "default", "--keep-env", "NOTIFY_SOCKET"], capture_output=True).stdout.decode())
        for name in ("notify", "other"): os.unlink(folder + "/" + name)
        os.rmdir(folder)
        """
      let done = try stage.run(["/usr/bin/python3", "-c", script], extra: ["SNUG=\(stage.snug)"])
      let lines = done.output.split(separator: "\n").map(String.init)
      #expect(lines.prefix(3) == ["/run/snug/notify ['notify'] False", "READY=1 0", "0"], "\(done.everything)")
      #expect(done.output.contains("tell your service manager that it is ready"), "\(done.everything)")
      #expect(stage.leftovers() == [])
    }
  }
}
