import CSnug
import SnugPlan

/// A command beside the app, as the launcher holds it: by the socket of its leader.
///
/// Runs in the launcher.
final class RunningCommand {
  /// What its leader has said.
  enum Event {
    case reply(ControlReply, [Int32])
    case ended(CommandEnd)
  }

  let channel: Int32
  /// Until one of the two goes; not weak, which Embedded Swift has not: the service breaks the circle at either end.
  var client: Client?
  /// Gives back what was made for it.
  var discard: (() -> Void)?
  private let limits: CommandLimits
  private let initPID: Int32
  private let group: CommandGroup?
  private let began = Int(csnug_clock_ms())
  private var leader: (pid: Int32, pidfd: Int32)?
  private var limit: String?
  private var killAt: Int?
  private var isDoomed = false
  private var cancelled: Int?
  /// When the number of its processes is looked at next. Soon and then more seldom: a bomb that is refused a process gives
  /// up within some milliseconds, and nobody else would tell of it.
  private var nextLook: Int
  /// How often the number of its processes is looked at, at the least and at the most; how long its leader may take to
  /// report the end, and how long a cancelled command to end by itself; milliseconds.
  private static let (lookAtLeast, lookAtMost, grace, cancelGrace) = (50, 3, 1_000, 2_000)

  init(channel: Int32, client: Client, limits: CommandLimits, group: CommandGroup?, initPID: Int32) {
    self.channel = channel
    self.client = client
    self.limits = limits
    self.group = group
    self.initPID = initPID
    nextLook = began + Self.lookAtMost
  }

  /// When `check` is due, in milliseconds of the clock.
  var deadline: Int? {
    if isDoomed { return killAt }
    let time = [limits.time.map { began + $0 }, cancelled.map { $0 + Self.cancelGrace }].compactMap { $0 }.min()
    guard limits.processes != nil else { return time }
    return min(time ?? nextLook, nextLook)
  }

  /// Ends what is over a limit.
  func check(at now: Int) {
    if let killAt, killAt <= now, let leader {
      _ = csnug_pidfd_send_signal(leader.pidfd, 9)
      self.killAt = nil
    }
    if isDoomed { return }
    if let cancelled, cancelled + Self.cancelGrace <= now { return endAll() }
    if let time = limits.time, began + time <= now { return endAll("time") }
    guard let most = limits.processes, nextLook <= now else { return }
    nextLook = now + min(Self.lookAtLeast, max(Self.lookAtMost, (now - began) / 2))
    guard let leader else { return }
    let isOver =
      group?.holdsProcesses == true
      ? group?.limitHit == "processes" : processTree(below: leader.pid).count > most
    if isOver { endAll("processes") }
  }

  /// Ends the command and everything it has started. Its leader reports the end.
  func endAll(_ limit: String? = nil) {
    if isDoomed { return }
    isDoomed = true
    self.limit = limit
    guard let leader else { return }
    endTree(below: leader.pid)
    // The app can have stopped the leader, which is its equal.
    _ = csnug_pidfd_send_signal(leader.pidfd, 18)
    killAt = Int(csnug_clock_ms()) + Self.grace
  }

  /// Passes a signal on; what that does not end is ended soon.
  func cancel(_ number: Int32) {
    cancelled = cancelled ?? Int(csnug_clock_ms())
    tell([LeaderMessage.signal, UInt8(truncatingIfNeeded: number)])
  }

  func tell(_ bytes: [UInt8]) { _ = unsafe csnug_send(channel, bytes, bytes.count) }

