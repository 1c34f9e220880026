import TestSupport
import Testing

@testable import SnugPlan

/// A frame of the protocol.
private func frame(_ channel: UInt32, _ payload: [UInt8], flags: UInt32 = 0, length: UInt32? = nil) -> [UInt8] {
  bigEndianBytes(length ?? UInt32(payload.count)) + bigEndianBytes(channel) + [UInt8](repeating: 0, count: 8)
    + bigEndianBytes(flags) + payload
}

private func number(_ value: UInt32) -> [UInt8] { [UInt8(ascii: "L")] + bigEndianBytes(value) }
private func text(_ value: String) -> [UInt8] { [UInt8(ascii: "t")] + Array(value.utf8) + [0] }
private func property(_ key: String, _ value: [UInt8]) -> [UInt8] {
  text(key) + number(UInt32(value.count)) + [UInt8(ascii: "x")] + bigEndianBytes(UInt32(value.count)) + value
}
private func properties(_ keys: String...) -> [UInt8] {
  [UInt8(ascii: "P")] + keys.flatMap { property($0, Array("v\0".utf8)) } + [UInt8(ascii: "N")]
}

private func command(_ code: UInt32, tag: UInt32 = 1, _ values: [UInt8] = []) -> [UInt8] {
  frame(.max, number(code) + number(tag) + values)
}

private func refusal(_ tag: UInt32) -> [UInt8] { command(0, tag: tag, number(1)) }

private let cookie = [UInt8(ascii: "x")] + bigEndianBytes(256) + [UInt8](repeating: 7, count: 256)

/// A filter that has seen the client's version.
private func authenticated() throws -> PulseFilter {
  var filter = PulseFilter()
  try filter.takeFromApp(command(8, tag: 0, number(0xc000_0023) + cookie)[...])
  try filter.takeFromServer(command(2, tag: 0, number(35))[...])
  filter.sentToServer(filter.toServer.count)
  filter.sentToApp(filter.toApp.count)
  return filter
}

struct PulseFilterTests {
  @Test func sharedMemoryIsNotOffered() throws {
    var filter = PulseFilter()
    try filter.takeFromApp(command(8, tag: 0, number(0xc000_0023) + cookie)[...])
    #expect(filter.toServer == command(8, tag: 0, number(0x23) + cookie))
  }

  @Test(arguments: [3, 4, 9, 10, 12, 13, 14, 18, 20, 21, 22, 41, 42, 43, 46, 60, 72, 74, 81, 82, 84, 85] as [UInt32])
  func playingPasses(code: UInt32) throws {
    var filter = try authenticated()
    let sent = command(code, tag: 9, number(4) + text("x") + properties("media.name"))
    try filter.takeFromApp(sent[...])
    #expect(filter.toServer == sent)
    #expect(filter.toApp == [])
  }

  /// Recording, looking at others, changing the server, memory by descriptor, numbers of servers to come.
  @Test(
    arguments: [
      0, 1, 2, 5, 6, 7, 11, 15, 16, 17, 19, 23, 24, 25, 26, 27, 28, 30, 31, 32, 33, 34, 36, 38, 39, 40, 44, 45, 47, 48,
      49, 50, 51, 52, 57, 58, 59, 61, 68, 70, 71, 73, 75, 80, 83, 87, 88, 89, 90, 96, 97, 98, 99, 100, 101, 102, 103,
      104,
      105, 4711, .max,
    ] as [UInt32])
  func everythingElseIsRefused(code: UInt32) throws {
    var filter = try authenticated()
    try filter.takeFromApp(command(code, tag: 77, number(1) + text("module-null-sink"))[...])
    #expect(filter.toServer == [])
    #expect(filter.toApp == refusal(77))
    // And the connection goes on.
    try filter.takeFromApp(command(20, tag: 78)[...])
    #expect(filter.toServer == command(20, tag: 78))
  }

