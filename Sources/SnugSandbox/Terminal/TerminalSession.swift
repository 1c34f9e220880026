import CSnug
import SnugPlan

/// A private terminal as the launcher holds it: the caller's terminal, the relay, the leader inside, and the job control
/// that makes one of them.
///
/// Runs in the launcher, and in the client of `snug exec`.
package final class TerminalSession {
  /// What the app's terminal needs of others.
  package struct Outside {
    /// Tells the leader.
    package var tellLeader: ([UInt8]) -> Void
    /// Passes a signal on to the app.
    package var forward: (Int32) -> Void
    /// Says that the app's terminal has hung up, which the kernel tells the app.
    package var hungUp: () -> Void

    /// Names them.
    package init(
      tellLeader: @escaping ([UInt8]) -> Void, forward: @escaping (Int32) -> Void, hungUp: @escaping () -> Void
    ) {
      self.tellLeader = tellLeader
      self.forward = forward
      self.hungUp = hungUp
    }
  }

  private let terminal: CallerTerminal
  private let outside: Outside
  private var master: Int32
  /// Started when there is something to show or the terminal is taken: an app that does neither needs none.
  private var relay: TerminalRelay?
  private var needsNoRelay = false
  private var jobControl: JobControl
  private var dropsContinue = false

  /// `master` is closed with the session; all signals must be blocked.
  package init(_ terminal: CallerTerminal, master: Int32, startsInForeground: Bool, outside: Outside) {
    self.terminal = terminal
    self.master = master
    self.outside = outside
    jobControl = JobControl(startsInForeground: startsInForeground)
    handle(.started)
  }

  /// Readable when `serve` has something to do; -1 when the relay has left.
  package var socket: Int32 { relay?.socket ?? (needsNoRelay ? -1 : master) }

  /// Takes one of the launcher's signals where it is about terminals; false where it is somebody else's.
  package func handle(_ signal: csnug_signal) -> Bool {
    let fromKernel: Int32 = 128
    switch signal.number {
    // A shell passes it on to its jobs. Sent for itself it is a wish to end.
    case 1:
      guard terminal.isHungUp else { return false }
      handle(.hungUp)
    case 18:
      // The one that ended our own stop.
      if dropsContinue { dropsContinue = false } else { handle(.signal(18, fromKernel: false)) }
    case 20, 21, 22, 28: handle(.signal(signal.number, fromKernel: signal.code == fromKernel))
    default: return false
    }
    return true
  }

  /// Takes a word of the leader.
  package func handle(leader word: [UInt8]) {
    switch word.first {
    case TerminalWord.stopped where word.count == 2: handle(.appStopped(Int32(word[1])))
    case TerminalWord.continued: handle(.appContinued)
    default: break
    }
  }

  /// The app itself has ended.
  package func appEnded() { handle(.appEnded) }

  /// Hears the relay, or starts it.
  package func serve() {
    if relay == nil, !startIfSomethingIsThere() {
      // Nobody has the terminal open any more, and poll would tell so for ever.
      needsNoRelay = true
      return
    }
    while relay != nil {
      switch relay?.receive() {
      case true?: handle(.detached)
      case false?: return
      case nil: handle(.relayGone)
      }
    }
  }

  /// Waits until all output is shown and the terminal given back. A terminal that takes nothing is waited for as the program
  /// itself would wait; a signal that ends programs ends that, a second one also a relay that does not hear.
  /// `readSignal` gives the next one of `signals`, if any.
  package func finish(signals: Int32, readSignal: () -> csnug_signal?) {
    if relay == nil, !needsNoRelay { _ = startIfSomethingIsThere() }
    relay?.finish()
    var isAbandoned = false
    while let current = relay {
      var events: [Int32] = [0, 0]
      _ = unsafe csnug_poll([current.socket, signals], &events, 2, -1)
      while let signal = readSignal() {
        switch signal.number {
        case 1, 2, 3, 15:
          if isAbandoned { endRelay() } else { relay?.abandon() }
          isAbandoned = true
        case 20: csnug_stop_self(20)
        default: break
        }
      }
      if events[0] != 0, relay != nil, relay?.receive() == nil { endRelay() }
    }
    closeMaster()
  }

  // MARK: - Job control

  private func handle(_ event: JobControl.Event) {
    for action in jobControl.handle(event, inForeground: terminal.isForeground) { act(action) }
  }

  private func act(_ action: JobControl.Action) {
    switch action {
    case .attach:
      if relay == nil { start() }
      relay?.attach(exclusively: terminal.isExclusive)
    case .detach:
      if relay == nil { handle(.detached) } else { relay?.detach() }
    case .restore: endRelay()
    case .foreground: outside.tellLeader([TerminalWord.foreground])
    case .background: outside.tellLeader([TerminalWord.background])
    case .stopGroup(let number): stop(number, group: true)
    case .stopAlone: stop(19, group: false)
    case .copySize: TerminalSize(of: terminal.descriptor)?.set(on: master)
    case .forward(let number): outside.forward(number)
    case .hangUp:
      closeMaster()
      outside.hungUp()
    }
  }

  private func stop(_ number: Int32, group: Bool) {
    // What has been written, and what others inside write in the meantime, is shown all the same.
    if relay == nil { start() }
    // A shell script that runs us waits for us, and the shell above it for the whole job: as the terminal would, all of
    // the group. For the launcher itself it stays pending until the next line lets it in.
    // Once, not again for the launcher alone: those above may have been seen to be stopped, and continued, by then, and a
    // second stop takes that back.
    _ = csnug_kill(group ? 0 : csnug_getpid(), number)
    let wasStopped = csnug_stop_until_continued(number)
    dropsContinue = wasStopped
    handle(wasStopped ? .resumed : .stopRefused)
  }

  /// False where nothing is there to be shown.
  private func startIfSomethingIsThere() -> Bool {
    var events: Int32 = 0
    _ = unsafe csnug_poll([master], &events, 1, 0)
    if events & 1 != 0 { start() }
    return relay != nil
  }

  private func start() {
    if needsNoRelay { return }
    do throws(KernelError) {
      relay = try TerminalRelay(from: terminal.descriptor, to: master)
    } catch {
      // Without one the app's words are lost and its keys are nobody's: as if its terminal had gone.
      endRelay()
      act(.hangUp)
    }
  }

  private func endRelay() {
    relay?.end()
    relay = nil
    needsNoRelay = true
  }

  private func closeMaster() {
    if master >= 0 { _ = csnug_close(master) }
    master = -1
  }
}

/// What the launcher and the leader of the app's session say to each other about its terminal.
package enum TerminalWord {
  /// The private terminal, as a descriptor with the packet; from Init or the leader.
  package static let master = UInt8(ascii: "m")
  /// The app was stopped, by the signal of the second byte.
  package static let stopped = UInt8(ascii: "z")
  /// The app goes on.
  package static let continued = UInt8(ascii: "c")
  /// Make the app the foreground and continue it.
  package static let foreground = UInt8(ascii: "f")
  /// Make it a background job and continue it.
  package static let background = UInt8(ascii: "b")
}
