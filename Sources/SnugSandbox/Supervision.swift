import CSnug
import SnugPlan
import SnugProfile

/// The launcher while a sandbox lives: passes signals on, serves the control socket, waits for the end.
///
/// Runs in the launcher. One thread, one poll: whatever a client or a command does, nothing here waits for it.
final class Supervision {
  private let sandbox: Sandbox
  private var child: Child
  private let signals: Int32
  private var forwarding: SignalForwarding
  private let began = Int(csnug_clock_ms())
  private var end: (Supervisor.End, at: Int)?
  private var service: ControlService?
  private(set) var isPaused = false
  private var terminal: TerminalSession?

  init(_ sandbox: Sandbox, _ child: Child, signals: Int32) {
    self.sandbox = sandbox
    self.child = child
    self.signals = signals
    forwarding = SignalForwarding(sharesTerminal: sandbox.sharesTerminal, ownPID: Int32(csnug_getpid()))
  }

  /// Stays until the last process inside is gone. `early` are the signals for the app that came before.
  func run(_ early: [csnug_signal]) -> Sandbox.Ended {
    // The app's readers and writers wait for the app, not for the launcher.
    replaceWithNull(0)
    replaceWithNull(1)
    if let listing = sandbox.listing { service = ControlService(listener: listing.listener, for: self) }
    openTerminal()
    for signal in early { handle(signal) }
    var control = child.control
    var leader = child.leader?.channel ?? -1
    while true {
      var descriptors = [child.pidfd, control, signals, leader, terminal?.socket ?? -1]
      let fixed = descriptors.count
      for companion in sandbox.companions { descriptors.append(companion.output) }
      let own = descriptors.count
      if let service { descriptors += service.descriptors }
      var events = [Int32](repeating: 0, count: descriptors.count)
      let deadline = service?.deadline
      let wait = deadline.map { Int32(clamping: max(0, $0 - Int(csnug_clock_ms()))) } ?? -1
      _ = unsafe csnug_poll_many(descriptors, &events, descriptors.count, wait)
      if events[3] & 1 != 0 { hearLeader() }
      if events[3] == 2 { leader = -1 }
      if events[4] != 0 { terminal?.serve() }
      for (number, companion) in sandbox.companions.enumerated() where events[fixed + number] != 0 {
        companion.serve { sandbox.tell(.companion($0)) }
      }
      if events[2] & 1 != 0 {
        while let signal = readSignal(signals) { handle(signal) }
      }
      if events[1] & 1 != 0 { drain() }
      // PID 1 has closed its end, but is gone only when all inside is: until then poll would return at once, again and
      // again.
      if events[1] & 2 != 0 { control = -1 }
      if events[0] != 0 { return finish() }
      let before = child.pid
      service?.handle(Array(events.dropFirst(own)), of: Array(descriptors.dropFirst(own)))
      if child.pid != before { control = child.control }
    }
  }

  private func finish() -> Sandbox.Ended {
    drain()
    for companion in sandbox.companions { companion.drain { sandbox.tell(.companion($0)) } }
    let ended = child.wait()
    defer { child.close() }
    terminal?.finish(signals: signals) { readSignal(signals) }
    return Sandbox.Ended(
      end: end?.0 ?? ended.end, userMilliseconds: Int(ended.usage.user_us / 1000),
      systemMilliseconds: Int(ended.usage.system_us / 1000),
      wallMilliseconds: (end?.at ?? Int(csnug_clock_ms())) - began,
      peakBytes: child.group?.peak ?? Int(ended.usage.peak_kib) << 10, limitHit: child.group?.limitHit,
      hadTerminal: terminal != nil)
  }

  private func drain() {
    while let (message, descriptor) = child.receive() {
      switch message.first {
      case Message.ended:
        if let how = Supervisor.End(encoded: message.dropFirst()) { end = (how, Int(csnug_clock_ms())) }
        child.group?.note()
        terminal?.appEnded()
      case Message.timeUp:
        sandbox.tell(.timeUp(livingProcesses(below: child.pid)))
        child.send([Message.named])
      case Message.ping: service?.answer(nil, code: 0)
      case Message.opened where message.count == 2: service?.answer(descriptor, code: Int32(message[1]))
      default: break
      }
      if let descriptor { _ = csnug_close(descriptor) }
    }
  }

