import SnugSandbox
import Testing

private typealias Step = (event: JobControl.Event, foreground: Bool, actions: [JobControl.Action])

private func play(_ startsInForeground: Bool, _ steps: [Step]) {
  var control = JobControl(startsInForeground: startsInForeground)
  for (index, step) in steps.enumerated() {
    #expect(control.handle(step.event, inForeground: step.foreground) == step.actions, "step \(index): \(step.event)")
  }
}

private let (cont, stop, tstp, ttin, ttou, winch): (Int32, Int32, Int32, Int32, Int32, Int32) = (18, 19, 20, 21, 22, 28)

@Suite struct JobControlTests {
  @Test func `ctrl-Z and fg of an app that owns the terminal`() {
    play(
      true,
      [
        (.started, true, [.attach]),
        (.appStopped(tstp), true, [.detach]),
        (.detached, true, [.stopGroup(tstp)]),
        (.resumed, true, [.copySize, .attach, .foreground]),
        (.appContinued, true, []),
        (.appEnded, true, [.detach]),
        (.detached, true, []),
      ])
  }

  @Test func `ctrl-Z and bg: shown, but reading stops it`() {
    play(
      true,
      [
        (.started, true, [.attach]), (.appStopped(tstp), true, [.detach]), (.detached, true, [.stopGroup(tstp)]),
        (.resumed, false, [.copySize, .background]),
        (.appContinued, false, []),
        (.appStopped(ttin), false, [.stopGroup(ttin)]),
        (.resumed, true, [.copySize, .attach, .foreground]),
      ])
  }

  @Test func `in a pipeline the terminal is taken when the app asks for it`() {
    play(
      false,
      [
        (.started, true, []),
        (.appStopped(ttou), true, [.copySize, .attach, .foreground]),
        (.appContinued, true, []),
        (.appStopped(tstp), true, [.detach]), (.detached, true, [.stopGroup(tstp)]),
        (.resumed, true, [.copySize, .attach, .foreground]),
      ])
  }

  @Test func `a background job that asks stops the launcher, and fg gives it the terminal`() {
    play(
      false,
      [
        (.started, false, []),
        (.appStopped(ttin), false, [.stopGroup(ttin)]),
        (.resumed, false, [.copySize, .background]),
        (.appStopped(ttin), false, [.stopGroup(ttin)]),
        (.resumed, true, [.copySize, .attach, .foreground]),
      ])
  }

  @Test func `a shell that says fg to a running job tells nobody: the app asks, and has it`() {
    play(false, [(.started, false, []), (.appStopped(ttin), true, [.copySize, .attach, .foreground])])
  }

  @Test func `the shell took the terminal between the decision and the start`() {
    play(
      true,
      [
        (.started, false, [.copySize, .background]), (.appStopped(ttin), false, [.stopGroup(ttin)]),
        (.resumed, true, [.copySize, .attach, .foreground]),
      ])
  }

  @Test func `where nobody could continue the launcher, an app that may read goes on and another one stays stopped`() {
    play(
      true,
      [
        (.started, true, [.attach]), (.appStopped(tstp), true, [.detach]), (.detached, true, [.stopGroup(tstp)]),
        (.stopRefused, true, [.copySize, .attach, .foreground]),
      ])
    play(false, [(.started, false, []), (.appStopped(ttin), false, [.stopGroup(ttin)]), (.stopRefused, false, [])])
  }

  @Test func `an app that goes on before the terminal is given back keeps it`() {
    play(
      true,
      [
        (.started, true, [.attach]), (.appStopped(tstp), true, [.detach]), (.appContinued, true, [.attach]),
        (.detached, true, []),
      ])
  }

  @Test func `SIGSTOP stops the launcher alone`() {
    play(
      true,
      [(.started, true, [.attach]), (.appStopped(stop), true, [.detach]), (.detached, true, [.stopAlone])])
  }

  @Test func `stops sent to the launcher are the app's first`() {
    for number in [tstp, ttin, ttou] {
      play(
        false,
        [
          (.started, true, []), (.signal(number, fromKernel: true), true, [.forward(number)]),
          (.appStopped(tstp), true, [.stopGroup(tstp)]),
        ])
      play(false, [(.appEnded, true, []), (.signal(number, fromKernel: true), true, [.stopGroup(number)])])
    }
  }

  @Test func `the size follows, and a signal that somebody sends is passed on`() {
    for owns in [true, false] {
      play(owns, [(.started, true, owns ? [.attach] : []), (.signal(winch, fromKernel: true), true, [.copySize])])
    }
    play(true, [(.started, true, [.attach]), (.signal(winch, fromKernel: false), true, [.forward(winch)])])
  }

  @Test func `SIGCONT after a stop that nobody told of takes the terminal again, or lets go of it`() {
    play(
      true,
      [
        (.started, true, [.attach]), (.signal(cont, fromKernel: false), true, [.copySize, .attach, .foreground]),
        (.signal(cont, fromKernel: false), false, [.copySize, .detach, .background]), (.detached, false, []),
      ])
  }

  @Test func `a relay that is gone hangs the app up, once it has ended only the terminal is seen to`() {
    play(true, [(.started, true, [.attach]), (.relayGone, true, [.restore, .hangUp])])
    play(true, [(.started, true, [.attach]), (.appEnded, true, [.detach]), (.relayGone, true, [.restore])])
  }

  @Test func `a terminal that hangs up hangs the app's up, once it has ended there is nobody to tell`() {
    play(true, [(.started, true, [.attach]), (.hungUp, true, [.hangUp])])
    play(false, [(.started, false, []), (.hungUp, false, [.hangUp])])
    play(false, [(.appEnded, false, []), (.hungUp, false, [])])
  }

  @Test func `after the app's end nothing is taken again`() {
    play(
      true,
      [
        (.started, true, [.attach]), (.appStopped(tstp), true, [.detach]), (.appEnded, true, []), (.detached, true, []),
        (.signal(cont, fromKernel: false), true, []), (.resumed, true, []), (.appStopped(tstp), true, []),
        (.signal(winch, fromKernel: true), true, [.copySize]),
      ])
  }
}
