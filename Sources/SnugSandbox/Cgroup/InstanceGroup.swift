import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// The cgroup of one instance: what makes its limits, its pause and its end hold for all its processes at once.
///
/// Runs in the launcher: made before the clone, taken away after the end.
public final class InstanceGroup {
  /// Optional limits that turned out not to be had; for those who tell of them.
  public private(set) var notEnforced: [String] = []
  /// What limits are written to, and what is frozen and killed. Nil before a scope has been made.
  private var top: Cgroup?
  /// Where PID 1 begins.
  private var leaf: Cgroup?
  /// What `top` was made in; nil where systemd has made it.
  private let parent: Cgroup?
  private let name: String
  private let policy: GroupPolicy?
  private let appID: String
  private let instance: String
  private var noted: (limit: String?, peak: Int?)?
  private var commands = 0
  /// Groups of commands that have ended, not yet empty.
  var leftCommands: [String] = []

  init(policy: GroupPolicy?, appID: String, instance: String, parent: Cgroup?, name: String = "") {
    self.policy = policy
    self.appID = appID
    self.instance = instance
    self.parent = parent
    self.name = name
  }

  /// For a test: plain files stand in for the kernel's.
  init(_ policy: GroupPolicy, in top: Cgroup) {
    self.policy = policy
    self.top = top
    (parent, name, appID, instance) = (nil, "", "", "")
  }

  /// Makes the group before the clone.
  ///
  /// With limits, the one that can hold them. Without, one where the caller's own cgroup is delegated to it: then pause
  /// and end need no signals. For root everything looks delegated, which says nothing, so root gets one only for limits.
  ///
  /// - Parameters:
  ///   - instance: the instance's name; it becomes part of a file name.
  ///   - isKept: whether commands with limits of their own are to be expected.
  /// - Returns: nil where there is none and none is needed.
  /// - Throws: status 125 where a limit cannot be held that must be.
  static func prepare(_ plan: Plan, instance: String, isKept: Bool) throws(Sandbox.Failure) -> InstanceGroup? {
    let policy = plan.process.group
    switch policy?.keeper {
    case nil where isKept:
      guard callerIDs().uid != 0 else { return nil }
      let group = try make(plan, instance, [])
      return group.isThere ? group : nil
    case nil:
      guard callerIDs().uid != 0, let place = CgroupPlace.find(searchesMounts: false),
        let own = try? Cgroup(place.path), own.isDelegated, own.isOwn
      else { return nil }
      return try? InstanceGroup(policy: nil, appID: plan.id, instance: instance, below: own)
    case .scope:
      return InstanceGroup(policy: policy, appID: plan.id, instance: instance, parent: nil)
    case .cgroup: return try make(plan, instance, policy?.limits ?? [])
    }
  }

  private static func make(_ plan: Plan, _ instance: String, _ limits: [GroupLimit]) throws(Sandbox.Failure)
    -> InstanceGroup
  {
    let (base, reason) = GroupBase.find(for: limits.isEmpty ? CommandLimits.kinds : limits.map({ $0.kind }))
    guard let base else { return try none(without: limits, reason) }
    let group: InstanceGroup
    do throws(KernelError) {
      group = try InstanceGroup(policy: plan.process.group, appID: plan.id, instance: instance, below: base.cgroup)
    } catch {
      return try none(without: limits, "cannot make \(error.path): \(errorText(error.code))")
    }
    do throws(Sandbox.Failure) {
      if limits.isEmpty { for kind in CommandLimits.kinds { try? base.pass(kind) } }
      try group.hold(limits, passing: base)
    } catch {
      group.remove()
      throw error
    }
    return group
  }

  /// What stands for a group that could not be made, where that is allowed.
  private static func none(without limits: [GroupLimit], _ reason: String) throws(Sandbox.Failure) -> InstanceGroup {
    let none = InstanceGroup(policy: nil, appID: "", instance: "", parent: nil)
    try none.lose(limits, reason)
    return none
  }

  /// Directory for the clone, of version 2; -1 where PID 1 begins where its launcher is.
  public var descriptor: Int32 { leaf?.descriptor ?? -1 }

  /// Whether a start may go on without it.
  public var isNeeded: Bool { policy?.limits.contains { !$0.isOptional } ?? false }

  /// After the clone and before the go: has systemd put PID 1 into a scope, where that holds the limits.
  ///
  /// - Throws: status 125 where a limit cannot be held that must be.
  public func adopt(_ pid: Int32) throws(Sandbox.Failure) {
    guard let policy, policy.keeper == .scope, top == nil else { return }
    if let reason = requestScope(appID: appID, instance: instance, pid: pid, policy.limits) {
      return try lose(policy.limits, reason)
    }
    // Only what is a scope of ours: anything else may be the caller's whole session, which must not be frozen or killed.
    guard let place = CgroupPlace.find(pid: pid, searchesMounts: true), isScope(place.path),
      let made = try? Cgroup(place.path)
    else { return try lose(policy.limits, "systemd says that it has made a scope, and nothing is in one") }
    top = made
    // systemd passes over what its controllers cannot do.
    let idle = policy.limits.filter { !isHeld($0) }
    try lose(idle, "systemd has made a scope, and its cgroup \(place.path) does not hold it")
  }

  /// Where groups of commands can stand beside PID 1's.
  var roomForCommands: Cgroup? { leaf == nil || leaf === top ? nil : top }

  /// The number of a new one.
  var nextCommand: Int {
    commands += 1
    return commands
  }

