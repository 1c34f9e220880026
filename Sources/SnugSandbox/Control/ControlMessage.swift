import SnugPlan
import SnugProfile

// What the commands that work on a running instance and its launcher say to each other, over the seqpacket socket
// `control` of the instance's entry: one JSON object a packet, with `"version": 1`. A connection serves one request; what
// follows belongs to it.
//
//   Client (snug exec, stop, ...)                 Launcher
//     connect ───────────────────────────────────> same user, and not from inside a sandbox
//     do: ping ──────────────────────────────────> asks PID 1
//     <── event: done
//     do: exec {words, environment, terminal, time, memory, processes} + 0, 1 and 2
//     <── event: started {pid} (+ the master of the command's terminal)
//     <── event: stopped {signal} ──────────────── by job control; then
//     do: signal {number}, continue ─────────────> as often as it likes
//     do: job {foreground} ──────────────────────> continue, for a command with a terminal
//     do: cancel {number} ───────────────────────> passes the signal on; two seconds later it ends the rest
//     do: end {limit} ───────────────────────────> the command and all that it has started
//     <── event: ended {status, signal, ...} or error
//     end of file before the end ────────────────> ends the command and all that it has started
//     do: open {path} ───────────────────────────> beneath the root, as the app would see it
//     <── event: done + the descriptor (O_PATH)
//     do: network ───────────────────────────────>
//     <── event: done + user and network namespace
//     do: pause, resume, reset ──────────────────>
//     <── event: done
//     do: stop {now} ────────────────────────────> stays connected: end of file when all is over
//     <── event: error {message, hint} ─────────── to any of them
//
// The app has no way to it: the directory is not visible inside, whoever connects from another pid namespace is refused,
// and PID 1 has only its own pair of sockets, see `Message`.

/// What a client asks for.
public enum ControlRequest: Hashable, Sendable {
  /// Does PID 1 answer?
  case ping
  /// Runs a command beside the app.
  case exec(ExecRequest)
  /// Passes a signal to the command of this connection.
  case signal(Int32)
  /// Passes a signal to the command of this connection, and ends what is left of it and of all that it has started.
  case cancel(Int32)
  /// Continues the stopped command of this connection.
  case proceed
  /// Ends the command of this connection with all that it has started, because of a limit that the client counts.
  case end(limit: String?)
  /// Continues the command of this connection as the foreground of its terminal, or as a background job.
  case job(foreground: Bool)
  /// Opens a path inside.
  case open(String)
  /// Hands out the namespaces that a second sandbox needs to share the network.
  case network
  /// Stops every process inside.
  case pause
  /// Lets them go on.
  case resume
  /// A fresh start of a kept instance.
  case reset
  /// Ends the app the profile's way, or everything at once.
  case stop(now: Bool)
}

/// A command for `snug exec`.
public struct ExecRequest: Hashable, Sendable {
  /// argv; need not be UTF-8.
  public var words: [[UInt8]]
  /// `NAME=value`, on top of the instance's environment.
  public var environment: [[UInt8]]
  /// The private terminal it gets, if any: of 0, 1 and 2 only the others come as descriptors.
  public var terminal: CommandTerminal?
  /// What ends it.
  public var limits: CommandLimits

  /// Makes a request.
  public init(
    words: [[UInt8]], environment: [[UInt8]] = [], terminal: CommandTerminal? = nil,
    limits: CommandLimits = CommandLimits()
  ) {
    self.words = words
    self.environment = environment
    self.terminal = terminal
    self.limits = limits
  }
}

/// Limits of one command and everything it starts.
public struct CommandLimits: Hashable, Sendable {
  /// Wall-clock time, milliseconds.
  public var time: Int?
  /// Bytes.
  public var memory: UInt64?
  /// Tasks at once, threads counted, as the kernel counts.
  public var processes: UInt64?
  /// Bytes that it may write to 1 and 2 together. Counted by the client; to the launcher it only says that there is a
  /// limit.
  public var output: UInt64?

  /// No limits.
  public init(time: Int? = nil, memory: UInt64? = nil, processes: UInt64? = nil, output: UInt64? = nil) {
    self.time = time
    self.memory = memory
    self.processes = processes
    self.output = output
  }
}

/// What the launcher answers.
public enum ControlReply: Hashable, Sendable {
  /// It is done; descriptors may come with it.
  case done
  /// The command's leader stands; host pid.
  case started(pid: Int32)
  /// The command was stopped by job control.
  case stopped(signal: Int32)
  /// The command ended.
  case ended(CommandEnd)
  /// It cannot be done, with the exit status for the client.
  case error(message: String, hint: String?, status: Int32)
}

