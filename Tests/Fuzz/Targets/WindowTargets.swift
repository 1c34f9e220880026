#if DEBUG
  import CSnug
  import Glibc

  @testable import SnugPlan
  @testable import SnugSandbox

  let windowTargets = [
    FuzzTarget(
      "wayland-wire", claim: "messages are the beginning of what came, byte for byte, in pieces of any size",
      seeds: [
        WaylandMessage(2, 0, WaylandMessage.number(7) + WaylandMessage.text("wl_x") + WaylandMessage.number(1)).bytes
          + WaylandMessage(3, 0, WaylandMessage.number(1)).bytes
      ], judge: judgeWaylandWire),
    FuzzTarget(
      "wayland", claim: "whatever a compositor says, a context is made or there is a reason in safe text",
      seeds: [
        [
          WaylandMessage(
            2, 0,
            WaylandMessage.number(7) + WaylandMessage.text("wp_security_context_manager_v1")
              + WaylandMessage.number(1)),
          WaylandMessage(3, 0, WaylandMessage.number(1)), WaylandMessage(1, 1, WaylandMessage.number(3)),
          WaylandMessage(6, 0, WaylandMessage.number(1)),
        ].flatMap { $0.bytes },
        [
          WaylandMessage(3, 0, WaylandMessage.number(1)),
          WaylandMessage(
            1, 0, WaylandMessage.number(5) + WaylandMessage.number(2) + WaylandMessage.text("no\u{1b}[2J")),
        ].flatMap { $0.bytes },
      ], judge: judgeWayland),
    FuzzTarget(
      "x11", claim: "whatever an X server says, a cookie has 1 to 256 bytes or there is a reason in safe text",
      seeds: [
        x11Setup() + x11Reply(1, 140) + x11Reply(9, more: [UInt8](1...16), dataLength: 16),
        [0, 22, 11, 0, 0, 0, 6, 0] + Array("No protocol specified\n".utf8) + [0, 0],
      ], judge: judgeX11),
  ]

  private func judgeWaylandWire(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    func messages(_ size: Int) -> (all: [WaylandMessage], isBroken: Bool) {
      var reader = WaylandReader()
      var found: [WaylandMessage] = []
      var rest = bytes[...]
      while true {
        do {
          while let message = try reader.next() { found.append(message) }
        } catch { return (found, true) }
        if rest.isEmpty { return (found, false) }
        reader.add(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
    }
    let (whole, isBroken) = messages(max(1, bytes.count))
    let pieces = messages(3)
    for message in whole {
      var arguments = WaylandArguments(message)
      while arguments.text() != nil {}
      while arguments.number() != nil {}
    }
    let complaint = verdict(
      unless(bytes.starts(with: whole.flatMap { $0.bytes }), "other bytes"),
      unless(pieces.all == whole && pieces.isBroken == isBroken, "pieces say something else"))
    return complaint == .taken && (isBroken || whole.isEmpty) ? .refused : complaint
  }

  /// What listens on the other end says these bytes and hangs up.
  private func converse(_ bytes: [UInt8], _ speak: (LocalConnection) -> FuzzTarget.Verdict) -> FuzzTarget.Verdict {
    var pair: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | 0o2000000, 0, &pair) == 0 else {
      return .broken("socketpair")
    }
    defer { close(pair[1]) }
    if !bytes.isEmpty { _ = csnug_write(pair[1], bytes, bytes.count) }
    shutdown(pair[1], Int32(SHUT_WR))
    return speak(LocalConnection(pair[0], patience: 10_000))
  }

  private func judgeWayland(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    converse(bytes) { connection in
      do throws(SecurityContext.Trouble) {
        try SecurityContext(engine: "io.test", appID: "org.a.App", instance: "one").register(
          on: connection, listener: 0, closing: 0)
        let name = Array("wp_security_context_manager_v1".utf8)
        return verdict(unless(bytes.indices.contains { bytes[$0...].starts(with: name) }, "taken from nobody"))
      } catch {
        switch error {
        case .refused(let words), .nonsense(let words): return unsafeText(words).map { .broken($0) } ?? .refused
        case .lost(.silent): return .broken("it waits for one that has hung up")
        default: return .refused
        }
      }
    }
  }

  private func judgeX11(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    converse(bytes) { connection in
      do throws(X11Connection.Trouble) {
        let server = try X11Connection(connection, secret: .cookie([1], for: 0))
        guard let cookie = try server.untrustedCookie(idleSeconds: 10) else { return .refused }
        return verdict(unless((1...256).contains(cookie.count), "a cookie of \(cookie.count) bytes"))
      } catch {
        if case .refused(let words) = error, let complaint = unsafeText(words) { return .broken(complaint) }
        return error == .lost(.silent) ? .broken("it waits for one that has hung up") : .refused
      }
    }
  }

  private func x11Setup() -> [UInt8] {
    var rest = [UInt8](repeating: 0, count: 32)
    (rest[16], rest[20], rest[21]) = (4, 1, 1)
    rest += Array("XOrg".utf8) + [UInt8](repeating: 0, count: 28) + [0, 4, 0, 3] + [UInt8](repeating: 0, count: 16)
    return [1, 0, 11, 0, 0, 0, UInt8(rest.count / 4), 0] + rest
  }

  private func x11Reply(_ eight: UInt8, _ nine: UInt8 = 0, more: [UInt8] = [], dataLength: UInt8 = 0) -> [UInt8] {
    var head = [UInt8](repeating: 0, count: 32)
    (head[0], head[4], head[8], head[9], head[12]) = (1, UInt8(more.count / 4), eight, nine, dataLength)
    return head + more
  }
#endif
