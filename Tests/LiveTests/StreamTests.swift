import Glibc
import TestSupport
import Testing

/// A named pipe that this process has open, and the other side of which sandboxes get.
private final class NamedPipe {
  let path: String
  let descriptor: Int32

  /// `mode`: O_RDONLY, or O_RDWR to write before there is a reader.
  init(_ stage: Stage, _ name: String, _ mode: Int32) throws {
    path = "\(try stage.workFolder())/\(name)"
    try Stage.shell("rm -f \(path); mkfifo -m 600 \(path); chown \(stage.uid):\(stage.gid) \(path)")
    descriptor = open(path, mode | O_NONBLOCK | O_CLOEXEC)
  }

  deinit {
    close(descriptor)
    unlink(path)
  }

  /// Whether the other side is closed, by all that had it.
  var isHungUp: Bool {
    var list = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
    return poll(&list, 1, 0) > 0 && list[0].revents & Int16(POLLHUP) != 0
  }
}

extension Live {
  /// Standard streams and descriptors of launcher, PID 1 and app.
  @Suite(.serialized) struct StreamTests {
    @Test func `input and output go through unchanged, with their ends`() throws {
      let stage = try stage()
      let text = (0..<20_000).map { "line \($0)\n" }.joined()
      let running = try stage.start([stage.snug, "run", "--", "sh", "-c", "tr a-z A-Z; echo end >&2; exit 6"])
      running.send(Array("first\n".utf8))
      running.closeInput()
      let first = running.finish()
      #expect(first.status == 6)
      #expect(first.output == "FIRST\n")
      #expect(first.errors == "end\n")
      try stage.write(text, to: "\(try stage.workFolder())/text")
      let large = try stage.shell("cat $STAGE/text | $SNUG run -- cat | cmp - $STAGE/text && echo same")
      #expect(large.output == "same\n", "\(large.everything)")
      let empty = try stage.shell("$SNUG run -- wc -c </dev/null")
      #expect(empty.output == "0\n")
    }

    @Test func `a reader that has gone ends the app by SIGPIPE, not the launcher`() throws {
      let stage = try stage()
      let done = try stage.shell("{ $SNUG run -- yes; echo $? >$STAGE/status; } | head -1")
      #expect(done.output == "y\n")
      #expect(done.errors == "")
      #expect(eventually { readText("\(stage.home)/work/status") == "141\n" })
      // Nor do messages that nobody reads decide the status.
      _ = try stage.shell("{ sleep 0.3; $SNUG run -- no-such-program 2>&1; echo $? >$STAGE/status; } | true")
      #expect(eventually { readText("\(stage.home)/work/status") == "127\n" })
      #expect(stage.leftovers() == [])
    }

    @Test func `the launcher holds neither input nor output open`() throws {
      let stage = try stage()
      let pipe = try NamedPipe(stage, "out", O_RDONLY)
      let line = "(sleep 600 >/dev/null 2>&1 </dev/null &) ; echo told; read line; exit 3"
      try stage.profile("always", "process.adopt-wait = \"forever\"")
      let running = try stage.startShell("exec $SNUG run -p always -- sh -c '\(line)' >$STAGE/out")
      var byte: UInt8 = 0
      #expect(eventually { read(pipe.descriptor, &byte, 1) == 1 }, "the app has it")
      var rest = [UInt8](repeating: 0, count: 100)
      _ = read(pipe.descriptor, &rest, rest.count)
      #expect(!pipe.isHungUp, "while it lives: the positive control")
      running.closeInput()
      #expect(eventually { pipe.isHungUp }, "its end is seen when the app ends, though the launcher stays")
      #expect(!stage.processes().isEmpty)
      running.signal(SIGTERM)
      #expect(running.finish().status == 3)
      #expect(stage.leftovers() == [])
    }

    @Test func `a lingering child that keeps the output open is waited for`() throws {
      let stage = try stage()
      let done = try stage.shell("$SNUG run -- sh -c '(sleep 0.5; echo late) & echo early; exit 3' | cat; echo end")
      #expect(done.output == "early\nlate\nend\n")
      try stage.profile("now", "process.adopt-wait = \"none\"")
      let none = try stage.shell(
        "$SNUG run -p now -- sh -c '(sleep 600; echo late) & echo early; exit 3' | cat; echo end")
      #expect(none.output == "early\nend\n")
      #expect(stage.leftovers() == [])
    }

