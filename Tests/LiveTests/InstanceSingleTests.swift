import Glibc
import TestSupport
import Testing

extension Live {
  /// `process.single`: a second start hands its arguments to the one that runs.
  @Suite(.serialized) struct InstanceSingleTests {
    /// Its program stays where it is the first one inside, else tells what it was handed.
    private func makeProfile(_ stage: Stage, _ more: String = "") throws {
      try stage.profile(
        "one",
        """
        command = ["sh", "-c", "mkdir /tmp/first 2>&- || { echo handed \\"$@\\"; exit; }; echo first; cat", "x"]
        process.single = true
        \(more)
        """)
    }

    @Test func `arguments and status are those of the running one`() throws {
      let stage = try stage()
      try makeProfile(stage)
      defer { try? stage.remove("\(stage.home)/.config") }
      let first = try stage.start([stage.snug, "run", "one"])
      #expect(first.waitFor("first"))
      #expect(try stage.instances().map { $0["instance"].text } == ["one"])
      let second = try stage.snug(["run", "one", "https://x.example/?a=b", "--flag", "a b"])
      #expect(
        second.status == 0 && second.output == "handed https://x.example/?a=b --flag a b\n", "\(second.everything)")
      #expect(second.errors == "")
      // A command of one's own in the same profile is no second start of its program.
      let taken = try stage.snug(["run", "--name", "one", "--", "true"])
      #expect(taken.status == 125 && taken.errors.hasPrefix("snug: an instance named one is running\n"))
      #expect(first.finish().status == 0)
      stage.expectNothingLeft()
      let again = try stage.snug(["run", "one"])
      #expect(again.output == "first\n", "the name is free again: \(again.everything)")
    }

    @Test func `of many first starts one runs, and the others hand over`() throws {
      let stage = try stage()
      // A program that was handed over may be at its mkdir before the one of the first start is: that one then ends first,
      // and the other goes on as one that lingers.
      try makeProfile(stage, "process.adopt-wait = \"forever\"")
      defer { try? stage.remove("\(stage.home)/.config") }
      for _ in 0..<(wantsLongForm ? 20 : 3) {
        let starts = try (0..<8).map { try stage.start([stage.snug, "run", "one", "\($0)"]) }
        #expect(eventually { starts.allSatisfy { $0.waitFor("\n", seconds: 1) } })
        let first = starts.indices.filter { starts[$0].outputSoFar == "first\n" }
        #expect(first.count == 1, "\(starts.map(\.outputSoFar))")
        for index in first { #expect(starts[index].finish().status == 0) }
        for (index, start) in starts.enumerated() where !first.contains(index) {
          let done = start.finish()
          #expect(done.status == 0 && done.output == "handed \(index)\n" && done.errors == "", "\(done.everything)")
        }
        stage.expectNothingLeft()
      }
    }

    @Test func `a file that the running one sees is handed over by its whole name, another one is refused`() throws {
      let stage = try stage()
      let folder = try stage.workFolder()
      try makeProfile(stage, "[files]\nread = [\"\(folder)/seen\"]")
      defer { try? stage.remove(folder, "\(stage.home)/.config") }
      try stage.outside(shell: "mkdir '\(folder)/seen'; echo 1 >'\(folder)/seen/a'; echo 2 >'\(folder)/unseen'")
      // What stands under the same name inside is another file.
      try stage.outside(shell: "echo 3 >/var/tmp/snug-single-\(stage.uid)")
      defer { try? stage.remove("/var/tmp/snug-single-\(stage.uid)") }
      let first = try stage.start([stage.snug, "run", "one"])
      #expect(first.waitFor("first"))
      for word in ["\(folder)/seen/a", "seen/a", "file://\(folder)/seen/a"] {
        let done = try stage.snug(["run", "one", word], directory: folder)
        let handed = word == "seen/a" ? "\(folder)/seen/a" : word
        #expect(done.status == 0 && done.output == "handed \(handed)\n", "\(word): \(done.everything)")
      }
      for word in ["\(folder)/unseen", "unseen", "file://\(folder)/unseen", "/var/tmp/snug-single-\(stage.uid)"] {
        let done = try stage.snug(["run", "one", word], directory: folder)
        #expect(done.status == 125 && done.output == "", "\(word): \(done.everything)")
        expectOneMessage(done.errors)
        #expect(done.errors.contains("which runs already: it does not see that file"), "\(done.errors)")
      }
      #expect(try stage.snug(["run", "one", "no-such-file"], directory: folder).output == "handed no-such-file\n")
      #expect(first.finish().status == 0)
      stage.expectNothingLeft()
    }

    @Test func `where no name can be had the reason is told at once`() throws {
      let stage = try stage()
      try makeProfile(stage)
      defer { try? stage.remove("\(stage.home)/.config") }
      try stage.outside(shell: "mkdir -p -m 700 '\(stage.runtime)/snug'; echo >'\(stage.runtime)/snug/one'")
      defer { try? stage.remove("\(stage.runtime)/snug/one") }
      let done = try stage.snug(["run", "one"])
      #expect(done.status == 125, "\(done.everything)")
      expectOneMessage(done.errors)
      #expect(done.errors.contains("it is not a directory"), "\(done.errors)")
    }
  }
}
