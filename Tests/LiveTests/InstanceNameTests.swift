import Glibc
import TestSupport
import Testing

extension Live {
  /// What instances are called, what is listed, and what stands in the way of it.
  @Suite(.serialized) struct InstanceNameTests {
    @Test(arguments: [
      ("", "it is empty"), (".", "it means a directory"), ("..", "it means a directory"),
      ("a/b", "\"/\" may not stand in it"), ("a b", "\" \" may not stand in it"), ("\u{e4}", "it is not ASCII"),
      (String(repeating: "x", count: 65), "it has 65 bytes, and 64 are the most"),
    ])
    func `what is no name is refused, by run and by who looks for it`(name: String, reason: String) throws {
      let stage = try stage()
      let hint = "  hint: a name has 1 to 64 ASCII letters, digits and _ . + -, and does not begin with -"
      let message = "snug: cannot name an instance \"\(name == "\u{e4}" ? "\\u{e4}" : name)\": \(reason)\n\(hint)"
      for words in [["run", "--name", name, "--", "true"], ["exec", name, "--", "true"], ["stop", name]] {
        let done = try stage.snug(words)
        #expect(done.status == (words[0] == "run" ? 125 : 1), "\(words): \(done.everything)")
        expectOneMessage(done.errors)
        // The escaper decides how a letter that is not ASCII is shown.
        if name != "\u{e4}" { #expect(done.errors == message + "\n") } else { #expect(done.errors.contains(reason)) }
      }
      stage.expectNothingLeft()
    }

    @Test func `the longest name and every allowed character can be had`() throws {
      let stage = try stage()
      let name = "Az09_.+-" + String(repeating: "x", count: 56)
      try stage.withInstance(name) { box in
        #expect(try stage.instances().map { $0["instance"].text } == [name])
        try box.expectRest()
      }
    }

    @Test func `a detached instance outlives its launcher, holds none of its pipes and is listed`() throws {
      let stage = try stage()
      let folder = try stage.workFolder()
      defer { try? stage.remove(folder) }
      // `finish` waits for the end of the pipes: an app that held them would keep it for ever.
      let started = try stage.shell(
        "exec $SNUG run --detach --name d --status-fd 7 -- sh -c 'cat; exec sleep 600' 7>$STAGE/record")
      #expect(started.status == 0 && started.output == "d\n" && started.errors == "", "\(started.everything)")
      let first = try #require(readText("\(folder)/record")?.split(separator: "\n").first)
      let record = try #require(JSONValue(String(first)))
      #expect(record["event"] == .text("started") && record["instance"] == .text("d"))
      let entry = try #require(try stage.instances().first)
      #expect(
        entry.keys == [
          "app-id", "detached", "instance", "kept", "memory-bytes", "not-enforced", "paused", "pid", "profile",
          "started",
        ])
      #expect(entry["detached"] == .boolean(true) && entry["kept"] == .boolean(false))
      #expect(entry["pid"] == record["pid"] && entry["app-id"] == record["app-id"])
      let table = try stage.snug(["ps"]).output.split(separator: "\n")
      #expect(table.count == 2 && table[1].contains(" detached "), "\(table)")
      let second = try stage.snug(["run", "--detach", "--name", "d", "--", "true"])
      #expect(second.status == 125 && second.errors.hasPrefix("snug: an instance named d is running\n"))
      #expect(try stage.snug(["stop", "d"]).status == 0)
      // A zombie is not ours to take away.
      #expect(stage.processes().allSatisfy { hasEnded(Int32($0) ?? -1) }, "stop waits for the last")
      let last = try #require(readText("\(folder)/record")?.split(separator: "\n").last)
      let ended = try #require(JSONValue(String(last)))
      #expect(ended["event"] == .text("ended") && ended["status"].integer == 143, "\(last)")
      #expect(try stage.instances() == [])
    }

