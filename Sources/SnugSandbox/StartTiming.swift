import CSnug

/// When each step of a start began, for `snug run --trace-timing`: the launcher's own, then those of Init, on one clock.
///
/// Filled in the launcher. Init sends its steps when the last one begins.
public final class StartTiming {
  private struct Step {
    var place: String
    var text: String
    var began: Int
    var ended: Int
  }

  private let began: Int
  private var steps: [Step] = []
  private var inside: [Step] = []

  /// `began`: microseconds of `csnug_clock_us` at the launcher's first instruction of ours.
  public init(began: Int) { self.began = began }

  /// The launcher's next step begins now.
  public func begin(_ text: String) {
    end()
    let now = Int(csnug_clock_us())
    steps.append(Step(place: "launcher \(steps.count + 1)", text: text, began: steps.isEmpty ? began : now, ended: now))
  }

  /// The launcher's last step is over.
  func end() {
    if !steps.isEmpty { steps[steps.count - 1].ended = Int(csnug_clock_us()) }
  }

  /// Takes what Init has sent: see `encode`.
  func add(_ report: ArraySlice<UInt8>) {
    for line in report.split(separator: UInt8(ascii: "\n")) {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      guard words.count == 2, let number = UInt8(words[0]), let at = Int(words[1]) else { continue }
      if !inside.isEmpty { inside[inside.count - 1].ended = at }
      guard let step = InitStep(rawValue: number) else { continue }
      inside.append(Step(place: "init \(number)", text: step.action, began: at, ended: at))
    }
  }

  /// Init's steps as it sends them: number and begin of each, then 0 and the end of the last one.
  static func encode(_ timing: [(step: InitStep, began: Int)], end: Int) -> [UInt8] {
    var text = ""
    for entry in timing { text += "\(entry.step.rawValue) \(entry.began)\n" }
    return Array((text + "0 \(end)\n").utf8)
  }

  /// A line for each step. What launcher and Init do side by side overlaps: the first column tells. Before the first line
  /// comes what the kernel and the start code of the executable need, as processor time: no clock runs there yet.
  public var text: String {
    end()
    var text = "   began     took  microseconds from the launcher's first instruction; "
    text += "ahead of it \(csnug_start_cost_us()) of processor time\n"
    for step in steps + inside {
      text += aligned(step.began - began, 8) + " " + aligned(step.ended - step.began, 8) + "  "
      text += step.place + String(repeating: " ", count: max(1, 12 - step.place.utf8.count)) + step.text + "\n"
    }
    return text
  }

  private func aligned(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: " ", count: max(0, width - digits.utf8.count)) + digits
  }
}
