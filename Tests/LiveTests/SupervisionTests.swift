import Glibc
import TestSupport
import Testing

extension Live {
  /// The app's end, what outlives it, and being asked to stop.
  @Suite(.serialized) struct SupervisionTests {
    @Test func `what outlives the app has adopt-wait, is named and ended, and the app's status stands`() throws {
      let stage = try stage()
      try stage.profile("soon", "process.adopt-wait = \"700ms\"")
      let began = milliseconds()
      let running = try stage.begin("soon", ["orphan", "600", "3"])
      #expect(
        eventually { running.appPIDs.contains { readText("/proc/\($0)/comm") == "lingerer\n" } },
        "the lingering process is adopted and lives on: the positive control")
      let done = running.finish()
      let took = milliseconds() - began
      print("adopt-wait 700 ms: run took \(rounded(took)) ms")
      #expect(done.status == 3, "\(done.everything)")
      #expect(done.errors.hasPrefix("snug: ending what outlived the app: lingerer ("), "\(done.errors)")
      #expect(took >= 700, "not before the time is up")
      #expect(stage.leftovers() == [])
    }

    @Test func `what ends within adopt-wait is waited for without a word`() throws {
      let stage = try stage()
      let done = try stage.inside("default", [], ["orphan", "1", "3"])
      #expect(done.status == 3)
      #expect(done.errors == "")
      #expect(stage.leftovers(seconds: 0) == [])
    }

    @Test func `what lingers gets SIGTERM first and one second`() throws {
      let stage = try stage()
      try stage.profile("soon", "process.adopt-wait = \"100ms\"")
      let script = "(trap 'echo gently; exit' TERM; while :; do sleep 0.05; done) & sleep 0.1; exit 4"
      let gentle = try stage.snug(["run", "-p", "soon", "--", "sh", "-c", script])
      #expect(gentle.status == 4)
      #expect(gentle.output == "gently\n")
      let stubborn = try stage.snug(
        ["run", "-p", "soon", "--", "sh", "-c", "(trap '' TERM; while :; do sleep 0.05; done) & sleep 0.1; exit 5"])
      #expect(stubborn.status == 5)
      #expect(stubborn.errors.contains("sh ("), "\(stubborn.errors)")
      #expect(stage.leftovers() == [])
    }

    @Test func `adopt-wait none does not wait`() throws {
      let stage = try stage()
      try stage.profile("now", "process.adopt-wait = \"none\"")
      var times: [Double] = []
      for _ in 0..<10 {
        let line = "$0 orphan 600 0; echo bye; exit 3"
        let running = try stage.start(
          [stage.snug, "run", "--read", stage.probe, "-p", "now", "--", "sh", "-c", line, stage.probe])
        #expect(running.waitFor("bye"))
        let began = milliseconds()
        let done = running.finish()
        times.append(milliseconds() - began)
        #expect(done.status == 3)
        #expect(done.errors == "")
      }
      print(
        "adopt-wait none: from the app's last words to the end of run: median \(rounded(median(times))) ms, most "
          + "\(rounded(times.max() ?? 0)) ms")
      #expect(stage.leftovers() == [])
    }

    @Test func `adopt-wait forever waits, and cancelling ends it with the app's own status`() throws {
      let stage = try stage()
      try stage.profile("always", "process.adopt-wait = \"forever\"")
      let waiting = try stage.inside("always", [], ["orphan", "2", "3"])
      #expect(waiting.status == 3)
      #expect(waiting.errors == "")
      let running = try stage.begin("always", ["orphan", "600", "3"])
      #expect(eventually { running.appPIDs.contains { readText("/proc/\($0)/comm") == "lingerer\n" } })
      usleep(300_000)
      #expect(!stage.processes().isEmpty)
      running.signal(SIGTERM)
      #expect(running.finish().status == 3)
      #expect(stage.leftovers() == [])
    }

