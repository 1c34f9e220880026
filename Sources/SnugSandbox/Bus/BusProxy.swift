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
  private var child: Child?
  private var ready: Int32 = -1
  private var isReady = false
  private var reader = BusLogReader()
  /// What the proxy prints, to be read when there is something; -1 while it does not run.
  override var output: Int32 { printed }
  private var printed: Int32 = -1
  /// Time for an ordinary program to start on a machine that is busy.
  private static let patience = 10_000

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
    if child != nil { return }
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
    let readiness = try pipe()
    let words = try pipe()
    (ready, printed) = (readiness[0], words[0])
    _ = csnug_set_nonblocking(printed)
    let null = Int32(unsafe csnug_open("/dev/null", false, true))
    defer { for number in [words[1], null] where number >= 0 { _ = csnug_close(number) } }
    if null < 0 { throw failure("/dev/null: \(errorText(-null))") }
    let plan = busProxyPlan(
      policy, for: host, id: id, directory: sockets, arguments: arguments, ready: readiness[1],
      files: files)
    let filter: [UInt64]?
    do throws(SeccompError) {
      filter = try assembleFilter(plan.seccomp)?.instructions
    } catch {
      throw Sandbox.Failure(status: 125, diagnostic: error.diagnostic(at: nil))
    }
    let box = Sandbox(plan, filter: filter, streams: [null, words[1], words[1]], hasGroup: false) { _ in }
    // It closes what it has passed on.
    child = try box.start(signals: signals, &early).child
    isReady = false
    reader = BusLogReader()
  }

  /// Returns when its sockets are there.
  override func awaitReady(signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) {
    if isReady { return }
    let last = Int(csnug_clock_ms()) + Self.patience
    while true {
      var events: [Int32] = [0, 0]
      let wait = Int32(clamping: last - Int(csnug_clock_ms()))
      _ = unsafe csnug_poll([ready, signals], &events, 2, max(0, wait))
      if events[0] != 0 { break }
      if events[1] & 1 != 0, var signal = readSignal(signals) {
        if [1, 2, 3, 15].contains(signal.number) {
          throw Sandbox.Failure(status: 128 + signal.number, diagnostic: nil)
        }
        signal.code = 0
        early.append(signal)
      } else if wait <= 0 {
        throw failure("xdg-dbus-proxy is not ready after \(Self.patience / 1000) s")
      }
    }
    var byte: UInt8 = 0
    isReady = unsafe csnug_read(ready, &byte, 1) == 1
    if isReady { return }
    let how = waitForEnd()
    let words = takeLastWords()
    throw failed(failure("xdg-dbus-proxy ended at once" + (how.map { " with \($0)" } ?? "")), words)
  }

  /// Takes what it has printed, and its end.
  override func serve(_ tell: (Diagnostic) -> Void) {
    if takeOutput(tell) != 0 { return }
    // Whoever holds its output has ended.
    _ = waitForEnd()
    tell(
      Diagnostic(
        "the bus proxy has ended: the app has no message bus any more", hint: "start the app again to give it one"))
    end()
  }

  /// Waits for the box, which ends when the proxy does, and makes sure of it.
  ///
  /// - Returns: how the proxy ended, as far as its PID 1 tells.
  private func waitForEnd() -> String? {
    guard let child else { return nil }
    var event: Int32 = 0
    _ = unsafe csnug_poll([child.pidfd], &event, 1, 1000)
    child.kill()
    let end = child.wait().end
    child.close()
    self.child = nil
    // As every PID 1 of ours it passes on a signal as 128 and its number.
    if case .exited(let code) = end, code > 128 { return Supervisor.End.killed(signal: code - 128).words }
    return end.words
  }

  /// Takes what it has printed so far: what it refused the app stands there before the app hears of it.
  override func drain(_ tell: (Diagnostic) -> Void) {
    for _ in 0..<16 where printed >= 0 && takeOutput(tell) > 0 {}
  }

  /// Returns how many bytes there were, 0 at the end, or -errno.
  private func takeOutput(_ tell: (Diagnostic) -> Void) -> Int {
    var bytes = [UInt8](repeating: 0, count: 16 << 10)
    let count = unsafe csnug_read(printed, &bytes, bytes.count)
    let kinds = policy.buses.filter({ $0.log.value }).map({ $0.kind })
    for refused in reader.read(bytes.prefix(max(0, count))) where !kinds.isEmpty {
      tell(refused?.diagnostic(on: kinds) ?? Diagnostic("what else is refused on the bus is not shown"))
    }
    return count
  }

  /// Ends it, with all that it has made.
  override func end() {
    if let child {
      child.kill()
      _ = child.wait()
      child.close()
    }
    child = nil
    for number in [ready, printed] where number >= 0 { _ = csnug_close(number) }
    (ready, printed, isReady) = (-1, -1, false)
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

  private func pipe() throws(Sandbox.Failure) -> [Int32] {
    var ends: [Int32] = [-1, -1]
    let made = unsafe csnug_pipe(&ends)
    if made < 0 { throw failure("pipe: \(errorText(Int32(-made)))") }
    return ends
  }

  /// The last line that it printed.
  private func takeLastWords() -> String? {
    guard printed >= 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe csnug_read(printed, &bytes, bytes.count)
    let lines = bytes[..<max(0, count)].split(separator: UInt8(ascii: "\n"))
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
