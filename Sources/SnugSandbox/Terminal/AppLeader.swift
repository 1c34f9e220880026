import CSnug
import SnugPlan

/// The process between PID 1 and an app with a private terminal: it leads the session that the terminal belongs to.
///
/// The app is a process group of its own in that session, and its parent is in it, too: such a group is not orphaned, so
/// ctrl-Z stops even a single program (setpgid(2)). As PID 1's own child it would just go on.
///
/// A copy of PID 1: not dumpable, under the app's own filter and landlock domain, without any capability. It ends the way
/// the app has ended, so that PID 1 learns that by reaping it.
extension Init {
  /// Never returns. Runs in a child of PID 1.
  func leadApp(_ setup: TerminalSetup, _ terminal: Descriptor) -> Never {
    unsafe csnug_hide_arguments("snug-leader")
    let session = csnug_setsid()
    if session < 0 { fail(KernelError("setsid", code: Int32(-session))) }
    let adopted = csnug_adopt_terminal(terminal.number)
    if adopted < 0 { fail(KernelError("ioctl", "TIOCSCTTY", code: Int32(-adopted))) }
    let signals = watchSignals()
    let app = csnug_fork()
    if app == 0 { becomeApp(on: terminal, setup) }
    if app < 0 { fail(KernelError("fork", code: Int32(-app))) }
    // Both do it: whoever comes first, what follows finds the group.
    _ = csnug_setpgid(Int32(app), 0)
    // A reader of the app's output must see its end when the app closes it, and the launcher the app's exec.
    for number: Int32 in 0...2 { _ = csnug_close(number) }
    try? kernel.closeAll(but: [setup.channel, terminal, Descriptor(signals)])
    AppLeader(app: Int32(app), terminal: terminal.number, channel: setup.channel.number, signals: signals).lead()
  }

  private func becomeApp(on terminal: Descriptor, _ setup: TerminalSetup) -> Never {
    // A leader that is ended from inside takes the app with it: there would be nobody to tell how it ends.
    let (setDeathSignal, kill): (Int32, UInt) = (1, 9)
    let armed = csnug_prctl(setDeathSignal, kill, 0, 0, 0)
    if armed < 0 { fail(KernelError("prctl", "PR_SET_PDEATHSIG", code: Int32(-armed))) }
    if csnug_getppid() == 1 { csnug_exit(128 + 9) }
    _ = csnug_setpgid(0, 0)
    // SIGTTOU is blocked here, so that a background group may do it.
    if setup.terminal.startsInForeground { _ = csnug_set_foreground_group(terminal.number, csnug_getpid()) }
    // What stands there now is the caller's terminal.
    for number in setup.terminal.streams {
      let placed = csnug_dup_to(terminal.number, number)
      if placed < 0 { fail(KernelError("dup3", code: Int32(-placed))) }
    }
    becomeApp()
  }
}

private struct AppLeader {
  let app: Int32
  let terminal: Int32
  let channel: Int32
  let signals: Int32

  func lead() -> Never {
    var words = channel
    while true {
      reap()
      var events: [Int32] = [0, 0]
      _ = unsafe csnug_poll([signals, words], &events, 2, -1)
      if events[0] != 0 { readSignals() }
      if events[1] & 1 != 0 { obey() }
      // The launcher is gone: PID 1 sees to the end.
      if events[1] & 2 != 0 { words = -1 }
    }
  }

  private func reap() {
    var ended = csnug_ended()
    while unsafe csnug_wait(app, false, true, &ended) > 0 {
      switch ended.how {
      case 2: say([TerminalWord.stopped, UInt8(truncatingIfNeeded: ended.code)])
      case 3: say([TerminalWord.continued])
      default: end(Supervisor.End(ended))
      }
    }
  }

  private func readSignals() {
    let cont: Int32 = 18
    var signal = csnug_signal()
    while unsafe csnug_read_signal(signals, &signal) > 0 {
      if passOn(signal, to: app) { continue }
      if signal.pid == 1 && signal.code == 0 && signal.number != cont {
        // kill(2) by PID 1, which no other process can pretend to be (rt_sigqueueinfo(2)).
        _ = csnug_kill(app, signal.number)
      }
    }
  }

  private func obey() {
    var word: UInt8 = 0
    var sender: Int32 = 0
    guard unsafe csnug_receive(channel, &word, 1, &sender) == 1 else { return }
    if word == TerminalWord.foreground || word == TerminalWord.background {
      continueJob(app, on: terminal, foreground: word == TerminalWord.foreground)
    }
  }

  private func say(_ bytes: [UInt8]) { _ = unsafe csnug_send(channel, bytes, bytes.count) }

  private func end(_ end: Supervisor.End) -> Never {
    leaveTerminal(terminal)
    if case .killed(let number) = end {
      let core: Int32 = 4
      _ = csnug_setrlimit(core, 0, 0)
      csnug_reset_signal(number)
      _ = csnug_kill(csnug_getpid(), number)
    }
    csnug_exit(end.status)
  }
}

// What the leader of a session does about its terminal, whether the app or a command beside it runs there.

/// Continues a process group as the foreground of the terminal, or as a background job: then reading stops it.
func continueJob(_ group: Int32, on terminal: Int32, foreground: Bool) {
  _ = csnug_set_foreground_group(terminal, foreground ? group : csnug_getpid())
  _ = csnug_kill(-group, 18)
}

/// Passes on what the kernel says of the terminal; false where that is not it. That it has hung up the leader alone is told.
/// So is a new size where the leader's own group is the foreground, so that the other one is a background job.
func passOn(_ signal: csnug_signal, to group: Int32) -> Bool {
  let (hangUp, cont, winch, fromKernel): (Int32, Int32, Int32, Int32) = (1, 18, 28, 128)
  guard signal.code == fromKernel, signal.number == hangUp || signal.number == winch else { return false }
  _ = csnug_kill(-group, signal.number)
  if signal.number == hangUp { _ = csnug_kill(-group, cont) }
  return true
}

/// To be called before the leader ends: else the kernel hangs the terminal up and throws away what nobody has read yet, and
/// what lingers could write no more. See TIOCNOTTY in ioctl_tty(2).
func leaveTerminal(_ terminal: Int32) {
  if terminal < 0 { return }
  // Whoever is in the foreground then gets SIGHUP.
  _ = csnug_set_foreground_group(terminal, csnug_getpid())
  _ = csnug_leave_terminal(terminal)
  _ = csnug_close(terminal)
}
