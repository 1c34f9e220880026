import Glibc

/// Has SIGINT, SIGTERM, SIGHUP and SIGQUIT wait, so that a command can take away what is half done before they end it.
public struct SignalHold {
  private var held = sigset_t()

  /// They wait from here on.
  public init() {
    unsafe sigemptyset(&held)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { unsafe sigaddset(&held, number) }
    _ = unsafe sigprocmask(SIG_BLOCK, &held, nil)
  }

  /// Whether one has come.
  public var isAsked: Bool {
    var pending = sigset_t()
    unsafe sigpending(&pending)
    return [SIGINT, SIGTERM, SIGHUP, SIGQUIT].contains { unsafe sigismember(&pending, $0) == 1 }
  }

  /// They wait no longer: one that has come does now what it does.
  public mutating func release() { _ = unsafe sigprocmask(SIG_UNBLOCK, &held, nil) }
}