  private func handle(_ signal: csnug_signal) {
    if terminal?.handle(signal) == true { return }
    for action in forwarding.handle(signal, at: Int(csnug_clock_ms())) {
      switch action {
      case .forward(let number): child.send([Message.signal, UInt8(truncatingIfNeeded: number)])
      case .cancel: cancel()
      case .endNow: child.kill()
      case .stopSelf(let number): csnug_stop_self(number)
      }
    }
  }

  // MARK: - The app's private terminal

  private func openTerminal() {
    guard let caller = sandbox.callerTerminal, let leader = child.leader else { return }
    var word: UInt8 = 0
    var master: Int32 = -1
    var number = 1
    var sender: Int32 = 0
    // Sent before the app's exec, so it is there.
    let count = unsafe csnug_receive_descriptors(leader.channel, &word, 1, &master, &number, &sender)
    guard count == 1, number == 1, word == TerminalWord.master else { return }
    let outside = TerminalSession.Outside(
      tellLeader: { _ = unsafe csnug_send(leader.channel, $0, $0.count) },
      forward: { self.child.send([Message.signal, UInt8(truncatingIfNeeded: $0)]) },
      hungUp: { self.child.send([Message.hungUp]) })
    terminal = TerminalSession(
      caller, master: master, startsInForeground: leader.startsInForeground, outside: outside)
  }

  private func hearLeader() {
    var bytes: [UInt8] = [0, 0]
    var sender: Int32 = 0
    guard let leader = child.leader else { return }
    let count = unsafe csnug_receive(leader.channel, &bytes, bytes.count, &sender)
    // snug pause stops the leader as well, which then tells of it late or never.
    if count > 0, !isPaused { terminal?.handle(leader: Array(bytes[..<count])) }
  }

  // MARK: - What the control socket asks for

  /// Host pid of PID 1.
  var pid: Int32 { child.pid }

  /// The instance's cgroup, where it has one.
  var group: InstanceGroup? { child.group }

  /// User and network namespace of the instance; nil where the network is not its own.
  var networkNamespaces: [Int32]? { child.networkNamespaces.isEmpty ? nil : child.networkNamespaces }

  /// Ends the app the profile's way.
  func cancel() {
    // What is stopped hears no signal but SIGKILL.
    if isPaused { resume() }
    child.send([Message.cancel])
  }

  /// Ends everything at once.
  func kill() { child.kill() }

  func pause() {
    isPaused = true
    child.pause()
    // Only what ps shows: a full disk is no reason to let them go on.
    _ = sandbox.listing?.publish(child.pid, true, child.group?.notEnforced ?? [])
  }

  func resume() {
    isPaused = false
    child.resume()
    _ = sandbox.listing?.publish(child.pid, false, child.group?.notEnforced ?? [])
  }

  /// Asks PID 1, which answers in order.
  func ask(_ bytes: [UInt8]) { self.child.send(bytes) }

  /// Hands a command to PID 1, with the socket of its leader and its streams.
  func start(_ request: CommandRequest, _ channel: Int32, _ streams: [Int32]) {
    child.send([Message.command] + request.encoded, [channel] + streams)
  }

  /// A fresh PID 1 from the same plan, and only then the old one's end: where it fails, all stays as it was.
  func reset() throws(Sandbox.Failure) {
    if sandbox.purpose != .keep {
      throw Sandbox.Failure(
        status: 1,
        diagnostic: Diagnostic(
          "cannot reset it: its app runs in it", hint: "only what snug run --keep has started can be reset"))
    }
    var early: [csnug_signal] = []
    let fresh: Child
    do throws(Sandbox.Failure) {
      fresh = try sandbox.start(signals: signals, &early).child
    } catch {
      // The entry names the one that has failed.
      _ = sandbox.listing?.publish(child.pid, isPaused, child.group?.notEnforced ?? [])
      // A signal that ended the start was meant for the instance.
      if error.diagnostic == nil { cancel() }
      throw error
    }
    let old = child
    child = fresh
    isPaused = false
    old.kill()
    _ = old.wait()
    old.close()
    for signal in early { handle(signal) }
  }
}
