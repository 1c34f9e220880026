import CSnug
import Glibc
import SnugPlan
import Testing

@testable import SnugSandbox

/// The launcher's words with an X server.
struct X11ConnectionTests {
  /// The servers' ends, held as long as the test: a server that has closed would refuse what it is sent.
  private final class Ends {
    var numbers: [Int32] = []
    func close() {
      for number in numbers { Glibc.close(number) }
      numbers = []
    }
    deinit { close() }
  }
  private let ends = Ends()

  /// Answers bytes that do not depend on what is asked, then hangs up.
  private func connection(_ answer: [UInt8]) throws -> LocalConnection {
    var pair: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | 0o2000000, 0, &pair) == 0)
    #expect(answer.isEmpty || csnug_write(pair[1], answer, answer.count) == answer.count)
    shutdown(pair[1], Int32(SHUT_WR))
    ends.numbers.append(pair[1])
    return LocalConnection(pair[0], patience: 10_000)
  }

  /// A server that lets in, with one screen.
  private static func setup(vendor: String = "abc", width: UInt16 = 1024, height: UInt16 = 768) -> [UInt8] {
    func two(_ value: UInt16) -> [UInt8] { [UInt8(value & 0xff), UInt8(value >> 8)] }
    var rest = [UInt8](repeating: 0, count: 32)
    rest.replaceSubrange(16..<18, with: two(UInt16(vendor.utf8.count)))
    (rest[20], rest[21]) = (1, 1)
    rest += Array(vendor.utf8) + [UInt8](repeating: 0, count: -vendor.utf8.count & 3)
    rest += [UInt8](repeating: 0, count: 8 + 20) + two(width) + two(height) + [UInt8](repeating: 0, count: 16)
    return [1, 0, 11, 0, 0, 0] + two(UInt16(rest.count / 4)) + rest
  }

  private static func reply(_ eight: UInt8, _ nine: UInt8 = 0, more: [UInt8] = [], dataLength: UInt8 = 0) -> [UInt8] {
    var head = [UInt8](repeating: 0, count: 32)
    (head[0], head[4], head[8], head[9], head[12]) = (1, UInt8(more.count / 4), eight, nine, dataLength)
    return head + more
  }

  @Test func `the screen's size is read behind vendor and formats`() throws {
    for vendor in ["", "a", "The X.Org Foundation"] {
      let server = try X11Connection(connection(Self.setup(vendor: vendor)), secret: nil)
      #expect(server.screen == ScreenSize(width: 1024, height: 768))
    }
  }

  @Test func `a cookie comes out of two answers, also with events between them`() throws {
    let cookie = [UInt8](1...16)
    let event = [UInt8(28)] + [UInt8](repeating: 0, count: 31)
    let generic = [UInt8(35), 0, 0, 0, 1, 0, 0, 0] + [UInt8](repeating: 0, count: 28)
    let answer =
      Self.setup() + event + Self.reply(1, 140) + generic + Self.reply(9, more: cookie, dataLength: 16)
    let server = try X11Connection(connection(answer), secret: .cookie([1], for: 0))
    #expect(try server.untrustedCookie(idleSeconds: 10) == cookie)
    let without = try X11Connection(connection(Self.setup() + Self.reply(0)), secret: nil)
    #expect(try without.untrustedCookie(idleSeconds: 10) == nil)
  }

  @Test func `refusals are told, and nothing else is taken for an answer`() throws {
    func trouble(_ answer: [UInt8]) throws -> X11Connection.Trouble? {
      do {
        let server = try X11Connection(connection(answer), secret: nil)
        return try server.untrustedCookie(idleSeconds: 10) == nil ? .refused("none") : nil
      } catch let error as X11Connection.Trouble { return error }
    }
    let reason = Array("No protocol specified\n".utf8) + [0, 0]
    #expect(
      try trouble([0, 22, 11, 0, 0, 0, 6, 0] + reason) == .refused("No protocol specified"))
    #expect(try trouble([7, 0, 0, 0, 0, 0, 0, 0]) == .nonsense)
    #expect(try trouble(Self.setup() + [0, 8] + [UInt8](repeating: 0, count: 30)) == .refused("error 8"))
    // A cookie that is longer than its answer, or none.
    for length: UInt8 in [0, 17, 255] {
      let answer = Self.setup() + Self.reply(1, 140) + Self.reply(9, more: [UInt8](1...16), dataLength: length)
      #expect(try trouble(answer) == .nonsense, "\(length)")
    }
    var endless = Self.reply(1, 140)
    endless.replaceSubrange(4..<8, with: [255, 255, 255, 255])
    #expect(try trouble(Self.setup() + endless) == .nonsense)
    let whole = Self.setup() + Self.reply(1, 140) + Self.reply(9, more: [UInt8](1...16), dataLength: 16)
    for count in 0..<whole.count { #expect(try trouble(Array(whole.prefix(count))) == .lost(.hungUp), "\(count)") }
    #expect(try trouble(whole) == nil)
  }

  @Test func `random bytes never crash it`() throws {
    for _ in 0..<1000 {
      let answer = (0..<Int.random(in: 0...100)).map { _ in UInt8.random(in: 0...(Bool.random() ? 255 : 2)) }
      if let server = try? X11Connection(connection(answer), secret: nil) {
        #expect((try? server.untrustedCookie(idleSeconds: 1)) == nil)
      }
      ends.close()
    }
  }
}
