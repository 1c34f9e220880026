import CSnug
import SnugPlan
import SnugProfile

// The launcher's own words with the caller's X server, before the app's.

/// Time for a server that is busy.
private let patience = 5_000

extension X11Policy {
  /// Whether somebody listens at the caller's display. The app itself would find out, and say it in its own way.
  ///
  /// Runs in the launcher.
  ///
  /// - Throws: what is in the way.
  public func probe() throws(Diagnostic) { _ = try connect() }

  /// Size of the caller's screen; nil where the server does not say.
  ///
  /// - Throws: where the server cannot be reached, or does not take the caller's cookie.
  public func screenSize() throws(Diagnostic) -> ScreenSize? { try introduce(secret).screen }

  /// Has the server make a cookie that it does not trust, and holds it.
  ///
  /// - Throws: where there is none to be had, or where it would be of no use.
  public func untrusted() throws(Diagnostic) -> UntrustedCookie {
    let server = try introduce(secret)
    let data: [UInt8]?
    do throws(X11Connection.Trouble) {
      data = try server.untrustedCookie(idleSeconds: 10)
    } catch {
      throw refusal("make a cookie that the X server does not trust", error)
    }
    guard let data else {
      throw Diagnostic(
        "cannot make a cookie that the X server does not trust: it has no SECURITY extension", at: origin,
        hint: "x11 = \"isolated\" gives the app a server of its own")
    }
    // Whoever is let in by xhost(1) is trusted, and the app would show no cookie then.
    if try letsInWithoutCookie() {
      throw Diagnostic(
        "cannot make a cookie that the X server does not trust: it lets you in without one, and so the app", at: origin,
        hint: "xhost shows who is let in; xhost -si:localuser:NAME takes it back; or x11 = \"isolated\"")
    }
    return UntrustedCookie(data: data, held: try introduce(.cookie(data, for: number)))
  }

  private func letsInWithoutCookie() throws(Diagnostic) -> Bool {
    let connection = try connect()
    do throws(X11Connection.Trouble) {
      _ = try X11Connection(connection, secret: nil)
      return true
    } catch {
      if case .refused = error { return false }
      throw refusal("reach the X server", error)
    }
  }

  private func introduce(_ secret: XauthorityEntry?) throws(Diagnostic) -> X11Connection {
    let connection = try connect()
    do throws(X11Connection.Trouble) {
      return try X11Connection(connection, secret: secret)
    } catch {
      throw refusal("reach the X server", error)
    }
  }

  private func connect() throws(Diagnostic) -> LocalConnection {
    guard let display else { throw Diagnostic("cannot reach the X server: there is none", at: origin) }
    do throws(LocalConnection.Trouble) {
      return try LocalConnection(to: display, patience: patience)
    } catch {
      var refusal = refusal("reach the X server", .lost(error))
      if error == .nobody { refusal.hint = "the server has ended, or DISPLAY is that of another session" }
      throw refusal
    }
  }

  private func refusal(_ action: String, _ trouble: X11Connection.Trouble) -> Diagnostic {
    Diagnostic("cannot \(action): \(trouble.words(display?.written ?? ""))", at: origin)
  }
}

/// A cookie that the server does not trust. It is held by a connection that uses it, and is void some seconds after the
/// last one: whatever ends the launcher ends that, and nobody has to take it back.
public final class UntrustedCookie: Companion {
  /// The cookie.
  public let data: [UInt8]
  private var held: X11Connection?

  init(data: [UInt8], held: X11Connection) {
    self.data = data
    self.held = held
    super.init()
  }

  /// Events that every client gets, such as those of a new keyboard map.
  override var output: Int32 { held?.descriptor ?? -1 }

  override func serve(_ tell: (Diagnostic) -> Void) {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe csnug_read(output, &bytes, bytes.count)
    if count > 0 || count == -Int(ErrorNumber.wouldBlock) { return }
    held = nil
    tell(Diagnostic("the X server has hung up: the app has no display any more"))
  }

  override func end() { held = nil }
}

/// Random bytes of the kernel's.
///
/// - Throws: random(7) is not to be had.
public func randomBytes(_ count: Int) throws(KernelError) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: count)
  let got = unsafe csnug_random(&bytes, count)
  if got != count { throw KernelError("getrandom", "", code: Int32(clamping: got < 0 ? -got : 0)) }
  return bytes
}
