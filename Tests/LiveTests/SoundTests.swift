import Glibc
import TestSupport
import Testing

extension Live {
  /// Sound by a real server: rows 116 of the threat list, and what must still work.
  @Suite(.serialized) struct SoundTests {
    private let stage: Stage

    init() throws {
      stage = try LiveTests.stage()
      try stage.profile("plays", "extends = [\"default\"]\n[desktop]\naudio = \"playback\"")
      try stage.profile("records", "extends = [\"default\"]\n[desktop]\naudio = true")
    }

    private func withServer(_ body: (SoundServer) throws -> Void) throws {
      let server = try SoundServer(stage)
      defer { server.end() }
      try body(server)
    }

    private func inside(_ line: String, _ profile: String, _ options: [String] = []) throws -> Finished {
      try stage.snug(["run"] + options + ["-p", profile, "--", "sh", "-c", line])
    }

    /// The filters of this user: PIDs 1 of boxes whose launcher has more than one child, by what they listen at.
    private func filter(of launcher: Running) -> Int32? {
      let children = readText("/proc/\(launcher.pid)/task/\(launcher.pid)/children") ?? ""
      return children.split(separator: " ").compactMap { Int32($0) }.first {
        (readText("/proc/\($0)/status") ?? "").contains("\nNSpid:\t\($0)\t1\n")
          && !(readText("/proc/\($0)/task/\($0)/children") ?? "").contains { $0.isNumber }
      }
    }

    @Test(arguments: ["plays", "records"]) func `sound is heard outside`(profile: String) throws {
      try withServer { server in
        let control = try server.hears { _ = try stage.run(["/usr/bin/paplay", server.tone]) }
        #expect(control)
        let heard = try server.hears {
          let done = try inside("paplay \(server.tone)", profile, ["--read", server.tone])
          #expect(done.status == 0 && done.errors == "", "\(done.everything)")
        }
        #expect(heard)
        let done = try inside("paplay \(server.tone)", "default", ["--read", server.tone])
        #expect(done.status != 0, "\(done.everything)")
      }
      #expect(names(in: "\(stage.runtime)/snug") ?? [] == [])
    }

    @Test func `mpv plays`() throws {
      try withServer { server in
        let heard = try server.hears {
          let done = try inside(
            "mpv --no-config --no-video --ao=pulse --volume=80 \(server.tone)", "plays", ["--read", server.tone])
          #expect(done.status == 0 && !done.everything.contains("ccess denied"), "\(done.everything)")
        }
        #expect(heard)
      }
    }

    @Test func `nobody records`() throws {
      try withServer { server in
        let record = "timeout 20 parec -d out.monitor --raw --latency-msec=20 | head -c 5000 | wc -c"
        let control = try inside(record, "records")
        #expect(control.output == "5000\n", "\(control.everything)")
        let done = try inside(record, "plays")
        #expect(done.output == "0\n" && done.errors.contains("Access denied"), "\(done.everything)")
        // Nor by another way to the same server.
        let direct = "PULSE_SERVER=unix:\(stage.runtime)/pulse/native pactl info"
        #expect(try stage.run(["/bin/sh", "-c", direct]).status == 0, "the control")
        #expect(try inside(direct, "plays").status != 0)
      }
    }

    @Test func `nobody changes the server or looks at others`() throws {
      try withServer { server in
        let before = try server.modules()
        for line in [
          "pactl load-module module-null-sink sink_name=evil", "pactl unload-module 0", "pactl list sources",
          "pactl list modules", "pactl list clients", "pactl list sink-inputs", "pactl list source-outputs",
          "pactl set-sink-volume out 10%", "pactl set-default-sink out", "pactl suspend-sink out 1",
          "pactl list samples",
          "pactl upload-sample \(server.tone) bell", "pactl exit",
        ] {
          let done = try inside(line, "plays", ["--read", server.tone])
          #expect(done.status != 0 && done.errors.contains("Access denied"), "\(line): \(done.everything)")
        }
        #expect(try server.modules() == before)
        for line in ["pactl info", "pactl list short sinks"] {
          let done = try inside(line, "plays")
          #expect(done.status == 0, "\(line): \(done.everything)")
        }
        let control = try inside("pactl load-module module-null-sink sink_name=other", "records")
        #expect(control.status == 0, "\(control.everything)")
        #expect(try server.modules() != before)
      }
    }

    @Test func `PipeWire's socket is there only for all of it`() throws {
      try withServer { _ in
        let make = "import socket; socket.socket(socket.AF_UNIX).bind('\(stage.runtime)/pipewire-0')"
        try stage.outside(argv: ["python3", "-c", make])
        defer { unlink("\(stage.runtime)/pipewire-0") }
        let list = "find $XDG_RUNTIME_DIR -exec test -S {} ';' -print | sed s,.*/,, | sort"
        #expect(try inside(list, "plays").output == "native\n")
        #expect(try inside(list, "records").output == "native\npipewire-0\n")
        #expect(try inside(list, "default").output == "")
      }
    }

