import CSnug
import SnugPlan
import TestSupport
import Testing

@testable import SnugSandbox

@Suite struct ControlMessageTests {
  private static let words: [[UInt8]] = [
    Array("sh".utf8), [], [0xff, 0x01, 0xc3], Array("\"\\\n\u{1F600}\u{202e}".utf8), Array("{\"hex\":\"00\"}".utf8),
  ]

  private static func terminal(_ streams: [Int32]) -> CommandTerminal? {
    CommandTerminal(
      streams: streams, modes: [UInt8](repeating: 7, count: Int(csnug_terminal_modes_size)), size: [24, 80, 0, 0],
      startsInForeground: true)
  }

  private static let requests: [ControlRequest] = [
    .ping, .proceed, .network, .pause, .resume, .reset, .stop(now: true), .stop(now: false), .signal(1), .signal(64),
    .cancel(15), .end(limit: nil), .end(limit: "output"), .open("/"), .open("/a \u{e4}\n\"b"),
    .exec(
      ExecRequest(
        words: words, environment: [Array("A=\u{e4}".utf8), [0x41, 0x3d, 0xfe]], terminal: terminal([0, 2]))),
    .exec(
      ExecRequest(
        words: [[0x78]], limits: CommandLimits(time: 1, memory: .max, processes: 4096, output: 1 << 40))),
  ]

  private static let replies: [ControlReply] = [
    .done, .started(pid: 4_194_304), .stopped(signal: 20), .error(message: "no\n\"", hint: nil, status: 125),
    .error(message: "", hint: "so", status: 1),
    .ended(
      CommandEnd(
        end: .killed(signal: 9), userMilliseconds: 1, systemMilliseconds: 2, wallMilliseconds: 3, peakBytes: nil,
        limit: "time")),
    .ended(
      CommandEnd(
        end: .exited(255), userMilliseconds: 0, systemMilliseconds: 0, wallMilliseconds: 1 << 40, peakBytes: 1 << 40,
        limit: nil)),
  ]

  @Test(arguments: requests) func `a request comes back as it was`(request: ControlRequest) throws {
    #expect(try ControlRequest(JSON(parsing: request.json.line.utf8)) == request)
  }

  @Test(arguments: replies) func `a reply comes back as it was`(reply: ControlReply) throws {
    #expect(try ControlReply(JSON(parsing: reply.json.line.utf8)) == reply)
  }

  @Test(arguments: [
    "null", "1", "[]", "{}", "{\"do\":\"ping\"}", "{\"version\":0,\"do\":\"ping\"}",
    "{\"version\":\"1\",\"do\":\"ping\"}",
    "{\"version\":1}", "{\"version\":1,\"do\":1}", "{\"version\":1,\"do\":\"Ping\"}", "{\"version\":1,\"do\":\"exec\"}",
    "{\"version\":1,\"do\":\"exec\",\"words\":[]}", "{\"version\":1,\"do\":\"exec\",\"words\":[\"\"]}",
    "{\"version\":1,\"do\":\"exec\",\"words\":[1]}", "{\"version\":1,\"do\":\"exec\",\"words\":[{\"hex\":\"0\"}]}",
    "{\"version\":1,\"do\":\"exec\",\"words\":[{\"hex\":\"00\"}]}",
    "{\"version\":1,\"do\":\"exec\",\"words\":[{\"hex\":\"+1\"}]}",
    "{\"version\":1,\"do\":\"exec\",\"words\":[\"a\"],\"environment\":1}",
    "{\"version\":1,\"do\":\"exec\",\"words\":[\"a\"],\"terminal\":[3]}",
    "{\"version\":1,\"do\":\"exec\",\"words\":[\"a\"],\"terminal\":[1,1]}",
    "{\"version\":1,\"do\":\"signal\"}", "{\"version\":1,\"do\":\"signal\",\"number\":65}",
    "{\"version\":1,\"do\":\"cancel\",\"number\":0}", "{\"version\":1,\"do\":\"open\",\"path\":\"a\"}",
    "{\"version\":1,\"do\":\"open\",\"path\":\"/a\\u0000b\"}",
  ])
  func `what is no request is refused`(text: String) {
    #expect(throws: ControlError.self) { try ControlRequest(JSON(parsing: text.utf8)) }
  }

