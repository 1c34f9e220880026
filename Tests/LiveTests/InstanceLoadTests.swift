import Glibc
import TestSupport
import Testing

extension Live {
  /// Many commands in one instance.
  @Suite(.serialized) struct InstanceLoadTests {
    @Test func `many commands, eight at a time, leave no zombie and no descriptor`() throws {
      let stage = try stage()
      let most = wantsLongForm ? 1000 : 200
      try stage.withInstance { box in
        let counts = try box.countsAtRest()
        var times: [Double] = []
        var running: [(Running, began: Double, index: Int)] = []
        for index in 0..<most {
          if running.count == 8 {
            let (oldest, began, index) = running.removeFirst()
            let done = oldest.finish()
            times.append(milliseconds() - began)
            #expect(done.status == Int32(index % 7) && done.output == "\(index)\n", "\(done.everything)")
          }
          running.append(
            (try box.begin(["sh", "-c", "echo \(index); exit \(index % 7)"]), milliseconds(), index))
        }
        for (last, _, index) in running { #expect(last.finish().status == Int32(index % 7)) }
        #expect(eventually { box.processes.isEmpty }, "no zombie: \(box.processes)")
        #expect(eventually { box.descriptorCounts == counts }, "\(counts) \(box.descriptorCounts)")
        print("\(most) exec, 8 at a time: median \(rounded(median(times))) ms")
        if wantsLongForm { try compare(stage, box) }
      }
    }

    /// Numbers for a person; nothing hangs on them here.
    private func compare(_ stage: Stage, _ box: Instance) throws {
      var (own, beside): ([Double], [Double]) = ([], [])
      for _ in 0..<100 {
        var began = milliseconds()
        _ = try stage.snug(["run", "--", "true"])
        own.append(milliseconds() - began)
        began = milliseconds()
        _ = try box.exec(["true"])
        beside.append(milliseconds() - began)
      }
      print("start of its own: median \(rounded(median(own))) ms; exec: median \(rounded(median(beside))) ms")
    }
  }
}
