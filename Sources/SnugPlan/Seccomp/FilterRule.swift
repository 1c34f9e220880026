/// What a filter answers to a call that it does not let through. Never a signal: a program is to go on without.
public enum FilterVerdict: UInt16, Hashable, Sendable, CaseIterable {
  /// EPERM: forbidden.
  case refused = 1
  /// ENOSYS: the kernel seems not to have it, so that programs fall back to what came before it.
  case absent = 38
  /// EAFNOSUPPORT: `socket(2)` for a family that the kernel was built without.
  case familyAbsent = 97

  /// `EPERM`.
  public var errnoName: String {
    switch self {
    case .refused: "EPERM"
    case .absent: "ENOSYS"
    case .familyAbsent: "EAFNOSUPPORT"
    }
  }
}

/// When a rule holds. Compared are the low 32 bits alone, since the kernel takes these arguments as 32 bits: a filter
/// that looks at more is gone around by rubbish in the high half (CVE-2019-10063) or trips over it.
public enum ArgumentTest: Hashable, Sendable {
  /// `argument & mask == value`.
  case masked(argument: UInt8, mask: UInt32, value: UInt32)
  /// The argument is none of these.
  case noneOf(argument: UInt8, values: [UInt32])

  /// All the bits are set.
  static func hasBits(_ argument: UInt8, _ bits: UInt32) -> ArgumentTest {
    .masked(argument: argument, mask: bits, value: bits)
  }

  /// The argument is this value.
  static func equals(_ argument: UInt8, _ value: UInt32) -> ArgumentTest {
    .masked(argument: argument, mask: .max, value: value)
  }

  /// Whether the rule holds for a call with these arguments.
  public func holds(_ arguments: [UInt64]) -> Bool {
    switch self {
    case .masked(let argument, let mask, let value):
      UInt32(truncatingIfNeeded: arguments[Int(argument)]) & mask == value
    case .noneOf(let argument, let values):
      !values.contains(UInt32(truncatingIfNeeded: arguments[Int(argument)]))
    }
  }
}

/// One line of a filter: a call, perhaps with a test of an argument, and the answer.
public struct FilterRule: Hashable, Sendable {
  /// Name of the system call.
  public var call: String
  /// The answer.
  public var verdict: FilterVerdict
  /// Nil: whatever the arguments are.
  public var test: ArgumentTest?
  /// The test in words: `when it asks for TIOCSTI`; empty without a test.
  public var condition: String

  /// Makes a rule.
  public init(_ call: String, _ verdict: FilterVerdict, when test: ArgumentTest? = nil, _ condition: String = "") {
    self.call = call
    self.verdict = verdict
    self.test = test
    self.condition = condition
  }
}

/// Rules with one reason.
public struct FilterGroup: Hashable, Sendable {
  /// One or two words.
  public var name: String
  /// Why, in one line of plain words.
  public var reason: String
  /// The rules, in no particular order.
  public var rules: [FilterRule]

  /// Makes a group.
  public init(_ name: String, _ reason: String, _ rules: [FilterRule]) {
    self.name = name
    self.reason = reason
    self.rules = rules
  }
}

/// Rules that hold whatever the arguments are.
func refuse(_ calls: String...) -> [FilterRule] { calls.map { FilterRule($0, .refused) } }

/// The same for calls that the kernel is to seem not to have.
func pretendAbsent(_ calls: String...) -> [FilterRule] { calls.map { FilterRule($0, .absent) } }
