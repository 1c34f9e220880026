import CSnug
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import SnugSandbox

/// What the launcher says to a compositor, and what it makes of the answers.
struct WaylandTests {
  /// Both ends of a stream; the first is the launcher's, closed by `LocalConnection`.
  private static func pair() throws -> (ours: Int32, theirs: Int32) {
    var ends: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | 0o2000000, 0, &ends) == 0)
    return (ends[0], ends[1])
  }

  private static let context = SecurityContext(engine: "io.test", appID: "org.a.App", instance: "one")

  /// Answers bytes that do not depend on what is asked, all at once.
  private func outcome(of answer: [UInt8], hangsUp: Bool = true, patience: Int = 10_000) throws
    -> SecurityContext.Trouble?
  {
    let (ours, theirs) = try Self.pair()
    var sent = 0
    while sent < answer.count {
      let count = csnug_write(theirs, Array(answer[sent...]), answer.count - sent)
      if count <= 0 { break }
      sent += count
    }
    if hangsUp { shutdown(theirs, Int32(SHUT_WR)) }
    defer { close(theirs) }
    do throws(SecurityContext.Trouble) {
      try Self.context.register(on: LocalConnection(ours, patience: patience), listener: 0, closing: 0)
      return nil
    } catch {
      return error
    }
  }

  private func global(_ name: UInt32, _ interface: String) -> WaylandMessage {
    WaylandMessage(
      2, 0, WaylandMessage.number(name) + WaylandMessage.text(interface) + WaylandMessage.number(1))
  }

  private func done(_ object: UInt32) -> WaylandMessage { WaylandMessage(object, 0, WaylandMessage.number(1)) }

  private func bytes(_ messages: WaylandMessage...) -> [UInt8] { messages.flatMap { $0.bytes } }

  @Test func `a context is made in one conversation`() throws {
    let answer = bytes(
      global(1, "wl_compositor"), global(7, "wp_security_context_manager_v1"), done(3),
      WaylandMessage(1, 1, WaylandMessage.number(3)), done(6))
    #expect(try outcome(of: answer, hangsUp: false) == nil)
  }

  @Test func `what is sent is what the protocol wants, with both descriptors`() throws {
    let (ours, theirs) = try Self.pair()
    var listener: [Int32] = [-1, -1]
    try #require(csnug_pipe(&listener) == 0)
    defer { for number in listener + [theirs] { close(number) } }
    let answer = bytes(global(7, "wp_security_context_manager_v1"), done(3), done(6))
    #expect(csnug_write(theirs, answer, answer.count) == answer.count)
    try Self.context.register(
      on: LocalConnection(ours, patience: 10_000), listener: listener[0], closing: listener[1])
    var reader = WaylandReader()
    var messages: [WaylandMessage] = []
    var passed: [Int32] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      var numbers: [Int32] = [-1, -1]
      var count = 2
      var sender: Int32 = 0
      let got = csnug_receive_descriptors(theirs, &chunk, chunk.count, &numbers, &count, &sender)
      if got <= 0 { break }
      passed += numbers.prefix(count)
      reader.add(Array(chunk[..<got]))
      while let message = try reader.next() { messages.append(message) }
    }
    #expect(passed.count == 2)
    for number in passed { close(number) }
    let called = messages.map { "\($0.object).\($0.opcode)" }
    #expect(called == ["1.1", "1.0", "2.0", "4.1", "5.1", "5.2", "5.3", "5.4", "5.0", "4.0", "1.0"])
    var bind = WaylandArguments(messages[2])
    #expect(bind.number() == 7 && bind.text() == Array("wp_security_context_manager_v1".utf8))
    #expect(bind.number() == 1 && bind.number() == 4 && bind.number() == nil)
    let texts = messages[4...6].map { message in
      var arguments = WaylandArguments(message)
      return arguments.text().map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(texts == ["io.test", "org.a.App", "one"])
  }

  @Test func `a compositor without contexts is told from one that refuses`() throws {
    #expect(try outcome(of: bytes(global(1, "wl_compositor"), done(3))) == .unsupported)
    #expect(
      try outcome(
        of: bytes(
          global(9, "wp_security_context_manager_v1"), WaylandMessage(2, 1, WaylandMessage.number(9)), done(3)))
        == .unsupported)
    let words = WaylandMessage.number(5) + WaylandMessage.number(2) + WaylandMessage.text("no\u{1b}[2J")
    let refused = try outcome(
      of: bytes(global(9, "wp_security_context_manager_v1"), done(3), WaylandMessage(1, 0, words)))
    #expect(refused == .refused("no\\x1b[2J (error 2)") || refused == .refused("no\\u{1b}[2J (error 2)"), "\(refused)")
  }

  @Test func `one that does not answer keeps nobody waiting`() throws {
    #expect(try outcome(of: [], hangsUp: false, patience: 50) == .lost(.silent))
    #expect(try outcome(of: bytes(global(1, "wl_compositor")), hangsUp: false, patience: 50) == .lost(.silent))
    #expect(try outcome(of: []) == .lost(.hungUp))
  }

  @Test func `every cut-off answer is an error`() throws {
    let words = WaylandMessage.number(5) + WaylandMessage.number(2) + WaylandMessage.text("no")
    let whole = bytes(global(9, "wp_security_context_manager_v1"), done(3), WaylandMessage(1, 0, words), done(6))
    for count in 0..<whole.count {
      let trouble = try outcome(of: Array(whole.prefix(count)))
      #expect(trouble != nil && trouble != .unsupported, "\(count)")
    }
  }

  @Test func `hostile answers are refused`() throws {
    func raw(_ words: UInt32...) -> [UInt8] { words.flatMap { WaylandMessage.number($0) } }
    let hostile: [(String, [UInt8])] = [
      ("a size of 0", raw(2, 0)), ("a size below the head", raw(2, 4 << 16)), ("an odd size", raw(2, 13 << 16)),
      ("a size above what libwayland sends", raw(2, 0xfffc << 16)),
      ("an object that was never made", raw(99, 8 << 16)), ("the largest object", raw(.max, 8 << 16)),
      ("a global without arguments", raw(2, 8 << 16)), ("a text longer than its message", raw(2, 16 << 16, 1, 100)),
      ("a text of the largest length", raw(2, 20 << 16, 1, .max, 0)),
      ("a text of no length", raw(2, 20 << 16, 1, 0, 1)),
      ("a text without its end", raw(2, 24 << 16, 1, 4, 0x6161_6161, 1)),
      ("a text with an end in its middle", raw(2, 24 << 16, 1, 4, 0x0061_0061, 1)),
      ("an unknown event of the registry", raw(2, 8 << 16 | 5)),
      ("an unknown event of the display", raw(1, 8 << 16 | 9)), ("an error that cannot be read", raw(1, 8 << 16)),
    ]
    for (what, answer) in hostile {
      if case .nonsense? = try outcome(of: answer) { continue }
      Issue.record("\(what) is taken")
    }
    // It stops where it should: the first callback does not answer the second question.
    #expect(
      try outcome(of: bytes(global(9, "wp_security_context_manager_v1"), done(3), done(3)))
        == .nonsense("an event of object 3, which was never made"))
  }

  @Test func `one that does not stop talking is left`() throws {
    let (ours, theirs) = try Self.pair()
    let line = bytes(global(1, "wl_compositor"))
    let block = Array(repeatElement(line, count: 200).joined())
    let trouble = Mutex<SecurityContext.Trouble?>(nil)
    onThreads(2) { index in
      if index == 0 {
        // Ends when the other side has closed.
        while csnug_send_descriptors(theirs, block, block.count, nil, 0) > 0 {}
      } else {
        do throws(SecurityContext.Trouble) {
          try Self.context.register(on: LocalConnection(ours, patience: 30_000), listener: 0, closing: 0)
        } catch {
          trouble.withLock { $0 = error }
        }
      }
    }
    close(theirs)
    #expect(trouble.withLock { $0 } == .nonsense("it does not stop talking"))
  }

  @Test func `random bytes never pass for a compositor`() throws {
    var numbers = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let answer = (0..<Int.random(in: 0...120, using: &numbers)).map { _ in
        UInt8.random(in: 0...(Bool.random() ? 255 : 3), using: &numbers)
      }
      #expect(try outcome(of: answer) != nil, "\(answer)")
    }
  }
}
