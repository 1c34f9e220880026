import Glibc
import TestSupport
import Testing

extension Live {
  /// Signals and bytes in masses.
  @Suite(.serialized) struct LoadStreams {
    @Test func `a storm of signals loses no exit status`() throws {
      let stage = try stage()
      let most = wantsLongForm ? 100_000 : 20_000
      let running = try stage.begin("default", ["catch", "15", "7"])
      #expect(running.waitFor("ready"))
      let initPID = try #require(running.initPID)
      let began = milliseconds()
      let numbers = [SIGWINCH, SIGUSR1, SIGCHLD, SIGCONT, SIGURG]
      for index in 0..<most {
        running.signal(numbers[index % numbers.count])
        // Only root may: whoever is inside cannot reach PID 1.
        if stage.isRoot, index % 10 == 0 { kill(initPID, SIGCHLD) }
      }
      // What is queued counts: each of these arrives.
      for _ in 0..<100 {
        running.signal(40)
        usleep(200)
      }
      // The lowest number is delivered first: when this one has come, they have.
      running.signal(64)
      #expect(running.waitFor("got 64\n"))
      running.signal(SIGTERM)
      let done = running.finish()
      #expect(done.status == 7, "\(done.everything)")
      let counted = done.output.split(separator: "\n").filter { $0.hasPrefix("count") }.map { $0.split(separator: " ") }
      let counts = Dictionary(uniqueKeysWithValues: counted.map { (Int($0[1]) ?? 0, Int($0[2]) ?? 0) })
      for number in [SIGWINCH, SIGUSR1, SIGURG] { #expect(counts[Int(number)] ?? 0 > 0, "\(number): \(counts)") }
      #expect(counts[40] == 100, "\(counts)")
      #expect(counts[15] == 1, "\(counts)")
      #expect(stage.leftovers() == [])
      let passed = numbers.reduce(0) { $0 + (counts[Int($1)] ?? 0) }
      try LoadTable.add(
        "signals to the launcher", "\(most)", failed: done.status == 7 ? 0 : 1,
        "\(rounded(milliseconds() - began)) ms, \(passed) passed on (the kernel joins those that wait), exact status")
    }

    /// Bytes until the end, slowly at first.
    private func drain(_ reader: OpenFile) -> Int {
      var chunk = [UInt8](repeating: 0, count: 1 << 20)
      var total = 0
      var reads = 0
      while true {
        reads += 1
        if reads < 100 { usleep(5_000) }
        let count = read(reader.number, &chunk, reads < 100 ? 4_096 : chunk.count)
        if count <= 0 { return total }
        total += count
      }
    }

    @Test func `a flood of output to a slow reader blocks nobody and grows nothing`() throws {
      let stage = try stage()
      let mebibytes = wantsLongForm ? 1_024 : 64
      // The shell stays: memory is looked at when all has gone through.
      let line = "head -c \(mebibytes)M /dev/zero; exec >&-; read line; exit 3"
      var pipe = try PipeEnds()
      let reader = try #require(pipe.reader)
      let running = try stage.start(
        [stage.snug, "run", "--", "sh", "-c", line], descriptors: [1: try #require(pipe.writer).number])
      // Its end is seen only where nobody here has it any more.
      pipe.writer = nil
      // The set-up is over when there is something to read.
      #expect(eventually { reader.isReadable })
      let before = [running.pid, try #require(running.initPID)].map { ownMemory($0) }
      let began = milliseconds()
      let total = drain(reader)
      let time = milliseconds() - began
      let after = [running.pid, try #require(running.initPID)].map { ownMemory($0) }
      #expect(total == mebibytes << 20)
      // A page or two are touched once.
      #expect(zip(before, after).allSatisfy { $1 - $0 < 256 }, "\(before) \(after)")
      #expect(running.finish().status == 3)
      #expect(stage.leftovers() == [])
      try LoadTable.add(
        "output to a slow reader", "\(mebibytes) MiB", failed: total == mebibytes << 20 ? 0 : 1,
        "\(rounded(time)) ms; launcher and PID 1 have \(after) KiB of their own, before \(before)")
    }
  }
}

extension OpenFile {
  /// Whether there is something to read.
  fileprivate var isReadable: Bool {
    var list = [pollfd(fd: number, events: Int16(POLLIN), revents: 0)]
    return poll(&list, 1, 0) > 0 && list[0].revents & Int16(POLLIN) != 0
  }
}
