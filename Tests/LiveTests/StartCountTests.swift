import TestSupport
import Testing

extension Live {
  /// What a start executes, counted: these numbers do not hang on how busy the machine is. The bounds are a third above
  /// what was counted when they were set; who raises one says in the commit what it bought.
  @Suite(.serialized) struct StartCountTests {
    private struct Bound: Sendable, CustomTestStringConvertible {
      var testDescription: String
      var words: [String]
      /// Of launcher and PID 1 together.
      var calls: Int
      /// Nil: counting one by one takes minutes.
      var instructions: Int?
    }

    private static let root = [
      "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup", "--ro-bind", "/usr",
      "/usr",
      "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--proc",
      "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
    ]
    private static let bounds = [
      Bound(
        testDescription: "start", words: ["bwrap"] + root + ["/usr/bin/true"], calls: 400, instructions: 400_000),
      Bound(
        testDescription: "start-network", words: ["bwrap", "--unshare-net"] + root + ["/usr/bin/true"], calls: 420,
        instructions: 420_000),
      Bound(
        testDescription: "start-profile", words: ["run", "--", "/usr/bin/true"], calls: 1950, instructions: nil),
    ]

    @Test(arguments: bounds) private func `a start executes no more than it did`(bound: Bound) throws {
      let stage = try stage()
      // Another compiler's code: the released executable's is what counts.
      if stage.isDebugBuild { return }
      #if arch(x86_64)
        let source = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" }
        let steps = "\(stage.folder)/steps"
        try Stage.shell("cc -O2 -o '\(steps)' '\(source)/share/bench.d/steps.c' && chmod 755 '\(steps)'")
        for (kind, most) in [("calls", bound.calls), ("instructions", bound.instructions)] as [(String, Int?)] {
          guard let most else { continue }
          let done = try stage.run([steps, kind, "-", stage.snug] + bound.words, directory: stage.home, seconds: 300)
          let words = done.output.split(separator: " ").map { $0.split(separator: "\n").first.map(String.init) ?? "" }
          #expect(done.status == 0 && words.count == 4, "\(done.everything)")
          guard words.count == 4, let launcher = Int(words[1]), let first = Int(words[3]) else { continue }
          print("\(bound.testDescription): \(kind) of the launcher \(launcher), of PID 1 \(first)")
          #expect(launcher > 10 && first > 10, "nothing was counted")
          #expect(launcher + first <= most, "\(kind): \(launcher) and \(first)")
        }
        #expect(stage.leftovers() == [])
      #else
        skip("the counter knows the registers of x86_64 alone")
      #endif
    }
  }
}
