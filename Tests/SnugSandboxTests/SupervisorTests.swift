import CSnug
import SnugProfile
import Testing

@testable import SnugSandbox

@Suite struct SupervisorTests {
  private func make(
    adoptWait: Wait = .milliseconds(5000), stopWait: Wait = .milliseconds(10000), cancel: Int32? = 15
  ) -> Supervisor {
    Supervisor(app: 2, adoptWait: adoptWait, stopWait: stopWait, cancelSignal: cancel)
  }

  @Test func `the app's status stands when nothing lingers`() {
    var supervisor = make()
    #expect(supervisor.handle(.reaped(pid: 2, .exited(3)), at: 0) == [.reportEnded(.exited(3))])
    #expect(supervisor.handle(.noChildrenLeft, at: 1) == [.exit(3)])
  }

  @Test func `a signal's number is added to 128`() {
    var supervisor = make()
    _ = supervisor.handle(.reaped(pid: 2, .killed(signal: 11)), at: 0)
    #expect(supervisor.handle(.noChildrenLeft, at: 1) == [.exit(139)])
  }

  @Test func `orphans are reaped without an effect`() {
    var supervisor = make()
    #expect(supervisor.handle(.reaped(pid: 7, .exited(9)), at: 0) == [])
    #expect(supervisor.wakeAt == nil)
  }

  @Test func `adopt-wait counts from the app's end, then SIGTERM, then a second, then the end`() {
    var supervisor = make()
    _ = supervisor.handle(.reaped(pid: 2, .exited(0)), at: 1000)
    #expect(supervisor.wakeAt == 6000)
    #expect(supervisor.handle(.deadline, at: 5999) == [])
    #expect(supervisor.handle(.deadline, at: 6000) == [.reportTimeUp], "they are named before they are gone")
    #expect(supervisor.handle(.named, at: 6010) == [.signalAll(15)])
    #expect(supervisor.handle(.named, at: 6020) == [])
    #expect(supervisor.wakeAt == 7010)
    #expect(supervisor.handle(.deadline, at: 7010) == [.exit(0)])
  }

  @Test func `a launcher that names nobody puts off the end by a second`() {
    var supervisor = make()
    #expect(supervisor.handle(.named, at: 0) == [])
    _ = supervisor.handle(.reaped(pid: 2, .exited(0)), at: 1000)
    #expect(supervisor.handle(.deadline, at: 6000) == [.reportTimeUp])
    #expect(supervisor.handle(.deadline, at: 7000) == [.signalAll(15)])
    #expect(supervisor.handle(.deadline, at: 8000) == [.exit(0)])
  }

  @Test func `adopt-wait none ends at once, forever never wakes`() {
    var none = make(adoptWait: .none)
    #expect(none.handle(.reaped(pid: 2, .exited(4)), at: 0) == [.reportEnded(.exited(4)), .exit(4)])
    var forever = make(adoptWait: .forever)
    #expect(forever.handle(.reaped(pid: 2, .exited(4)), at: 0) == [.reportEnded(.exited(4))])
    #expect(forever.wakeAt == nil)
    #expect(forever.handle(.cancel, at: 5) == [.exit(4)])
  }

  @Test func `cancellation sends the profile's signal and waits stop-wait`() {
    var supervisor = make(cancel: 2)
    #expect(supervisor.handle(.cancel, at: 100) == [.signalApp(2)])
    #expect(supervisor.wakeAt == 10100)
    #expect(supervisor.handle(.cancel, at: 101) == [], "sent to a process and to its group")
    #expect(supervisor.handle(.cancel, at: 5000) == [.signalApp(2)], "asked twice: no longer wait")
    #expect(supervisor.wakeAt == 10100)
    #expect(supervisor.handle(.deadline, at: 10100) == [.reportEnded(.killed(signal: 9)), .exit(137)])
  }

  @Test func `an app that ends after the cancel signal keeps its own status`() {
    var supervisor = make()
    _ = supervisor.handle(.cancel, at: 0)
    _ = supervisor.handle(.reaped(pid: 2, .exited(7)), at: 50)
    #expect(supervisor.wakeAt == 5050)
    #expect(supervisor.handle(.noChildrenLeft, at: 60) == [.exit(7)])
  }

  @Test func `a terminal that hangs up has told the app, and stop-wait begins`() {
    var supervisor = make()
    #expect(supervisor.handle(.hungUp, at: 100) == [])
    #expect(supervisor.handle(.hungUp, at: 3000) == [], "the first one counts")
    #expect(supervisor.wakeAt == 10_100)
    #expect(supervisor.handle(.cancel, at: 4000) == [.signalApp(15)], "and it can still be asked")
    #expect(supervisor.handle(.deadline, at: 10_100).last == .exit(137))
    for var supervisor in [make(cancel: nil), make(stopWait: .none)] {
      #expect(supervisor.handle(.hungUp, at: 0).last == .exit(137))
    }
  }