  @Test func onlyOwnStreamsAreTouched() throws {
    var filter = try authenticated()
    func volume(_ index: UInt32, _ tag: UInt32) -> [UInt8] {
      command(37, tag: tag, number(index) + [UInt8(ascii: "v"), 1] + bigEndianBytes(0x8000))
    }
    try filter.takeFromApp(volume(42, 5)[...])
    #expect(filter.toApp == refusal(5) && filter.toServer == [])
    filter.sentToApp(filter.toApp.count)
    try filter.takeFromApp(command(3, tag: 6, number(0))[...])
    // The channel is 0, the stream's number 42.
    try filter.takeFromServer(command(2, tag: 6, number(0) + number(42) + number(0))[...])
    filter.sentToServer(filter.toServer.count)
    try filter.takeFromApp(volume(42, 7)[...])
    #expect(filter.toServer == volume(42, 7))
    filter.sentToServer(filter.toServer.count)
    try filter.takeFromApp(volume(43, 8)[...])
    #expect(filter.toServer == [])
    // Once it is given up somebody else may get its number.
    try filter.takeFromApp((command(4, tag: 9, number(0)) + volume(42, 10))[...])
    #expect(filter.toServer == command(4, tag: 9, number(0)))
  }

  @Test func oneTagForTwoCommandsEndsIt() throws {
    var filter = try authenticated()
    try filter.takeFromApp(command(13, tag: 6)[...])
    #expect(throws: PulseProblem.order) { try filter.takeFromApp(command(3, tag: 6, number(0))[...]) }
  }

  @Test func errorsGiveNoStream() throws {
    var filter = try authenticated()
    try filter.takeFromApp(command(3, tag: 6)[...])
    try filter.takeFromServer(command(0, tag: 6, number(0) + number(42))[...])
    filter.sentToServer(filter.toServer.count)
    try filter.takeFromApp(command(29, tag: 7, number(42))[...])
    #expect(filter.toServer == [])
  }

  @Test func eventsOfOthersAreNotHeard() throws {
    var filter = try authenticated()
    try filter.takeFromApp(command(35, number(0x2ff))[...])
    #expect(filter.toServer == command(35, number(0x85)))
  }

