import CSnug
import SnugPlan

/// The process between PID 1 and a command of `snug exec`: it leads the command's session and adopts what the command
/// leaves behind while it runs, so that a command can be ended with everything it has started.
///
/// A copy of PID 1: not dumpable, under the app's own filter and landlock domain, without any capability. All signals
/// stay blocked: those that the app sends it end nothing but with SIGKILL, and then what it led.
struct Leader {
  let initProcess: Init
  let request: CommandRequest
  /// The launcher's socket for this command alone.
  private(set) var channel: Int32
  /// What the command gets as 0, 1 and 2, but for those that are its terminal.
  private(set) var streams: [Int32]
  /// Its private terminal; -1: it has none.
  private var terminal: Int32 = -1

  init(initProcess: Init, request: CommandRequest, channel: Int32, streams: [Int32]) {
    self.initProcess = initProcess
    self.request = request
    self.channel = channel
    self.streams = streams
  }

  /// Never returns. The launcher reads who we are from the credentials of the first packet.
  mutating func run() -> Never {
    // PID 1 has closed 0, 1 and 2, so that what it is sent comes to stand there.
    channel = Int32(csnug_dup_above(channel, 3))
    streams = streams.map { Int32(csnug_dup_above($0, 3)) }
    for number: Int32 in 0...2 { _ = csnug_close(number) }
    // PID 1's own sockets, above all: whoever holds them speaks for it.
    try? initProcess.kernel.closeAll(but: ([channel] + streams).map { Descriptor($0) })
    _ = csnug_prctl(setChildSubreaper, 1, 0, 0, 0)
    _ = csnug_setsid()
    guard sayHello(), !request.waits || isLetGo() else { csnug_exit(125) }
    var without: Int32 = 0
    let signals = unsafe Int32(csnug_signalfd_all(&without))
    let command = csnug_fork()
    if command == 0 { becomeCommand() }
    if command < 0 {
      fail(Int32(-command), "fork")
      csnug_exit(125)
    }
    // Both do it: whoever comes first, what follows finds the group.
    _ = csnug_setpgid(Int32(command), 0)
    for stream in streams where stream != terminal { _ = csnug_close(stream) }
    lead(Int32(command), signals)
  }

  /// The launcher puts us into the command's cgroup first; false where it has given up.
  private func isLetGo() -> Bool {
    var word: UInt8 = 0
    var sender: Int32 = 0
    return unsafe csnug_receive(channel, &word, 1, &sender) == 1 && word == LeaderMessage.go
  }

  private func lead(_ command: Int32, _ signals: Int32) -> Never {
    var usage = CommandUsage()
    var isOver = false
    while true {
      var ended = csnug_ended()
      while unsafe csnug_wait(-1, false, true, &ended) > 0 {
        switch ended.how {
        case 2 where ended.pid == command: _ = say([LeaderMessage.stopped, UInt8(truncatingIfNeeded: ended.code)])
        case 3 where ended.pid == command: _ = say([LeaderMessage.continued])
        case 0, 1:
          usage.add(ended)
          if ended.pid == command {
            isOver = true
            leaveTerminal(terminal)
            _ = say([LeaderMessage.ended] + Supervisor.End(ended).encoded + usage.encoded)
          }
        default: break
        }
      }
      var events: [Int32] = [0, 0]
      _ = unsafe csnug_poll([signals, channel], &events, 2, -1)
      if events[0] != 0 { readSignals(signals, command) }
      if events[1] & 1 != 0, !isOver { obey(command) }
      // Only now: what lingers is still below us until the launcher has seen to it. Then PID 1 adopts it, as after any
      // shell's end.
      if events[1] & 2 != 0 {
        if !isOver { _ = csnug_kill(-command, 9) }
        csnug_exit(0)
      }
    }
  }

  private func obey(_ command: Int32) {
    var bytes: [UInt8] = [0, 0]
    var sender: Int32 = 0
    let count = unsafe csnug_receive(channel, &bytes, bytes.count, &sender)
    guard count > 0 else { return }
    switch bytes[0] {
    case LeaderMessage.signal where count == 2: _ = csnug_kill(command, Int32(bytes[1]))
    case LeaderMessage.resume: _ = csnug_kill(-command, 18)
    case LeaderMessage.foreground, LeaderMessage.background:
      continueJob(command, on: terminal, foreground: bytes[0] == LeaderMessage.foreground)
    default: break
    }
  }

  private func becomeCommand() -> Never {
    _ = csnug_setpgid(0, 0)
    // SIGTTOU is blocked here, so that a background group may do it.
    if request.terminal?.startsInForeground == true { _ = csnug_set_foreground_group(terminal, csnug_getpid()) }
    csnug_reset_signals()
    do throws(KernelError) {
      try initProcess.takeAppLimits()
      if let most = request.processes { try initProcess.kernel.setrlimit(.processes, soft: most, hard: most) }
    } catch {
      fail(error.code, error.call)
      csnug_exit(125)
    }
    place(streams)
    // Last: our own memory counts, too.
    if let most = request.addressSpace { check(csnug_setrlimit(rlimitAddressSpace, most, most), "setrlimit") }
    check(csnug_close_range(3, .max, true), "close_range")
    csnug_unblock_signals()
    var arguments = unsafe request.words.map { unsafe cString($0) } + [nil]
    var environment = unsafe environment.map { unsafe cString($0) } + [nil]
    guard let file = unsafe arguments[0] else { csnug_exit(127) }
    let code = Int32(-(unsafe csnug_execvp(file, &arguments, &environment)))
    fail(code, "execve")
    csnug_exit(code == ErrorNumber.noEntry ? 127 : 126)
  }

