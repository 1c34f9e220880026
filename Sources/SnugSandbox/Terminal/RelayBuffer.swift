import CSnug

/// Bytes on their way in one direction. Filled only when it is empty: so it is bounded, and who writes too fast waits.
package final class RelayBuffer {
  /// How a read or a write went.
  package enum Result: Hashable, Sendable {
    case moved
    /// Nothing to read or no room to write now.
    case wouldWait
    /// End of file or an error; the errno, or 0.
    case ended(Int32)
  }

  private static let capacity = 64 << 10
  /// A pseudoterminal hands out no more at once.
  private static let step = 4 << 10
  private var bytes: [UInt8]
  private var start = 0
  private var end = 0
  private var holdsReturn = false

  /// An empty one.
  package init() { bytes = [UInt8](repeating: 0, count: Self.capacity + 1) }

  /// Whether nothing waits to be written.
  package var isEmpty: Bool { start == end }

  /// Whether a return is held back until it is known what follows.
  package var isHolding: Bool { holdsReturn }

  /// Forgets everything.
  package func clear() {
    start = end
    holdsReturn = false
  }

  /// Reads as much as there is and fits; the buffer must be empty.
  package func fill(from descriptor: Int32) -> Result {
    // One byte is left free in front, for a return that was held back.
    (start, end) = (1, 1)
    // Many small reads and one large write are a good deal faster than as many of both.
    while Self.capacity + 1 - end >= Self.step {
      let room = Self.capacity + 1 - end
      let count = unsafe bytes.withUnsafeMutableBytes {
        unsafe csnug_read(descriptor, $0.baseAddress?.advanced(by: end), room)
      }
      if count > 0 {
        end += count
      } else if end > start {
        return .moved
      } else {
        return count == -Self.again ? .wouldWait : .ended(Int32(-count))
      }
    }
    return .moved
  }

  /// Writes what the descriptor takes.
  package func drain(to descriptor: Int32) -> Result {
    let count = unsafe bytes.withUnsafeBytes {
      unsafe csnug_write(descriptor, $0.baseAddress?.advanced(by: start), end - start)
    }
    if count == 0 || count == -Self.again { return .wouldWait }
    if count < 0 { return .ended(Int32(-count)) }
    start += count
    return .moved
  }

  /// Takes out the return that a terminal has put before each newline: another one is about to do the same.
  ///
  /// What a program writes is shown by its own terminal as return and newline, and its returns stay; so exactly one goes.
  package func removeReturns() {
    let (newline, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
    var to = 0
    unsafe bytes.withUnsafeMutableBufferPointer { bytes in
      for at in start..<end {
        let byte = unsafe bytes[at]
        if holdsReturn && byte != newline {
          unsafe bytes[to] = carriageReturn
          to += 1
        }
        holdsReturn = byte == carriageReturn
        if holdsReturn { continue }
        unsafe bytes[to] = byte
        to += 1
      }
    }
    (start, end) = (0, to)
  }

  /// Puts back what `removeReturns` took out of what still waits: the terminal that was to add it is raw now.
  package func addReturns() {
    let newline = UInt8(ascii: "\n")
    let shown = bytes[start..<end].flatMap { $0 == newline ? [UInt8(ascii: "\r"), newline] : [$0] }
    (start, end) = (0, shown.count)
    bytes = shown + [UInt8](repeating: 0, count: max(0, Self.capacity + 1 - shown.count))
  }

  /// Lets a held return go; the buffer must be empty.
  package func releaseReturn() {
    guard holdsReturn else { return }
    holdsReturn = false
    bytes[0] = UInt8(ascii: "\r")
    (start, end) = (0, 1)
  }

  private static let again = 11
}