    private static let talk = """
      import array, os, socket, struct, sys
      def frame(payload, channel=0xffffffff, flags=0):
        return struct.pack('>IIIII', len(payload), channel, 0, 0, flags) + payload
      def number(n): return b'L' + struct.pack('>I', n)
      s = socket.socket(socket.AF_UNIX)
      place = os.environ['PULSE_SERVER'][5:]
      s.connect(place)
      auth = frame(number(8) + number(0) + number(0xc0000023) + b'x' + struct.pack('>I', 256) + bytes(256))
      """

    /// A server that tells what reaches it.
    private static let listen = """
      import os, socket, sys
      s = socket.socket(socket.AF_UNIX)
      s.bind(sys.argv[1]); s.listen(8)
      print('ready', flush=True)
      data = b''
      # Whoever asks whether somebody listens says nothing.
      while not data:
        c = s.accept()[0]
        data, ancillary, flags, _ = c.recvmsg(4096, 4096)
      print('version', data[31:35].hex(), 'ancillary', len(ancillary), 'bytes', len(data), flush=True)
      print('end', c.recv(4096), flush=True)
      """

    @Test func `no descriptor and no shared memory pass`() throws {
      let socket = "\(try stage.workFolder())/server"
      func listening() throws -> Running {
        let server = try stage.start(["/usr/bin/python3", "-c", Self.listen, socket])
        try #require(server.waitFor("ready"))
        return server
      }
      let send = Self.talk + "\nsocket.send_fds(s, [auth], [0]); s.shutdown(socket.SHUT_WR); s.recv(1)\n"
      for (profile, expected) in [
        ("records", "version c0000023 ancillary 1 bytes 296"), ("plays", "version 00000023 ancillary 0 bytes 296"),
      ] {
        let server = try listening()
        let done = try stage.snug(
          ["run", "-p", profile, "--", "python3", "-c", send], extra: ["PULSE_SERVER=unix:\(socket)"])
        #expect(done.status == 0, "\(done.everything)")
        #expect(server.finish().output.contains(expected), "\(profile)")
        unlink(socket)
      }
    }

    /// A server whose queue is full; what it gets when it goes on.
    private static let listenLate = """
      import socket, sys
      s = socket.socket(socket.AF_UNIX)
      s.bind(sys.argv[1]); s.listen(0)
      print('ready', flush=True)
      sys.stdin.readline()
      data = b''
      while not data: data = s.accept()[0].recv(4096)
      print('bytes', len(data), flush=True)
      """

    @Test func `a server that is busy is waited for`() throws {
      let socket = "\(try stage.workFolder())/busy"
      let server = try stage.start(["/usr/bin/python3", "-c", Self.listenLate, socket])
      try #require(server.waitFor("ready"))
      // Whoever asks whether somebody listens stands in the queue already, and it has one place.
      let send = Self.talk + "\ns.sendall(auth); print('sent', flush=True); s.recv(1)\n"
      let app = try stage.start(
        [stage.snug, "run", "-p", "plays", "--", "python3", "-c", send], extra: ["PULSE_SERVER=unix:\(socket)"])
      #expect(app.waitFor("sent"))
      usleep(200_000)
      server.send(Array("go\n".utf8))
      let heard = server.finish()
      #expect(heard.output.contains("bytes 296"), "\(heard.everything)")
      let done = app.finish()
      #expect(done.status == 0, "\(done.everything)")
      unlink(socket)
      #expect(stage.leftovers() == [])
    }

    @Test func `what is no frame ends its connection alone`() throws {
      try withServer { server in
        let script =
          Self.talk
            + """

            def broken(data):
              c = socket.socket(socket.AF_UNIX); c.connect(place); c.sendall(data)
              while c.recv(4096): pass
            good = socket.socket(socket.AF_UNIX); good.connect(place)
            good.sendall(auth)
            assert good.recv(4096)
            for data in [b'\\xff' * 64, frame(b''), auth + frame(b'x' * 8, 0, 0x80000000), frame(number(20) + number(1)),
                         auth + frame(b'hello'), auth + struct.pack('>IIIII', 1 << 25, 0, 0, 0, 0)]:
              broken(data)
            # Many at once, some half done.
            held = [socket.socket(socket.AF_UNIX) for _ in range(100)]
            for c in held[:60]: c.connect(place); c.sendall(auth[:30])
            for c in held: c.close()
            good.sendall(frame(number(51) + number(7) + b't' + b'module-null-sink\\0' + b't\\0'))
            answer = good.recv(4096)
            print('answer', answer[20:].hex())
            """
        let done = try stage.snug(["run", "-p", "plays", "--", "python3", "-c", script])
        #expect(done.output == "answer 4c000000004c000000074c00000001\n", "\(done.everything)")
        let count = try server.modules().split(separator: "\n").count { $0.contains("null-sink") }
        #expect(count == 1)
      }
    }

