import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// A connection to a server of this machine that has a given time for all that it has to say.
///
/// Runs in the launcher. Nothing that the other side does or leaves undone makes it wait longer.
final class LocalConnection {
  /// Why there is no answer.
  enum Trouble: Error, Hashable {
    /// Nobody listens there.
    case nobody
    /// The time is over.
    case silent
    /// The other side has hung up.
    case hungUp
    /// The socket is another one than the plan was compiled with.
    case replaced
    /// A call failed: the errno.
    case failed(Int32)

    /// In plain words, for a socket that the person knows by a path.
    func words(_ path: String) -> String {
      switch self {
      case .nobody: "nobody listens at \(path)"
      case .silent: "\(path) does not answer"
      case .hungUp: "\(path) has hung up"
      case .replaced: "\(path) was replaced while the sandbox was being set up"
      case .failed(let code): "\(path): \(errorText(code))"
      }
    }
  }

  /// Non-blocking, close-on-exec; closed with the value.
  let descriptor: Int32
  private let last: Int

  /// Takes a connected stream socket over.
  ///
  /// - Parameter patience: milliseconds from now on.
  init(_ descriptor: Int32, patience: Int) {
    self.descriptor = descriptor
    _ = csnug_set_nonblocking(descriptor)
    last = Int(csnug_clock_ms()) + patience
  }

  deinit { _ = csnug_close(descriptor) }

  /// Connects to a socket that was judged when the plan was compiled.
  convenience init(to source: Source, patience: Int) throws(Trouble) {
    let last = Int(csnug_clock_ms()) + patience
    let file = Int32(clamping: unsafe csnug_open_without_links(source.path))
    if file < 0 { throw file == -ENOENT ? .nobody : .failed(-file) }
    defer { _ = csnug_close(file) }
    if let identity = source.identity {
      var status = csnug_statx()
      let result = unsafe csnug_statx(file, "", false, &status)
      if result < 0 { throw .failed(Int32(clamping: -result)) }
      if FileStatus(status).identity != identity { throw .replaced }
    }
    // By the descriptor: its path may be longer than the 107 bytes of an address.
    let name = Array("/proc/self/fd/\(file)".utf8)
    while true {
      let opened = Int32(clamping: unsafe csnug_open_stream(name, name.count))
      switch -opened {
      case ECONNREFUSED: throw .nobody
      // More of its clients wait than it takes at once.
      case EAGAIN where Int(csnug_clock_ms()) < last: _ = csnug_poll(nil, nil, 0, 10)
      case EAGAIN: throw .silent
      case 1...: throw .failed(-opened)
      default:
        self.init(opened, patience: max(0, last - Int(csnug_clock_ms())))
        return
      }
    }
  }

  /// Sends bytes at once, with descriptors that stay the caller's. They are few: a server that does not take them does
  /// not answer.
  func send(_ bytes: [UInt8], _ descriptors: [Int32] = []) throws(Trouble) {
    let sent = unsafe csnug_send_descriptors(descriptor, bytes, bytes.count, descriptors, descriptors.count)
    if sent == bytes.count { return }
    switch Int32(clamping: -sent) {
    case EPIPE, ECONNRESET: throw .hungUp
    case EAGAIN: throw .silent
    case 1...: throw .failed(Int32(clamping: -sent))
    default: throw .silent
    }
  }

  /// The bytes that come next, at least one. Descriptors that come with them are the kernel's to close.
  func receive() throws(Trouble) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe csnug_read(descriptor, &bytes, bytes.count)
      if count > 0 { return Array(bytes[..<count]) }
      switch Int32(clamping: -count) {
      case 0, ECONNRESET: throw .hungUp
      case EAGAIN, EINTR:
        let left = last - Int(csnug_clock_ms())
        if left <= 0 { throw .silent }
        var event: Int32 = 0
        _ = unsafe csnug_poll([descriptor], &event, 1, Int32(clamping: left))
      default: throw .failed(Int32(clamping: -count))
      }
    }
  }
}
