import Glibc
import TestSupport
import Testing

extension Live {
  /// A caller or a machine that is short of something: descriptors, processes, memory, room on the disk.
  @Suite(.serialized) struct FaultLimitTests {
    /// How a start under a limit ended: it runs in its usual box, or says what is in the way.
    private func ending(_ run: FaultRun, _ judge: FaultJudge) -> (String, isRight: Bool) {
      if run.hung { return ("hangs", false) }
      if run.left > 0 || !run.files.isEmpty { return ("leaves \(run.left) processes, files \(run.files)", false) }
      if run.appRan {
        // The limits are part of what the app sees, and meant to be; landlock's domains are counted by a child of its own.
        func plain(_ lines: [String]) -> [String] {
          lines.filter { !$0.hasPrefix("limit ") && !$0.hasPrefix("landlock ") }
        }
        let isUsual = plain(boxLines(run.output, host: judge.host)) == plain(judge.usual)
        return (run.status == 0 && isUsual ? "runs" : "the box is not the usual one", run.status == 0 && isUsual)
      }
      let first = run.errors.split(separator: "\n").first.map(String.init) ?? ""
      if run.status == 125, first.hasPrefix("snug: cannot ") { return (first, true) }
      // Memory that is not there for a program at all is the kernel's or the loader's to tell.
      let isLoader = run.status == 127 && first.contains("error while loading shared libraries")
      return (first.isEmpty ? "status \(run.status)" : first, isLoader)
    }

    @Test(arguments: ["nofile", "nproc", "as"])
    func `a limit that is too low is told, and nothing opens or stays`(limit: String) throws {
      let stage = try stage()
      let bench = try FaultBench(stage, 0)
      let words = [stage.snug, "run", "--read", stage.probe, "--", stage.probe, "fingerprint"]
      let list = FaultCase(who: "*", number: 0, action: "list")
      let plain = FaultShape(name: "plain", words: words, place: "/tree")
      _ = try FaultBench.run(stage, [bench], plain, [list])
      let usual = try FaultBench.run(stage, [bench], plain, [list])[0]
      try #require(usual.status == 0 && usual.appRan, "the positive control: \(usual.errors)")
      let judge = FaultJudge(usual: usual.output)
      let values: [Int] =
        switch limit {
        case "nofile": Array(3...20) + [64, 128]
        case "nproc": Array(0...4)
        default: [1 << 20, 4 << 20, 8 << 20, 12 << 20, 16 << 20, 24 << 20, 32 << 20, 64 << 20, 128 << 20]
        }
      var table = ProofTable(
        "fault-limit-\(limit)", title: "A start under a limit: \(limit)", header: [limit, "what comes of it"])
      for value in values {
        let shape = FaultShape(
          name: "", words: ["/usr/bin/prlimit", "--\(limit)=\(value):\(value)"] + words, place: "/tree")
        let run = try FaultBench.run(stage, [bench], shape, [list])[0]
        let (what, isRight) = ending(run, judge)
        // A program that has no memory for its first page is ended without a word.
        let isMemory = limit == "as" && !run.appRan && run.status > 128 && run.errors == ""
        #expect(isRight || isMemory, "\(limit) \(value): status \(run.status): \(what) \(run.errors)")
        table.rows.append([String(value), isMemory ? "ended by the kernel, status \(run.status)" : what])
      }
      try table.publish()
      #expect(stage.leftovers() == [])
    }

    /// `snug` as the user where root has laid a file system of one page on a directory of the user's, which is full.
    private func full(_ directory: String, _ words: [String], _ stage: Stage, _ bench: FaultBench) throws -> Finished {
      let fill = "dd if=/dev/zero of=\(directory)/filler bs=4096 count=9 2>/dev/null; : >\(directory)/filler2"
      let line =
        "mount -t tmpfs -o size=4k,nr_inodes=3,mode=700,uid=\(stage.uid),gid=\(stage.gid) none \(directory); "
        + "\(fill); exec \"$0\" \"$@\""
      let user = [stage.probe, "awkward", String(stage.uid), String(stage.gid), String(stage.gid)]
      return try stage.run(
        ["/usr/bin/unshare", "-m", "/bin/sh", "-c", line] + user + ["022", "-", "0", "default", "/"] + [stage.snug]
          + words,
        caller: .init(asRoot: true), extra: bench.environment)
    }

    @Test func `a full disk is told, and the box is none the wider`() throws {
      let stage = try stage()
      guard geteuid() == 0 else { return skip("only root can lay a file system on a directory") }
      let bench = try FaultBench(stage, 0)
      try stage.write(
        "version = 1\nextends = [\"default\"]\n[files]\nhome = \"private\"\n",
        to: "\(bench.home)/.config/snug/profiles/kept.toml")
      try Stage.shell("mkdir -p \(bench.home)/.local; chown -R \(stage.uid):\(stage.gid) \(bench.home)")
      let control = try stage.run(
        [stage.snug, "run", "--name", "roomy", "-p", "kept", "--", "true"], extra: bench.environment)
      #expect(control.status == 0, "the positive control: \(control.everything)")
      try Stage.shell("rm -rf \(bench.home)/.local/*")
      // A name that was asked for cannot be kept; without one the instance may go unlisted.
      let named = try full(bench.runtime, ["run", "--name", "cramped", "--", "true"], stage, bench)
      #expect(named.status == 125 && named.output == "", "\(named.everything)")
      expectOneMessage(named.errors)
      #expect(
        named.errors.hasPrefix("snug: cannot ") && named.errors.contains("No space left on device"), "\(named.errors)")
      let kept = try full("\(bench.home)/.local", ["run", "-p", "kept", "--", "true"], stage, bench)
      #expect(kept.status == 125 && kept.output == "", "\(kept.everything)")
      expectOneMessage(kept.errors)
      #expect(kept.errors.contains("No space left on device"), "\(kept.errors)")
      #expect(stage.leftovers() == [])
    }
  }
}