    @Test func `a detached start that fails tells why and leaves nothing`() throws {
      let stage = try stage()
      for (words, status) in [(["--", "no-such-program"], 127), (["--read", "/no/such", "--", "true"], 125)] {
        let done = try stage.snug(["run", "--detach", "--name", "d"] + words)
        #expect(done.status == Int32(status) && done.output == "", "\(done.everything)")
        expectOneMessage(done.errors)
        #expect(names(in: "\(stage.runtime)/snug") ?? [] == [])
        stage.expectNothingLeft()
      }
    }

    @Test func `a detached start whose caller is ended before it is told leaves nothing`() throws {
      let stage = try stage()
      var numbers = Numbers(state: 11)
      for _ in 0..<(wantsLongForm ? 200 : 20) {
        let running = try stage.start([stage.snug, "run", "--detach", "--name", "d", "--", "sleep", "600"])
        usleep(UInt32.random(in: 0..<60_000, using: &numbers))
        running.signal(SIGKILL)
        let done = running.finish()
        // Whoever was told the name has an instance; nobody else has.
        #expect(done.status == 137 || done.output == "d\n", "\(done.everything)")
        if done.output == "d\n" { _ = try stage.snug(["stop", "--now", "d"]) }
        // It may have been told and ended before it could tell.
        if done.output == "", !stage.leftovers(seconds: 2).isEmpty {
          #expect(try stage.snug(["stop", "--now", "d"]).status == 0)
        }
        stage.expectNothingLeft()
        #expect(try stage.instances() == [])
      }
    }

    @Test func `unknown, ambiguous and dead ones have one message each`() throws {
      let stage = try stage()
      for words in [["exec", "x", "--", "true"], ["stop", "x"], ["pause", "x"], ["resume", "x"], ["reset", "x"]] {
        try stage.expectRefusal(words, 1, "snug: no instance named x is running\n  hint: snug ps lists what runs")
      }
      try stage.withInstance("ab1") { one in
        try stage.withInstance("ab2", isOnlyOne: false) { _ in
          for words in [["exec", "ab", "--", "true"], ["stop", "ab"]] {
            let done = try stage.snug(words)
            #expect(done.status == 1 && done.output == "")
            #expect(
              done.errors == "snug: \"ab\" may mean 2 instances: ab1, ab2\n  hint: give more of the name\n")
          }
          #expect(try stage.snug(["exec", "ab1", "--", "true"]).status == 0)
        }
        #expect(try stage.snug(["exec", "ab", "--", "true"]).status == 0, "now it means one")
        #expect(kill(one.launcher, SIGKILL) == 0)
        #expect(eventually { hasEnded(one.launcher) })
        let dead = try stage.snug(["exec", "ab1", "--", "true"])
        #expect(dead.status == 1)
        expectOneMessage(dead.errors)
        #expect(dead.errors.contains("no instance named ab1") || dead.errors.contains("has just ended"))
        #expect(try stage.instances() == [])
      }
    }

    @Test func `without a runtime directory a name cannot be had, and a start without one goes on`() throws {
      let stage = try stage()
      let extra = ["XDG_RUNTIME_DIR"]
      for option in [["--name", "n"], ["--detach"], ["--keep"]] {
        let words = ["run"] + option + (option == ["--keep"] ? [] : ["--", "true"])
        let done = try stage.snug(words, without: extra)
        #expect(done.status == 125, "\(done.everything)")
        expectOneMessage(done.errors)
        #expect(done.errors.contains("XDG_RUNTIME_DIR is not set") && done.errors.contains("  at \(option[0])\n"))
      }
      let plain = try stage.snug(["run", "--", "echo", "on"], without: extra)
      #expect(plain.status == 0 && plain.output == "on\n" && plain.errors == "")
      for words in [["exec", "x", "--", "true"], ["stop", "x"], ["ps"]] {
        let done = try stage.snug(words, without: extra)
        #expect(done.status == 1 && done.output == "")
        expectOneMessage(done.errors)
      }
    }

