import SnugPlan

// What launcher and Init say to each other, over two pairs of seqpacket sockets that nobody inside can reach.
//
//   Sandbox (launcher)                        Init (PID 1)
//     clone3 ───────────────────────────────> starts
//     control ── go ────────────────────────> builds, locks, checks itself
//     report <── timing ───────────────────── only when asked for
//     report <── assert failed {index, why}   each claim of [assert] that does not hold
//     report <── checked ──────────────────── in place of exec, where only the check was asked for
//     report <── failed {step, op, cause} ─── a step failed; exits 125
//     report <── kept ─────────────────────── in place of exec, where there is no app
//     report <── exec ─────────────────────── sent by the app's own process: its credentials carry the host pid
//     report <── end of file ──────────────── the app's exec has happened
//     control ── signal n, cancel ──────────> while the app runs
//     control ── hung up ───────────────────> its terminal, which has told the app: from now on it has its time to end
//     control <── ended {how, code} ───────── the app itself ended; lingering processes may go on
//     control <── time up ─────────────────── adopt-wait is over, the rest is about to be ended
//     control ── named ─────────────────────> the launcher has seen what the rest is
//     control ── ping ──────────────────────> answered by the same
//     control ── pause, resume ─────────────> to everything but PID 1
//     control ── command {request} ─────────> starts a leader, with its socket and its streams, see `Leader`
//     control ── open {path} ───────────────>
//     control <── opened {errno} ──────────── with the descriptor where it is 0
//     control: end of file at Init ─────────── the launcher is gone, so everything ends
enum Message {
  static let go = UInt8(ascii: "g")
  static let signal = UInt8(ascii: "s")
  static let cancel = UInt8(ascii: "c")
  static let hungUp = UInt8(ascii: "h")
  static let ended = UInt8(ascii: "e")
  static let timeUp = UInt8(ascii: "u")
  static let named = UInt8(ascii: "n")
  static let failed = UInt8(ascii: "f")
  static let exec = UInt8(ascii: "x")
  static let timing = UInt8(ascii: "t")
  static let assertFailed = UInt8(ascii: "a")
  static let checked = UInt8(ascii: "k")
  static let kept = UInt8(ascii: "K")
  static let ping = UInt8(ascii: "p")
  static let pause = UInt8(ascii: "z")
  static let resume = UInt8(ascii: "y")
  static let command = UInt8(ascii: "r")
  static let open = UInt8(ascii: "o")
  static let opened = UInt8(ascii: "O")
}

/// The numbered steps of Init; `share/doc/architecture.md` tells each one's reason.
public enum InitStep: UInt8, CaseIterable, Sendable {
  case armDeathSignal = 1
  case checkLifeline, mapIdentity, awaitGo, joinKeyring, setHostname, stopPropagation, raiseLoopback, raiseLimits
  case openSources, enterRoot, placeOps, changeDirectory, openTerminal, openSelfCheck, hideFromTracing, limitResources
  case dropCapabilities, refusePrivileges, restrictFiles, filterCalls, checkSelf, tryAsserts, startApp

  /// What the person reads after "cannot".
  var action: String {
    switch self {
    case .armDeathSignal: "tie the sandbox to its launcher"
    case .checkLifeline: "watch the launcher"
    case .mapIdentity: "map the user and group id"
    case .awaitGo: "hear from the launcher"
    case .joinKeyring: "join a new session keyring"
    case .setHostname: "set the host name"
    case .stopPropagation: "cut the mount tree off from the host's"
    case .raiseLoopback: "bring the loopback device up"
    case .raiseLimits: "raise the limit of open files for the set-up"
    case .openSources: "open what the plan names"
    case .enterRoot: "enter the new root"
    case .placeOps: "build the new root"
    case .changeDirectory: "change to the working directory"
    case .openTerminal: "open a terminal for the app"
    case .openSelfCheck: "open what the self-check reads"
    case .hideFromTracing: "hide from tracing"
    case .limitResources: "set the resource limits"
    case .dropCapabilities: "drop the capabilities"
    case .refusePrivileges: "set no_new_privs"
    case .restrictFiles: "enforce the landlock rules"
    case .filterCalls: "load the seccomp filter"
    case .checkSelf: "confirm what was built"
    case .tryAsserts: "confirm what [assert] claims"
    case .startApp: "start the app"
    }
  }
}

/// A step of Init that failed.
public struct SetupError: Error, Hashable, Sendable {
  /// The step.
  public var step: InitStep
  /// Index of the op in the plan, where one was at work.
  public var op: Int?
  /// The call that failed.
  public var cause: KernelError

  /// Makes an error.
  public init(step: InitStep, op: Int? = nil, cause: KernelError) {
    self.step = step
    self.op = op
    self.cause = cause
  }

  /// For the report socket: kind, step, op and errno as 32 bits, then call, path and reason, each ended by a zero byte.
  /// Paths hold no zero byte; a reason is ours or the kernel's.
  public var encoded: [UInt8] {
    var bytes = [Message.failed, step.rawValue]
    for number in [Int32(op ?? -1), cause.code] {
      let bits = UInt32(bitPattern: number)
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt32($0))) }
    }
    for text in [cause.call, cause.path, cause.reason] { bytes += Array(text.utf8) + [0] }
    return bytes
  }

  /// Nil where the packet is not one: it is never trusted to be whole.
  public init?(encoded bytes: some Collection<UInt8>) {
    let bytes = Array(bytes)
    guard bytes.count >= 10, bytes[0] == Message.failed, let step = InitStep(rawValue: bytes[1]) else { return nil }
    let numbers = [2, 6].map { at in
      Int32(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << (8 * UInt32($1)) })
    }
    let texts = bytes[10...].split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard texts.count >= 3 else { return nil }
    var cause = KernelError(texts[0], texts[1], code: numbers[1])
    cause.reason = texts[2]
    self.init(step: step, op: numbers[0] < 0 ? nil : Int(numbers[0]), cause: cause)
  }
}