  @Test func `cancel-signal none and stop-wait none end everything at once`() {
    for var supervisor in [make(cancel: nil), make(stopWait: .none)] {
      #expect(supervisor.handle(.cancel, at: 0) == [.reportEnded(.killed(signal: 9)), .exit(137)])
    }
  }

  @Test func `signals reach the app only while it lives`() {
    var supervisor = make(adoptWait: .forever)
    #expect(supervisor.handle(.signal(10), at: 0) == [.signalApp(10)])
    _ = supervisor.handle(.reaped(pid: 2, .exited(0)), at: 1)
    #expect(supervisor.handle(.signal(10), at: 2) == [], "its pid may be another's by now")
  }

  @Test func `a launcher that is gone ends everything in every state`() {
    var running = make()
    #expect(running.handle(.launcherGone, at: 0) == [.exit(137)])
    var lingering = make(adoptWait: .forever)
    _ = lingering.handle(.reaped(pid: 2, .exited(0)), at: 1)
    #expect(lingering.handle(.launcherGone, at: 2) == [.exit(137)])
  }
}

/// PID 1 of a kept environment: no app, and nothing that ends inside ends it.
@Suite struct SupervisorWithoutAppTests {
  private let supervisor = Supervisor(
    app: nil, adoptWait: .milliseconds(10), stopWait: .milliseconds(10), cancelSignal: 15)

  @Test func `what ends inside has no effect, even when nothing is left`() {
    var supervisor = supervisor
    for pid: Int32 in [0, 2, 3] {
      #expect(supervisor.handle(.reaped(pid: pid, .killed(signal: 9)), at: 0) == [])
      #expect(supervisor.handle(.noChildrenLeft, at: 0) == [])
    }
    #expect(supervisor.wakeAt == nil)
    #expect(supervisor.handle(.deadline, at: 100_000) == [])
    #expect(supervisor.handle(.named, at: 100_000) == [])
  }

  @Test func `cancelling ends it at once, as does the launcher's end`() {
    var cancelled = supervisor
    #expect(cancelled.handle(.cancel, at: 0) == [.reportEnded(.killed(signal: 9)), .exit(137)])
    var orphan = supervisor
    #expect(orphan.handle(.launcherGone, at: 0) == [.exit(137)])
  }
}

@Suite struct SignalForwardingTests {
  private func signal(_ number: Int32, code: Int32 = 0, pid: Int32 = 500) -> csnug_signal {
    csnug_signal(number: number, code: code, pid: pid)
  }

  @Test func `TERM and HUP cancel, others are passed on as they are`() {
    var forwarding = SignalForwarding(sharesTerminal: true, ownPID: 1)
    for number: Int32 in [1, 15] { #expect(forwarding.handle(signal(number), at: 0) == [.cancel]) }
    for number: Int32 in [3, 10, 12, 14, 18, 28, 34, 64] {
      #expect(forwarding.handle(signal(number), at: 0) == [.forward(number)])
    }
    #expect(forwarding.handle(signal(17), at: 0) == [])
  }

  @Test func `what the terminal has delivered is not passed on again`() {
    var shared = SignalForwarding(sharesTerminal: true, ownPID: 1)
    var own = SignalForwarding(sharesTerminal: false, ownPID: 1)
    for number: Int32 in [3, 28] {
      #expect(shared.handle(signal(number, code: 128, pid: 0), at: 0) == [])
      #expect(own.handle(signal(number, code: 128, pid: 0), at: 0) == [.forward(number)])
    }
    #expect(shared.handle(signal(1, code: 128, pid: 0), at: 0) == [.cancel], "a hang-up cancels whoever sent it")
  }

  @Test func `a second SIGINT within two seconds ends at once`() {
    var forwarding = SignalForwarding(sharesTerminal: true, ownPID: 1)
    #expect(forwarding.handle(signal(2), at: 0) == [.forward(2)])
    #expect(forwarding.handle(signal(2), at: 1999) == [.endNow])
    var slow = SignalForwarding(sharesTerminal: true, ownPID: 1)
    _ = slow.handle(signal(2, code: 128, pid: 0), at: 0)
    #expect(
      slow.handle(signal(2, code: 128, pid: 0), at: 2000) == [], "the terminal delivers each, the second came late")
  }

  @Test func `a terminal stop stops the launcher too`() {
    var forwarding = SignalForwarding(sharesTerminal: true, ownPID: 1)
    #expect(forwarding.handle(signal(20, code: 128, pid: 0), at: 0) == [.stopSelf(20)])
    #expect(forwarding.handle(signal(20), at: 0) == [.forward(20), .stopSelf(20)])
  }

  @Test func `our own broken pipe is nobody's business`() {
    var forwarding = SignalForwarding(sharesTerminal: true, ownPID: 77)
    #expect(forwarding.handle(signal(13, pid: 77), at: 0) == [])
    #expect(forwarding.handle(signal(13, pid: 78), at: 0) == [.forward(13)])
  }
}
