/// The instructions that stand before libseccomp's program, for what libseccomp cannot say:
///
/// - ENOSYS above the newest known call. It has no range rule; one rule a number would be 200 instructions, and calls
///   past the last of them would be let in by the next kernel. The x32 numbers (bit 30) lie above it too.
/// - "None of these values" in 32 bits: its own comparisons but the masked one look at all 64.
/// - Calls that its tables do not know.
///
/// Every path that refuses nothing runs off the end, into libseccomp's program, which loads what it needs itself. Its
/// own jumps are relative, so it does not notice; anything put into its middle would break its long jumps.
public func filterHead(_ rules: [FilterRule], _ architectures: [FilterArchitecture]) -> [UInt64] {
  var head: [UInt64] = []
  for architecture in architectures.reversed() {
    var section = section(rules, architecture)
    // A section runs off its end, so what follows it is jumped over.
    if !head.isEmpty { section.append(BPF.jump(head.count)) }
    // Where a section is skipped the accumulator still holds the architecture, for the next comparison.
    head = [BPF.jumpIfEqual(architecture.auditValue, then: 0, else: section.count)] + section + head
  }
  return [BPF.load(BPF.Field.architecture)] + head
}

/// Whether the rule belongs into the head of the filter rather than to libseccomp.
public func isHeadRule(_ rule: FilterRule) -> Bool {
  if case .noneOf = rule.test { return true }
  return SystemCall.named(rule.call)?.isNewerThanLibrary ?? false
}

extension SystemCall {
  /// libseccomp 2.5.4 knows the calls up to 456 (futex_requeue), earlier ones up to 450; from 424 on numbers are the
  /// same on every architecture.
  public var isNewerThanLibrary: Bool { (number(on: .native) ?? 0) > 450 }
}

/// The checks for one architecture; runs off its end where nothing is refused.
private func section(_ rules: [FilterRule], _ architecture: FilterArchitecture) -> [UInt64] {
  var section = [BPF.load(BPF.Field.number)]
  if let kept = architecture.privateNumbers {
    section.append(BPF.jumpIfAbove(SystemCall.newest, then: 0, else: 3))
    section.append(BPF.jumpIfAbove(kept.lowerBound - 1, then: 0, else: 1))
    section.append(BPF.jumpIfAbove(kept.upperBound, then: 0, else: 1))
  } else {
    section.append(BPF.jumpIfAbove(SystemCall.newest, then: 0, else: 1))
  }
  section.append(BPF.refuse(.absent))
  let checks = rules.filter(isHeadRule).compactMap { check($0, architecture) }
  var left = checks.reduce(0) { $0 + $1.count }
  for check in checks {
    left -= check.count
    section += check(left)
  }
  return section
}

/// A rule as instructions, but for how far it is from their end to the end of the section.
private struct Check {
  var number: UInt32
  var verdict: FilterVerdict
  var argument: UInt8
  var values: [UInt32]

  /// How many instructions.
  var count: Int { values.isEmpty ? 2 : 3 + values.count }

  /// The instructions. The accumulator holds the call's number before, and after where it is another call's.
  func callAsFunction(_ left: Int) -> [UInt64] {
    var code = [BPF.jumpIfEqual(number, then: 0, else: count - 1)]
    if !values.isEmpty {
      code.append(BPF.load(BPF.Field.argumentLow(argument)))
      for (index, value) in values.enumerated() {
        // No other rule is about this call: straight to the end.
        code.append(BPF.jumpIfEqual(value, then: values.count - index + left, else: 0))
      }
    }
    code.append(BPF.refuse(verdict))
    return code
  }
}

private func check(_ rule: FilterRule, _ architecture: FilterArchitecture) -> Check? {
  guard let number = SystemCall.named(rule.call)?.number(on: architecture) else { return nil }
  var check = Check(number: number, verdict: rule.verdict, argument: 0, values: [])
  if case .noneOf(let argument, let values) = rule.test {
    check.argument = argument
    check.values = values
  }
  return check
}
