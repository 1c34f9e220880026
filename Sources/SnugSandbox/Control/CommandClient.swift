import CSnug
import SnugPlan

/// `snug exec` after its command line: runs a command beside the app of a running instance and stays with it.
///
/// Runs in the client. Its end, however it comes, ends the command.
public final class CommandClient {
  /// Why there is no end to tell.
  public struct Failure: Error, Sendable {
    /// In plain words.
    public var message: String
    /// The remedy, where one is known.
    public var hint: String?
    /// Exit status of the client.
    public var status: Int32
  }

  private let socket: ControlSocket
  private var request: ExecRequest
  private let outputLimit: Int?
  private var callerTerminal: CallerTerminal?
  private var terminal: TerminalSession?
  /// Whether the command had a private terminal, see `endAlike`.
  public var hadTerminal: Bool { callerTerminal != nil }
  private var output: OutputCounter?
  private var hasStarted = false
  private var isCancelled = false
  /// Asked to end: how long the end may take, in milliseconds of the clock, and by which signal. A launcher that is stopped
  /// never answers; our end of the connection is all that it needs to end the command later.
  private var leaveAt: (time: Int, signal: Int32)?
  /// What a launcher may take to start a command that is not wanted any more; and more than a cancelled command has, and its
  /// leader to report it.
  private static let (startPatience, endPatience) = (1_000, 5_000)
  private var forwarding = SignalForwarding(sharesTerminal: false, ownPID: Int32(csnug_getpid()))

  /// Takes a connected control socket. `outputLimit` counts what the command writes to 1 and 2 together, in bytes.
  public init(_ socket: ControlSocket, _ request: ExecRequest, outputLimit: Int?) {
    self.socket = socket
    self.request = request
    self.outputLimit = outputLimit
  }

  /// Runs it to its end. The caller's signals are taken over.
  public func run() throws(Failure) -> CommandEnd {
    csnug_reset_signals()
    var without: Int32 = 0
    let signals = unsafe Int32(csnug_signalfd_all(&without))
    if signals < 0 { throw Failure(message: "cannot watch signals: \(errorText(-signals))", status: 125) }
    var streams: [Int32] = [0, 1, 2]
    if let outputLimit {
      guard let counter = OutputCounter(limit: outputLimit) else {
        throw Failure(message: "cannot make a pipe for its output", status: 125)
      }
      output = counter
      streams = [0] + counter.writers
    }
    // What is counted is a pipe and no terminal.
    if let caller = CallerTerminal(among: outputLimit == nil ? [0, 1, 2] : [0]) {
      callerTerminal = caller
      request.terminal = CommandTerminal(caller)
    }
    let sent = streams.indices.filter { callerTerminal?.streams.contains(Int32($0)) != true }.map { streams[$0] }
    if let code = socket.send(ControlRequest.exec(request).json, sent) {
      let hint =
        code == 90 ? "its arguments are longer than \(controlPacketLimit >> 10) KiB: put them into a file" : nil
      throw Failure(message: "cannot reach the instance: \(errorText(code))", hint: hint, status: 125)
    }
    output?.closeWriters()
    return try follow(signals)
  }

  private func follow(_ signals: Int32) throws(Failure) -> CommandEnd {
    var failure: Failure?
    while true {
      let descriptors = [socket.descriptor, signals, terminal?.socket ?? -1] + (output?.readers ?? [])
      var events = [Int32](repeating: 0, count: descriptors.count)
      let wait = leaveAt.map { Int32(clamping: max(0, $0.time - Int(csnug_clock_ms()))) } ?? -1
      _ = unsafe csnug_poll_many(descriptors, &events, descriptors.count, wait)
      if let leaveAt, leaveAt.time <= Int(csnug_clock_ms()) {
        finishTerminal(signals)
        throw Failure(message: "the instance does not answer", status: 128 + leaveAt.signal)
      }
      if events[1] & 1 != 0 {
        while let signal = readSignal(signals) { handle(signal) }
      }
      if events[2] != 0 { terminal?.serve() }
      if output?.copy(Array(events.dropFirst(3))) == .overLimit { self.send(.end(limit: "output")) }
      guard events[0] != 0 else { continue }
      let reply: ControlReply
      do throws(Failure) { reply = try receive() } catch {
        finishTerminal(signals)
        throw error
      }
      switch reply {
      case .ended(let end):
        output?.finish()
        finishTerminal(signals)
        if let failure { throw failure }
        return end
      case .stopped(let signal):
        if let terminal {
          terminal.handle(leader: [TerminalWord.stopped, UInt8(truncatingIfNeeded: signal)])
        } else if signal != 19 {
          // Not SIGSTOP: that is of somebody inside, or of snug pause, who will let it go on.
          csnug_stop_self(signal)
          send(.proceed)
        }
      case .error(let message, let hint, let status):
        // 126 and 127 are followed by the end of what would have become the command.
        failure = Failure(message: message, hint: hint, status: status)
        if status == 126 || status == 127 { break }
        finishTerminal(signals)
        throw Failure(message: message, hint: hint, status: status)
      case .started:
        hasStarted = true
        // A signal that the command may take: it is with the instance, which answers.
        leaveAt = isCancelled ? leaveAt.map { ($0.time + Self.endPatience, $0.signal) } : nil
      case .done: break
      }
    }
  }

