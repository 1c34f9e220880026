import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// pasta(1) beside an instance: it holds an interface inside, and makes the connections that come out of it in the
/// host's network.
///
/// Runs in the launcher. pasta enters the user namespace of PID 1 before its exec, and keeps what rights it needs there
/// as ambient ones: so it gains none after the death signal is armed, which would disarm it, prctl(2). It dies with the
/// launcher, whatever ends that. Before it reads a packet it leaves the host's file system, takes a filter and
/// no_new_privs. When it ends first the app has a loopback alone: there is nothing to fall back to.
public final class UserNetwork: Companion {
  private let network: PrivateNetwork
  private var running: Pasta?
  /// Those of a PID 1 before this one, until that one is gone.
  private var earlier: [Pasta] = []

  /// Makes what connects a plan's network; nothing runs yet.
  public init(_ network: PrivateNetwork) { self.network = network }

  override var output: Int32 { running?.printed ?? -1 }

  override func attach(to pid: Int32, signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) {
    for old in earlier + (running.map { [$0] } ?? []) where csnug_kill(old.sandbox, 0) < 0 { old.end() }
    earlier = (earlier + (running.map { [$0] } ?? [])).filter { $0.isThere }
    running = nil
    // Until it has an id there, nothing that it makes has an owner.
    guard try waitForMap(pid) else { return }
    let namespaces = [Namespace.user, .network].map { namespace in
      Int32(unsafe csnug_open("/proc/\(pid)/ns/\(namespace.procName)", false, true))
    }
    defer { for number in namespaces where number >= 0 { _ = csnug_close(number) } }
    if let refused = namespaces.first(where: { $0 < 0 }) { throw failure("its namespace: \(errorText(-refused))") }
    running = try begin(user: namespaces[0], network: namespaces[1], for: pid)
  }

  /// Returns when the interface is there, with its address and routes.
  override func awaitReady(signals: Int32, _ early: inout [csnug_signal]) throws(Sandbox.Failure) {
    guard let pasta = running, pasta.ready >= 0 else { return }
    // It writes its pid when all is done.
    switch try Readiness.await(pasta.ready, signals: signals, &early) {
    case .ready: pasta.closeReady()
    case .late: throw failure("pasta is not ready after \(Readiness.patience / 1000) s")
    case .ended:
      let how = pasta.waitForEnd()
      let words = pasta.takeOutput().1
      throw failure(
        "pasta ended at once" + (how.map { " with \($0)" } ?? ""), hint: words.map { hint(for: $0) })
    }
  }

  override func serve(_ tell: (Diagnostic) -> Void) {
    // What it prints is of use only where it is the last thing that it does.
    guard let pasta = running, pasta.takeOutput().0 == 0 else { return }
    _ = pasta.waitForEnd()
    end()
    tell(
      Diagnostic("pasta has ended: the app has no network any more", hint: "start the app again to give it one"))
  }

  override func end() {
    for pasta in earlier + (running.map { [$0] } ?? []) { pasta.end() }
    (earlier, running) = ([], nil)
  }

  // MARK: - Its start

  /// False where PID 1 has ended, which its own report tells better.
  private func waitForMap(_ pid: Int32) throws(Sandbox.Failure) -> Bool {
    let last = Int(csnug_clock_ms()) + Readiness.patience
    while true {
      guard let map = readFile("/proc/\(pid)/gid_map"), readLink("/proc/\(pid)/ns/net") != nil else { return false }
      if !map.isEmpty { return true }
      if Int(csnug_clock_ms()) > last { throw failure("the sandbox's init maps no ids") }
      _ = csnug_poll(nil, nil, 0, 1)
    }
  }

  private func begin(user: Int32, network space: Int32, for sandbox: Int32) throws(Sandbox.Failure) -> Pasta {
    let readiness: (read: Int32, write: Int32)
    let printed: (read: Int32, write: Int32)
    do throws(KernelError) {
      readiness = try makePipe()
      do throws(KernelError) {
        printed = try makePipe()
      } catch {
        for number in [readiness.read, readiness.write] { _ = csnug_close(number) }
        throw error
      }
    } catch {
      throw failure("make a pipe: \(errorText(error.code))")
    }
    let null = Int32(unsafe csnug_open("/dev/null", false, true))
    // All memory that the child needs is there before the fork. Its pid goes to the pipe: see `awaitReady`.
    let words = ["pasta"] + network.arguments + ["--pid", "/proc/self/fd/1", "--netns-only", "--netns", Self.place]
    var arguments = unsafe words.map { unsafe cString(Array($0.utf8)) } + [nil]
    var environment: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
    defer { unsafe arguments.forEach { unsafe $0?.deallocate() } }
    let launcher = Int32(csnug_getpid())
    let child = Int32(csnug_fork())
    if child == 0 {
      csnug_reset_signals()
      csnug_unblock_signals()
      // The terminal's ctrl-C is for the app.
      _ = csnug_setsid()
      if dup2(null, 0) == 0, dup2(readiness.write, 1) == 1, dup2(printed.write, 2) == 2 {
        let reason = Self.enter(user, space, launcher)
        if reason.isEmpty {
          _ = csnug_close_range(3, .max, false)
          _ = unsafe csnug_execve(network.program.path, &arguments, &environment)
        }
        let text = Array((reason.isEmpty ? "it cannot be started" : reason).utf8)
        _ = unsafe csnug_write(2, text, text.count)
      }
      csnug_exit(126)
    }
    for number in [null, readiness.write, printed.write] where number >= 0 { _ = csnug_close(number) }
    let pasta = Pasta(child, sandbox: sandbox, ready: readiness.read, printed: printed.read)
    if child < 0 {
      pasta.end()
      throw failure("fork: \(errorText(-child))")
    }
    _ = csnug_set_nonblocking(printed.read)
    return pasta
  }

