import Glibc
import TestSupport
import Testing

extension Stage {
  /// Pids of the user's processes that have not ended. When the launcher is killed, what is left of PID 1 waits to be
  /// reaped by the machine's init, which takes its time.
  fileprivate func living() -> [String] {
    processes().filter { readText("/proc/\($0)/status")?.contains("\nState:\tZ") == false }
  }
}

extension Live {
  /// Nothing outlives the launcher.
  @Suite(.serialized) struct LifelineTests {
    @Test func `kill -9 of the launcher at any moment leaves nothing`() throws {
      let stage = try stage()
      let rounds = wantsLongForm ? 1000 : 200
      var random = SystemRandomNumberGenerator()
      var settled = 0
      var setUps = 0
      var survivors = 0
      var slowest = 0.0
      for round in 0..<rounds {
        let running = try stage.start([stage.snug, "run", "--", "sh", "-c", "sleep 600 & sleep 600"])
        if round % 5 == 0 {
          // After settling: app and its child run.
          #expect(eventually { stage.living().count >= 5 })
          settled += 1
        } else if round % 2 == 0 {
          // From the first moment that there is a PID 1, which is where a gap would be.
          #expect(eventually { running.initPID != nil })
          usleep(UInt32.random(in: 0..<15_000, using: &random))
        } else {
          usleep(UInt32.random(in: 0..<80_000, using: &random))
        }
        if running.initPID != nil { setUps += 1 }
        let began = milliseconds()
        running.signal(SIGKILL)
        // Its output ends when the last process that has it is gone.
        let done = running.finish()
        #expect(done.status == 137)
        let gone = eventually(seconds: 1) { stage.living().isEmpty }
        if !gone { survivors += 1 }
        slowest = max(slowest, milliseconds() - began)
      }
      print(
        "kill -9 of the launcher: \(survivors) of \(rounds) left something after a second (\(settled) settled, "
          + "\(setUps) with a PID 1); slowest end \(rounded(slowest)) ms")
      #expect(survivors == 0)
      #expect(stage.leftovers() == [])
      #expect(setUps > rounds / 3, "most were killed when there was something to leave behind")
    }

    @Test func `what left the app's session and group goes, too`() throws {
      let stage = try stage()
      let line = "setsid -f setsid -f sleep 600; (trap '' HUP TERM INT; exec sleep 600) & echo ready; exec sleep 600"
      let running = try stage.start([stage.snug, "run", "--", "sh", "-c", line])
      #expect(running.waitFor("ready"))
      #expect(eventually { stage.living().count == 5 }, "launcher, PID 1 and three: \(stage.processes())")
      running.signal(SIGKILL)
      #expect(running.finish().status == 137)
      #expect(eventually(seconds: 1) { stage.living().isEmpty })
      #expect(stage.leftovers() == [])
    }

    @Test func `a stopped launcher can be killed, and one that goes on has missed nothing`() throws {
      let stage = try stage()
      let stopped = try stage.begin("default", ["catch", "15", "7"])
      #expect(stopped.waitFor("ready"))
      stopped.signal(SIGSTOP)
      usleep(50_000)
      #expect(stage.living().count == 3)
      stopped.signal(SIGKILL)
      #expect(stopped.finish().status == 137)
      #expect(eventually(seconds: 1) { stage.living().isEmpty })

      let running = try stage.begin("default", ["catch", "15", "7"])
      #expect(running.waitFor("ready"))
      running.signal(SIGSTOP)
      usleep(50_000)
      running.signal(SIGUSR1)
      running.signal(SIGTERM)
      usleep(200_000)
      #expect(!running.outputSoFar.contains("got"))
      running.signal(SIGCONT)
      let done = running.finish()
      #expect(done.status == 7)
      #expect(done.output.contains("got 15\n"), "\(done.everything)")
      #expect(stage.leftovers() == [])

      // The app ends while the launcher cannot see it.
      let late = try stage.start([stage.snug, "run", "--", "sh", "-c", "echo ready; sleep 0.3; exit 9"])
      #expect(late.waitFor("ready"))
      late.signal(SIGSTOP)
      usleep(600_000)
      late.signal(SIGCONT)
      #expect(late.finish().status == 9)
      #expect(stage.leftovers() == [])
    }

    @Test func `a launcher whose parent dies goes on, and its sandbox with it`() throws {
      let stage = try stage()
      let folder = try stage.workFolder()
      let done = try stage.shell("$SNUG run -- sh -c 'sleep 1; exit 3' >/dev/null 2>&1 & echo $! >$STAGE/pid; exit 0")
      #expect(done.status == 0)
      #expect(eventually { stage.living().count >= 3 })
      #expect(readText("\(folder)/pid") != nil)
      #expect(stage.leftovers(seconds: 5) == [], "it ends by itself")
    }
  }
}
