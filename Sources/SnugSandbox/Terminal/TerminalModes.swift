import CSnug

/// Modes of a terminal, termios(3), as the kernel keeps them.
package struct TerminalModes: Hashable, Sendable {
  /// For a message, or for a call.
  package private(set) var bytes: [UInt8]
  private static let size = Int(csnug_terminal_modes_size)

  /// Of a terminal; at the master's end of a pseudoterminal, those of the other end. Nil where it is none or is hung up.
  package init?(of terminal: Int32) {
    bytes = [UInt8](repeating: 0, count: Self.size)
    if unsafe csnug_terminal_modes(terminal, &bytes) < 0 { return nil }
  }

  /// From a message; nil where the length is wrong.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.size else { return nil }
    self.bytes = Array(bytes)
  }

  /// Those of a new terminal that takes typed text as a given one does.
  package static func usual(for terminal: Int32) -> TerminalModes {
    var modes = TerminalModes()
    unsafe csnug_usual_modes(&modes.bytes)
    guard let present = TerminalModes(of: terminal) else { return modes }
    unsafe csnug_copy_input_encoding(&modes.bytes, present.bytes)
    return modes
  }

  private init() { bytes = [UInt8](repeating: 0, count: Self.size) }

  /// Puts a terminal into these modes, at once.
  @discardableResult
  package func set(on terminal: Int32) -> Bool { unsafe csnug_set_terminal_modes(terminal, bytes) >= 0 }

  /// Every key as it is, and nothing shown by itself; `keepsOutput`: what is written is treated as before.
  package func raw(keepsOutput: Bool) -> TerminalModes {
    var copy = self
    unsafe csnug_raw_modes(&copy.bytes, keepsOutput)
    return copy
  }

  /// With output shown as it comes.
  package var withUnprocessedOutput: TerminalModes {
    var copy = self
    unsafe csnug_unprocessed_output(&copy.bytes)
    return copy
  }

  /// With another's treatment of output.
  package func withOutput(of other: TerminalModes) -> TerminalModes {
    var copy = self
    unsafe csnug_copy_output_modes(&copy.bytes, other.bytes)
    return copy
  }

  /// Whether a newline is written as return and newline.
  package var addsReturns: Bool { unsafe csnug_adds_returns(bytes) }

  /// Whether input is treated alike.
  package func hasInput(of other: TerminalModes) -> Bool { unsafe csnug_same_input_modes(bytes, other.bytes) }
}

/// Rows, columns and pixels of a terminal's window.
package struct TerminalSize: Hashable, Sendable {
  /// struct winsize, ioctl_tty(2).
  package private(set) var numbers: [UInt16]

  /// Of a terminal; nil where it is none.
  package init?(of terminal: Int32) {
    numbers = [0, 0, 0, 0]
    if unsafe csnug_terminal_size(terminal, &numbers) < 0 { return nil }
  }

  /// Made up.
  package init(rows: UInt16, columns: UInt16) { numbers = [rows, columns, 0, 0] }

  /// Gives a terminal this size; where it is a new one, the kernel sends SIGWINCH to the foreground there.
  package func set(on terminal: Int32) { _ = unsafe csnug_set_terminal_size(terminal, numbers) }
}