  @Test func propertiesThatSteerTheServerAreTakenOut() throws {
    var filter = try authenticated()
    let (before, after) = (text("a") + number(7), text("b") + [UInt8(ascii: "1"), UInt8(ascii: "B"), 3])
    let asked = properties(
      "filter.want", "media.name", "media.class", "target.object", "application.name", "remote.name")
    try filter.takeFromApp(command(3, before + asked + after + [UInt8(ascii: "f")] + properties("format.rate"))[...])
    let kept = properties("media.name", "application.name")
    #expect(
      filter.toServer == command(3, before + kept + after + [UInt8(ascii: "f")] + properties("format.rate")))
  }

  @Test func samplesFlow() throws {
    var filter = try authenticated()
    let samples = frame(0, [UInt8](repeating: 5, count: 70_000), flags: 1)
    try filter.takeFromApp(samples[...])
    #expect(filter.toServer == samples)
  }

  @Test func piecesOfAnySizeAreTheSame() throws {
    let sent =
      command(8, tag: 0, number(35) + cookie) + command(9, properties("application.name")) + command(51, tag: 3)
      + frame(2, Array(0...200)) + command(5, tag: 4) + command(20, tag: 5)
    var whole = PulseFilter()
    try whole.takeFromApp(sent[...])
    for size in [1, 2, 3, 7, 19, 20, 21, 64, 333] {
      var filter = PulseFilter()
      for start in stride(from: 0, to: sent.count, by: size) {
        try filter.takeFromApp(sent[start..<min(sent.count, start + size)])
      }
      #expect(filter.toServer == whole.toServer)
      #expect(filter.toApp == refusal(3) + refusal(4))
    }
  }

  @Test func answersWaitForTheEndOfAFrame() throws {
    var filter = try authenticated()
    let reply = command(2, tag: 3, text("a long reply of the server's"))
    try filter.takeFromServer(reply[..<25])
    try filter.takeFromApp(command(51, tag: 4)[...])
    #expect(filter.toApp == Array(reply[..<25]))
    try filter.takeFromServer(reply[25...])
    #expect(filter.toApp == reply + refusal(4))
  }

  @Test(
    arguments: [
      (frame(.max, [], length: 0), .length), (frame(.max, [], length: .max), .length),
      (frame(.max, [], length: 2 << 20), .length), (frame(0, [], length: 0), .length),
      (frame(0, [], length: (16 << 20) + 1), .length), (frame(0, [1], flags: 0x8000_0000), .flags),
      (frame(0, [1], flags: 0xa000_0000), .flags), (frame(0, [1], flags: 0x4000_0000), .flags),
      (frame(0, [1], flags: 0x0080_0000), .flags), (frame(.max, [1], flags: 1), .flags),
      (frame(.max, [1, 2, 3]), .values), (frame(.max, text("hello, server")), .values),
      (command(9, [UInt8(ascii: "t"), 65]), .values), (command(9, [UInt8(ascii: "x"), 255, 255, 255, 255]), .values),
      (command(9, [UInt8(ascii: "L"), 0]), .values), (command(9, [UInt8(ascii: "v"), 255, 0]), .values),
      (command(9, [UInt8(ascii: "m")]), .values), (command(9, [UInt8(ascii: "P")]), .values),
      (command(9, [UInt8(ascii: "P")] + number(1)), .values), (command(9, [UInt8(ascii: "?")]), .values),
      (command(9, [UInt8(ascii: "P")] + text("media.name") + number(9) + cookie), .values),
      (command(35), .values), (command(35, text("all")), .values),
    ] as [([UInt8], PulseProblem)])
  func whatIsNoFrameEndsIt(bytes: [UInt8], problem: PulseProblem) throws {
    var filter = try authenticated()
    #expect(throws: problem) { try filter.takeFromApp(bytes[...]) }
    #expect(filter.toServer == [])
  }

  @Test(arguments: [command(20), frame(0, [1, 2]), command(51)]) func nothingComesBeforeTheVersion(bytes: [UInt8]) {
    var filter = PulseFilter()
    #expect(throws: PulseProblem.order) { try filter.takeFromApp(bytes[...]) }
    #expect(filter.toServer == [])
  }

  /// Whatever an app sends, the server reads whole frames of allowed commands without shared memory, and nothing else.
  @Test(arguments: 0..<200) func hostileBytes(seed: UInt64) throws {
    var random = Numbers(state: seed)
    var filter = try authenticated()
    var sent: [UInt8] = []
    for _ in 0..<60 {
      let code = UInt32.random(in: 0...110, using: &random)
      let tag = UInt32.random(in: 0...500, using: &random)
      let values: [[UInt8]] = [
        [], number(tag), text("x"), properties("media.name", "filter.want"), cookie, [UInt8(ascii: "f")],
        [UInt8.random(in: 0...255, using: &random)],
      ]
      var one = command(code, tag: tag, (0..<3).flatMap { _ in values.randomElement(using: &random) ?? [] })
      if Int.random(in: 0..<4, using: &random) == 0 { one = frame(3, Array(repeating: 1, count: Int(tag))) }
      if Int.random(in: 0..<12, using: &random) == 0 {
        one[Int.random(in: one.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      sent += one
    }
    var rest = sent[...]
    do {
      while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 1...900, using: &random))
        rest = rest.dropFirst(piece.count)
        try filter.takeFromApp(piece)
      }
    } catch {}
    var passed = filter.toServer[...]
    while passed.count >= 20 {
      let head = PulseFrame(bytes: Array(passed.prefix(20)))
      let payload = Array(passed.dropFirst(20).prefix(Int(head.length)))
      if head.isControl {
        #expect(payload.count == Int(head.length))
        let packet = try #require(PulsePacket(payload))
        #expect(PulseCommand.verdict(packet.command) == .allowed)
        if packet.command == 8 { #expect((packet.firstNumber ?? .max) <= 0xffff) }
        #expect(!payload.indices.contains { payload[$0...].starts(with: "filter.want".utf8) })
      } else {
        #expect(bigEndian(head.bytes, 16) <= 0xff)
      }
      passed = passed.dropFirst(20 + payload.count)
    }
  }

  @Test func nonsenseOfTheServerEndsIt() throws {
    var filter = try authenticated()
    #expect(throws: PulseProblem.length) { try filter.takeFromServer(frame(1, [], length: .max)[...]) }
  }
}
