import CSnug
import Glibc
import SnugSandbox
import Synchronization
import TestSupport
import Testing

/// A pseudoterminal: the end of the programs and the other one. Neither blocks.
private struct Pair {
  let master: Int32
  let slave: Int32

  init() throws {
    master = Int32(csnug_open_terminal("/dev/ptmx"))
    slave = Int32(csnug_terminal_peer(master))
    try #require(master >= 0 && slave >= 0)
    _ = csnug_set_nonblocking(slave)
  }

  func close() {
    for number in [master, slave] { _ = csnug_close(number) }
  }
}

private func put(_ text: String, _ descriptor: Int32) {
  let bytes = Array(text.utf8)
  #expect(csnug_write(descriptor, bytes, bytes.count) == bytes.count)
}

private func take(_ descriptor: Int32) -> String {
  var all: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = csnug_read(descriptor, &chunk, chunk.count)
    if count <= 0 { return String(decoding: all, as: UTF8.self) }
    all += chunk[..<count]
  }
}

/// The caller's terminal, the private one, and a relay between them that has its orders already.
private struct Stand {
  let outer: Pair
  let inner: Pair
  let orders: [Int32]

  init() throws {
    outer = try Pair()
    inner = try Pair()
    var pair: [Int32] = [-1, -1]
    try #require(csnug_socketpair(&pair, false) == 0)
    _ = csnug_set_nonblocking(pair[0])
    orders = pair
  }

  func order(_ word: Character, _ body: [UInt8] = []) {
    let bytes = Array(String(word).utf8) + body
    #expect(csnug_send(orders[0], bytes, bytes.count) == bytes.count)
  }

  func run() -> RelayLoop.End {
    var loop = RelayLoop(terminal: outer.slave, master: inner.master, orders: orders[1])
    return loop.run()
  }

  func modes() throws -> TerminalModes { try #require(TerminalModes(of: outer.slave)) }

  func close() {
    outer.close()
    inner.close()
    for number in orders { _ = csnug_close(number) }
  }
}

@Suite struct RelayTests {
  @Test func `what a program writes shows as without a relay, whether the terminal is taken or not`() throws {
    for isTaken in [false, true] {
      for isExclusive in [0, 1] as [UInt8] {
        let stand = try Stand()
        defer { stand.close() }
        let text = "one\ntwo\r\n50%\r60%\rtab\tand \u{1b}[1mbold\u{1b}[0m\n\n\r"
        put(text, stand.inner.slave)
        if isTaken { stand.order("a", [isExclusive] + (try stand.modes()).bytes) }
        stand.order("f")
        #expect(stand.run() == .finished)
        let plain = try Pair()
        defer { plain.close() }
        put(text, plain.slave)
        #expect(take(stand.outer.master) == take(plain.master), "taken: \(isTaken), exclusively: \(isExclusive)")
      }
    }
  }

  @Test func `what was written before the terminal is taken gets its returns all the same`() throws {
    let stand = try Stand()
    defer { stand.close() }
    // Nobody reads the screen: what the relay takes in waits there while the order comes.
    let rest = [UInt8](repeating: 120, count: 1 << 20)
    while csnug_write(stand.outer.slave, rest, rest.count) > 0 {}
    put("one\ntwo\n", stand.inner.slave)
    let before = try stand.modes()
    let findings = Findings()
    let shown = Mutex("")
    onThreads(2) { index in
      if index == 0 {
        if stand.run() != .finished { findings.add("how it ended") }
        return
      }
      var list = [pollfd(fd: stand.inner.master, events: Int16(POLLIN), revents: 0)]
      if !eventually({ poll(&list, 1, 0) == 0 }) { findings.add("the relay takes nothing in") }
      stand.order("a", [1] + before.bytes)
      if !eventually({ TerminalModes(of: stand.outer.slave) != before }) { findings.add("the order was not followed") }
      let isShown = eventually {
        shown.withLock {
          $0 += take(stand.outer.master)
          return $0.contains("two")
        }
      }
      if !isShown { findings.add("nothing is shown") }
      stand.order("f")
    }
    #expect(findings.all == [])
    let text = shown.withLock { $0 } + take(stand.outer.master)
    #expect(text.drop { $0 == "x" } == "one\r\ntwo\r\n")
  }