  /// Where the network namespace is put for pasta to find, in a mount namespace that it alone sees: it opens a path, and
  /// may not look into /proc of PID 1, which has more capabilities than it.
  private static var place: String { "/dev/full" }

  /// In the child: into the user namespace, with no more rights there than an interface takes. Returns what failed.
  private static func enter(_ user: Int32, _ space: Int32, _ launcher: Int32) -> String {
    // CAP_NET_BIND_SERVICE, CAP_NET_ADMIN, CAP_SYS_ADMIN: see capabilities(7).
    let needed: [Int32] = [10, 12, 21]
    let kernel = LinuxKernel()
    do throws(KernelError) {
      try kernel.enterUserNamespace(Descriptor(user))
      let unshared = csnug_unshare(Int32(Namespace.mount.cloneFlag))
      if unshared < 0 { throw KernelError("unshare", code: Int32(-unshared)) }
      try kernel.makeRootSlave()
      let bound = unsafe csnug_mount_bind("/proc/self/fd/\(space)", place)
      if bound < 0 { throw KernelError("mount", place, code: Int32(-bound)) }
      try kernel.setCapabilities(needed.reduce(0) { $0 | 1 << UInt64($1) })
      for capability in needed { try kernel.raiseAmbient(capability) }
      // Last: whoever gains capabilities loses it.
      try kernel.setParentDeathSignal()
    } catch {
      return "\(error.call): \(errorText(error.code))"
    }
    return csnug_getppid() == launcher ? "" : "the launcher is gone"
  }

  private func hint(for words: String) -> String {
    // "No external routable interface for IPv4", "... IPv6", then it gives up.
    let isOffline = words.hasPrefix("External interface") || words.hasPrefix("No external")
    return isOffline
      ? "this machine has no network itself: connect it, or snug run --network none" : "it said: \(words)"
  }

  private func failure(_ reason: String, hint: String? = nil) -> Sandbox.Failure {
    Sandbox.Failure(
      status: 125,
      diagnostic: Diagnostic("cannot make a private network: \(reason)", at: network.origin, hint: hint))
  }
}

/// One pasta.
private final class Pasta {
  /// Host pid of the PID 1 that it works for.
  let sandbox: Int32
  private(set) var ready: Int32
  private(set) var printed: Int32
  private var pid: Int32

  init(_ pid: Int32, sandbox: Int32, ready: Int32, printed: Int32) {
    (self.pid, self.sandbox, self.ready, self.printed) = (pid, sandbox, ready, printed)
  }

  var isThere: Bool { pid > 0 }

  func closeReady() {
    if ready >= 0 { _ = csnug_close(ready) }
    ready = -1
  }

  /// How many bytes it has printed, 0 at the end, and the last line of them.
  func takeOutput() -> (Int, String?) {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe csnug_read(printed, &bytes, bytes.count)
    let lines = bytes[..<max(0, count)].split(separator: UInt8(ascii: "\n"))
    // Without a logger to talk to it complains of that, line by line.
    let telling = lines.last { !$0.starts(with: Array("Failed to send".utf8)) }
    return (count, telling.map { String(decoding: $0, as: UTF8.self) })
  }

  /// Makes sure that it has ended; returns how.
  func waitForEnd() -> String? {
    guard pid > 0 else { return nil }
    // Its output has ended: so does it.
    var ended = csnug_ended()
    for _ in 0..<100 {
      if unsafe csnug_wait(pid, false, false, &ended) == pid {
        pid = -1
        return Supervisor.End(ended).words
      }
      _ = csnug_poll(nil, nil, 0, 10)
    }
    end()
    return nil
  }

  func end() {
    if pid > 0 {
      _ = csnug_kill(pid, SIGKILL)
      var ended = csnug_ended()
      _ = unsafe csnug_wait(pid, true, false, &ended)
    }
    for number in [ready, printed] where number >= 0 { _ = csnug_close(number) }
    (pid, ready, printed) = (-1, -1, -1)
  }
}

extension PrivateNetwork {
  /// Whether the caller may make an interface at all: pasta itself would tell only that it could not.
  ///
  /// - Throws: what is in the way.
  public func probe() throws(Diagnostic) {
    let device = "/dev/net/tun"
    let opened = Int32(unsafe csnug_open_trial(device, Int32(csnug_trial_write.rawValue)))
    if opened >= 0 {
      _ = csnug_close(opened)
      return
    }
    let hint: String
    switch -opened {
    case EACCES, EPERM: hint = "on most machines everybody may open it (mode 0666): ask who looks after this one"
    case ENOENT, ENODEV, ENXIO: hint = "the kernel module tun is missing: ask who looks after this machine"
    default: hint = "pasta makes the app's interface through it"
    }
    throw Diagnostic(
      "cannot make a private network: \(device): \(errorText(-opened))", at: origin, hint: hint)
  }
}