/// How a command ended.
public struct CommandEnd: Hashable, Sendable {
  /// How.
  public var end: Supervisor.End
  /// What was used.
  public var userMilliseconds: Int
  /// See `userMilliseconds`.
  public var systemMilliseconds: Int
  /// From its start to its end.
  public var wallMilliseconds: Int
  /// Largest resident set; nil where it cannot be told.
  public var peakBytes: Int?
  /// Which limit ended it.
  public var limit: String?

  /// Makes an end.
  public init(
    end: Supervisor.End, userMilliseconds: Int, systemMilliseconds: Int, wallMilliseconds: Int, peakBytes: Int?,
    limit: String?
  ) {
    self.end = end
    self.userMilliseconds = userMilliseconds
    self.systemMilliseconds = systemMilliseconds
    self.wallMilliseconds = wallMilliseconds
    self.peakBytes = peakBytes
    self.limit = limit
  }
}

/// The version of the protocol: another one is refused by name.
public let controlVersion: UInt64 = 1
/// Bytes of the longest packet.
public let controlPacketLimit = 128 << 10

/// Why a packet is none of ours.
public struct ControlError: Error, Hashable, Sendable {
  /// In plain words.
  public var reason: String
  /// The remedy, where one is known.
  public var hint: String?

  /// Makes an error.
  public init(_ reason: String, hint: String? = nil) {
    self.reason = reason
    self.hint = hint
  }
}

extension ControlRequest {
  /// What a person reads after "cannot".
  public var verb: String {
    switch self {
    case .ping: "reach"
    case .exec, .signal, .cancel, .proceed, .job, .end: "run a command in"
    case .open: "open a file in"
    case .network: "share the network of"
    case .pause: "pause"
    case .resume: "resume"
    case .reset: "reset"
    case .stop: "stop"
    }
  }

  /// For the wire.
  public var json: JSON {
    switch self {
    case .ping: request("ping")
    case .exec(let exec):
      request(
        "exec",
        [.init("words", .list(exec.words.map(wordJSON))), .init("environment", .list(exec.environment.map(wordJSON)))]
          + [.init("terminal", exec.terminal?.json ?? .null)] + exec.limits.members)
    case .signal(let number): request("signal", [.init("number", .integer(number))])
    case .cancel(let number): request("cancel", [.init("number", .integer(number))])
    case .proceed: request("continue")
    case .job(let foreground): request("job", [.init("foreground", .boolean(foreground))])
    case .end(let limit): request("end", limit.map { [.init("limit", .text($0))] } ?? [])
    case .open(let path): request("open", [.init("path", .text(path))])
    case .network: request("network")
    case .pause: request("pause")
    case .resume: request("resume")
    case .reset: request("reset")
    case .stop(let now): request("stop", [.init("now", .boolean(now))])
    }
  }

  /// Reads a packet; nothing in it is trusted.
  public init(_ json: JSON) throws(ControlError) {
    try checkVersion(json)
    switch json["do"]?.text {
    case "ping": self = .ping
    case "exec": self = .exec(try ExecRequest(json))
    case "signal", "cancel":
      guard let number = json["number"]?.int32, (1...64).contains(number) else { throw ControlError("no signal") }
      self = json["do"]?.text == "signal" ? .signal(number) : .cancel(number)
    case "continue": self = .proceed
    case "job": self = .job(foreground: json["foreground"]?.boolean ?? false)
    case "end": self = .end(limit: json["limit"]?.text)
    case "open":
      guard let path = json["path"]?.text, path.hasPrefix("/"), !path.utf8.contains(0) else {
        throw ControlError("no absolute path")
      }
      self = .open(path)
    case "network": self = .network
    case "pause": self = .pause
    case "resume": self = .resume
    case "reset": self = .reset
    case "stop": self = .stop(now: json["now"]?.boolean ?? false)
    case let other: throw ControlError("unknown request \(other ?? "without a name")")
    }
  }
}

extension ExecRequest {
  fileprivate init(_ json: JSON) throws(ControlError) {
    guard let words = readWords(json["words"]), let first = words.first, !first.isEmpty else {
      throw ControlError("no command")
    }
    guard let environment = readWords(json["environment"] ?? .list([])) else {
      throw ControlError("no environment")
    }
    let terminal = json["terminal"].flatMap(CommandTerminal.init)
    if terminal == nil, let given = json["terminal"], given != .null { throw ControlError("no terminal") }
    // What is added to it must not overflow, and no kernel has more.
    let processes = json["processes"]?.number.map { min($0, mostTasks) }
    self.init(
      words: words, environment: environment, terminal: terminal,
      limits: CommandLimits(
        time: json["time"]?.number.map { Int(clamping: min($0, UInt64(Int32.max))) }, memory: json["memory"]?.number,
        processes: processes, output: json["output"]?.number))
  }
}

