import CSnug
import SnugPlan

// What the launcher and the relay say to each other, over a pair of seqpacket sockets.
//
//   Launcher                          Relay
//     ── attach {exclusively, modes} ──> the caller's terminal is raw now and read; the modes are to be given back
//     ── detach ───────────────────────> shows what is there, gives the modes back
//     <── detach ─────────────────────── done
//     ── finish ───────────────────────> shows what is left, gives the modes back, leaves
//     ── abandon ──────────────────────> gives the modes back and leaves
//     end of file at the relay: as abandon; at the launcher: the relay has left
enum RelayOrder {
  static let attach = UInt8(ascii: "a")
  static let detach = UInt8(ascii: "d")
  static let finish = UInt8(ascii: "f")
  static let abandon = UInt8(ascii: "x")
}

/// The relay as who started it holds it: a process of its own, so that a launcher that is killed leaves nobody's terminal
/// in raw mode, nor does a relay that is killed.
///
/// Runs in the launcher, and in the client of `snug exec`.
package struct TerminalRelay {
  private let terminal: Int32
  private let pid: Int32
  private var saved: TerminalModes?
  private var raw: TerminalModes?
  /// Readable when the relay says something or has left.
  package let socket: Int32

  /// Starts a relay between the caller's terminal and the private one that `master` leads to. Neither may block.
  ///
  /// The caller must have all signals blocked: a stop must not reach the relay, which belongs to the same process group.
  package init(from terminal: Int32, to master: Int32) throws(KernelError) {
    var pair: [Int32] = [-1, -1]
    let made = unsafe csnug_socketpair(&pair, false)
    if made < 0 { throw KernelError("socketpair", code: Int32(-made)) }
    let pid = csnug_fork()
    if pid == 0 { Self.become(terminal, master, pair[1]) }
    _ = csnug_close(pair[1])
    if pid < 0 {
      _ = csnug_close(pair[0])
      throw KernelError("fork", code: Int32(-pid))
    }
    self.pid = Int32(pid)
    self.terminal = terminal
    socket = pair[0]
  }

  private static func become(_ terminal: Int32, _ master: Int32, _ orders: Int32) -> Never {
    // Above all the launcher's end of the control socket: held here, PID 1 would outlive the launcher.
    try? LinuxKernel().closeAll(but: [terminal, master, orders].map(Descriptor.init))
    for number: Int32 in 0...2 { replaceWithNull(number) }
    unsafe csnug_hide_arguments("snug-relay")
    var loop = RelayLoop(terminal: terminal, master: master, orders: orders)
    _ = loop.run()
    csnug_exit(0)
  }

  /// Takes the caller's terminal: every key goes to the private one.
  package mutating func attach(exclusively: Bool) {
    guard let present = TerminalModes(of: terminal) else { return }
    // Where it is raw already, by a relay that nobody stopped, the modes to give back are known.
    let modes = raw.map(present.hasInput) == true ? saved ?? present : present
    saved = modes
    raw = modes.raw(keepsOutput: !exclusively)
    send([RelayOrder.attach, exclusively ? 1 : 0] + modes.bytes)
  }

  /// Gives it back; `receive` tells when that is done.
  package mutating func detach() { send([RelayOrder.detach]) }

  /// What the relay says: true for `detached`, false where nothing is there, nil when it has left.
  package mutating func receive() -> Bool? {
    var events: Int32 = 0
    guard unsafe csnug_poll([socket], &events, 1, 0) > 0 else { return false }
    var byte: UInt8 = 0
    var sender: Int32 = 0
    let count = unsafe csnug_receive(socket, &byte, 1, &sender)
    if count <= 0 { return nil }
    if byte == RelayOrder.detach { (saved, raw) = (nil, nil) }
    return byte == RelayOrder.detach
  }

  /// Lets it show what is left and leave.
  package func finish() { send([RelayOrder.finish]) }

  /// Lets it leave at once.
  package func abandon() { send([RelayOrder.abandon]) }

  /// Waits for its end, after `receive` has told of it, and gives the terminal back where the relay could not.
  package mutating func end() {
    _ = csnug_kill(pid, 9)
    var ended = csnug_ended()
    _ = unsafe csnug_wait(pid, true, false, &ended)
    _ = csnug_close(socket)
    guard let saved, let raw, let present = TerminalModes(of: terminal), present.hasInput(of: raw) else { return }
    saved.set(on: terminal)
  }

  private func send(_ bytes: [UInt8]) { _ = unsafe csnug_send(socket, bytes, bytes.count) }
}
