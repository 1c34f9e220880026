import TestSupport
import Testing

extension Live {
  /// `--trace-timing`: where the time of a start goes.
  @Suite struct TimingTests {
    @Test func `every step of launcher and init is told, in order and in microseconds`() throws {
      let stage = try stage()
      let done = try stage.snug(["run", "--trace-timing", "--", "echo", "there"])
      #expect(done.status == 0 && done.output == "there\n", "\(done.everything)")
      let rows = done.errors.split(separator: "\n").dropFirst().map { $0.split(separator: " ", maxSplits: 4) }
      #expect(rows.allSatisfy { $0.count == 5 && Int($0[0]) != nil && (Int($0[1]) ?? -1) >= 0 }, "\(done.errors)")
      let launcher = rows.filter { $0.count == 5 && $0[2] == "launcher" }
      #expect(launcher.map { Int($0[3]) } == (1...9).map { $0 }, "\(done.errors)")
      let inside = rows.filter { $0.count == 5 && $0[2] == "init" }
      #expect(inside.map { Int($0[3]) } == (1...24).map { $0 }, "\(done.errors)")
      #expect(rows.count == launcher.count + inside.count)
      for steps in [launcher, inside] {
        let begun = steps.compactMap { Int($0[0]) }
        #expect(begun == begun.sorted(), "\(done.errors)")
      }
      #expect(try stage.snug(["run", "--", "true"]).errors == "")
      stage.expectNothingLeft()
    }
  }
}
