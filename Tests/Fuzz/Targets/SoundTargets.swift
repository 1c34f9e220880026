#if DEBUG
  @testable import SnugPlan

  let soundTargets = [
    FuzzTarget(
      "sound",
      claim:
        "the server gets whole frames of allowed commands without shared memory; the app, the server's and refusals",
      seeds: [
        turn(.app, command(20, tag: 2)) + turn(.server, command(2, tag: 2, text("server")))
          + turn(.app, command(51, tag: 3)) + turn(.app, frame(0, [1, 2, 3])),
        turn(.app, command(3, tag: 4, text("x"))) + turn(.server, command(2, tag: 4, number(0) + number(7)))
          + turn(.app, command(37, tag: 5, number(7))) + turn(.app, command(37, tag: 6, number(8))),
        turn(
          .app,
          command(
            9, tag: 7, [UInt8(ascii: "P")] + property("media.name") + property("filter.want") + [UInt8(ascii: "N")])),
        turn(.app, command(35, tag: 8, number(.max))),
      ], pieces: ["filter.want\0", "media.name\0", "L\0\0\0\0", "N", "P"], judge: judgeSound)
  ]

  private enum Side: UInt8 { case app = 0, server = 1 }

  /// Bytes of one side: a byte for side and count, then they.
  private func turn(_ side: Side, _ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = rest.prefix(127)
      out += [UInt8(part.count) << 1 | side.rawValue] + part
      rest = rest.dropFirst(part.count)
    }
    return out
  }

  private func frame(_ channel: UInt32, _ payload: [UInt8]) -> [UInt8] {
    bigEndianBytes(UInt32(payload.count)) + bigEndianBytes(channel) + [UInt8](repeating: 0, count: 12) + payload
  }
  private func number(_ value: UInt32) -> [UInt8] { [UInt8(ascii: "L")] + bigEndianBytes(value) }
  private func text(_ value: String) -> [UInt8] { [UInt8(ascii: "t")] + Array(value.utf8) + [0] }
  private func property(_ key: String) -> [UInt8] {
    text(key) + number(1) + [UInt8(ascii: "x")] + bigEndianBytes(1) + [0x61]
  }
  private func command(_ code: UInt32, tag: UInt32, _ values: [UInt8] = []) -> [UInt8] {
    frame(.max, number(code) + number(tag) + values)
  }

  private func judgeSound(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    var filter = PulseFilter()
    let cookie = [UInt8(ascii: "x")] + bigEndianBytes(4) + [1, 2, 3, 4]
    guard (try? filter.takeFromApp(command(8, tag: 0, number(0xc000_0023) + cookie)[...])) != nil else {
      return .broken("no version is taken")
    }
    var fromServer: [UInt8] = []
    var isRefused = false
    var rest = bytes[...]
    do {
      while let head = rest.popFirst() {
        let part = rest.prefix(Int(head >> 1))
        rest = rest.dropFirst(part.count)
        if head & 1 == Side.app.rawValue {
          try filter.takeFromApp(part)
        } else {
          fromServer += part
          try filter.takeFromServer(part)
        }
      }
    } catch { isRefused = true }
    if let complaint = whatTheServerGets(filter.toServer) { return .broken(complaint) }
    // What ended the connection need not have gone on.
    if !isRefused, let complaint = whatTheAppGets(filter.toApp, fromServer) { return .broken(complaint) }
    return isRefused || bytes.isEmpty ? .refused : .taken
  }

  private func whatTheServerGets(_ sent: [UInt8]) -> String? {
    var passed = sent[...]
    while passed.count >= PulseFrame.size {
      let head = PulseFrame(bytes: Array(passed.prefix(PulseFrame.size)))
      let payload = Array(passed.dropFirst(PulseFrame.size).prefix(Int(head.length)))
      passed = passed.dropFirst(PulseFrame.size + payload.count)
      if !head.isControl {
        if bigEndian(head.bytes, 16) > 0xff { return "samples in shared memory" }
        continue
      }
      guard payload.count == Int(head.length), let packet = PulsePacket(payload) else { return "half a command" }
      switch PulseCommand.verdict(packet.command) {
      case .allowed: break
      // The server has given no stream but those that it was asked for here.
      case .ownStream: if packet.firstNumber == nil { return "a stream of somebody's" }
      case .refused: return "command \(packet.command) passed"
      }
      if packet.command == 8, packet.firstNumber ?? .max > 0xffff { return "shared memory was offered" }
      if packet.command == 35, (packet.firstNumber ?? .max) & ~PulseCommand.heardFacilities != 0 { return "it listens" }
    }
    return unless(passed.isEmpty, "half a head")
  }

  /// The server's bytes in their order, with refusals between its frames.
  private func whatTheAppGets(_ got: [UInt8], _ fromServer: [UInt8]) -> String? {
    var (got, server) = (got[...], fromServer[...])
    while !server.isEmpty || !got.isEmpty {
      // A head goes on when it is whole.
      let hasHead = server.count >= PulseFrame.size
      let next = hasHead ? server.prefix(PulseFrame.size + Int(bigEndian(Array(server.prefix(4)), 0))) : []
      if !next.isEmpty, got.starts(with: next) {
        (got, server) = (got.dropFirst(next.count), server.dropFirst(next.count))
      } else if got.count >= 35, got.prefix(8).elementsEqual(bigEndianBytes(15) + bigEndianBytes(.max)) {
        got = got.dropFirst(35)
      } else {
        return unless(got.isEmpty && !hasHead, "\(got.count) bytes of nobody's")
      }
    }
    return nil
  }
#endif