    @Test func `the filter's own box`() throws {
      try withServer { _ in
        let app = try stage.start([stage.snug, "run", "-p", "plays", "--", "sh", "-c", "echo up; read x"])
        try #require(app.waitFor("up"))
        let box = try #require(filter(of: app))
        let status = readText("/proc/\(box)/status") ?? ""
        for line in ["NoNewPrivs:\t1", "Seccomp:\t2", "CapBnd:\t0000000000000000", "CapEff:\t0000000000000000"] {
          #expect(status.contains(line))
        }
        for kind in ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"] {
          let own = linkText("/proc/\(box)/ns/\(kind)")
          #expect(own != linkText("/proc/self/ns/\(kind)"), "\(kind)")
        }
        if stage.isRoot {
          let seen = try Stage.shell("cd /proc/\(box)/root; find . | sort | tr '\\n' ' '")
          #expect(seen == ". ./run ./run/snug ./run/snug/server ")
          #expect(try Stage.shell("ls /proc/\(box)/fd | wc -l") == "2\n")
        }
        app.closeInput()
        _ = app.finish()
        #expect(stage.leftovers().count <= 1)
      }
      #expect(stage.leftovers() == [])
    }

    @Test func `its death ends the app's sound, and nothing stands in for it`() throws {
      try withServer { _ in
        let app = try stage.start([
          stage.snug, "run", "-p", "plays", "--", "sh", "-c",
          "pactl info >/dev/null && echo up; read x; pactl info && echo again; exit 7",
        ])
        try #require(app.waitFor("up"))
        let box = try #require(filter(of: app))
        kill(box, 9)
        #expect(eventually { hasEnded(box) })
        app.send(Array("go\n".utf8))
        let done = app.finish()
        #expect(done.status == 7 && !done.output.contains("again"), "\(done.everything)")
        #expect(
          done.errors.contains("snug: the sound filter has ended: the app has no sound any more"), "\(done.everything)")
      }
    }

    @Test(arguments: [9, 15]) func `no filter outlives its launcher`(signal: Int32) throws {
      try withServer { server in
        let before = stage.processes().count
        let app = try stage.start([stage.snug, "run", "-p", "plays", "--", "sh", "-c", "echo up; sleep 1000"])
        try #require(app.waitFor("up"))
        app.signal(signal)
        _ = app.finish()
        #expect(eventually { stage.processes().count <= before })
        #expect(try stage.snug(["ps"]).status == 0)
        #expect(names(in: "\(stage.runtime)/snug") ?? [] == [])
      }
    }

    @Test func `without a server the app starts and it is told`() throws {
      func run(_ profile: String, _ extra: [String] = []) throws -> Finished {
        try stage.snug(["run", "-v", "-p", profile, "--", "sh", "-c", "echo [$PULSE_SERVER]"], extra: extra)
      }
      for profile in ["plays", "records"] {
        let done = try run(profile)
        #expect(done.status == 0 && done.output == "[]\n", "\(done.everything)")
        #expect(
          done.errors.contains(
            "snug: goes without sound: no sound server runs: there is no \(stage.runtime)/pulse/native"),
          "\(done.everything)")
        #expect(done.errors.contains("hint: install and start the package pipewire-pulse"), "\(done.everything)")
      }
      try stage.outside(
        shell: "mkdir -p \(stage.runtime)/pulse; python3 -c 'import socket; "
          + "socket.socket(socket.AF_UNIX).bind(\"\(stage.runtime)/pulse/native\")'")
      defer { _ = try? stage.outside(shell: "rm -r \(stage.runtime)/pulse") }
      for profile in ["plays", "records"] {
        let dead = try run(profile)
        #expect(dead.status == 0, "\(dead.everything)")
        #expect(dead.errors.contains("nobody listens at \(stage.runtime)/pulse/native"), "\(dead.everything)")
      }
      let wrong = try run("plays", ["PULSE_SERVER=tcp:far"])
      #expect(wrong.status == 125 && wrong.errors.contains("names no socket of this machine"), "\(wrong.everything)")
    }

    @Test func `check and kept instances`() throws {
      try withServer { _ in
        let checked = try stage.snug(["check", "plays"])
        #expect(checked.status == 0, "\(checked.everything)")
        let kept = try stage.snug(["run", "--detach", "--keep", "--name", "soundbox", "-p", "plays"])
        #expect(kept.status == 0, "\(kept.everything)")
        defer { _ = try? stage.snug(["stop", "--now", "soundbox"]) }
        func expectInfo() throws {
          let done = try stage.snug(["exec", "soundbox", "--", "pactl", "info"])
          #expect(done.status == 0, "\(done.everything)")
        }
        try expectInfo()
        #expect(try stage.snug(["reset", "soundbox"]).status == 0)
        try expectInfo()
      }
      #expect(names(in: "\(stage.runtime)/snug") ?? [] == [])
    }

    @Test func `many starts leave nothing`() throws {
      try withServer { _ in
        let before = stage.processes().count
        for _ in 0..<20 {
          let done = try inside("true", "plays")
          #expect(done.status == 0, "\(done.everything)")
        }
        #expect(eventually { stage.processes().count <= before })
      }
      #expect(names(in: "\(stage.runtime)/snug") ?? [] == [])
      #expect(stage.leftovers() == [])
    }
  }
}
