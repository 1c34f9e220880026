import CSnug
import SnugPlan
import SnugProfile

/// Looks whether a program outside of every box has a name that the app is to own: what is asked of that name, such as
/// opening a window, would happen there.
///
/// Only ever warns, and beside everything else: no start waits for it.
public final class NameWatch: Companion {
  private let names: [String]
  private let notifies: String?
  private var child: Int32 = -1
  private var hasLooked = false
  private var printed: [UInt8] = []
  private var descriptor: Int32 = -1

  /// Makes a watch; nothing runs yet.
  ///
  /// - Parameters:
  ///   - names: well-known names, or `org.example.*`.
  ///   - notifies: the app's name where a notification is to tell of it, because nobody reads standard error.
  public init(_ names: [String], notifies: String? = nil) {
    self.names = names
    self.notifies = notifies
  }

  override var output: Int32 { descriptor }

  override func start(signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) {
    // A kept instance that is reset has been told.
    if hasLooked || names.isEmpty { return }
    hasLooked = true
    var words = ["unboxed", "--timeout", "5"]
    if let notifies { words += ["--notify", notifies] }
    do throws(ProgramError) {
      (child, descriptor) = try startProgram(
        helperPath(busHelperName), words + names, environment: busHelperEnvironment())
    } catch {
      // Who cannot be asked says nothing.
    }
  }

  override func serve(_ tell: (Diagnostic) -> Void) {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe csnug_read(descriptor, &bytes, bytes.count)
    if count > 0, printed.count < 1 << 16 {
      printed += bytes[..<count]
      return
    }
    for line in printed.split(separator: UInt8(ascii: "\n")) {
      let name = String(decoding: line, as: UTF8.self)
      tell(
        Diagnostic(
          "\(name) belongs to a program that runs outside of the sandbox: what is asked of it happens there",
          hint: "end that program first"))
    }
    end()
  }

  override func end() {
    if descriptor >= 0 { _ = csnug_close(descriptor) }
    descriptor = -1
    printed = []
    guard child > 0 else { return }
    _ = csnug_kill(child, 9)
    var ended = csnug_ended()
    _ = unsafe csnug_wait(child, true, false, &ended)
    child = -1
  }
}
