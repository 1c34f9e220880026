import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// The proxy between an instance and the message buses, in a box of its own.
///
/// Runs in the launcher. Nothing of the proxy outlives it: the box's PID 1 is tied to the launcher as every PID 1 is, and
/// the proxy itself ends when the launcher's end of the ready pipe is gone. When it ends first, the app's sockets lead
/// nowhere: there is nothing to fall back to.
public final class BusProxy: Companion {
  private let policy: BusPolicy
  private let host: Host
  private let id: String
  private let directory: String
  private let files: [File]
  private let box = BoxedProgram()
  private var reader = BusLogReader()
  /// What the proxy prints, to be read when there is something; -1 while it does not run.
  override var output: Int32 { box.printed }

  /// Makes a proxy of a plan's policy; nothing runs yet.
  ///
  /// - Parameters:
  ///   - id: app id of the app that it works for.
  ///   - directory: where its sockets are made: link-free, the caller's, mode 0700.
  ///   - files: what else stands in its root, by which portals know the app.
  public init(_ policy: BusPolicy, for host: Host, id: String, directory: String, files: [File] = []) {
    self.files = files
    self.policy = policy
    self.host = host
    self.id = id
    self.directory = directory
  }

  /// Starts it, to the proxy's exec; `early` are the signals for the app that came before. One that runs is left alone.
  override func start(signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) {
    if box.isRunning { return }
    do throws(Sandbox.Failure) {
      try begin(signals, &early)
    } catch {
      let words = takeLastWords()
      end()
      throw failed(error, words)
    }
  }

  private func begin(_ signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) {
    guard case .exists(let real, let type, let identity, _) = HostFiles.look(directory) else {
      throw failure("\(directory) is gone")
    }
    let sockets = Source(path: real, written: directory, type: type, identity: identity)
    let arguments = try argumentFile()
    try box.start(signals: signals, &early) { ready in
      busProxyPlan(
        policy, for: host, id: id, directory: sockets, arguments: arguments, ready: ready, files: files)
    }
    reader = BusLogReader()
  }

  /// Returns when its sockets are there.
  override func awaitReady(signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) {
    guard let trouble = try box.awaitReady(signals: signals, &early) else { return }
    let words = takeLastWords()
    throw failed(failure("xdg-dbus-proxy \(trouble)"), words)
  }

  /// Takes what it has printed, and its end.
  override func serve(_ tell: (Diagnostic) -> Void) {
    guard let bytes = box.read() else { return }
    if !bytes.isEmpty { return show(bytes, tell) }
    // Whoever holds its output has ended.
    _ = box.waitForEnd()
    tell(
      Diagnostic(
        "the bus proxy has ended: the app has no message bus any more", hint: "start the app again to give it one"))
    end()
  }

  /// Takes what it has printed so far: what it refused the app stands there before the app hears of it.
  override func drain(_ tell: (Diagnostic) -> Void) {
    for _ in 0..<16 {
      guard let bytes = box.read(), !bytes.isEmpty else { return }
      show(bytes, tell)
    }
  }

  private func show(_ bytes: [UInt8], _ tell: (Diagnostic) -> Void) {
    let kinds = policy.buses.filter({ $0.log.value }).map({ $0.kind })
    for refused in reader.read(bytes[...]) where !kinds.isEmpty {
      tell(refused?.diagnostic(on: kinds) ?? Diagnostic("what else is refused on the bus is not shown"))
    }
  }

  /// Ends it, with all that it has made.
  override func end() {
    box.end()
    for bus in policy.buses { _ = unsafe csnug_unlinkat(AT_FDCWD, "\(directory)/\(bus.kind.rawValue)") }
  }

  // MARK: - Small parts

  private func argumentFile() throws(Sandbox.Failure) -> Int32 {
    let file = Int32(unsafe csnug_memfd("snug-bus-rules"))
    if file < 0 { throw failure("memfd_create: \(errorText(-file))") }
    do throws(KernelError) {
      try LinuxKernel().write(Descriptor(file), policy.arguments)
    } catch {
      throw failure("\(error.call): \(errorText(error.code))")
    }
    // The proxy reads from where the offset is.
    lseek(file, 0, SEEK_SET)
    return file
  }

  /// The last line that it printed.
  private func takeLastWords() -> String? {
    let lines = (box.read() ?? []).split(separator: UInt8(ascii: "\n"))
    return lines.last.map { String(decoding: $0, as: UTF8.self) }
  }

  private func failure(_ reason: String) -> Sandbox.Failure {
    let bus = policy.buses.first
    return Sandbox.Failure(
      status: 125,
      diagnostic: Diagnostic("cannot filter \(bus?.kind.words ?? "the bus"): \(reason)", at: bus?.origin))
  }

  /// What is wrong with the box is told as what is wrong with the bus.
  private func failed(_ error: Sandbox.Failure, _ words: String?) -> Sandbox.Failure {
    guard let inner = error.diagnostic else { return error }
    var result = inner.message.hasPrefix("cannot filter") ? error : failure("its proxy's box: \(inner.message)")
    result.diagnostic?.hint = inner.hint ?? words.map { "it said: \($0)" }
    return result
  }
}
