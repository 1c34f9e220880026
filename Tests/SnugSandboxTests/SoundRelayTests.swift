import CSnug
import Glibc
import TestSupport
import Testing

@testable import SnugSandbox

/// The two ends of one connection of the sound filter's.
struct SoundRelayTests {
  private func pair() throws -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | 0o2000000, 0, &ends) == 0)
    for end in ends { _ = csnug_set_nonblocking(end) }
    return (ends[0], ends[1])
  }

  private func events(_ connection: SoundRelay.Connection) -> (count: Int, app: Int32, server: Int32) {
    var events: [Int32] = [0, 0]
    let count = csnug_poll_for(connection.watched, connection.wanted(1 << 18), &events, 2, 0)
    return (count, events[0], events[1])
  }

  /// An app that does not read, and a server that has hung up: there is nothing to do until the app reads.
  @Test func whatWaitsForTheAppIsWaitedForQuietly() throws {
    let (app, farApp) = try pair()
    let (server, farServer) = try pair()
    defer { for number in [app, farApp, server] { _ = csnug_close(number) } }
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    var connection = SoundRelay.Connection(app: app, server: server)
    // One long answer of the server's: a frame of the protocol, see PulseFilter.
    let length = 200_000
    let head: [UInt8] = [0, UInt8(length >> 16), UInt8(length >> 8 & 255), UInt8(length & 255)]
    let frame = head + [UInt8](repeating: 0, count: 16 + length)
    // The app's own queue is full.
    let chunk = [UInt8](repeating: 0, count: 4096)
    while csnug_send(app, chunk, chunk.count) > 0 {}
    var sent = 0
    while sent < frame.count {
      let count = csnug_send(farServer, Array(frame[sent...]), frame.count - sent)
      if count > 0 { sent += count }
      if count <= 0 { try #require(events(connection).server & 1 != 0) }
      if events(connection).server & 1 != 0 { try #require(connection.serve(0, 1, &buffer)) }
    }
    _ = csnug_close(farServer)
    for _ in 0..<16 where !connection.isEnding {
      let found = events(connection)
      // The control: as long as it is watched, its end is told.
      #expect(found.server != 0)
      try #require(connection.serve(found.app, found.server, &buffer))
    }
    #expect(connection.isEnding && !connection.filter.toApp.isEmpty)
    #expect(events(connection).count == 0)
    // What was meant for the app still reaches it.
    var received = 0
    var isOver = false
    while true {
      let count = csnug_read(farApp, &buffer, buffer.count)
      if count > 0 { received += count }
      if isOver {
        if count <= 0 { break }
        continue
      }
      let found = events(connection)
      if found.count == 0 {
        try #require(count > 0)
        continue
      }
      isOver = !connection.serve(found.app, found.server, &buffer)
    }
    #expect(connection.filter.toApp.isEmpty && received >= frame.count)
  }
}
