import Glibc
import TestSupport
import Testing

extension Live {
  /// Stop, pause, resume, and whatever is killed.
  @Suite(.serialized) struct InstanceEndTests {
    private func begin(_ stage: Stage, _ line: String, _ options: [String] = []) throws -> Running {
      let running = try stage.start(
        [stage.snug, "run", "--name", "app"] + options + ["--", "sh", "-c", "echo ready; \(line)"])
      #expect(running.waitFor("ready"))
      return running
    }

    @Test func `stop asks the app, waits for the last process and leaves the app its status`() throws {
      let stage = try stage()
      let running = try begin(stage, "trap 'sleep 0.3; exit 6' TERM; while :; do sleep 0.05; done")
      let done = try stage.snug(["stop", "app"])
      #expect(stage.processes() == [String(running.pid)] || stage.processes().isEmpty, "its zombie alone is ours")
      #expect(done.status == 0 && done.output == "" && done.errors == "", "\(done.everything)")
      #expect(running.finish().status == 6)
      let deaf = try begin(stage, "trap '' TERM; while :; do sleep 0.05; done")
      #expect(try stage.snug(["stop", "--now", "app"]).status == 0)
      #expect(deaf.finish().status == 137)
      #expect(try stage.instances() == [])
      stage.expectNothingLeft()
    }

    @Test func `stop reaches what is detached, kept, paused and stopped by ctrl-Z`() throws {
      let stage = try stage()
      #expect(try stage.snug(["run", "--detach", "--name", "d", "--", "sleep", "600"]).status == 0)
      #expect(try stage.snug(["stop", "d"]).status == 0)
      stage.expectNothingLeft()
      for now in [[], ["--now"]] {
        try stage.withInstance { box in
          let running = try box.begin(["sh", "-c", "echo ready; exec sleep 600"])
          #expect(running.waitFor("ready"))
          #expect(try stage.snug(["pause", "box"]).status == 0)
          #expect(try stage.snug(["stop"] + now + ["box"]).status == 0)
          let left = running.finish()
          #expect(left.status == 137, "\(left.everything)")
        }
        let running = try begin(stage, "exec sleep 600")
        running.signal(SIGTSTP)
        #expect(eventually { (readText("/proc/\(running.pid)/stat") ?? "").contains(") T ") })
        #expect(try stage.snug(["stop"] + now + ["app"]).status == 0)
        #expect(running.finish().status == (now.isEmpty ? 143 : 137))
        stage.expectNothingLeft()
      }
    }

    @Test func `pause halts everything, shows it, and resume lets it go on`() throws {
      let stage = try stage()
      try stage.withInstance { box in
        let line = "echo ready; i=0; while :; do i=$((i + 1)); echo $i >/tmp/count; sleep 0.01; done"
        let running = try box.begin(["sh", "-c", line])
        #expect(running.waitFor("ready"))
        #expect(try stage.snug(["pause", "box"]).status == 0)
        #expect(try stage.instances().first?["paused"] == .boolean(true))
        #expect(try stage.snug(["ps"]).output.contains(" paused "))
        #expect(
          eventually {
            box.processes.allSatisfy { pid in
              let stat = readText("/proc/\(pid)/stat") ?? ""
              return stat.contains(") T ") || stat.contains(") D ") || stat.contains(") S ")
            }
          })
        let refused = try box.exec(["true"])
        #expect(refused.status == 125)
        expectOneMessage(refused.errors)
        #expect(refused.errors.contains("it is paused"))
        let counts = (0..<2).map { _ in
          usleep(200_000)
          return box.processes.map { readText("/proc/\($0)/schedstat") ?? "" }
        }
        #expect(counts[0] == counts[1] && !counts[0].isEmpty, "nothing has run in between")
        #expect(try stage.snug(["resume", "box"]).status == 0)
        #expect(try stage.instances().first?["paused"] == .boolean(false))
        let first = try box.exec(["cat", "/tmp/count"]).output
        #expect(eventually { (try? box.exec(["cat", "/tmp/count"]).output) != first }, "it goes on")
        running.signal(SIGTERM)
        #expect(running.finish().status == 143)
      }
    }

    /// A part of an instance that is killed at a moment that nobody has chosen, while commands start and end.
    @Test(arguments: ["launcher", "init", "leader", "command"])
    func `whatever is killed, nothing is left and the client is told`(victim: String) throws {
      let stage = try stage()
      var numbers = Numbers(state: 21)
      for _ in 0..<(wantsLongForm ? 100 : 20) {
        let started = try stage.snug(["run", "--detach", "--keep", "--name", "box"])
        #expect(started.status == 0, "\(started.everything)")
        let box = try Instance(stage, "box")
        let running = try box.begin(["sh", "-c", "echo ready; (setsid sleep 600 >/dev/null 2>&1 &); exec sleep 600"])
        let isEnd = victim == "launcher" || victim == "init"
        if !isEnd { #expect(running.waitFor("ready")) }
        usleep(UInt32.random(in: 0..<30_000, using: &numbers))
        let leader = box.processes.first
        let pid =
          switch victim {
          case "launcher": box.launcher
          case "init": box.initPID
          case "leader": try #require(leader)
          default: try #require(leader.flatMap { below($0).first })
          }
        #expect(kill(pid, SIGKILL) == 0)
        let done = running.finish(seconds: 30)
        // Before it was found, before it was asked, before the command ran, or after.
        let wanted: [Int32] = isEnd ? [1, 125, 137] : [137]
        #expect(wanted.contains(done.status), "\(victim): \(done.everything)")
        if done.status != 137 || done.errors != "" { expectOneMessage(done.errors) }
        if isEnd {
          #expect(eventually { (try? stage.instances()) == [] })
        } else {
          // What the command has left behind by a session of its own goes on, where it ended by itself.
          #expect(try box.exec(["echo", "here"]).output == "here\n")
          #expect(try stage.snug(["stop", "--now", "box"]).status == 0)
        }
        stage.expectNothingLeft()
        #expect(try stage.instances() == [])
        #expect(names(in: "\(stage.runtime)/snug") ?? [] == [])
      }
    }

    @Test(arguments: ["launcher", "init", "app"])
    func `a run whose part is killed ends with the documented status`(victim: String) throws {
      let stage = try stage()
      try stage.profile("soon", "process.adopt-wait = \"100ms\"")
      defer { try? stage.remove("\(stage.home)/.config") }
      var numbers = Numbers(state: 22)
      for _ in 0..<(wantsLongForm ? 100 : 20) {
        let running = try begin(stage, "(setsid sleep 600 &); exec sleep 600", ["-p", "soon"])
        usleep(UInt32.random(in: 0..<30_000, using: &numbers))
        let entry = try Instance(stage, "app")
        let started = try #require(entry.entry["launcher"].integer)
        #expect(Int32(started) == running.pid)
        let app = entry.processes.first
        let pid =
          switch victim {
          case "launcher": running.pid
          case "init": entry.initPID
          default: try #require(app)
          }
        #expect(kill(pid, SIGKILL) == 0)
        #expect(running.finish(seconds: 30).status == 137, "\(victim)")
        stage.expectNothingLeft()
        #expect(try stage.instances() == [])
        #expect(names(in: "\(stage.runtime)/snug") ?? [] == [])
      }
    }
  }
}
