import Glibc
import TestSupport
import Testing

extension Live {
  /// Clocks that jump. Timeouts hang on the monotonic clock alone: the wall clock may be set by anybody, and a machine may
  /// have slept or have been up for years.
  @Suite(.serialized) struct LoadClocks {
    /// A library whose wall clock is a day ahead and a day behind by turns.
    private static let jumping = """
      #define _GNU_SOURCE
      #include <sys/syscall.h>
      #include <sys/time.h>
      #include <time.h>
      #include <unistd.h>
      static long turn(void) { static long n; return __atomic_fetch_add(&n, 1, __ATOMIC_RELAXED) % 2 ? -86400 : 86400; }
      int clock_gettime(clockid_t id, struct timespec *t) {
        int r = syscall(SYS_clock_gettime, id, t);
        if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) t->tv_sec += turn();
        return r;
      }
      int gettimeofday(struct timeval *t, void *zone) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        t->tv_sec = now.tv_sec, t->tv_usec = now.tv_nsec / 1000;
        return 0;
      }
      time_t time(time_t *out) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        if (out) *out = now.tv_sec;
        return now.tv_sec;
      }
      """

    /// Starts in which every waiting time of the launcher and of PID 1 plays a part; what is wrong with them.
    private func judge(_ stage: Stage, _ wrapper: [String], _ snug: String, _ extra: [String]) throws -> [String] {
      var wrong: [String] = []
      func start(_ words: [String]) throws -> Running { try stage.start(wrapper + [snug] + words, extra: extra) }
      // adopt-wait: what lingers has 300 ms, then it is ended; a second of grace for what is deaf to SIGTERM.
      let began = milliseconds()
      let line = "(trap '' TERM; echo lingers; sleep 600) & read line; exit 4"
      let lingering = try start(["run", "-p", "clock-short", "--", "sh", "-c", line])
      if !lingering.waitFor("lingers") { wrong.append("it did not start: \(lingering.errorsSoFar)") }
      let done = lingering.finish(seconds: 60)
      if done.status != 4 { wrong.append("adopt-wait: \(done.everything)") }
      let time = milliseconds() - began
      if time < 300 { wrong.append("what lingers was ended at once, after \(rounded(time)) ms") }
      // A long wait is not cut short: the rest goes on until it ends by itself.
      let patient = try start(["run", "-p", "clock-long", "--", "sh", "-c", "(sleep 1; echo late) & exit 6"])
      let late = patient.finish(seconds: 60)
      if late.status != 6 || late.output != "late\n" { wrong.append("a long adopt-wait: \(late.everything)") }
      // stop-wait: the app is asked, does not go, and is ended.
      let deaf = try start([
        "run", "-p", "clock-short", "--", "sh", "-c", "trap '' TERM; echo deaf; sleep 600; sleep 600",
      ])
      if !deaf.waitFor("deaf") { wrong.append("it did not start: \(deaf.errorsSoFar)") }
      deaf.signal(SIGTERM)
      let ended = deaf.finish(seconds: 60)
      if ended.status != 137 { wrong.append("stop-wait: \(ended.everything)") }
      return wrong
    }

    private func profiles(_ stage: Stage) throws {
      try stage.profile("clock-short", "process.adopt-wait = \"300ms\"\nprocess.stop-wait = \"500ms\"")
      try stage.profile("clock-long", "process.adopt-wait = \"600s\"")
    }

    @Test func `a wall clock that jumps by a day ends nothing early and keeps nothing`() throws {
      let stage = try stage()
      try profiles(stage)
      // What is static takes no library: the debug build beside the tests, which the user can read only here.
      var buffer = [CChar](repeating: 0, count: 4096)
      let count = readlink("/proc/self/exe", &buffer, buffer.count)
      let own = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let products = "/" + own.split(separator: "/").dropLast().joined(separator: "/")
      let source = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
      let places: [String] = ["\(products)/snug", "\(source)/.build/debug/snug"]
      let debug = try #require(places.first { access($0, X_OK) == 0 }, "there is no debug build")
      let folder = "\(stage.folder)/clock"
      try Stage.shell(
        "mkdir -p \(folder)/bin \(folder)/share/snug; cp \(debug) \(folder)/bin/snug; "
          + "ln -sfn \(stage.profiles) \(folder)/share/snug/profiles; chmod -R a+rX \(folder)")
      try stage.write(Self.jumping, to: "\(stage.home)/clock/jump.c")
      try Stage.shell(
        "cc -shared -fPIC -O1 -o \(folder)/jump.so \(stage.home)/clock/jump.c; chmod 755 \(folder)/jump.so")
      let extra = ["LD_PRELOAD=\(folder)/jump.so"]
      // The positive control: programs see it jump.
      let control = try stage.run(
        ["/usr/bin/python3", "-c", "import time; a = time.time(); b = time.time(); print(abs(a - b) > 100000)"],
        extra: extra)
      #expect(control.output == "True\n", "\(control.everything)")
      let wrong = try judge(stage, [], "\(folder)/bin/snug", extra)
      #expect(wrong == [])
      #expect(stage.leftovers() == [])
      try LoadTable.add(
        "wall clock a day ahead and back by turns", "3 starts", failed: wrong.count, "every wait as long as asked")
      try Stage.shell("rm -rf '\(folder)'")
      try stage.remove("\(stage.home)/clock")
    }

    @Test(arguments: [("of a machine that is up for 60 years", "1892160000"), ("near its zero", "zero")])
    func `the monotonic clock may stand anywhere`(what: String, offset: String) throws {
      let stage = try stage()
      guard stage.isRoot else { return skip("only root may make a time namespace with another clock") }
      try profiles(stage)
      let seconds = offset == "zero" ? -(Int(milliseconds() / 1000)) + 1 : Int(offset) ?? 0
      let inNamespace = { (words: [String]) in
        ["/usr/bin/unshare", "--time", "--monotonic", "\(seconds)", "--boottime", "\(seconds)", "--fork"] + words
      }
      let clock = ["/usr/bin/python3", "-c", "import time; print(int(time.monotonic()))"]
      let control = Int(try spawn(inNamespace(clock)).output.split(separator: "\n").first ?? "") ?? -1
      #expect(abs(control - (Int(milliseconds() / 1000) + seconds)) < 60, "the positive control: \(control)")
      let user = [
        stage.probe, "awkward", "\(stage.uid)", "\(stage.gid)", "\(stage.gid)", "022", "-", "0", "default", stage.home,
      ]
      var wrong: [String] = []
      let began = milliseconds()
      let line = "(trap '' TERM; echo lingers; sleep 600) & read line; exit 4"
      let running = try Running(
        inNamespace(user + [stage.snug, "run", "-p", "clock-short", "--", "sh", "-c", line]),
        environment: stage.environment)
      if !running.waitFor("lingers") { wrong.append("it did not start") }
      let done = running.finish(seconds: 60)
      if done.status != 4 { wrong.append(done.everything) }
      if milliseconds() - began < 300 { wrong.append("what lingers was ended at once") }
      #expect(wrong == [])
      #expect(stage.leftovers() == [])
      try LoadTable.add("monotonic clock \(what)", "1 start", failed: wrong.count, "every wait as long as asked")
    }
  }
}
