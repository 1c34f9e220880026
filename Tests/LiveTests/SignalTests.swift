import Glibc
import TestSupport
import Testing

/// `T` for a stopped process, see proc_pid_stat(5).
private func state(of pid: Int32) -> Character? {
  readText("/proc/\(pid)/stat")?.split(separator: ")").last?.first { $0 != " " }
}

extension Live {
  /// Signals to the launcher reach the app, each once.
  @Suite(.serialized) struct SignalTests {
    /// All that can be caught but what has a meaning of its own: TERM and HUP cancel, INT counts, CHLD comes of itself, TSTP,
    /// TTIN and TTOU stop. KILL and STOP cannot be caught, 32 and 33 belong to the C library.
    static let passedOn = (1...64).map(Int32.init).filter { ![1, 2, 9, 15, 17, 19, 20, 21, 22, 32, 33].contains($0) }

    @Test func `every other signal is passed on as it is, once`() throws {
      let stage = try stage()
      let running = try stage.begin("default", ["catch", "15", "7"])
      #expect(running.waitFor("ready"))
      for number in Self.passedOn {
        running.signal(number)
        #expect(running.waitFor("got \(number)\n"), "\(number)")
      }
      running.signal(SIGTERM)
      let done = running.finish()
      #expect(done.status == 7, "\(done.everything)")
      let counts = done.output.split(separator: "\n").filter { $0.hasPrefix("count") }.map(String.init)
      #expect(counts == (Self.passedOn + [15]).sorted().map { "count \($0) 1" })
      #expect(stage.leftovers() == [])
    }

    @Test func `a signal to the whole process group arrives once`() throws {
      let stage = try stage()
      let running = try stage.begin("default", ["catch", "15", "7"])
      #expect(running.waitFor("ready"))
      for number: Int32 in [10, 12, 18, 28, 40] {
        #expect(kill(-running.pid, number) == 0)
        #expect(running.waitFor("got \(number)\n"), "\(number)")
      }
      // And once more to the launcher alone: what is dropped is the copy, not the signal.
      usleep(300_000)
      running.signal(40)
      running.signal(SIGTERM)
      let done = running.finish()
      #expect(done.status == 7)
      #expect(
        done.output.hasSuffix("count 10 1\ncount 12 1\ncount 15 1\ncount 18 1\ncount 28 1\ncount 40 2\n"),
        "\(done.output)")
      #expect(stage.leftovers() == [])
    }

    @Test func `SIGINT is passed on, a second one within two seconds ends at once`() throws {
      let stage = try stage()
      let quick = try stage.begin("default", ["catch", "15", "7"])
      #expect(quick.waitFor("ready"))
      quick.signal(SIGINT)
      #expect(quick.waitFor("got 2\n"))
      quick.signal(SIGINT)
      #expect(quick.finish().status == 137)
      #expect(stage.leftovers() == [])
      let slow = try stage.begin("default", ["catch", "15", "7"])
      #expect(slow.waitFor("ready"))
      slow.signal(SIGINT)
      #expect(slow.waitFor("got 2\n"))
      usleep(2_100_000)
      slow.signal(SIGINT)
      slow.signal(SIGTERM)
      let done = slow.finish()
      #expect(done.status == 7)
      #expect(done.output.contains("count 2 2\n"), "\(done.output)")
      #expect(stage.leftovers() == [])
    }

    @Test(arguments: [SIGTSTP, SIGTTIN, SIGTTOU])
    func `a stop is passed on and stops the launcher, SIGCONT both again`(number: Int32) throws {
      let stage = try stage()
      let running = try stage.begin("default", ["catch", "15", "7"])
      #expect(running.waitFor("ready"))
      running.signal(number)
      #expect(running.waitFor("got \(number)\n"))
      #expect(eventually { state(of: running.pid) == "T" })
      running.signal(SIGCONT)
      #expect(running.waitFor("got 18\n"))
      #expect(state(of: running.pid) != "T")
      running.signal(SIGTERM)
      #expect(running.finish().status == 7)
      #expect(stage.leftovers() == [])
    }

    @Test func `a storm of 10,000 signals leaves the status exact`() throws {
      let stage = try stage()
      let running = try stage.begin("default", ["catch", "15", "7"])
      #expect(running.waitFor("ready"))
      let began = milliseconds()
      // Queued ones are counted one by one; of the others a second one is lost while the first waits, signal(7). In lots, as
      // the queue of a user is limited.
      for index in 1...10_000 {
        running.signal(37)
        running.signal(SIGUSR1)
        if index % 500 == 0 { usleep(20_000) }
      }
      running.signal(SIGTERM)
      let done = running.finish()
      print("20,000 signals: \(rounded(milliseconds() - began)) ms")
      #expect(done.status == 7)
      #expect(done.output.contains("count 37 10000\n"), "\(done.output)")
      #expect(done.output.contains("\ncount 10 "))
      #expect(stage.leftovers() == [])
    }

    /// What the caller sees whenever the signal comes: before Snug has read anything, during the set-up, or when the app runs.
    /// A hang-up before the app's start is the launcher's own; after it the app is asked by SIGTERM.
    @Test(
      arguments: [SIGTERM: [143], SIGINT: [130], SIGQUIT: [131], SIGUSR1: [138], SIGHUP: [129, 143]]
        as [Int32: Set<Int32>])
    func `a signal at any moment of the start ends it with that signal's status`(sent: Int32, wanted: Set<Int32>) throws
    {
      let stage = try stage()
      for round in 0..<12 {
        // Swift's runtime takes SIGQUIT over before main runs, where it finds its backtracer: on a developer's machine.
        let running = try stage.start(
          [stage.snug, "run", "--", "sleep", "600"], extra: ["SWIFT_BACKTRACE=enable=no"])
        usleep(UInt32(round) * 8_000)
        running.signal(sent)
        let done = running.finish()
        #expect(wanted.contains(done.status), "after \(round * 8) ms: \(done.everything)")
      }
      #expect(stage.leftovers() == [])
    }

    @Test func `a signal during the set-up is kept for the app`() throws {
      let stage = try stage()
      let operations = (0..<600).map { "[[files.op]]\nop = \"tmpfs\"\ntarget = \"/many/\($0)\"\n" }.joined()
      try stage.profile("slow", operations)
      for sent in [SIGUSR1, SIGALRM] {
        let running = try stage.start([stage.snug, "run", "-p", "slow", "--", "sleep", "600"])
        #expect(eventually { running.initPID != nil })
        running.signal(sent)
        #expect(running.appPIDs.isEmpty, "sent before there was an app")
        #expect(running.finish(seconds: 20).status == 128 + sent, "\(sent)")
      }
      // One that ends nothing by default changes nothing.
      let harmless = try stage.start([stage.snug, "run", "-p", "slow", "--", "sh", "-c", "exit 3"])
      #expect(eventually { harmless.initPID != nil })
      for number in [SIGWINCH, SIGCONT] { harmless.signal(number) }
      #expect(harmless.finish().status == 3)
      #expect(stage.leftovers() == [])
    }
  }
}