  @Test func `a program's last words are shown, though it has left`() throws {
    let stand = try Stand()
    defer { stand.close() }
    let line = "a line of a program that ends at once\n"
    put(String(repeating: line, count: 80), stand.inner.slave)
    _ = csnug_replace_with_null(stand.inner.slave)
    stand.order("f")
    #expect(stand.run() == .finished)
    let wanted = String(repeating: line.dropLast() + "\r\n", count: 80)
    #expect(take(stand.outer.master) == wanted)
  }

  @Test(arguments: ["f", "x", "", "d"]) func `however it ends, the modes are given back`(last: String) throws {
    let stand = try Stand()
    defer { stand.close() }
    let before = try stand.modes()
    stand.order("a", [1] + before.bytes)
    if last == "" {
      shutdown(stand.orders[0], Int32(SHUT_RDWR))
    } else {
      stand.order(Character(last))
      if last == "d" { stand.order("x") }
    }
    #expect(stand.run() == ["f": .finished, "x": .abandoned, "": .orphaned, "d": .abandoned][last])
    #expect(try stand.modes() == before)
    if last == "d" { #expect(take(stand.orders[0]) == "d", "and it says so") }
  }

  @Test func `a terminal that hangs up ends it`() throws {
    let stand = try Stand()
    defer { stand.close() }
    stand.order("a", [1] + (try stand.modes()).bytes)
    _ = csnug_replace_with_null(stand.outer.master)
    #expect(stand.run() == .hungUp)
  }

  @Test func `the modes that the order names are the ones that are given back`() throws {
    let stand = try Stand()
    defer { stand.close() }
    let other = (try stand.modes()).raw(keepsOutput: true)
    stand.order("a", [1] + other.bytes)
    stand.order("x")
    #expect(stand.run() == .abandoned)
    #expect(try stand.modes() == other)
  }

  @Test func `raw is raw, and keeps the rest`() throws {
    let pair = try Pair()
    defer { pair.close() }
    let usual = TerminalModes.usual(for: pair.slave)
    #expect(usual.addsReturns)
    usual.raw(keepsOutput: true).set(on: pair.slave)
    let raw = try #require(TerminalModes(of: pair.slave))
    #expect(raw.addsReturns && !raw.hasInput(of: usual))
    usual.raw(keepsOutput: false).set(on: pair.slave)
    #expect(TerminalModes(of: pair.slave)?.addsReturns == false)
    // The master speaks for the other end.
    #expect(TerminalModes(of: pair.master) == TerminalModes(of: pair.slave))
    #expect(TerminalModes(bytes: raw.bytes) == raw)
    #expect(TerminalModes(bytes: raw.bytes.dropLast()) == nil)
  }

  @Test(arguments: [false, true])
  func `taking out the added returns is exact, wherever the pieces end, and so is putting them back`(back: Bool) throws
  {
    var numbers = Numbers(state: 5)
    for _ in 0..<2_000 {
      let text = (0..<Int.random(in: 0..<40, using: &numbers)).map { _ in
        ["\n", "\r", "a", "\r\n"][Int.random(in: 0..<4, using: &numbers)]
      }.joined()
      let shown = Array(text.utf8).flatMap { $0 == 10 ? [13, 10] : [$0] }
      var pair: [Int32] = [-1, -1]
      try #require(csnug_pipe(&pair) == 0)
      let into = try OpenPipe()
      defer { into.close() }
      _ = csnug_set_nonblocking(pair[0])
      let buffer = RelayBuffer()
      var rest = shown[...]
      while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 1...5, using: &numbers))
        rest = rest.dropFirst(piece.count)
        _ = Array(piece).withUnsafeBytes { csnug_write(pair[1], $0.baseAddress, $0.count) }
        #expect(buffer.fill(from: pair[0]) == .moved)
        buffer.removeReturns()
        if back { buffer.addReturns() }
        while !buffer.isEmpty { #expect(buffer.drain(to: into.writer) == .moved) }
      }
      buffer.releaseReturn()
      if !buffer.isEmpty { #expect(buffer.drain(to: into.writer) == .moved) }
      #expect(Array(into.text().utf8) == (back ? shown : Array(text.utf8)))
      for number in pair { _ = csnug_close(number) }
    }
  }
}

/// A pipe that is read without waiting.
private struct OpenPipe {
  let reader: Int32
  let writer: Int32

  init() throws {
    var pair: [Int32] = [-1, -1]
    try #require(csnug_pipe(&pair) == 0)
    (reader, writer) = (pair[0], pair[1])
    _ = csnug_set_nonblocking(reader)
  }

  func text() -> String { take(reader) }

  func close() {
    for number in [reader, writer] { _ = csnug_close(number) }
  }
}