  @Test func `numbers of a client never overflow what is added to them`() throws {
    let text = "{\"version\":1,\"do\":\"exec\",\"words\":[\"a\"],\"processes\":\(UInt64.max),\"time\":\(UInt64.max)}"
    guard case .exec(let exec) = try ControlRequest(JSON(parsing: text.utf8)) else {
      Issue.record("no exec")
      return
    }
    #expect(try #require(exec.limits.processes) <= 1 << 22)
    #expect(try #require(exec.limits.time) <= Int(Int32.max))
  }

  /// Nothing that comes ends the launcher, whatever it is made of.
  @Test func `random changes are read or refused`() {
    var numbers = Numbers(state: 5)
    var taken = 0
    let texts = (Self.requests.map(\.json) + Self.replies.map(\.json)).map { Array($0.line.utf8) }
    for _ in 0..<20_000 {
      var bytes = texts.randomElement(using: &numbers) ?? []
      for _ in 0..<Int.random(in: 0...3, using: &numbers) where !bytes.isEmpty {
        let index = Int.random(in: 0..<bytes.count, using: &numbers)
        switch Int.random(in: 0..<3, using: &numbers) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &numbers)
        case 1: bytes.remove(at: index)
        default: bytes.insert(UInt8(ascii: "0") + UInt8.random(in: 0...9, using: &numbers), at: index)
        }
      }
      guard let json = try? JSON(parsing: bytes) else { continue }
      if let request = try? ControlRequest(json) {
        taken += 1
        #expect((try? ControlRequest(JSON(parsing: request.json.line.utf8))) == request)
      }
      if let reply = try? ControlReply(json) { #expect((try? ControlReply(reply.json)) == reply) }
    }
    #expect(taken > 1000)
  }

  @Test func `a command's request comes back as it was`() {
    let requests = [
      CommandRequest(words: Self.words), CommandRequest(words: [[]]),
      CommandRequest(
        words: Self.words, environment: [Array("A=b".utf8), [0xff]], addressSpace: .max, processes: 0,
        terminal: Self.terminal([0, 1, 2])),
    ]
    for request in requests { #expect(CommandRequest(encoded: request.encoded) == request) }
    #expect(CommandRequest(encoded: CommandRequest(words: []).encoded) == nil, "there is nothing to run")
  }

  @Test func `a command's request that is not whole is refused`() {
    let whole = CommandRequest(
      words: Self.words, environment: [Array("A=b".utf8)], addressSpace: 4096, processes: 7,
      terminal: Self.terminal([1])
    ).encoded
    for count in 0..<whole.count { #expect(CommandRequest(encoded: whole.prefix(count)) == nil) }
    #expect(CommandRequest(encoded: whole + [0]) == nil)
    for text in ["", "0", "1\0", "-1\0", "99999999999999999999\0", "1\0x=1\0"] {
      #expect(CommandRequest(encoded: Array(text.utf8)) == nil, "\(text)")
    }
    for text in ["1\0terminal=3\0", "1\0processes=-1\0", "1\0unknown=1\0"] {
      #expect(CommandRequest(encoded: Array((text + "0\0" + "1\0a\0").utf8)) == nil, "\(text)")
    }
    var numbers = Numbers(state: 6)
    for _ in 0..<5_000 {
      var bytes = whole
      for _ in 0...Int.random(in: 0...4, using: &numbers) {
        bytes[Int.random(in: 0..<bytes.count, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
      }
      if let request = CommandRequest(encoded: bytes) { #expect(CommandRequest(encoded: request.encoded) == request) }
    }
  }

  @Test func `what a command has used comes back as it was`() {
    var usage = CommandUsage()
    usage.userMicroseconds = .max
    usage.systemMicroseconds = 1
    usage.peakBytes = 1 << 40
    #expect(CommandUsage(encoded: usage.encoded) == usage)
    for count in [0, 23, 25] { #expect(CommandUsage(encoded: [UInt8](repeating: 1, count: count)) == nil) }
  }
}
