/// One row of the threat list: what must hold, what tries it, and what holds it.
struct EscapeRow {
  /// How bad it is where it does not hold.
  enum Severity: String {
    case critical, high, medium, low
  }

  let number: Int
  let severity: Severity
  /// What must hold, in a few words.
  let property: String
  /// Attempts of Tests/Probe/escape.c, each made with every layer left out in turn. All of them have to be held.
  let attempts: [String]
  /// Tests by name, for what no attempt of a single process shows.
  let tests: [String]
  /// Walls that no switch leaves out, because they are the way things are done.
  let walls: [String]

  init(
    _ number: Int, _ severity: Severity, _ property: String, attempts: [String] = [], tests: [String] = [],
    walls: [String] = []
  ) {
    self.number = number
    self.severity = severity
    self.property = property
    self.attempts = attempts
    self.tests = tests
    self.walls = walls
  }

  /// The whole list, but for what stands in Tests/not-applicable.
  static let all = paths + processes + calls + desktop
}