    @Test func `stray descriptors reach nobody and are held open by nobody`() throws {
      let stage = try stage()
      let pipe = try NamedPipe(stage, "stray", O_RDONLY)
      // 50 more from the wrapper, some above 200.
      let running = try stage.startShell(
        "exec $IN --fd 8 -- $PROBE catch 15 7 9>$STAGE/stray 8</etc/passwd", caller: Stage.Caller(open: 50))
      #expect(running.waitFor("ready"))
      #expect(eventually { pipe.isHungUp }, "the stray end of a pipe is closed while the sandbox runs")
      let app = try #require(running.appPIDs.first)
      let initPID = try #require(running.initPID)
      let ofApp = try #require(descriptors(of: app))
      #expect(ofApp.keys.sorted() == [0, 1, 2, 8])
      #expect(ofApp[8] == "/etc/passwd")
      if geteuid() == 0 {
        // PID 1 is not dumpable: only root sees this. It lets go of what it starts the app with when the app runs already.
        #expect(eventually { descriptors(of: initPID)?.count == 2 })
        let ofInit = try #require(descriptors(of: initPID))
        #expect(ofInit.values.allSatisfy { $0.hasPrefix("socket:") || $0 == "anon_inode:[signalfd]" }, "\(ofInit)")
        #expect(ofInit.count == 2, "control and signals: \(ofInit)")
      } else {
        skip("only root can list the descriptors of PID 1")
      }
      // It lets go of what it needed for the start when it hears of the app's exec, which may be after the app's first word.
      var ofLauncher: [Int32: String] = [:]
      let isBare = eventually {
        ofLauncher = descriptors(of: running.pid) ?? [:]
        return ofLauncher.count == 12 && ofLauncher[0] == "/dev/null" && ofLauncher[1] == "/dev/null"
      }
      #expect(
        isBare,
        "0, 1, 2, pidfd, control, signals; registry, its instance, lock, listener; two namespaces: \(ofLauncher)")
      let own = "\(stage.runtime)/snug"
      #expect(
        ofLauncher.values.allSatisfy { !$0.hasPrefix("/") || $0 == "/dev/null" || $0.hasPrefix(own) }, "\(ofLauncher)")
      running.signal(SIGTERM)
      #expect(running.finish().status == 7)
      #expect(stage.leftovers() == [])
    }

    @Test func `a descriptor that is passed is the app's alone`() throws {
      let stage = try stage()
      let pipe = try NamedPipe(stage, "passed", O_RDONLY)
      let running = try stage.startShell(
        "exec $SNUG run --fd 9 -- sh -c 'echo ready; read line; exec 9>&-; echo closed; read line; exit 5' 9>$STAGE/passed"
      )
      #expect(running.waitFor("ready"))
      #expect(!pipe.isHungUp, "open while the app has it")
      running.send(Array("\n".utf8))
      #expect(running.waitFor("closed"))
      #expect(eventually { pipe.isHungUp }, "and closed when the app closes it")
      #expect(running.finish().status == 5)
      let used = try stage.shell(
        "$SNUG run --fd 7 --fd 8 -- sh -c 'cat <&7; echo out >&8' 7</etc/hostname 8>$STAGE/eight; cat $STAGE/eight")
      #expect(used.output == (readText("/etc/hostname") ?? "") + "out\n", "\(used.everything)")
    }

    @Test(arguments: ["-", "0", "1", "2", "01", "02", "12", "012"])
    func `whatever standard descriptors are closed, the app has three and no file of ours`(closed: String) throws {
      let stage = try stage()
      let folder = try stage.workFolder()
      try stage.write("", to: "\(folder)/report", mode: "666")
      let done = try stage.snug(
        [
          "run", "--read", stage.probe, "--write", "\(folder)/report", "--", "sh", "-c",
          "$0 report >\(folder)/report; exit 9",
          stage.probe,
        ], caller: Stage.Caller(closed: closed))
      #expect(done.status == 9, "\(done.everything)")
      let lines = (readText("\(folder)/report") ?? "").split(separator: "\n").map(String.init)
      let open = lines.filter { $0.hasPrefix("link ") }.map { $0.split(separator: " ").map(String.init) }
        .filter { Int($0[1]) != nil }
      #expect(open.map { $0[1] }.sorted() == ["0", "1", "2"])
      for entry in open where closed.contains(entry[1]) && entry[1] != "1" {
        #expect(entry[2] == "/dev/null", "\(entry)")
      }
    }
  }
}
