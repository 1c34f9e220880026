import Glibc
import TestSupport
import Testing

extension Live {
  /// Kept environments: what ends by its own limit, what a reset takes away, and that they answer afterwards.
  @Suite(.serialized) struct InstanceLimitTests {
    private static let keys = [
      "event", "limit", "peak-bytes", "signal", "status", "system-ms", "user-ms", "wall-ms",
    ]

    @Test func `each greed ends by its own limit, and the environment answers after each`() throws {
      let stage = try stage()
      try stage.withInstance { box in
        let cases: [(greed: String, options: [String], limit: JSONValue, statuses: [Int])] = [
          ("forks", ["--processes", "20"], .text("processes"), [137]),
          ("output", ["--output", "100K"], .text("output"), [137]),
          ("time", ["--time", "300ms"], .text("time"), [137]),
          // An address-space limit refuses; the program decides what that means, and the record claims nothing.
          ("memory", ["--memory", "64M"], .null, [7, 137]),
          (
            "forks", ["--processes", "30", "--time", "20s", "--memory", "1G", "--output", "1M"], .text("processes"),
            [137]
          ),
          ("time", ["--processes", "30", "--time", "300ms", "--memory", "1G", "--output", "1M"], .text("time"), [137]),
          ("output", ["--processes", "30", "--time", "20s", "--output", "1M"], .text("output"), [137]),
        ]
        for one in cases {
          let done = try box.exec([stage.probe, "greed", one.greed], ["--status-fd", "2"] + one.options)
          let record = try box.record(done)
          #expect(record.keys == Self.keys, "\(record)")
          #expect(record["event"] == .text("ended"))
          let isKnown = record["limit"] == one.limit || (one.greed == "memory" && record["limit"] == .text("memory"))
          #expect(isKnown, "\(one.greed): \(record)")
          let status = try #require(record["status"].integer)
          #expect(
            one.statuses.contains(status) && Int32(status) == done.status, "\(one.greed): \(done.status) \(record)")
          #expect(record["signal"] == (status == 137 ? .number(9) : .null))
          if one.greed == "output" {
            let most = one.options.contains("100K") ? 100 << 10 : 1 << 20
            #expect(done.output.utf8.count == most, "\(done.output.utf8.count)")
          }
          try box.expectRest()
        }
      }
    }

    @Test func `a record tells what was used`() throws {
      let stage = try stage()
      try stage.withInstance { box in
        let line = "i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done; sleep 0.3; exit 4"
        let record = try box.record(try box.exec(["sh", "-c", line], ["--status-fd", "2"]))
        #expect(record["status"].integer == 4 && record["signal"] == .null && record["limit"] == .null)
        #expect(try #require(record["user-ms"].integer) > 10)
        #expect(try #require(record["wall-ms"].integer) >= 300)
        #expect(try #require(record["peak-bytes"].integer) > 500_000)
      }
    }

    @Test func `a limit holds for all that the command has started, also after its end`() throws {
      let stage = try stage()
      try stage.withInstance { box in
        for options in [["--time", "500ms"], ["--output", "1M"], ["--processes", "50"], ["--memory", "1G"]] {
          let done = try box.exec(["sh", "-c", "(setsid sleep 600 &) ; (sleep 600 &) ; exit 5"], options)
          #expect(done.status == 5, "\(options): \(done.everything)")
          #expect(eventually { box.processes.isEmpty }, "\(options): \(box.processes)")
        }
      }
    }

    @Test func `a command that ends its leader does not get rid of its limit`() throws {
      let stage = try stage()
      try stage.withInstance { box in
        let done = try box.exec([stage.probe, "ditch", "0"], ["--time", "10s", "--status-fd", "2"])
        #expect(done.status == 137)
        try box.expectRest()
      }
    }

    @Test func `a reader that goes is told to the command, also where its output is counted`() throws {
      let stage = try stage()
      try stage.withInstance { box in
        let done = try stage.shell(
          "{ $SNUG exec --output 1000G --status-fd 3 box -- $PROBE greed output 3>&2; } | head -c 10")
        #expect(done.output.utf8.count == 10)
        let record = try box.record(done)
        #expect(record["signal"].integer == Int(SIGPIPE) && record["limit"] == .null, "\(record)")
        try box.expectRest()
      }
    }

