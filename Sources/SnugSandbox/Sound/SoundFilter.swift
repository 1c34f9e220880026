import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// The filter between an instance and the sound server, in a box of its own: see `SoundRelay`.
///
/// Runs in the launcher. The filter is that box's PID 1 itself, tied to the launcher as every PID 1 is. The socket that
/// apps connect to is made here; only the filter has it open, so that when the filter ends nobody listens, and there is
/// nothing to fall back to.
public final class SoundFilter: Companion {
  private let policy: SoundPolicy
  private let host: Host
  private let id: String
  private let directory: String
  private var child: Child?

  /// Makes a filter of a plan's policy; nothing runs yet.
  ///
  /// - Parameters:
  ///   - id: app id of the app that it works for.
  ///   - directory: where its socket is made: link-free, the caller's, mode 0700.
  public init(_ policy: SoundPolicy, for host: Host, id: String, directory: String) {
    self.policy = policy
    self.host = host
    self.id = id
    self.directory = directory
  }

  /// Readable when the filter has ended.
  override var output: Int32 { child?.pidfd ?? -1 }

  /// Returns when its box stands. One that runs is left alone.
  override func start(signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) {
    if child != nil { return }
    let listener = try listen()
    let plan = soundFilterPlan(policy, for: host, id: id, listener: listener)
    do throws(Sandbox.Failure) {
      let filter = try assemble(plan)
      var box = Sandbox(plan, filter: filter, hasGroup: false) { _ in }
      box.purpose = .filterSound(listener: Descriptor(listener))
      // It closes what it has passed on.
      child = try box.start(signals: signals, &early).child
    } catch {
      end()
      guard let inner = error.diagnostic else { throw error }
      throw failure("the filter's box: \(inner.message)", hint: inner.hint)
    }
  }

  override func serve(_ tell: (Diagnostic) -> Void) {
    end()
    tell(
      Diagnostic(
        "the sound filter has ended: the app has no sound any more", hint: "start the app again to give it some"))
  }

  override func end() {
    if let child {
      child.kill()
      _ = child.wait()
      child.close()
    }
    child = nil
    _ = unsafe csnug_unlinkat(AT_FDCWD, socket)
  }

  /// Its only socket.
  static let socketName = soundSocketName
  private var socket: String { "\(directory)/\(Self.socketName)" }

  private func listen() throws(Sandbox.Failure) -> Int32 {
    let folder = Int32(clamping: unsafe csnug_open_without_links(directory))
    if folder < 0 { throw failure("\(directory): \(errorText(-folder))") }
    defer { _ = csnug_close(folder) }
    // By the descriptor: its path may be longer than the 107 bytes of an address.
    let listener = Int32(clamping: unsafe csnug_listen_stream("/proc/self/fd/\(folder)/\(Self.socketName)", 16))
    if listener < 0 { throw failure("\(socket): \(errorText(-listener))") }
    return listener
  }

  private func assemble(_ plan: Plan) throws(Sandbox.Failure) -> [UInt64]? {
    do throws(SeccompError) {
      return try assembleFilter(plan.seccomp)?.instructions
    } catch {
      throw Sandbox.Failure(status: 125, diagnostic: error.diagnostic(at: nil))
    }
  }

  private func failure(_ reason: String, hint: String? = nil) -> Sandbox.Failure {
    Sandbox.Failure(
      status: 125, diagnostic: Diagnostic("cannot filter sound: \(reason)", at: policy.origin, hint: hint))
  }
}