  private func receive() throws(Failure) -> ControlReply {
    let reason: String
    do throws(ControlError) {
      if let packet = try socket.receive() {
        let reply = try ControlReply(packet.json)
        if case .started = reply, terminal == nil, let master = packet.descriptors.first {
          openTerminal(master)
        } else {
          for descriptor in packet.descriptors { _ = csnug_close(descriptor) }
        }
        return reply
      }
      reason = "the instance has ended"
    } catch {
      reason = "cannot understand the instance: \(error.reason)"
    }
    throw Failure(message: reason, status: 128 + 9)
  }

  private func send(_ request: ControlRequest) { _ = socket.send(request.json) }

  private func openTerminal(_ master: Int32) {
    guard let callerTerminal, let wanted = request.terminal else { return }
    let outside = TerminalSession.Outside(
      tellLeader: { self.send(.job(foreground: $0.first == TerminalWord.foreground)) },
      forward: { self.send(.signal($0)) }, hungUp: { self.send(.cancel(1)) })
    terminal = TerminalSession(
      callerTerminal, master: master, startsInForeground: wanted.startsInForeground, outside: outside)
  }

  private func finishTerminal(_ signals: Int32) {
    terminal?.finish(signals: signals) { readSignal(signals) }
    terminal = nil
  }

  private func handle(_ signal: csnug_signal) {
    if terminal?.handle(signal) == true { return }
    if !hasStarted, [1, 2, 3, 15].contains(signal.number) { leave(soon: signal.number) }
    for action in forwarding.handle(signal, at: Int(csnug_clock_ms())) {
      switch action {
      case .forward(let number): send(.signal(number))
      case .cancel:
        isCancelled = true
        send(.cancel(signal.number))
        leave(soon: signal.number)
      case .endNow:
        isCancelled = true
        send(.end(limit: nil))
        leave(soon: signal.number)
      // The command stops, and the instance says so: then it is our turn.
      case .stopSelf: break
      }
    }
  }
}

extension CommandClient {
  private func leave(soon signal: Int32) {
    let patience = hasStarted ? Self.endPatience : Self.startPatience
    leaveAt = leaveAt ?? (Int(csnug_clock_ms()) + patience, signal)
  }
}

/// Counts what a command writes, on its way through the client.
final class OutputCounter {
  /// What `copy` has found.
  enum Found {
    case more
    case overLimit
  }

  private(set) var readers: [Int32]
  private(set) var writers: [Int32]
  private var targets: [Int32: Int32] = [:]
  private var left: Int
  private var isOver = false

  /// Nil where there are no descriptors left.
  init?(limit: Int) {
    left = limit
    readers = []
    writers = []
    for target: Int32 in [1, 2] {
      var pair: [Int32] = [-1, -1]
      if unsafe csnug_pipe(&pair) < 0 { return nil }
      readers.append(pair[0])
      writers.append(pair[1])
      targets[pair[0]] = target
    }
  }

  /// Once the command has them.
  func closeWriters() {
    for writer in writers { _ = csnug_close(writer) }
    writers = []
  }

  /// Passes on what has come, in the order of `readers`. Tells once that the limit is passed; what comes after it is
  /// dropped.
  func copy(_ events: [Int32]) -> Found {
    var found = Found.more
    for (reader, event) in zip(readers, events) where event != 0 {
      var bytes = [UInt8](repeating: 0, count: 64 << 10)
      let count = unsafe csnug_read(reader, &bytes, bytes.count)
      if count <= 0 {
        close(reader)
        continue
      }
      let passed = min(count, left)
      left -= passed
      // Our reader has gone: the command hears of it as it would without us.
      if !write(bytes[..<passed], to: targets[reader] ?? 1) { close(reader) }
      if passed < count, !isOver {
        isOver = true
        found = .overLimit
      }
    }
    return found
  }

  /// What is in the pipes already, once the command has ended; what it left running may hold them open for ever.
  func finish() {
    while !readers.isEmpty {
      var events = [Int32](repeating: 0, count: readers.count)
      let ready = unsafe csnug_poll(readers, &events, readers.count, 0)
      if ready <= 0 { return }
      _ = copy(events)
    }
  }

  private func close(_ reader: Int32) {
    readers.removeAll { $0 == reader }
    _ = csnug_close(reader)
  }

  private func write(_ bytes: ArraySlice<UInt8>, to target: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe csnug_write(target, $0.baseAddress, $0.count) }
      if count <= 0 { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
