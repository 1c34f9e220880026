import CSeccomp
import CSnug
import SnugPlan

/// A filter ready for `seccomp(2)`.
public struct FilterProgram: Hashable, Sendable {
  /// `struct sock_filter` each, as it lies in memory: code, jump distances, operand.
  public var instructions: [UInt64]
}

/// Makes the filter of a policy; nil where it has none (`none` that denies nothing).
///
/// Runs in the launcher; PID 1 only loads the program.
///
/// A preset as it is has its program among the sources already; others take about 0.2 ms.
public func assembleFilter(
  _ policy: SeccompPolicy, for architecture: FilterArchitecture = .native
) throws(SeccompError) -> FilterProgram? {
  if policy.allow.isEmpty, policy.deny.isEmpty, !policy.multiarch, !policy.refusesSegments,
    let instructions = presetProgram(policy.preset, on: architecture)
  {
    return FilterProgram(instructions: instructions)
  }
  return try assembleByLibrary(policy, for: architecture)
}

/// Has libseccomp make the program out of our rules, and puts the head before it. With `multiarch` each architecture is
/// filled on its own, then merged: only so does libseccomp refuse a rule that it cannot say, instead of leaving it out.
/// See `seccomp_rule_add(3)`, `seccomp_merge(3)`.
package func assembleByLibrary(
  _ policy: SeccompPolicy, for architecture: FilterArchitecture
) throws(SeccompError) -> FilterProgram? {
  let rules = try filterRules(policy)
  guard hasFilter(policy) else { return nil }
  var architectures = [architecture]
  if policy.multiarch, let compat = architecture.compat { architectures.append(compat) }
  let library = rules.filter { !isHeadRule($0) }
  let filter = try LibraryFilter(library, architectures[0])
  for compat in architectures.dropFirst() { try filter.merge(LibraryFilter(library, compat)) }
  return FilterProgram(instructions: try filter.export(after: filterHead(rules, architectures)))
}

/// A `scmp_filter_ctx` of one architecture, or of several merged.
@safe private final class LibraryFilter {
  private var context: scmp_filter_ctx?

  init(_ rules: [FilterRule], _ architecture: FilterArchitecture) throws(SeccompError) {
    unsafe context = seccomp_init(Self.allow)
    guard unsafe context != nil else { throw .assembly("seccomp_init", call: "", code: Self.noMemory) }
    if architecture != .native {
      try unsafe check(seccomp_arch_remove(context, FilterArchitecture.native.auditValue), "seccomp_arch_remove")
      try unsafe check(seccomp_arch_add(context, architecture.auditValue), "seccomp_arch_add")
    }
    // A call of another architecture is no program of this machine gone astray but a way around the rules.
    try unsafe check(
      seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, FilterAnswer.killProcess.rawValue), "seccomp_attr_set")
    // A binary tree by number: loads in two thirds of the time, since the kernel tries every number once.
    try unsafe check(seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2), "seccomp_attr_set")
    for rule in rules { try add(rule, architecture) }
  }

  deinit { if let context = unsafe context { unsafe seccomp_release(context) } }

  private func add(_ rule: FilterRule, _ architecture: FilterArchitecture) throws(SeccompError) {
    guard let call = SystemCall.named(rule.call) else { throw .unknownCall(rule.call, nearest: nil) }
    guard call.number(on: architecture) != nil else { return }
    // libseccomp takes every number as one of this machine's and translates; for calls that this machine does not have
    // it has negative stand-ins.
    let number = unsafe call.number(on: .native).map(Int32.init) ?? seccomp_syscall_resolve_name(rule.call)
    guard number != Self.unresolved else { throw .assembly("resolving the name", call: rule.call, code: 0) }
    let action = FilterAnswer.refusal(rule.verdict.rawValue).rawValue
    let result: Int32
    if case .masked(let argument, let mask, let value) = rule.test {
      var comparison = scmp_arg_cmp(
        arg: UInt32(argument), op: SCMP_CMP_MASKED_EQ, datum_a: UInt64(mask), datum_b: UInt64(value))
      result = unsafe seccomp_rule_add_exact_array(context, action, number, 1, &comparison)
    } else {
      result = unsafe seccomp_rule_add_exact_array(context, action, number, 0, nil)
    }
    try check(result, "seccomp_rule_add", rule.call)
  }

  /// Takes in a filter of another architecture, which is used up.
  func merge(_ other: LibraryFilter) throws(SeccompError) {
    try unsafe check(seccomp_merge(context, other.context), "seccomp_merge")
    unsafe other.context = nil
  }

  /// The program with `head` before it. libseccomp 2.5 exports to descriptors only.
  func export(after head: [UInt64]) throws(SeccompError) -> [UInt64] {
    let file = unsafe Int32(csnug_memfd("seccomp"))
    guard file >= 0 else { throw .assembly("memfd_create", call: "", code: -file) }
    defer { csnug_close(file) }
    try unsafe check(seccomp_export_bpf(context, file), "seccomp_export_bpf")
    var read = 0
    let program = unsafe [UInt64](unsafeUninitializedCapacity: head.count + BPF.longest) { buffer, count in
      _ = unsafe buffer.initialize(fromContentsOf: head)
      read = unsafe csnug_pread(file, buffer.baseAddress.map { unsafe $0 + head.count }, BPF.longest * 8, 0)
      count = head.count + max(0, read) / 8
    }
    guard read > 0, read % 8 == 0 else { throw .assembly("reading the program", call: "", code: Int32(max(0, -read))) }
    guard program.count <= BPF.longest else { throw .assembly("too many rules", call: "", code: 0) }
    return program
  }

  private func check(_ result: Int32, _ step: String, _ call: String = "") throws(SeccompError) {
    if result < 0 { throw .assembly(step, call: call, code: -result) }
  }

  private static let allow = FilterAnswer.allow.rawValue
  /// `__NR_SCMP_ERROR`.
  private static let unresolved: Int32 = -1
  private static let noMemory: Int32 = 12
}
