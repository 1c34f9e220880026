import Glibc
import TestSupport
import Testing

extension Live {
  /// `snug ps` with instances that run, end and die.
  @Suite(.serialized) struct PsTests {
    private func instances(_ stage: Stage) throws -> [JSONValue] {
      let done = try stage.snug(["ps", "--json"])
      #expect(done.status == 0 && done.errors == "", "\(done.everything)")
      return try #require(JSONValue(done.output), "\(done.output)").list
    }

    private func start(_ stage: Stage, _ options: [String]) throws -> Running {
      let running = try stage.start(
        [stage.snug, "run"] + options + ["--", "sh", "-c", "echo ready; cat >/dev/null; exit 5"])
      #expect(running.waitFor("ready"))
      return running
    }

    @Test func `what runs is listed from its start to its end`() throws {
      let stage = try stage()
      #expect(try instances(stage) == [])
      #expect(try stage.snug(["ps"]).output == "INSTANCE  APP  PID  AGE  MEMORY  STATE  NOT-ENFORCED\n")
      let named = try start(stage, ["--name", "notes"])
      let other = try start(stage, [])
      let found = try instances(stage)
      #expect(found.count == 2)
      let entry = try #require(found.first { $0["instance"] == .text("notes") })
      #expect(entry["profile"] == .text("default") && entry["app-id"] == .text("snug.default"))
      #expect(entry["pid"].integer == named.initPID.map(Int.init))
      #expect(entry["detached"] == .boolean(false) && entry["kept"] == .boolean(false))
      // A shell and cat: more than nothing, and less than this machine has.
      let memory = try #require(entry["memory-bytes"].integer)
      #expect(memory > 10_000 && memory < 1 << 30)
      #expect(
        found.contains { $0["instance"].text.hasPrefix("default-") && $0["pid"].integer == other.initPID.map(Int.init) }
      )
      let table = try stage.snug(["ps"]).output.split(separator: "\n")
      #expect(table.count == 3)
      #expect(table.contains { $0.hasPrefix("notes ") && $0.contains(" snug.default ") && $0.contains(" running ") })
      let listed = try stage.snug(["ps", "--names"]).output
      #expect(listed == found.map { $0["instance"].text + "\n" }.joined())
      // The name is taken.
      let second = try stage.snug(["run", "--name", "notes", "--", "true"])
      #expect(second.status == 125)
      #expect(
        second.errors == """
          snug: an instance named notes is running
            at --name
            hint: snug ps lists what runs, snug exec notes enters it

          """)
      #expect(named.finish().status == 5)
      #expect(try instances(stage).count == 1)
      #expect(other.finish().status == 5)
      #expect(try instances(stage) == [])
      #expect(names(in: "\(stage.runtime)/snug") == [])
      #expect(stage.leftovers() == [])
    }

    @Test func `a launcher that is killed leaves nothing that is listed`() throws {
      let stage = try stage()
      let running = try start(stage, ["--name", "killed"])
      #expect(try instances(stage).count == 1)
      running.signal(SIGKILL)
      #expect(running.finish().status == 137)
      #expect(names(in: "\(stage.runtime)/snug") == ["killed"])
      #expect(try instances(stage) == [])
      #expect(names(in: "\(stage.runtime)/snug") == [])
      #expect(stage.leftovers() == [])
    }

    /// At any instant of its start: what is listed afterwards is nothing, and the name can be taken again.
    @Test func `a launcher that is killed while it starts leaves nothing that is listed`() throws {
      let stage = try stage()
      var numbers = Numbers(state: 4)
      for _ in 0..<(wantsLongForm ? 300 : 30) {
        let running = try stage.start([stage.snug, "run", "--name", "killed", "--", "cat"])
        usleep(UInt32.random(in: 0..<25_000, using: &numbers))
        running.signal(SIGKILL)
        #expect(running.finish().status == 137)
        #expect(try instances(stage) == [])
        #expect(names(in: "\(stage.runtime)/snug") ?? [] == [])
      }
      #expect(try stage.snug(["run", "--name", "killed", "--", "true"]).status == 0)
      #expect(stage.leftovers() == [])
    }

    @Test func `many starts at once all get a name, and one of them a given one`() throws {
      let stage = try stage()
      let starts = try (0..<12).map { index in
        try stage.start(
          [stage.snug, "run"] + (index < 6 ? ["--name", "one"] : []) + ["--", "sh", "-c", "echo ready; cat"])
      }
      #expect(starts.dropFirst(6).allSatisfy { $0.waitFor("ready") })
      let winners = starts.prefix(6).filter { $0.waitFor("ready") }
      #expect(winners.count == 1)
      #expect(try instances(stage).count == 7)
      let statuses = starts.map { $0.finish().status }
      #expect(statuses.filter { $0 == 0 }.count == 7 && statuses.filter { $0 == 125 }.count == 5, "\(statuses)")
      #expect(names(in: "\(stage.runtime)/snug") == [])
      #expect(stage.leftovers() == [])
    }

    @Test func `a registry that is not the caller's own is refused`() throws {
      let stage = try stage()
      let folder = "\(stage.runtime)/snug"
      defer { try? stage.remove(folder) }
      try Stage.shell("mkdir -p '\(folder)'; chown \(stage.uid):\(stage.gid) '\(folder)'; chmod 755 '\(folder)'")
      try stage.expectRefusal(
        ["ps"], 1, "snug: cannot keep instances in \(folder): others can reach it\n  hint: chmod 700 \(folder)")
      try stage.remove(folder)
      try Stage.shell("ln -s /tmp '\(folder)'")
      try stage.expectRefusal(
        ["ps"], 1,
        "snug: cannot keep instances in \(folder): it is a link, not a directory\n"
          + "  hint: take it away: snug makes the directory itself")
      try stage.expectRefusal(
        ["ps"], 1,
        """
        snug: cannot use XDG_RUNTIME_DIR /usr: it belongs to user 0, and you are \(stage.uid)
          hint: set XDG_RUNTIME_DIR to a directory of your own, mode 0700
        """, extra: ["XDG_RUNTIME_DIR=/usr"])
      let none = try stage.snug(["ps"], without: ["XDG_RUNTIME_DIR"])
      #expect(none.status == 1 && none.output == "", "\(none.everything)")
      expectOneMessage(none.errors)
    }
  }
}
