import CSnug
import SnugPlan

/// PID 1 as the launcher holds it.
struct Child {
  var pid: Int32
  var pidfd: Int32
  var control: Int32
  /// Its user and its network namespace, for who wants to share the latter; empty where it has none of its own.
  var networkNamespaces: [Int32] = []
  var group: InstanceGroup?
  /// The leader of the app's session, where the app has a private terminal.
  var leader: Leader?

  struct Leader {
    /// Socket to it, see `TerminalWord`.
    var channel: Int32
    /// Whether the app owns the terminal from the start.
    var startsInForeground: Bool
  }

  /// -errno where it was not sent.
  @discardableResult
  func send(_ bytes: [UInt8], _ descriptors: [Int32] = []) -> Int {
    unsafe csnug_send_descriptors(control, bytes, bytes.count, descriptors, descriptors.count)
  }

  /// Ends PID 1 and with it all inside; its cgroup does so even while it is frozen.
  func kill() {
    if group?.kill() != true { _ = csnug_pidfd_send_signal(pidfd, 9) }
  }

  /// Halts everything inside, PID 1 too where a cgroup does it.
  func pause() {
    if let group, group.isThere, (try? group.freeze()) != nil { return }
    send([Message.pause])
  }

  func resume() {
    if let group, group.isThere { try? group.thaw() }
    send([Message.resume])
  }

  /// The next packet of Init with at most one descriptor, which is the caller's to close; nil where none is waiting.
  func receive() -> (bytes: [UInt8], descriptor: Int32?)? {
    var events: Int32 = 0
    guard unsafe csnug_poll([control], &events, 1, 0) > 0, events & 1 != 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16)
    var descriptor: Int32 = -1
    var number = 1
    var sender: Int32 = 0
    let count = unsafe csnug_receive_descriptors(control, &bytes, bytes.count, &descriptor, &number, &sender)
    // Nothing else comes with a descriptor: we had no number left for it, and who waits for it must hear of that.
    if count == -Int(ErrorNumber.messageSize) {
      return ([Message.opened, UInt8(truncatingIfNeeded: ErrorNumber.tooManyFiles)], nil)
    }
    return count > 0 ? (Array(bytes[..<count]), number == 1 ? descriptor : nil) : nil
  }

  /// Returns when the last process inside is gone.
  func wait() -> (end: Supervisor.End, usage: csnug_ended) {
    var ended = csnug_ended()
    _ = unsafe csnug_wait(pid, true, false, &ended)
    return (Supervisor.End(ended), ended)
  }

  /// Gives its descriptors and its cgroup back, once it is waited for.
  func close() {
    _ = csnug_close(pidfd)
    _ = csnug_close(control)
    for namespace in networkNamespaces { _ = csnug_close(namespace) }
    group?.remove()
    if let leader { _ = csnug_close(leader.channel) }
  }
}

extension Supervisor.End {
  /// `signal KILL` or `exit status 3`.
  public var words: String {
    switch self {
    case .exited(let code): "exit status \(code)"
    case .killed(let signal): "signal \(signalName(signal))"
    }
  }
}

/// The next signal of a signalfd; nil where none is waiting.
func readSignal(_ signals: Int32) -> csnug_signal? {
  var signal = csnug_signal()
  return unsafe csnug_read_signal(signals, &signal) > 0 ? signal : nil
}
