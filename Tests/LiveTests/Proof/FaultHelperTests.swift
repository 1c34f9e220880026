import Glibc
import TestSupport
import Testing

extension Live {
  /// Programs that work beside an instance and do it badly.
  @Suite(.serialized) struct FaultHelperTests {
    /// What a helper does in place of its work. `$1` is how the bus proxy is told the descriptor to say that it is ready.
    private static let failures: [(what: String, script: String)] = [
      ("ends at once", "exit 0"), ("fails at once", "exit 3"), ("kills itself", "kill -9 $$"),
      ("aborts", "kill -ABRT $$"), ("says garbage and ends", "head -c 100000 /dev/urandom; exit 1"),
      ("writes on its error without an end", "head -c 1000000 /dev/urandom >&2; exit 1"),
    ]

    private func expectRefusal(_ done: Finished, _ begins: String, _ what: String) {
      #expect(done.status == 125 && done.output == "", "\(what): \(done.everything)")
      #expect(done.errors.hasPrefix(begins), "\(what): \(done.errors)")
      expectOneMessage(done.errors)
    }

    @Test func `a bus proxy that fails stops the start, and the app never sees the bus itself`() throws {
      let stage = try stage()
      let folder = "\(try stage.workFolder())/failing"
      let bus = try MessageBus(stage, serving: [])
      defer { bus.end() }
      try stage.profile("failing-bus", "[bus.session]\ntalk = [\"org.a.Good\"]\n")
      let words = ["run", "-p", "failing-bus", "--", "sh", "-c", "echo ran; ls $XDG_RUNTIME_DIR"]
      let control = try stage.snug(words, extra: [bus.environment])
      #expect(
        control.status == 0 && control.output.hasPrefix("ran\nbus"), "the positive control: \(control.everything)")
      var table = ProofTable(
        "fault-helpers", title: "Helpers that fail", header: ["helper", "what it does", "what comes of it"])
      // Ready without its sockets: what the plan binds is not there.
      let ready: (what: String, script: String) = (
        "says that it is ready and has no socket", "eval \"printf x >&${1#--fd=}\"; exec sleep 600"
      )
      let dead: (what: String, script: String) = (
        "says that it is ready and dies", "eval \"printf x >&${1#--fd=}\"; exit 1"
      )
      for (what, script) in Self.failures + [ready, dead] {
        try stage.write("#!/bin/sh\n\(script)\n", to: "\(folder)/xdg-dbus-proxy", mode: "755")
        let done = try stage.snug(words, extra: [bus.environment, "PATH=\(folder):/usr/bin:/bin"])
        expectRefusal(done, "snug: cannot ", what)
        table.rows.append(["xdg-dbus-proxy", what, done.errors.split(separator: "\n").first.map { String($0) } ?? ""])
        #expect(names(in: "\(stage.runtime)/snug") ?? [] == [], "\(what)")
      }
      if wantsLongForm {
        try stage.write("#!/bin/sh\nexec sleep 600\n", to: "\(folder)/xdg-dbus-proxy", mode: "755")
        let done = try stage.snug(words, extra: [bus.environment, "PATH=\(folder):/usr/bin:/bin"])
        expectRefusal(done, "snug: cannot filter the session bus: xdg-dbus-proxy is not ready after 10 s", "hangs")
        table.rows.append([
          "xdg-dbus-proxy", "hangs", done.errors.split(separator: "\n").first.map { String($0) } ?? "",
        ])
      }
      try table.publish()
    }

    @Test func `a pasta that fails stops the start`() throws {
      let stage = try stage()
      let folder = "\(try stage.workFolder())/failing"
      var table = ProofTable(
        "fault-helpers-network", title: "Helpers of networks that fail",
        header: ["helper", "what it does", "what comes of it"])
      guard geteuid() == 0 else { return skip("only root can make a network with another machine in it") }
      let world = try OutsideNetwork(stage)
      defer { world.end() }
      let words = [stage.snug, "run", "--network", "private", "--", "echo", "ran"]
      #expect(try world.run(words).output == "ran\n", "the positive control")
      // What fills its error waits for ever, and the launcher ten seconds: not in the short form.
      for (what, script) in Self.failures.dropLast(wantsLongForm ? 0 : 1) {
        try stage.write("#!/bin/sh\n\(script)\n", to: "\(folder)/pasta", mode: "755")
        let done = try world.run(["/usr/bin/env", "PATH=\(folder):/usr/bin:/bin"] + words)
        // Whatever it writes to the pipe counts as its pid: garbage is a word that it is ready. The app then has a
        // loopback alone, and is told that its network has ended.
        if done.status == 0 {
          #expect(what.contains("garbage") && done.output == "ran\n", "\(what): \(done.everything)")
        } else {
          expectRefusal(done, "snug: cannot make a private network: pasta ", what)
        }
        table.rows.append([
          "pasta", what, done.errors.split(separator: "\n").first.map { String($0) } ?? "the app runs",
        ])
      }
      try table.publish()
    }
  }
}
