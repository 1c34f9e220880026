import CSnug
import SnugPlan
import SnugProfile

/// What runs beside an instance in the launcher's care and ends with it: a proxy, a server, a connection that is held.
///
/// Runs in the launcher. A base class, of which each companion overrides what it needs. The order of the calls is that
/// below; `start` and `awaitReady` come again when a kept instance gets a fresh PID 1, and find it running.
public class Companion {
  init() {}

  /// A descriptor that the launcher polls while the app runs; -1 for none. When something is there `serve` is called.
  var output: Int32 { -1 }

  /// Starts it, before the sandbox itself, so that both get ready at once. `early` are the signals for the app that came
  /// before.
  func start(signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) {}

  /// Once for each PID 1, when its namespaces are there and it waits for the go: the last moment at which others may
  /// enter them.
  func attach(to pid: Int32, signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) {}

  /// Returns when what the plan binds of it is there.
  func awaitReady(signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) {}

  /// Takes what has come on `output`, which is closed and -1 from then on where it has ended.
  func serve(_ tell: (Diagnostic) -> Void) {}

  /// Takes what has come and is not served yet: the app has ended.
  func drain(_ tell: (Diagnostic) -> Void) {}

  /// Ends it, with all that it has made. Also where it was never started, and more than once.
  func end() {}
}