  /// A later setting of the same name stands in place of the plan's.
  private var environment: [[UInt8]] {
    let names = Set(request.environment.map { $0.prefix { $0 != UInt8(ascii: "=") } })
    return initProcess.plan.environment.filter { !names.contains(Array($0.name.utf8)[...]) }
      .map { Array("\($0.name)=".utf8) + $0.value } + request.environment
  }

  private func place(_ streams: [Int32]) {
    for (number, stream) in streams.enumerated() { check(csnug_dup_to(stream, Int32(number)), "dup3") }
  }

  /// Ends the command before it is one where a call has failed.
  private func check(_ result: Int, _ call: String) {
    if result >= 0 { return }
    fail(Int32(-result), call)
    csnug_exit(125)
  }

  /// With the master of the command's terminal, where it has one.
  private mutating func sayHello() -> Bool {
    guard let wanted = request.terminal else { return say([LeaderMessage.hello]) }
    do throws(KernelError) {
      let (master, slave) = try initProcess.openTerminal(wanted)
      // 0, 1 and 2 are free here, and for the command's streams.
      terminal = Int32(csnug_dup_above(slave.number, 3))
      initProcess.kernel.close(slave)
      let adopted = csnug_adopt_terminal(terminal)
      if adopted < 0 { throw KernelError("TIOCSCTTY", code: Int32(-adopted)) }
      for number in wanted.streams.sorted() { streams.insert(terminal, at: min(Int(number), streams.count)) }
      let hello = [LeaderMessage.hello]
      let sent = unsafe csnug_send_descriptors(channel, hello, hello.count, [master.number], 1)
      initProcess.kernel.close(master)
      return sent > 0
    } catch {
      // Its credentials tell who we are, all the same.
      _ = say([LeaderMessage.hello])
      fail(error.code, "a terminal")
      return false
    }
  }

  private func readSignals(_ signals: Int32, _ command: Int32) {
    var signal = csnug_signal()
    while unsafe csnug_read_signal(signals, &signal) > 0 { _ = passOn(signal, to: command) }
  }

  private func say(_ bytes: [UInt8]) -> Bool { unsafe csnug_send(channel, bytes, bytes.count) > 0 }

  /// Also for PID 1, where not even the leader could be made.
  func fail(_ code: Int32, _ call: String) {
    _ = say([LeaderMessage.failed, UInt8(truncatingIfNeeded: code)] + Array(call.utf8))
  }
}

// What a leader and the launcher say to each other, over a pair of seqpacket sockets of their own.
//
//   Launcher                          Leader (inside)
//     <── hello ─────────────────────── its credentials carry the host pid; with the master of its terminal, if any
//     ── go ────────────────────────────> where it was told to wait: its cgroup has it
//     <── failed {errno, call} ──────── the command could not be started
//     <── stopped {signal}, continued ─ the command itself, by job control
//     ── signal n, resume ────────────>
//     ── foreground, background ──────> resume, where it has a terminal
//     <── ended {how, code, usage} ──── the command itself
//     end of file at the leader: it leaves, with the command where that has not ended
enum LeaderMessage {
  static let hello = UInt8(ascii: "h")
  static let go = UInt8(ascii: "g")
  static let failed = UInt8(ascii: "f")
  static let stopped = UInt8(ascii: "z")
  static let continued = UInt8(ascii: "c")
  static let ended = UInt8(ascii: "e")
  static let signal = UInt8(ascii: "s")
  static let resume = UInt8(ascii: "r")
  static let foreground = UInt8(ascii: "F")
  static let background = UInt8(ascii: "B")
}

/// What a command and everything of it that was waited for has used.
package struct CommandUsage: Hashable, Sendable {
  /// CPU time in user space, microseconds.
  package var userMicroseconds: Int64 = 0
  /// CPU time in the kernel, microseconds.
  package var systemMicroseconds: Int64 = 0
  /// Largest resident set of any of its processes, bytes.
  package var peakBytes: Int64 = 0

  /// Nothing used.
  package init() {}

  mutating func add(_ ended: csnug_ended) {
    userMicroseconds += ended.user_us
    systemMicroseconds += ended.system_us
    peakBytes = max(peakBytes, ended.peak_kib << 10)
  }

  /// Three numbers of eight bytes, lowest byte first.
  var encoded: [UInt8] {
    [userMicroseconds, systemMicroseconds, peakBytes].flatMap { number in
      (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * Int64($0))) }
    }
  }

  init?(encoded bytes: some Collection<UInt8>) {
    let bytes = Array(bytes)
    guard bytes.count == 24 else { return nil }
    let numbers = [0, 8, 16].map { at in (0..<8).reduce(Int64(0)) { $0 | Int64(bytes[at + $1]) << (8 * Int64($1)) } }
    (userMicroseconds, systemMicroseconds, peakBytes) = (numbers[0], numbers[1], numbers[2])
  }
}

/// PR_SET_CHILD_SUBREAPER, prctl(2).
private let setChildSubreaper: Int32 = 36
/// RLIMIT_AS, setrlimit(2).
private let rlimitAddressSpace: Int32 = 9
