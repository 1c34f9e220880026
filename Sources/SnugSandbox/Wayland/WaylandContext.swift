import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// The app's own way to the compositor: a socket that the compositor listens at, for as long as the launcher holds its
/// end of a pipe. Whatever ends the launcher ends it.
///
/// Runs in the launcher. The compositor knows of everyone who comes over that socket whose sandbox it is, and shows none
/// of what is only for programs that are trusted: pictures of the screen, keys typed for the person at it.
public final class WaylandContext: Companion {
  /// Why there is none.
  public struct Obstacle: Error {
    /// What the plan may do about it.
    public enum Kind: Sendable {
      /// The compositor knows no contexts.
      case unsupported
      /// There is no compositor.
      case missing
      /// Anything else: nothing may be done.
      case other
    }
    /// What the plan may do about it.
    public var kind: Kind
    /// What to tell.
    public var diagnostic: Diagnostic
  }

  private let path: String
  private var hold: Int32
  /// The socket that the compositor listens at.
  public var socket: Source { Source(path: path, written: "the app's Wayland socket", type: .socket, identity: nil) }

  /// Time for a compositor that is busy with a whole screen.
  private static let patience = 5_000

  /// Makes the socket and has the compositor listen at it.
  ///
  /// - Parameters:
  ///   - directory: where the socket is made: link-free, the caller's, mode 0700.
  ///   - id: app id.
  ///   - instance: the instance's name.
  public init(_ policy: WaylandPolicy, in directory: String, id: String, instance: String) throws(Obstacle) {
    path = "\(directory)/\(WaylandPolicy.socketName)"
    let listener = try Self.listen(directory, policy)
    defer { _ = csnug_close(listener) }
    var ends: [Int32] = [-1, -1]
    let made = unsafe csnug_pipe(&ends)
    if made < 0 { throw Self.failed(policy, "pipe: \(errorText(Int32(clamping: -made)))") }
    hold = ends[1]
    defer { _ = csnug_close(ends[0]) }
    super.init()
    do throws(SecurityContext.Trouble) {
      let connection: LocalConnection
      do throws(LocalConnection.Trouble) {
        connection = try LocalConnection(to: policy.compositor, patience: Self.patience)
      } catch {
        throw .lost(error)
      }
      try SecurityContext(engine: sandboxEngine, appID: id, instance: instance).register(
        on: connection, listener: listener, closing: ends[0])
    } catch {
      end()
      throw Self.obstacle(policy, error)
    }
  }

  /// The compositor accepts nobody any more.
  override func end() {
    if hold < 0 { return }
    _ = csnug_close(hold)
    hold = -1
    _ = unsafe csnug_unlinkat(AT_FDCWD, path)
  }

  /// A socket that listens at its name, which nobody had before.
  private static func listen(_ directory: String, _ policy: WaylandPolicy) throws(Obstacle) -> Int32 {
    let folder = Int32(clamping: unsafe csnug_open(directory, true, false))
    if folder < 0 { throw failed(policy, "\(directory): \(errorText(-folder))") }
    defer { _ = csnug_close(folder) }
    let listener = Int32(clamping: csnug_stream_socket())
    if listener < 0 { throw failed(policy, "socket: \(errorText(-listener))") }
    // By the descriptor: a runtime directory may have a longer path than the 107 bytes of a socket's name.
    var result = unsafe csnug_bind(listener, "/proc/self/fd/\(folder)/\(WaylandPolicy.socketName)")
    if result >= 0 { result = -Int(setMode(0o600, WaylandPolicy.socketName, in: folder)) }
    if result >= 0 { result = csnug_listen(listener, 16) }
    if result >= 0 { return listener }
    _ = csnug_close(listener)
    throw failed(policy, "\(directory)/\(WaylandPolicy.socketName): \(errorText(Int32(clamping: -result)))")
  }

  private static func failed(_ policy: WaylandPolicy, _ reason: String) -> Obstacle {
    Obstacle(
      kind: .other, diagnostic: Diagnostic("cannot make a Wayland security context: \(reason)", at: policy.origin))
  }

  private static func obstacle(_ policy: WaylandPolicy, _ trouble: SecurityContext.Trouble) -> Obstacle {
    let path = policy.compositor.written
    var obstacle: Obstacle
    switch trouble {
    case .unsupported:
      obstacle = failed(policy, "the compositor at \(path) does not offer wp_security_context_manager_v1")
      obstacle.kind = .unsupported
      obstacle.diagnostic.hint =
        "sway 1.9, labwc, Hyprland and KDE Plasma 6 do; optional = [\"desktop.wayland\"] gives the app the compositor's own "
        + "socket"
    case .refused(let words): obstacle = failed(policy, "the compositor at \(path) refuses it: \(words)")
    case .nonsense(let words): obstacle = failed(policy, "what listens at \(path) is no compositor: it sent \(words)")
    case .lost(let reason):
      obstacle = failed(policy, "")
      obstacle.diagnostic.message = "cannot reach the Wayland compositor: \(reason.words(path))"
      if reason == .nobody {
        obstacle.kind = .missing
        obstacle.diagnostic.hint = "the compositor has ended: start snug from the session that runs"
      }
    }
    return obstacle
  }
}
