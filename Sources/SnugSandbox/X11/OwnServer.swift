import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// An X server of the instance's own, in a box of its own: Xephyr on the caller's X server, or Xwayland on the compositor.
/// It shows its screen in a window; what is typed into others does not reach it.
///
/// Runs in the launcher. When it ends first, the app has no display: there is nothing to fall back to.
public final class OwnServer: Companion {
  private let policy: X11Policy
  private let server: NestedServer
  private let host: Host
  private let id: String
  private let profile: String
  private let directory: String
  private let outer: Source
  private let size: ScreenSize
  private let box = BoxedProgram()
  /// What the app shows it.
  public let cookie: [UInt8]
  private var lastLine = ""

  /// Makes a server of a plan's policy; nothing runs yet.
  ///
  /// - Parameters:
  ///   - plan: the app's.
  ///   - outer: the socket that it shows its window on.
  ///   - size: of its screen.
  ///   - directory: where its socket is made: link-free, the caller's, mode 0700.
  ///   - cookie: random.
  public init(
    _ policy: X11Policy, _ server: NestedServer, for plan: Plan, on host: Host, outer: Source, size: ScreenSize,
    directory: String, cookie: [UInt8]
  ) {
    self.policy = policy
    self.server = server
    self.host = host
    self.outer = outer
    self.size = size
    self.directory = directory
    self.cookie = cookie
    id = plan.id
    profile = plan.profile
    super.init()
  }

  override var output: Int32 { box.printed }

  override func start(signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) {
    if box.isRunning { return }
    do throws(Sandbox.Failure) {
      try begin(signals, &early)
    } catch {
      readLines()
      end()
      throw failed(error)
    }
  }

  private func begin(_ signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) {
    // For the caller's socket to stand on, inside.
    let flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC
    let file = unsafe open("\(directory)/\(NestedServerStart.outerName)", flags, 0o600)
    if file < 0 { throw failure("\(directory): \(errorText(errno))") }
    _ = csnug_close(file)
    guard case .exists(let real, let type, let identity, _) = HostFiles.look(directory) else {
      throw failure("\(directory) is gone")
    }
    let place = Source(path: real, written: directory, type: type, identity: identity)
    try box.start(signals: signals, &early) { ready in
      let start = NestedServerStart(directory: place, outer: outer, cookie: cookie, size: size, ready: ready)
      return nestedServerPlan(policy, server, start, for: host, id: id, profile: profile)
    }
  }

  override func awaitReady(signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) {
    guard let trouble = try box.awaitReady(signals: signals, &early) else { return }
    readLines()
    throw failed(failure("\(server.kind.rawValue) \(trouble)"))
  }

  override func serve(_ tell: (Diagnostic) -> Void) {
    if box.read()?.isEmpty != true { return }
    _ = box.waitForEnd()
    tell(
      Diagnostic(
        "the app's X server has ended: the app has no display any more",
        hint: "closing its window ends it; start the app again to give it one"))
    end()
  }

  override func drain(_ tell: (Diagnostic) -> Void) {
    for _ in 0..<16 { if box.read()?.isEmpty != false { return } }
  }

  override func end() {
    box.end()
    for name in ["X0", NestedServerStart.outerName] { _ = unsafe csnug_unlinkat(AT_FDCWD, "\(directory)/\(name)") }
  }

  /// Keeps the last line that it printed: it says why it ended.
  private func readLines() {
    while let bytes = box.read(), !bytes.isEmpty {
      let lines = bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
      // Xorg's servers end with empty marks of an error.
      if let line = lines.last(where: { $0.utf8.count > 6 }) { lastLine = line }
    }
  }

  private func failure(_ reason: String) -> Sandbox.Failure {
    Sandbox.Failure(status: 125, diagnostic: Diagnostic("cannot make an X server: \(reason)", at: policy.origin))
  }

  /// What is wrong with the box is told as what is wrong with the server.
  private func failed(_ error: Sandbox.Failure) -> Sandbox.Failure {
    guard let inner = error.diagnostic else { return error }
    var result = inner.message.hasPrefix("cannot make an X server") ? error : failure("its box: \(inner.message)")
    result.diagnostic?.hint = inner.hint ?? (lastLine.isEmpty ? nil : "it said: \(lastLine)")
    return result
  }
}
