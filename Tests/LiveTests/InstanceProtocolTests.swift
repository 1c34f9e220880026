import Glibc
import TestSupport
import Testing

extension Live {
  /// Clients that are no snug.
  @Suite(.serialized) struct InstanceProtocolTests {
    private func expectHealthy(_ box: Instance, _ counts: [Int], sourceLocation: SourceLocation = #_sourceLocation)
      throws
    {
      try box.expectRest(sourceLocation: sourceLocation)
      #expect(
        eventually { box.descriptorCounts == counts }, "\(counts) \(box.descriptorCounts)",
        sourceLocation: sourceLocation)
      #expect(eventually { box.processes.isEmpty }, sourceLocation: sourceLocation)
    }

    @Test func `what is no request is answered or dropped, and the instance goes on`() throws {
      let stage = try stage()
      try stage.withInstance { box in
        func say(_ text: String) throws -> String { try stage.run([stage.probe, "say", box.control, text]).output }
        #expect(try say("{\"version\":1,\"do\":\"ping\"}") == "{\"version\":1,\"event\":\"done\"}\n")
        let counts = try box.countsAtRest()
        #expect(counts.allSatisfy { $0 > 0 })
        let bad = [
          ("", "end"), ("x", "no JSON"), ("{}", "no version"), ("{\"version\":2,\"do\":\"ping\"}", "version 2"),
          ("{\"version\":1}", "unknown request"), ("{\"version\":1,\"do\":\"dance\"}", "unknown request"),
          ("{\"version\":1,\"do\":\"exec\"}", "no command"),
          ("{\"version\":1,\"do\":\"exec\",\"words\":[\"\"]}", "no command"),
          ("{\"version\":1,\"do\":\"exec\",\"words\":[\"a\\u0000b\"]}", "no command"),
          ("{\"version\":1,\"do\":\"exec\",\"words\":[\"true\"]}", "did not come"),
          ("{\"version\":1,\"do\":\"exec\",\"words\":[\"true\"],\"processes\":18446744073709551615}", "did not come"),
          ("{\"version\":1,\"do\":\"exec\",\"words\":[\"true\"],\"terminal\":[5]}", "no terminal"),
          ("{\"version\":1,\"do\":\"signal\",\"number\":0}", "no signal"),
          ("{\"version\":1,\"do\":\"signal\",\"number\":-9}", "no signal"),
          ("{\"version\":1,\"do\":\"open\",\"path\":\"x\"}", "no absolute path"),
          ("{\"version\":1,\"do\":\"open\",\"path\":\"/no/such\"}", "No such file"),
          ("{\"version\":1,\"do\":\"open\",\"path\":\"/\(String(repeating: "x/", count: 9000))\"}", "too long"),
          (String(repeating: "[", count: 5000), "no JSON"), (String(repeating: "{\"a\":", count: 5000), "no JSON"),
        ]
        for (text, reason) in bad {
          let answer = try say(text)
          #expect(answer.contains(reason), "\(text.prefix(80)): \(answer)")
        }
        try expectHealthy(box, counts)
      }
    }

    @Test func `packets that are too long or carry too much are refused, and nothing of them stays open`() throws {
      let stage = try stage()
      try stage.withInstance { box in
        let counts = try box.countsAtRest()
        for (size, number) in [(131_073, 0), (200_000, 0), (25, 1), (25, 3), (25, 4), (25, 16), (25, 253)] {
          for _ in 0..<5 {
            let answer = try stage.run([stage.probe, "packet", box.control, "\(size)", "\(number)"]).output
            #expect(!answer.contains("\"done\"") && !answer.contains("silence"), "\(size) \(number): \(answer)")
          }
        }
        for size in ["25", "131072"] {
          let answer = try stage.run([stage.probe, "packet", box.control, size, "0"]).output
          #expect(answer.contains("\"done\""), "the longest is taken: \(answer)")
        }
        try expectHealthy(box, counts)
      }
    }

    @Test func `noise does no harm`() throws {
      let stage = try stage()
      try stage.withInstance { box in
        let counts = try box.countsAtRest()
        let many = wantsLongForm ? "100000" : "5000"
        for seed in ["1", "2", "3"] {
          let done = try stage.run([stage.probe, "noise", box.control, many, seed], seconds: 300)
          #expect(done.output == "sent \(many)\n", "\(done.everything)")
        }
        try expectHealthy(box, counts)
      }
    }

    @Test(arguments: [(300, 0), (150, 50)])
    func `clients by the hundred that wait or never read keep nobody out`(count: Int, each: Int) throws {
      let stage = try stage()
      try stage.withInstance { box in
        let counts = try box.countsAtRest()
        let holding = try stage.start([stage.probe, "hold", box.control, "\(count)", "\(each)"])
        #expect(holding.waitFor("holding \(count)\n"), "\(holding.outputSoFar)")
        for _ in 0..<5 {
          let done = try box.exec(["echo", "here"])
          #expect(done.status == 0 && done.output == "here\n", "\(done.everything)")
        }
        #expect(holding.finish().status == 0)
        try expectHealthy(box, counts)
      }
    }

    /// Every socket between them holds a handful of packets, net.unix.max_dgram_qlen.
    @Test func `a hundred questions at once are all answered`() throws {
      let stage = try stage()
      try stage.withInstance { box in
        // Stopped, so that all of them are there when it looks.
        #expect(kill(box.launcher, SIGSTOP) == 0)
        let asking = try stage.start([stage.probe, "pings", box.control, "100"])
        let asked = asking.waitFor("asked")
        #expect(kill(box.launcher, SIGCONT) == 0)
        #expect(asked)
        asking.send([10])
        #expect(asking.finish().output == "asked\nanswered 100\n")
        try box.expectRest()
      }
    }

    @Test func `a launcher without descriptors to spare goes on once it has some`() throws {
      let stage = try stage()
      let words = [stage.probe, "limit", "40", "0", stage.snug, "run", "--detach", "--keep", "--name", "small"]
      let started = try stage.run(words)
      #expect(started.status == 0, "\(started.everything)")
      defer { _ = try? stage.snug(["stop", "--now", "small"]) }
      let box = try Instance(stage, "small")
      let counts = try box.countsAtRest()
      let holding = try stage.start([stage.probe, "hold", box.control, "100", "0"])
      #expect(holding.waitFor("holding 100\n"), "\(holding.outputSoFar)")
      #expect(holding.finish().status == 0)
      try expectHealthy(box, counts)
    }
  }
}