    @Test func `on a full disk a start fails with one message and leaves nothing`() throws {
      let stage = try stage()
      guard stage.isRoot else { return skip("only root can mount a small file system") }
      let folder = "\(stage.home)/full"
      try Stage.shell("mkdir -p '\(folder)'")
      defer { _ = try? Stage.shell("umount -l '\(folder)' 2>/dev/null || true; rmdir '\(folder)'") }
      var outcomes: [Int32] = []
      for inodes in 1...8 {
        let options = "size=1m,nr_inodes=\(inodes),mode=700,uid=\(stage.uid),gid=\(stage.gid)"
        try Stage.shell("mount -t tmpfs -o \(options) full '\(folder)'")
        defer { _ = try? Stage.shell("umount -l '\(folder)'") }
        let done = try stage.snug(["run", "--name", "n", "--", "true"], extra: ["XDG_RUNTIME_DIR=\(folder)"])
        outcomes.append(done.status)
        if done.status != 0 {
          #expect(done.status == 125)
          expectOneMessage(done.errors)
          #expect(done.errors.contains("No space left on device"), "\(done.errors)")
        }
        #expect(names(in: "\(folder)/snug") ?? [] == [], "with \(inodes) inodes")
        stage.expectNothingLeft()
      }
      #expect(outcomes.contains(125) && outcomes.last == 0, "\(outcomes)")
      // No room for an entry's content.
      let options = "size=8k,mode=700,uid=\(stage.uid),gid=\(stage.gid)"
      try Stage.shell("mount -t tmpfs -o \(options) full '\(folder)'; head -c 8192 /dev/zero >'\(folder)/all'")
      let done = try stage.snug(["run", "--name", "n", "--", "true"], extra: ["XDG_RUNTIME_DIR=\(folder)"])
      #expect(done.status == 125, "\(done.everything)")
      expectOneMessage(done.errors)
      #expect(done.errors.contains("cannot write the entry of the instance n"), "\(done.errors)")
      #expect(names(in: "\(folder)/snug") ?? [] == [])
    }

    @Test func `another user neither sees an instance nor reaches nor enters it`() throws {
      let stage = try stage()
      guard stage.isRoot else { return skip("only root can be two users") }
      /// As a user who has no account and no process but this one.
      func asOther(_ words: [String]) throws -> Finished {
        let ids = String(stage.uid + 1)
        return try Running(
          [stage.probe, "awkward", ids, ids, ids, "022", "-", "0", "default", "/"] + words,
          environment: stage.environment
        ).finish()
      }
      try stage.withInstance { box in
        #expect(try stage.run([stage.probe, "ping", box.control]).output.contains("\"done\""), "the owner may")
        for words in [["ps"], ["exec", "box", "--", "true"], ["stop", "box"]] {
          let done = try asOther([stage.snug] + words)
          #expect(done.status == 1 && done.output == "", "\(done.everything)")
          expectOneMessage(done.errors)
          #expect(done.errors.contains("it belongs to user \(stage.uid)"), "\(done.errors)")
        }
        #expect(try asOther([stage.probe, "ping", box.control]).output == "connect: EACCES\n")
        // The modes are one wall; who is asked looks at the caller, too.
        let runtime = stage.runtime
        try Stage.shell("chmod 755 \(runtime) \(runtime)/snug \(runtime)/snug/box; chmod 777 \(box.control)")
        let reached = try asOther([stage.probe, "ping", box.control]).output
        try Stage.shell("chmod 700 \(runtime) \(runtime)/snug \(runtime)/snug/box; chmod 600 \(box.control)")
        // The answer is lost where the connection is closed before the question was read.
        #expect(reached.contains("it belongs to another user") || reached == "ECONNRESET\n", "\(reached)")
        try box.expectRest()
      }
    }
  }
}
