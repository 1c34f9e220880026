import SnugPlan
import SnugProfile

/// The few words of the X protocol that the launcher speaks: X Window System Protocol, version 11, and the SECURITY
/// extension. Everything that comes is judged; numbers are little-endian, as the first byte asks for.
final class X11Connection {
  /// Why there is no answer.
  enum Trouble: Error, Hashable {
    /// The server refuses, in its own words.
    case refused(String)
    /// What comes is no X11.
    case nonsense
    /// The connection failed.
    case lost(LocalConnection.Trouble)

    /// In plain words, for a socket that the person knows by a path.
    func words(_ path: String) -> String {
      switch self {
      case .refused(let words): "it refuses the connection: \(words)"
      case .nonsense: "what listens at \(path) is no X server"
      case .lost(let trouble): trouble.words(path)
      }
    }
  }

  private let connection: LocalConnection
  private var pending: [UInt8] = []
  /// Size of its first screen.
  private(set) var screen: ScreenSize?

  /// Its descriptor: closed with the connection.
  var descriptor: Int32 { connection.descriptor }

  /// Introduces itself with a cookie, or with none.
  init(_ connection: LocalConnection, secret: XauthorityEntry?) throws(Trouble) {
    self.connection = connection
    let name = secret?.name ?? []
    let data = secret?.data ?? []
    guard name.count < 1 << 15, data.count < 1 << 15 else { throw .refused("the cookie is too long") }
    let head = [UInt8(ascii: "l"), 0] + number16(11) + number16(0)
    try send(head + number16(name.count) + number16(data.count) + number16(0) + padded(name) + padded(data))
    let start = try take(8)
    let rest = try take(Int(word16(start, 6)) * 4)
    switch start[0] {
    case 1: screen = Self.screen(rest)
    case 0, 2:
      // The reason's length stands in the head where it is a plain no.
      let reason = start[0] == 0 ? rest.prefix(Int(start[1])) : rest[...]
      throw .refused(escaped(reason.filter { $0 != 0 && $0 != UInt8(ascii: "\n") }))
    default: throw .nonsense
    }
  }

  /// A cookie that the server makes and does not trust; nil where it has no SECURITY extension. It is void when nobody
  /// has used it for some seconds.
  func untrustedCookie(idleSeconds: UInt32) throws(Trouble) -> [UInt8]? {
    let wanted = Array("SECURITY".utf8)
    let queryExtension: UInt8 = 98
    let found = try ask([queryExtension, 0] + number16(4) + number16(wanted.count) + number16(0) + padded(wanted))
    guard found[8] == 1 else { return nil }
    let name = Array("MIT-MAGIC-COOKIE-1".utf8)
    // SecurityGenerateAuthorization with the values timeout (bit 0) and trust level (bit 1), 1 being untrusted.
    let values = number32(idleSeconds) + number32(1)
    let body = number16(name.count) + number16(0) + number32(0b11) + padded(name) + values
    let reply = try ask([found[9], 1] + number16(1 + body.count / 4) + body)
    let count = Int(word16(reply, 12))
    guard count > 0, count <= 256, reply.count >= 32 + count else { throw .nonsense }
    return Array(reply[32..<(32 + count)])
  }

  // MARK: - Bytes

  private func ask(_ request: [UInt8]) throws(Trouble) -> [UInt8] {
    try send(request)
    while true {
      let head = try take(32)
      switch head[0] {
      case 0: throw .refused("error \(head[1])")
      case 1:
        let more = Int(word32(head, 4))
        guard more <= 1 << 14 else { throw .nonsense }
        return head + (try take(more * 4))
      // An event, of which one kind is longer.
      case 35:
        let more = Int(word32(head, 4))
        guard more <= 1 << 14 else { throw .nonsense }
        _ = try take(more * 4)
      default: continue
      }
    }
  }

  private func send(_ bytes: [UInt8]) throws(Trouble) {
    do throws(LocalConnection.Trouble) { try connection.send(bytes) } catch { throw .lost(error) }
  }

  private func take(_ count: Int) throws(Trouble) -> [UInt8] {
    while pending.count < count {
      do throws(LocalConnection.Trouble) { pending += try connection.receive() } catch { throw .lost(error) }
    }
    defer { pending.removeFirst(count) }
    return Array(pending.prefix(count))
  }

  /// Behind the fixed part come the vendor's name, the formats, and the first screen.
  private static func screen(_ setup: [UInt8]) -> ScreenSize? {
    guard setup.count >= 32, setup[20] > 0 else { return nil }
    let vendor = (Int(word16(setup, 16)) + 3) & ~3
    let first = 32 + vendor + 8 * Int(setup[21])
    guard setup.count >= first + 24 else { return nil }
    return ScreenSize(width: Int(word16(setup, first + 20)), height: Int(word16(setup, first + 22)))
  }
}

private func number16(_ value: Int) -> [UInt8] {
  [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
}

private func number32(_ value: UInt32) -> [UInt8] {
  (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
}

private func padded(_ bytes: [UInt8]) -> [UInt8] { bytes + [UInt8](repeating: 0, count: -bytes.count & 3) }

private func word16(_ bytes: [UInt8], _ at: Int) -> UInt16 { UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8 }

private func word32(_ bytes: [UInt8], _ at: Int) -> UInt32 {
  UInt32(word16(bytes, at)) | UInt32(word16(bytes, at + 2)) << 16
}
