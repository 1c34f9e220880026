import CSnug
import Glibc
import SnugPlan

/// The filter's PID 1 once everything is locked: takes connections and puts a `PulseFilter` into each.
///
/// It goes on until the launcher is gone or ends it. One connection that breaks the protocol is ended alone; what is wrong
/// here ends everything, and then nobody listens any more.
final class SoundRelay {
  private let listener: Int32
  private let lifeline: Int32
  private var connections: [Connection] = []
  /// One app plays on a few; who opens more than this waits.
  private static let most = 64
  /// What may wait in one direction before the other side is no longer read.
  private static let highWater = 256 << 10
  /// Milliseconds for a server that more clients wait for than it takes at once.
  private static let patience = 5_000
  /// Apps whose connection such a server has not taken yet, and until when that is tried.
  private var waiting: [(app: Int32, last: Int)] = []

  /// One connection of the app's, and the one to the server that belongs to it.
  struct Connection {
    var app: Int32
    var server: Int32
    var filter = PulseFilter()
    /// No more comes from the server: what waits for the app is still sent.
    var isEnding = false
  }

  /// Makes a relay.
  ///
  /// - Parameters:
  ///   - listener: what apps connect to.
  ///   - lifeline: ends with the launcher.
  init(listener: Int32, lifeline: Int32) {
    self.listener = listener
    self.lifeline = lifeline
    _ = csnug_set_nonblocking(listener)
  }

  /// Never returns.
  func run() -> Never {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      var descriptors = [lifeline, connections.count + waiting.count < Self.most ? listener : -1]
      var wanted: [Int32] = [1, 1]
      for connection in connections {
        descriptors += connection.watched
        wanted += connection.wanted(Self.highWater)
      }
      var events = [Int32](repeating: 0, count: descriptors.count)
      let pause: Int32 = waiting.isEmpty ? -1 : 10
      let count = unsafe csnug_poll_for(descriptors, wanted, &events, descriptors.count, pause)
      if count == -Int(EINTR) { continue }
      if count < 0 || events[0] != 0 { csnug_exit(0) }
      for index in connections.indices.reversed() {
        let event = (app: events[2 + 2 * index], server: events[3 + 2 * index])
        if connections[index].serve(event.app, event.server, &buffer) { continue }
        for number in [connections[index].app, connections[index].server] { _ = csnug_close(number) }
        connections.remove(at: index)
      }
      connectWaiting()
      if events[1] != 0 { accept() }
    }
  }

  private func accept() {
    let app = Int32(clamping: csnug_accept(listener))
    // It went away, or there is no descriptor left.
    if app < 0 { return }
    _ = csnug_set_nonblocking(app)
    connect(app, last: Int(csnug_clock_ms()) + Self.patience)
  }

  private func connectWaiting() {
    let all = waiting
    waiting.removeAll()
    for (app, last) in all { connect(app, last: last) }
  }

  private func connect(_ app: Int32, last: Int) {
    let name = Array(soundServerPlace.utf8)
    let server = Int32(clamping: unsafe csnug_open_stream(name, name.count))
    if server >= 0 {
      connections.append(Connection(app: app, server: server))
    } else if server == -EAGAIN, Int(csnug_clock_ms()) < last {
      waiting.append((app, last))
    } else {
      // As if nobody listened: the app is told by its end of the connection.
      _ = csnug_close(app)
    }
  }
}

extension SoundRelay.Connection {
  /// The descriptors to wait for. That a server has hung up is told again and again, whatever is asked for.
  var watched: [Int32] { [app, isEnding ? -1 : server] }

  /// 1 to read, 4 to write, of the app and of the server. Who does not read is not read from either.
  func wanted(_ highWater: Int) -> [Int32] {
    let reads = filter.toServer.count < highWater && filter.toApp.count < highWater
    return [
      (reads && !isEnding ? 1 : 0) | (filter.toApp.isEmpty ? 0 : 4),
      (filter.toApp.count < highWater && !isEnding ? 1 : 0) | (filter.toServer.isEmpty ? 0 : 4),
    ]
  }

  /// Moves what can be moved; false where the connection is over.
  mutating func serve(_ app: Int32, _ server: Int32, _ buffer: inout [UInt8]) -> Bool {
    do throws(PulseProblem) {
      if server & 3 != 0, !isEnding {
        let count = take(self.server, &buffer)
        if count > 0 { try filter.takeFromServer(buffer[..<count]) }
        if count == 0 { isEnding = true }
      }
      if app & 1 != 0, !isEnding {
        let count = take(self.app, &buffer)
        if count > 0 { try filter.takeFromApp(buffer[..<count]) }
        if count == 0 { return false }
      } else if app & 2 != 0 {
        return false
      }
    } catch {
      return false
    }
    if !send(filter.toApp, { unsafe csnug_send(self.app, $0, $0.count) }, { filter.sentToApp($0) }) { return false }
    if isEnding { return !filter.toApp.isEmpty }
    // By these the server knows whose connection it is. The kernel puts them in by itself only where the server has asked
    // for them already, and it asks after it has accepted.
    return send(filter.toServer, { unsafe csnug_send_as_self(self.server, $0, $0.count) }, { filter.sentToServer($0) })
  }

  /// How many bytes there were; 0 at the end, -1 where there are none now. Descriptors that come along are closed by the
  /// kernel: a plain read takes none, unix(7).
  private func take(_ number: Int32, _ buffer: inout [UInt8]) -> Int {
    let count = unsafe csnug_read(number, &buffer, buffer.count)
    if count == -Int(EAGAIN) || count == -Int(EINTR) { return -1 }
    return max(0, count)
  }

  /// False where nobody reads any more.
  private func send(_ bytes: [UInt8], _ call: ([UInt8]) -> Int, _ sent: (Int) -> Void) -> Bool {
    if bytes.isEmpty { return true }
    let count = call(bytes)
    if count == -Int(EAGAIN) { return true }
    if count > 0 { sent(count) }
    return count > 0
  }
}