    @Test(arguments: [("TERM", SIGTERM), ("INT", SIGINT), ("USR1", SIGUSR1)], [SIGTERM, SIGHUP])
    func `cancelling sends the profile's signal, and the app's own status stands`(
      wanted: (name: String, number: Int32), sent: Int32
    ) throws {
      let stage = try stage()
      try stage.profile("gentle", "process.cancel-signal = \"\(wanted.name)\"")
      let catching = try stage.begin("gentle", ["catch", "\(wanted.number)", "7"])
      #expect(catching.waitFor("ready"))
      catching.signal(sent)
      let done = catching.finish()
      #expect(done.status == 7, "\(done.everything)")
      #expect(done.output.hasSuffix("count \(wanted.number) 1\n"), "that signal alone, once: \(done.output)")
      let plain = try stage.start([stage.snug, "run", "-p", "gentle", "--", "sh", "-c", "echo ready; exec sleep 600"])
      #expect(plain.waitFor("ready"))
      plain.signal(sent)
      #expect(plain.finish().status == 128 + wanted.number, "an app that does not take it is ended by it")
      #expect(stage.leftovers() == [])
    }

    @Test func `cancel-signal none ends at once`() throws {
      let stage = try stage()
      try stage.profile("hard", "process.cancel-signal = \"none\"")
      for sent in [SIGTERM, SIGHUP] {
        let running = try stage.begin("hard", ["catch", "15", "7"])
        #expect(running.waitFor("ready"))
        running.signal(sent)
        let done = running.finish()
        #expect(done.status == 137)
        #expect(!done.output.contains("got"), "\(done.output)")
        #expect(stage.leftovers() == [])
      }
    }

    @Test func `an app that is deaf to the signal has stop-wait`() throws {
      let stage = try stage()
      try stage.profile("short", "process.stop-wait = \"600ms\"")
      let running = try stage.begin("short", ["catch", "10", "7"])
      #expect(running.waitFor("ready"))
      let began = milliseconds()
      running.signal(SIGTERM)
      #expect(running.waitFor("got 15"))
      let done = running.finish()
      let took = milliseconds() - began
      print("stop-wait 600 ms: ended after \(rounded(took)) ms")
      #expect(done.status == 137)
      #expect(took >= 600)
      try stage.profile("long", "process.stop-wait = \"forever\"")
      let patient = try stage.begin("long", ["catch", "10", "7"])
      #expect(patient.waitFor("ready"))
      patient.signal(SIGTERM)
      #expect(patient.waitFor("got 15"))
      usleep(500_000)
      #expect(!stage.processes().isEmpty, "it goes on")
      patient.signal(SIGUSR1)
      #expect(patient.finish().status == 7)
      #expect(stage.leftovers() == [])
    }

    @Test(arguments: ["orphans", "signals"])
    func `an app that keeps PID 1 busy cannot put off its end`(how: String) throws {
      let stage = try stage()
      try stage.profile("short", "process.stop-wait = \"600ms\"")
      let running = try stage.begin("short", ["besiege", how])
      #expect(running.waitFor("ready"))
      usleep(200_000)
      let began = milliseconds()
      running.signal(SIGTERM)
      let done = running.finish(seconds: 40)
      let took = milliseconds() - began
      print("besieged by \(how): ended \(rounded(took)) ms after SIGTERM with a stop-wait of 600 ms")
      // The siege gives up after 20 seconds by itself: an end before that is Snug's.
      #expect(done.status == 137, "\(done.everything)")
      #expect(stage.leftovers() == [])
    }

    @Test func `when PID 1 is killed everything inside is`() throws {
      let stage = try stage()
      let running = try stage.begin("default", ["catch", "10", "7"])
      #expect(running.waitFor("ready"))
      let initPID = try #require(running.initPID)
      #expect(kill(initPID, SIGKILL) == 0)
      let done = running.finish()
      #expect(done.status == 137)
      #expect(stage.leftovers() == [])
    }
  }
}
