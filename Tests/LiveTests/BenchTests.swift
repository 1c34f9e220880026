import TestSupport
import Testing

extension Live {
  /// The harness of `share/bench` measures what it says. The figures are not looked at: they belong to the machine.
  @Suite(.serialized) struct BenchTests {
    private let stage: Stage
    private let folder: String

    init() throws {
      stage = try LiveTests.stage()
      folder = "\(stage.home)/bench"
      let source = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" }
      try Stage.shell("rm -rf '\(folder)'; cp -r '\(source)/share/bench.d' '\(folder)'; chmod -R a+rX '\(folder)'")
      try stage.outside(argv: ["mkdir", "-p", "\(stage.home)/bench-work"])
    }

    private func harness(_ words: [String]) throws -> (rows: [String: JSONValue], done: Finished) {
      defer { _ = try? stage.remove(folder, "\(stage.home)/bench-work") }
      let done = try stage.run(
        ["/usr/bin/python3", "\(folder)/harness.py", "--snug", stage.snug, "--json"] + words,
        extra: ["TMPDIR=\(stage.home)/bench-work", "PYTHONDONTWRITEBYTECODE=1"], seconds: 600)
      // What it worked in is gone, and so is every sandbox.
      #expect(try stage.outside(argv: ["ls", "\(stage.home)/bench-work"]) == "")
      #expect(stage.leftovers(seconds: 20) == [])
      let result = try #require(JSONValue(done.output), "\(done.everything)")
      #expect(result["version"] == .number(1))
      return (Dictionary(uniqueKeysWithValues: result["rows"].list.map { ($0["name"].text, $0) }), done)
    }

    @Test func `every row is there, measured or left out with a reason`() throws {
      let (rows, done) = try harness(["--quick", "--rounds", "3"])
      #expect(done.status == 0, "\(done.errors)")
      let contestants = [
        "start": ["bubblewrap", "snug bwrap", "floor", "plain exec"],
        "start-network": ["bubblewrap", "snug bwrap", "floor"],
        "start-profile": ["bubblewrap", "snug bwrap", "floor", "snug run"],
        "binds-10": ["bubblewrap", "snug bwrap", "floor"], "binds-100": ["bubblewrap", "snug bwrap", "floor"],
        "binds-1000": ["bubblewrap", "snug bwrap", "floor"], "per-bind": ["bubblewrap", "snug bwrap", "floor"],
        "alive-1": ["bubblewrap", "snug bwrap", "floor", "snug run"],
        "alive-10": ["bubblewrap", "snug bwrap", "floor", "snug run"],
        "exec": ["snug run", "snug exec"], "end": ["bubblewrap", "snug bwrap", "floor", "snug run"],
        "reap": ["bubblewrap", "snug bwrap", "floor", "snug run"],
        "filter": ["outside", "bubblewrap", "snug run, no filter", "snug run"],
        "cpu-plan": ["snug plan"], "cpu-lint": ["snug lint"], "cpu-explain": ["snug explain"],
      ]
      for (name, expected) in contestants {
        let row = try #require(rows[name], "\(name)")
        #expect(row["state"] == .text("measured"), "\(name): \(row["notes"])")
        #expect(row["contestants"].list.map { $0["name"].text } == expected, "\(name)")
        for contestant in row["contestants"].list {
          let figures = ["low", "median", "high"].compactMap { contestant[$0].integer }
          #expect(figures.count == 3 && figures == figures.sorted() && figures[0] > 0, "\(name): \(contestant)")
        }
      }
      #expect(rows["start"]?["contestants"].list.first?["count"] == .number(3))
      // The harness has no privilege here: it says what it cannot do.
      for name in ["host-mounts-23", "host-mounts-125", "host-mounts-1025"] {
        #expect(rows[name]?["state"] == .text("skipped"))
        #expect(rows[name]?["notes"].list.first?.text.contains("root") == true)
      }
      for name in ["memory-1", "memory-10", "peer-firejail", "peer-crun"] { #expect(rows[name] != nil, "\(name)") }
      #expect(rows["memory-1"]?["contestants"].list.first?["name"] == .text("bubblewrap"))
      // A must is a figure, what it is held against, and whether it holds.
      let musts = rows["start"]?["musts"].list ?? []
      let must = try #require(musts.first)
      #expect(musts.count == 1 && must["at-most-permille"] == .number(600))
      // A ratio just above the must is rounded down to it.
      let permille = try #require(must["permille"].integer)
      #expect(permille == 600 || must["holds"] == .boolean(permille < 600), "\(must)")
    }

    /// A contestant that does less is faster, and says nothing: so the sandboxes are looked at from inside first.
    @Test(arguments: ["--tmpfs /more", "--unshare-net", "--cap-add CAP_KILL", "--uid 0"])
    func `a contestant with another sandbox is refused`(more: String) throws {
      try stage.write("#!/bin/sh\nexec /usr/bin/bwrap \(more) \"$@\"\n", to: "\(stage.home)/other/bwrap", mode: "755")
      defer { _ = try? stage.remove("\(stage.home)/other") }
      let words = ["--bubblewrap", "\(stage.home)/other/bwrap", "--rounds", "1", "--row", "start"]
      let (rows, done) = try harness(words)
      #expect(done.status == 1)
      #expect(rows["start"]?["state"] == .text("failed"))
      #expect(rows["start"]?["notes"].list.first?.text.contains("not the same sandbox") == true, "\(rows)")
    }
  }
}