  private func lose(_ limits: [GroupLimit], _ reason: String) throws(Sandbox.Failure) {
    if let required = limits.first(where: { !$0.isOptional }) {
      throw Sandbox.Failure(status: 125, diagnostic: required.refusal(reason))
    }
    notEnforced += limits.map({ $0.key })
  }

  // MARK: - Pause and end

  /// Whether pause and kill work on it.
  public var isThere: Bool { top != nil }

  /// Stops everything inside; returns when all stands still.
  ///
  /// - Throws: ETIMEDOUT where a process waits for something that cannot be broken off; what had stopped stays stopped.
  public func freeze() throws(KernelError) { try real().freeze() }

  /// Lets everything inside go on.
  public func thaw() throws(KernelError) { try real().thaw() }

  /// Ends everything inside at once, frozen or not; false where it cannot, and signals are left.
  public func kill() -> Bool {
    guard let top else { return false }
    return (try? top.kill()) != nil
  }

  private func real() throws(KernelError) -> Cgroup {
    guard let top else { throw KernelError("open", "cgroup", code: ENOENT) }
    return top
  }

  // MARK: - What was used

  /// Bytes in use by all processes together; nil where the kernel does not count them.
  public var memory: Int? { top?.read("memory.current").flatMap { Int($0) } }

  /// The most that `memory` has been. Linux 5.19.
  public var peak: Int? { top?.read("memory.peak").flatMap { Int($0) } ?? noted?.peak }

  /// The limit that the kernel has enforced against somebody inside: `memory` where it ended a process for it, `tasks`
  /// where it refused one.
  public var limitHit: String? {
    if let kills = top?.number("oom_kill", in: "memory.events"), kills > 0 { return "memory" }
    if let refusals = top?.number("max", in: "pids.events"), refusals > 0 { return "tasks" }
    return noted?.limit
  }

  /// Keeps what `peak` and `limitHit` say now: systemd takes an empty scope away.
  public func note() {
    if policy != nil { noted = (limitHit, peak) }
  }

  // MARK: - Making and taking away

  /// Makes the directory, locked for as long as we live.
  private convenience init(policy: GroupPolicy?, appID: String, instance: String, below parent: Cgroup)
    throws(KernelError)
  {
    let (made, name) = try makeLocked(instance, in: parent)
    self.init(policy: policy, appID: appID, instance: instance, parent: parent, name: name)
    top = made
    leaf = made
  }

  /// Writes the limits, with PID 1 one level below them: what can mount this tree inside, as `nested` lets an app, sees
  /// its own group as the top and could lift what is written there.
  private func hold(_ limits: [GroupLimit], passing base: GroupBase) throws(Sandbox.Failure) {
    for limit in limits {
      do throws(KernelError) {
        try base.pass(limit.kind)
        try write(limit)
      } catch {
        try lose([limit], "\(error.path): \(errorText(error.code))")
      }
    }
    guard let top else { return }
    let made = unsafe csnug_mkdirat(top.descriptor, innerName, 0o755)
    guard made == 0, let inner = try? Cgroup("\(top.path)/\(innerName)") else {
      return try lose(limits, "cannot make \(top.path)/\(innerName): \(errorText(Int32(clamping: -made)))")
    }
    leaf = inner
  }

  /// Writes one limit and reads it back.
  func write(_ limit: GroupLimit) throws(KernelError) {
    let group = try real()
    switch limit.kind {
    case .memory:
      try group.write(String(limit.value), to: "memory.max")
      // Else the limit would be one of what is in memory, and the rest fill the disk. A kernel without swap has no file.
      try? group.write("0", to: "memory.swap.max")
    case .tasks: try group.write(String(limit.value), to: "pids.max")
    case .cpu: try group.write("\(limit.value * (cpuPeriod / 100)) \(cpuPeriod)", to: "cpu.max")
    }
    if !isHeld(limit) { throw KernelError("read", "\(group.path): the limit of \(limit.kind.rawValue)", code: EINVAL) }
  }

  /// Whether the group's files say so.
  func isHeld(_ limit: GroupLimit) -> Bool {
    guard let top else { return false }
    switch limit.kind {
    // Rounded down to pages.
    case .memory: return top.read("memory.max").flatMap { UInt64($0) }.map { $0 <= limit.value } ?? false
    case .tasks: return top.read("pids.max").flatMap { UInt64($0) }.map { $0 <= limit.value } ?? false
    case .cpu:
      let words = (top.read("cpu.max") ?? "").split(separator: " ").map { UInt64($0) }
      guard words.count == 2, let quota = words[0], let period = words[1], period > 0 else { return false }
      return quota * 100 <= limit.value * period
    }
  }

  /// Takes the group away, with what is still in it. A process that is ending leaves it a moment after it was waited for.
  public func remove() {
    guard let parent else { return }
    note()
    let deadline = csnug_clock_ms() + 1000
    while !parent.remove(name) {
      if csnug_clock_ms() > deadline { return }
      try? top?.kill()
      _ = csnug_poll(nil, nil, 0, 1)
    }
  }
}

extension CommandLimits {
  /// What commands can be limited in together.
  fileprivate static let kinds: [GroupLimit.Kind] = [.memory, .tasks]
}

/// Of cpu.max, in microseconds: what systemd takes.
private let cpuPeriod: UInt64 = 100_000
/// Where PID 1 begins, below the limits.
private let innerName = "inside"
