import CSnug

/// The relay itself: copies between the caller's terminal and a private one until it is told to leave or nobody is left.
///
/// Both directions go by themselves: neither a reader that is slow nor a stopped terminal keeps keys, orders or the end
/// from passing. It holds the modes of the caller's terminal and gives them back whatever ends it but SIGKILL, and then the
/// launcher does.
///
/// Runs in the relay's process.
package struct RelayLoop {
  /// Why it ended.
  package enum End: Hashable, Sendable {
    /// It was told to, and all is shown.
    case finished
    /// It was told not to wait.
    case abandoned
    /// Whoever gives the orders is gone.
    case orphaned
    /// The caller's terminal has hung up.
    case hungUp
  }

  private enum Duty {
    case copying
    /// Showing what is there before the terminal is given back.
    case detaching(left: Int)
    /// Showing what is there before the end.
    case finishing

    var isCopying: Bool { if case .copying = self { true } else { false } }
  }

  private let terminal: Int32
  private let master: Int32
  private let orders: Int32
  private let output = RelayBuffer()
  private let input = RelayBuffer()
  private var duty = Duty.copying
  private var masterIsOpen = true
  private var isAttached = false
  private var isExclusive = false
  /// False while the terminal belongs to somebody else, though nobody has told us.
  private var mayRead = false
  private var saved: TerminalModes?
  private var ours: TerminalModes?
  /// What waits to be shown lacks the returns that the caller's terminal adds.
  private var lacksReturns = false
  /// A program that writes without end keeps nobody from giving the terminal back.
  private static let lastWords = 1 << 20
  private static let (readable, broken, writable): (Int32, Int32, Int32) = (1, 2, 4)

  /// `terminal` and `master` must not block. `orders` is a seqpacket socket, see `RelayOrder`.
  package init(terminal: Int32, master: Int32, orders: Int32) {
    self.terminal = terminal
    self.master = master
    self.orders = orders
  }

  /// Copies to the end.
  package mutating func run() -> End {
    let end = copy()
    giveBack()
    return end
  }

  private mutating func copy() -> End {
    while true {
      if let end = proceed() { return end }
      let wantsMaster =
        masterIsOpen ? (output.isEmpty ? Self.readable : 0) | (input.isEmpty ? 0 : Self.writable) : 0
      let readsTerminal = isAttached && mayRead && input.isEmpty && duty.isCopying
      let wantsTerminal = (readsTerminal ? Self.readable : 0) | (output.isEmpty ? 0 : Self.writable)
      var events: [Int32] = [0, 0, 0]
      // Without a wish poll would still tell of a master whose other end nobody has open, again and again.
      _ = unsafe csnug_poll_for(
        [orders, wantsMaster == 0 ? -1 : master, terminal], [Self.readable, wantsMaster, wantsTerminal], &events, 3,
        duty.isCopying && !output.isHolding ? -1 : 0)
      if events[0] != 0, let end = obey() { return end }
      if events[2] & Self.broken != 0 { return .hungUp }
      if events[1] != 0 { serveMaster(events[1]) }
      if events[2] & Self.readable != 0, readsTerminal { readTerminal() }
      if events[2] & Self.writable != 0, case .ended = output.drain(to: terminal) { return .hungUp }
      if duty.isCopying, events[1] & Self.readable == 0, output.isEmpty { output.releaseReturn() }
      if !duty.isCopying, events == [0, 0, 0] { waitForRoom() }
    }
  }

  private func waitForRoom() {
    // Nothing moves: what is left is for a terminal that takes nothing now.
    guard !output.isEmpty else { return }
    var events: [Int32] = [0, 0]
    _ = unsafe csnug_poll_for([orders, terminal], [Self.readable, Self.writable], &events, 2, -1)
  }

  /// Where the relay only shows what is left: the end, or nil while there is more.
  private mutating func proceed() -> End? {
    if duty.isCopying || !output.isEmpty { return nil }
    let isEmptied = !masterIsOpen || !readMaster()
    if isEmptied { output.releaseReturn() }
    if !isEmptied || !output.isEmpty {
      if case .detaching(let left) = duty {
        if left <= 0 { detach() } else { duty = .detaching(left: left - (4 << 10)) }
      }
      return nil
    }
    if case .finishing = duty { return .finished }
    detach()
    return nil
  }

  private mutating func detach() {
    giveBack()
    duty = .copying
    _ = unsafe csnug_send(orders, [RelayOrder.detach], 1)
  }

  // MARK: - Copying

  private mutating func serveMaster(_ events: Int32) {
    if events & (Self.readable | Self.broken) != 0, output.isEmpty { _ = readMaster() }
    if events & (Self.writable | Self.broken) != 0, !input.isEmpty, case .ended = input.drain(to: master) {
      // Nobody inside has the terminal open: there is no one to read what was typed.
      input.clear()
    }
  }

  /// False where there is nothing.
  private mutating func readMaster() -> Bool {
    switch output.fill(from: master) {
    case .moved:
      shape()
      return true
    case .wouldWait: return false
    case .ended:
      masterIsOpen = false
      return false
    }
  }

  private mutating func readTerminal() {
    switch input.fill(from: terminal) {
    case .moved:
      if case .ended = input.drain(to: master) { input.clear() }
    case .wouldWait: break
    // EIO of a terminal that has not hung up: we are in the background (SIGTTIN is blocked here).
    case .ended: mayRead = false
    }
  }

  /// Two terminals treat what the app writes, one behind the other; each newline must get its return once.
  private mutating func shape() {
    lacksReturns = false
    if isAttached && isExclusive { return }
    guard let inner = TerminalModes(of: master) else { return }
    if isAttached, let mine = ours {
      // Others write there too and expect it to be as the app has set it.
      let wanted = mine.withOutput(of: inner)
      if wanted != mine, wanted.set(on: terminal) { ours = wanted }
    }
    if inner.addsReturns, TerminalModes(of: terminal)?.addsReturns == true {
      output.removeReturns()
      lacksReturns = true
    }
  }

  // MARK: - Orders

  private mutating func obey() -> End? {
    var bytes = [UInt8](repeating: 0, count: 64)
    var sender: Int32 = 0
    let count = unsafe csnug_receive(orders, &bytes, bytes.count, &sender)
    guard count > 0 else {
      showWhatIsThere()
      return .orphaned
    }
    switch bytes[0] {
    case RelayOrder.attach where count > 2:
      if case .detaching = duty { detach() }
      if let modes = TerminalModes(bytes: bytes[2..<count]) { attach(modes, exclusively: bytes[1] != 0) }
    case RelayOrder.detach:
      duty = .detaching(left: Self.lastWords)
    case RelayOrder.finish:
      duty = .finishing
      // From now on ctrl-C means the launcher, which waits for us.
      if isAttached, isExclusive, let saved, mayGiveBack {
        let shown = saved.withUnprocessedOutput
        if shown.set(on: terminal) { ours = shown }
      }
      mayRead = false
    case RelayOrder.abandon: return .abandoned
    default: break
    }
    return nil
  }

  private mutating func attach(_ modes: TerminalModes, exclusively: Bool) {
    // Somebody may have continued us without a stop: then the modes are ours, and the ones to give back are known.
    if saved == nil || !mayGiveBack { saved = modes }
    isExclusive = exclusively
    let wanted = (saved ?? modes).raw(keepsOutput: !exclusively)
    wanted.set(on: terminal)
    ours = TerminalModes(of: terminal) ?? wanted
    // An app may have written its first line before the first order came.
    if exclusively, lacksReturns { output.addReturns() }
    lacksReturns = false
    (isAttached, mayRead) = (true, true)
  }

  /// A shell that has taken the terminal back has put it into its own modes.
  private var mayGiveBack: Bool {
    guard let ours, let present = TerminalModes(of: terminal) else { return false }
    return present.hasInput(of: ours)
  }

  private mutating func giveBack() {
    if mayGiveBack { saved?.set(on: terminal) }
    (saved, ours, isAttached) = (nil, nil, false)
  }

  /// With nobody to give orders nothing may wait.
  private mutating func showWhatIsThere() {
    for _ in 0..<(Self.lastWords >> 12) {
      if output.isEmpty, !masterIsOpen || !readMaster() { return }
      guard output.drain(to: terminal) == .moved else { return }
    }
  }
}