extension CommandLimits {
  fileprivate var members: [JSON.Member] {
    [("time", time.map { UInt64($0) }), ("memory", memory), ("processes", processes), ("output", output)]
      .compactMap { name, value in value.map { .init(name, .number($0)) } }
  }
}

extension ControlReply {
  /// For the wire.
  public var json: JSON {
    switch self {
    case .done: reply("done")
    case .started(let pid): reply("started", [.init("pid", .integer(pid))])
    case .stopped(let signal): reply("stopped", [.init("signal", .integer(signal))])
    case .ended(let ended): reply("ended", ended.members)
    case .error(let message, let hint, let status):
      reply(
        "error",
        [
          .init("message", .text(message)), .init("hint", hint.map { .text($0) } ?? .null),
          .init("status", .integer(status)),
        ])
    }
  }

  /// Reads a packet.
  public init(_ json: JSON) throws(ControlError) {
    try checkVersion(json)
    switch json["event"]?.text {
    case "done": self = .done
    case "started": self = .started(pid: json["pid"]?.int32 ?? 0)
    case "stopped": self = .stopped(signal: json["signal"]?.int32 ?? 0)
    case "ended": self = .ended(try CommandEnd(json))
    case "error":
      self = .error(
        message: json["message"]?.text ?? "", hint: json["hint"]?.text, status: json["status"]?.int32 ?? 1)
    case let other: throw ControlError("unknown event \(other ?? "without a name")")
    }
  }
}

extension CommandEnd {
  /// The keys of the `ended` record.
  public var members: [JSON.Member] {
    var signal = JSON.null
    if case .killed(let number) = end { signal = .integer(number) }
    return [
      .init("status", .integer(end.status)), .init("signal", signal), .init("user-ms", .integer(userMilliseconds)),
      .init("system-ms", .integer(systemMilliseconds)), .init("wall-ms", .integer(wallMilliseconds)),
      .init("peak-bytes", peakBytes.map { .integer($0) } ?? .null), .init("limit", limit.map { .text($0) } ?? .null),
    ]
  }

  fileprivate init(_ json: JSON) throws(ControlError) {
    guard let status = json["status"]?.int32 else { throw ControlError("no status") }
    func count(_ key: String) -> Int { Int(clamping: json[key]?.number ?? 0) }
    self.init(
      end: json["signal"]?.int32.map { .killed(signal: $0) } ?? .exited(status), userMilliseconds: count("user-ms"),
      systemMilliseconds: count("system-ms"), wallMilliseconds: count("wall-ms"),
      peakBytes: json["peak-bytes"]?.number.map { Int(clamping: $0) }, limit: json["limit"]?.text)
  }
}

/// PID_MAX_LIMIT, proc_sys_kernel(5).
private let mostTasks: UInt64 = 1 << 22

private func request(_ name: String, _ members: [JSON.Member] = []) -> JSON {
  .object([.init("version", .number(controlVersion)), .init("do", .text(name))] + members)
}

private func reply(_ name: String, _ members: [JSON.Member] = []) -> JSON {
  .object([.init("version", .number(controlVersion)), .init("event", .text(name))] + members)
}

private func checkVersion(_ json: JSON) throws(ControlError) {
  guard let version = json["version"]?.number else { throw ControlError("no version") }
  if version != controlVersion { throw ControlError("version \(version) of the protocol, this is \(controlVersion)") }
}

/// JSON text is UTF-8, a word of argv need not be: such a one is an object of its bytes in hexadecimal.
private func wordJSON(_ bytes: [UInt8]) -> JSON {
  if let text = validText(bytes) { return .text(text) }
  let digits = Array("0123456789abcdef")
  return .object([.init("hex", .text(String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })))])
}

/// Nil where one of them is no word: no list, no text, a zero byte.
private func readWords(_ json: JSON?) -> [[UInt8]]? {
  guard let list = json?.list else { return nil }
  var words: [[UInt8]] = []
  for item in list {
    guard let bytes = item.text.map({ Array($0.utf8) }) ?? item["hex"]?.text.flatMap(hexBytes), !bytes.contains(0)
    else { return nil }
    words.append(bytes)
  }
  return words
}

private func hexBytes(_ text: String) -> [UInt8]? {
  let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
  guard digits.count % 2 == 0 else { return nil }
  var bytes: [UInt8] = []
  for index in stride(from: 0, to: digits.count, by: 2) {
    guard let high = digits[index], let low = digits[index + 1] else { return nil }
    bytes.append(UInt8(high << 4 | low))
  }
  return bytes
}