  /// What comes next; nil where nothing is waiting.
  func next() -> Event? {
    var bytes = [UInt8](repeating: 0, count: 64)
    var descriptor: Int32 = -1
    var number = 1
    var sender: Int32 = 0
    let count = unsafe csnug_receive_descriptors(channel, &bytes, bytes.count, &descriptor, &number, &sender)
    if count == -Int(ErrorNumber.wouldBlock) { return nil }
    if count <= 0 { return .ended(lost()) }
    let packet = bytes[1..<count]
    let descriptors = number == 1 ? [descriptor] : []
    switch bytes[0] {
    case LeaderMessage.hello:
      if let refusal = hold(sender) {
        for descriptor in descriptors { _ = csnug_close(descriptor) }
        return .reply(refusal, [])
      }
      return .reply(.started(pid: sender), descriptors)
    // Ending a tree stops it first, which is no job control.
    case LeaderMessage.stopped where packet.count == 1 && !isDoomed:
      return .reply(.stopped(signal: Int32(bytes[1])), descriptors)
    case LeaderMessage.failed where packet.count > 1:
      let call = String(decoding: packet.dropFirst(), as: UTF8.self)
      return .reply(failure(Int32(bytes[1]), call), descriptors)
    case LeaderMessage.ended:
      guard let how = Supervisor.End(encoded: packet.prefix(2)), let usage = CommandUsage(encoded: packet.dropFirst(2))
      else { return .ended(lost()) }
      // The limits are for all that it has started, so what lingers ends with it.
      if isDoomed || cancelled != nil || limits != CommandLimits(), let leader { endTree(below: leader.pid) }
      group?.kill()
      return .ended(ended(how, usage))
    default:
      for descriptor in descriptors { _ = csnug_close(descriptor) }
      return next()
    }
  }

  /// Its leader was ended, from inside or with the instance. What it led is PID 1's now, and known by its session: a
  /// command must not get rid of its limits so, nor outlive its client.
  func lost() -> CommandEnd {
    if let leader { endSession(leader.pid, below: initPID) }
    group?.kill()
    return ended(.killed(signal: 9), CommandUsage())
  }

  func close() {
    _ = csnug_close(channel)
    if let leader { _ = csnug_close(leader.pidfd) }
    leader = nil
    discard?()
    discard = nil
  }

  /// Takes the leader for what it says it is; an answer where the command cannot be started.
  private func hold(_ pid: Int32) -> ControlReply? {
    let pidfd = Int32(csnug_pidfd_open(pid))
    guard pidfd >= 0 else { return nil }
    // A number that means another process by now is none of ours.
    guard isInSandbox(pid) == true else {
      _ = csnug_close(pidfd)
      return nil
    }
    leader = (pid, pidfd)
    if let group {
      do throws(KernelError) { try group.take(pid) } catch {
        endAll()
        let message = "cannot put it into the cgroup that holds its limits: \(errorText(error.code))"
        return .error(message: message, hint: nil, status: 125)
      }
      tell([LeaderMessage.go])
    }
    // The client has left before, or the time was that short.
    if isDoomed {
      isDoomed = false
      endAll(limit)
    }
    return nil
  }

  private func failure(_ code: Int32, _ call: String) -> ControlReply {
    if call == "execve" {
      let missing = code == ErrorNumber.noEntry
      return .error(
        message: errorText(code), hint: missing ? "it is not in the PATH of the sandbox, or not visible there" : nil,
        status: missing ? 127 : 126)
    }
    return .error(message: "\(call): \(errorText(code))", hint: nil, status: 125)
  }

  private func ended(_ end: Supervisor.End, _ usage: CommandUsage) -> CommandEnd {
    // A limit is named only where it is known: SIGXFSZ is file-size and nothing else.
    let known = limit ?? group?.limitHit ?? (end == .killed(signal: 25) ? "file-size" : nil)
    let usage = group?.usage(usage) ?? usage
    return CommandEnd(
      end: end, userMilliseconds: Int(usage.userMicroseconds / 1000),
      systemMilliseconds: Int(usage.systemMicroseconds / 1000), wallMilliseconds: Int(csnug_clock_ms()) - began,
      peakBytes: Int(usage.peakBytes), limit: known)
  }
}
