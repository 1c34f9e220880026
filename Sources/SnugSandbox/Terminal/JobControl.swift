/// What the launcher decides about a private terminal, as a state machine without system calls: events in, actions out.
///
/// The app's job control is inside, between its own terminal and the leader of its session; the shell's is outside. This
/// makes one of the two: what stops inside stops the launcher, what the shell continues goes on inside.
///
/// The caller's terminal is taken (`attach`) only for an app that owns it: at once where its input and its output are that
/// terminal, else when it asks. Until then the app is a background job of its own terminal, so that asking stops it, and
/// the caller's terminal stays as it is: a pager next in the pipeline reads its keys there.
///
/// Runs in the launcher, and in the client of `snug exec`.
package struct JobControl {
  /// What has happened.
  package enum Event: Hashable, Sendable {
    /// The app runs.
    case started
    /// The launcher got a signal; from the kernel it is the caller's terminal that sent it.
    case signal(Int32, fromKernel: Bool)
    /// The launcher stopped itself and goes on.
    case resumed
    /// It could not: nobody is there to continue it (an orphaned process group, setpgid(2)).
    case stopRefused
    /// The app was stopped by a signal.
    case appStopped(Int32)
    /// The app goes on.
    case appContinued
    /// The app itself has ended; others may go on.
    case appEnded
    /// The relay has given the caller's terminal back.
    case detached
    /// The relay has left: its terminal has hung up, or it was killed.
    case relayGone
    /// The caller's terminal has hung up.
    case hungUp
  }

  /// What to do.
  package enum Action: Hashable, Sendable {
    /// Let the relay put the caller's terminal into raw mode and read it.
    case attach
    /// Let the relay show what is there, give the caller's terminal back, and say so.
    case detach
    /// Give the caller's terminal back in the relay's place.
    case restore
    /// Let the leader make the app the foreground of its terminal and continue it.
    case foreground
    /// Let the leader make it a background job and continue it.
    case background
    /// Stop the launcher and all of its process group, as the terminal would.
    case stopGroup(Int32)
    /// Stop the launcher alone, by SIGSTOP, which nobody can hold off.
    case stopAlone
    /// Give the private terminal the size of the caller's.
    case copySize
    /// Pass a signal on to the app.
    case forward(Int32)
    /// Close the private terminal, which hangs it up: the app gets SIGHUP, and its time to end begins.
    case hangUp
  }

  private static let (cont, stop, tstp, ttin, ttou, winch): (Int32, Int32, Int32, Int32, Int32, Int32) = (
    18, 19, 20, 21, 22, 28
  )
  private var wantsTerminal: Bool
  private var isAttached = false
  private var isForegroundInside: Bool
  private var pendingStop: Int32?
  private var hasEnded = false

  /// `startsInForeground`: the app owns its terminal from the start.
  package init(startsInForeground: Bool) {
    wantsTerminal = startsInForeground
    isForegroundInside = startsInForeground
  }

  /// Takes an event. `inForeground`: whether the launcher's group may read the caller's terminal.
  package mutating func handle(_ event: Event, inForeground: Bool) -> [Action] {
    switch event {
    case .started:
      guard wantsTerminal else { return [] }
      // Since it was decided the shell may have taken the terminal back.
      return inForeground ? attach([]) : goOn(inForeground: false)
    case .signal(let number, let fromKernel):
      return handle(number, fromKernel, inForeground)
    case .resumed:
      return hasEnded ? [] : goOn(inForeground: inForeground)
    case .stopRefused:
      // Reading in an orphaned group in the background is an error for a program of the caller's. Here it stays stopped:
      // continued, it would try again at once, for ever.
      return hasEnded || !inForeground ? [] : goOn(inForeground: true)
    case .appStopped(let number):
      return hasEnded ? [] : appStopped(number, inForeground)
    case .appContinued:
      guard pendingStop != nil else { return [] }
      pendingStop = nil
      return inForeground ? attach([]) : []
    case .appEnded:
      hasEnded = true
      pendingStop = nil
      return leave()
    case .detached:
      guard let number = pendingStop else { return [] }
      pendingStop = nil
      return [stopAction(number)]
    case .relayGone:
      isAttached = false
      pendingStop = nil
      return hasEnded ? [.restore] : [.restore, .hangUp]
    case .hungUp: return hasEnded ? [] : [.hangUp]
    }
  }

  private mutating func handle(_ number: Int32, _ fromKernel: Bool, _ inForeground: Bool) -> [Action] {
    switch number {
    case Self.cont: return hasEnded ? [] : goOn(inForeground: inForeground)
    // The kernel then tells those in the foreground of the private terminal, or the leader, which passes it on.
    case Self.winch where fromKernel: return [.copySize]
    case Self.tstp, Self.ttin, Self.ttou:
      // The launcher stops when the app has: a program may finish what it does first, or not stop at all.
      return hasEnded ? [stopAction(number)] : [.forward(number)]
    default: return [.forward(number)]
    }
  }

  private mutating func appStopped(_ number: Int32, _ inForeground: Bool) -> [Action] {
    if (number == Self.ttin || number == Self.ttou) && !isForegroundInside {
      wantsTerminal = true
      return inForeground ? goOn(inForeground: true) : [stopAction(number)]
    }
    guard isAttached else { return [stopAction(number)] }
    pendingStop = number
    return leave()
  }

  private mutating func goOn(inForeground: Bool) -> [Action] {
    pendingStop = nil
    if inForeground && wantsTerminal {
      isForegroundInside = true
      return attach([.copySize]) + [.foreground]
    }
    isForegroundInside = false
    return [.copySize] + leave() + [.background]
  }

  private mutating func attach(_ before: [Action]) -> [Action] {
    isAttached = true
    return before + [.attach]
  }

  private mutating func leave() -> [Action] {
    defer { isAttached = false }
    return isAttached ? [.detach] : []
  }

  private func stopAction(_ number: Int32) -> Action { number == Self.stop ? .stopAlone : .stopGroup(number) }
}