    @Test func `nothing temporary survives a reset, and what is granted stays`() throws {
      let stage = try stage()
      let folder = try stage.workFolder()
      defer { try? stage.remove(folder) }
      try stage.withInstance("box", ["--write", folder]) { box in
        let marks = ["/tmp/mark", "/var/tmp/mark", "/dev/shm/mark", "/run/mark", "$HOME/mark", "$XDG_RUNTIME_DIR/mark"]
        let line = "for f in \(marks.joined(separator: " ")); do echo x >\"$f\"; done; echo kept >\(folder)/kept"
        let made = try box.exec(["sh", "-c", line + "; (setsid sleep 600 &)"])
        let count = "ls \(marks.joined(separator: " ")) 2>/dev/null | wc -l"
        let before = try box.exec(["sh", "-c", count]).output
        #expect(try #require(Int(before.split(separator: "\n")[0])) >= 4, "\(made.everything)")
        let running = try box.begin(["sh", "-c", "echo ready; exec sleep 600"])
        #expect(running.waitFor("ready"))
        let old = box.processes
        #expect(old.count == 3)
        let done = try stage.snug(["reset", "box"])
        #expect(done.status == 0 && done.output == "" && done.errors == "", "\(done.everything)")
        #expect(running.finish().status == 137)
        #expect(old.allSatisfy { hasEnded($0) } && hasEnded(box.initPID))
        #expect(try box.exec(["sh", "-c", count]).output == "0\n")
        #expect(try box.exec(["cat", "\(folder)/kept"]).output == "kept\n")
        let fresh = try Instance(stage, "box")
        #expect(fresh.launcher == box.launcher && fresh.initPID != box.initPID)
        #expect(fresh.entry["started"] == box.entry["started"])
        let listed = try stage.instances()
        #expect(listed.count == 1 && listed[0]["pid"].integer == Int(fresh.initPID))
      }
    }

    @Test func `resets leave no descriptor behind`() throws {
      let stage = try stage()
      try stage.withInstance { box in
        #expect(try stage.snug(["reset", "box"]).status == 0)
        let before = try Instance(stage, "box").countsAtRest()
        #expect(before.allSatisfy { $0 > 0 })
        for _ in 0..<(wantsLongForm ? 100 : 10) {
          #expect(try stage.snug(["reset", "box"]).status == 0)
          #expect(try box.exec(["true"]).status == 0)
        }
        let after = try Instance(stage, "box")
        #expect(eventually { after.descriptorCounts == before }, "\(before) \(after.descriptorCounts)")
      }
    }

    @Test func `a reset that fails leaves everything as it was`() throws {
      let stage = try stage()
      let folder = try stage.workFolder()
      defer { try? stage.remove(folder) }
      try stage.outside(shell: "mkdir '\(folder)/granted'")
      try stage.withInstance("box", ["--write", "\(folder)/granted"]) { box in
        #expect(try box.exec(["sh", "-c", "echo x >/tmp/mark"]).status == 0)
        try stage.outside(shell: "mv '\(folder)/granted' '\(folder)/away'")
        for _ in 0..<3 {
          let done = try stage.snug(["reset", "box"])
          #expect(done.status == 1, "\(done.everything)")
          expectOneMessage(done.errors)
        }
        let same = try Instance(stage, "box")
        #expect(same.initPID == box.initPID && same.entry["started"] == box.entry["started"])
        #expect(try stage.instances().map { $0["pid"].integer } == [Int(box.initPID)])
        #expect(try box.exec(["cat", "/tmp/mark"]).output == "x\n")
        #expect(eventually { stage.processes().count == 2 }, "launcher and PID 1: \(stage.processes())")
      }
    }

    @Test func `only what was started with --keep can be reset`() throws {
      let stage = try stage()
      let running = try stage.start([stage.snug, "run", "--name", "app", "--", "sh", "-c", "echo ready; cat"])
      #expect(running.waitFor("ready"))
      let done = try stage.snug(["reset", "app"])
      #expect(done.status == 1)
      expectOneMessage(done.errors)
      #expect(running.finish().status == 0)
      stage.expectNothingLeft()
    }
  }
}
