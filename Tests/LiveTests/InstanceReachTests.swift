import Glibc
import TestSupport
import Testing

extension Live {
  /// What is inside, against what holds it: launcher, PID 1, leaders, sockets, the registry.
  @Suite(.serialized) struct InstanceReachTests {
    @Test func `a command reaches neither PID 1 nor its leader`() throws {
      let stage = try stage()
      let ways = ["mem", "environ", "fd", "cwd", "root", "pidfd_getfd", "process_vm_readv", "ptrace"]
      // Another process of the same user, outside: the positive control.
      let target = try stage.start([stage.probe, "target"])
      #expect(target.waitFor("\n"))
      let control = try stage.outside(["reach", String(target.pid)]).output.split(separator: "\n")
      #expect(ways.allSatisfy { way in control.contains("\(way): ok") }, "\(control)")
      #expect(target.finish().status == 0)
      try stage.withInstance { box in
        for word in ["1", "parent"] {
          let tried = try box.exec([stage.probe, "reach", word]).output.split(separator: "\n")
          #expect(tried.count == ways.count, "\(tried)")
          #expect(!tried.contains { $0.hasSuffix(": ok") }, "\(word): \(tried)")
        }
        let list = try box.exec(["sh", "-c", "for f in /proc/self/fd/*; do readlink $f; done"]).output
        #expect(
          list.split(separator: "\n").count { $0.hasPrefix("pipe:") } == 3 && !list.contains("socket:"), "\(list)")
        #expect(try box.exec(["sh", "-c", "tr '\\0' ' ' </proc/1/cmdline"]).output.contains("snug-init"))
      }
    }

    /// Every command starts as a copy of PID 1: as long as it is one it must not be reachable either, CVE-2016-9962.
    @Test func `nobody inside can open a leader while commands start`() throws {
      let stage = try stage()
      try stage.withInstance { box in
        let line = """
          echo ready; while :; do for p in /proc/[0-9]*; do [ "$(cat $p/comm 2>/dev/null)" = snug ] || continue
          (exec 3<>$p/mem) 2>/dev/null && echo mem; ls $p/fd 2>/dev/null | grep -q . && echo fd; done; done
          """
        let spy = try box.begin(["sh", "-c", line])
        #expect(spy.waitFor("ready"))
        for _ in 0..<(wantsLongForm ? 200 : 30) { #expect(try box.exec(["true"]).status == 0) }
        spy.signal(SIGKILL)
        #expect(spy.finish().output == "ready\n")
      }
    }

    @Test(arguments: ["--read", "--write"])
    func `the registry is not there for an app that is granted what holds it`(grant: String) throws {
      let stage = try stage()
      try stage.withInstance("box", [grant, stage.runtime]) { box in
        #expect(try stage.run([stage.probe, "ping", box.control]).output.contains("\"done\""), "outside it answers")
        let inside = try box.exec([stage.probe, "ping", box.control])
        #expect(inside.output.hasPrefix("connect: "), "\(inside.everything)")
        let tried = try box.exec(
          [stage.probe, "try", "create", "\(stage.runtime)/snug/x", ",", "mkdir", "\(stage.runtime)/snug/box2", ","]
            + ["unlink", box.control, ",", "rename", "\(stage.runtime)/snug", "\(stage.runtime)/other"])
        #expect(!tried.output.contains(": ok") && tried.output.contains("mkdir: "), "\(tried.output)")
        #expect(names(in: "\(stage.runtime)/snug") == ["box"])
        // A registry that appears later must be hidden, too: the start makes it.
        try box.expectRest()
      }
    }

    /// An app that is granted a directory which is a registry for somebody: its own start knows of another one.
    private func withForeignRegistry(_ body: (Stage, Instance, String) throws -> Void) throws {
      let stage = try stage()
      let folder = "\(stage.home)/other"
      try stage.outside(shell: "mkdir -m 700 '\(folder)' '\(folder)/snug'")
      defer { try? stage.remove(folder) }
      try stage.withInstance("box", ["--write", folder]) { try body(stage, $0, folder) }
    }

    @Test func `a client that is inside is refused, also one that another has connected`() throws {
      try withForeignRegistry { stage, box, folder in
        let extra = ["XDG_RUNTIME_DIR=\(folder)"]
        let started = try stage.snug(["run", "--detach", "--keep", "--name", "victim"], extra: extra)
        #expect(started.status == 0, "\(started.everything)")
        defer { _ = try? stage.snug(["stop", "--now", "victim"], extra: extra) }
        let socket = "\(folder)/snug/victim/control"
        #expect(try stage.run([stage.probe, "ping", socket]).output.contains("\"done\""), "outside it answers")
        for way in ["ping", "ping-for-the-dead"] {
          let done = try box.exec([stage.probe, way, socket])
          #expect(
            done.output.contains("you are inside a sandbox") || ["ECONNRESET\n", "end\n"].contains(done.output),
            "\(way): \(done.everything)")
          #expect(!done.output.contains("\"done\""), "\(way)")
        }
        #expect(try stage.snug(["exec", "victim", "--", "true"], extra: extra).status == 0)
      }
    }

    @Test func `an instance that was forged inside is sent nothing`() throws {
      try withForeignRegistry { stage, box, folder in
        let extra = ["XDG_RUNTIME_DIR=\(folder)"]
        let make = "mkdir -p -m 700 '\(folder)/snug/fake'; exec '\(stage.probe)' forge '\(folder)/snug/fake' 1"
        let forged = try box.begin(["sh", "-c", make])
        #expect(forged.waitFor("ready"))
        let done = try stage.snug(["exec", "fake", "--", "true"], extra: extra)
        #expect(done.status == 1 && done.output == "", "\(done.everything)")
        #expect(
          done.errors == "snug: cannot trust the instance fake: who listens there has ended, or is inside a sandbox\n")
        forged.signal(SIGTERM)
        #expect(!forged.finish().output.contains("got 1"), "no request, no terminal")
        try Stage.shell("rm -rf '\(folder)/snug/fake'")
        // The same outside: the positive control. It gets the request and the streams.
        let outside = try stage.start(["/bin/sh", "-c", make])
        #expect(outside.waitFor("ready"))
        let client = try stage.start([stage.snug, "exec", "fake", "--", "true"], extra: extra)
        #expect(outside.waitFor("got "))
        let said = outside.finish().output
        #expect(client.finish().status == 137)
        #expect(said.contains(" 1\n") && !said.contains("got 0"), "\(said)")
      }
    }
  }
}
