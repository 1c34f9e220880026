import CSnug
import SnugPlan

/// What a private terminal begins with; read from the caller's.
public struct CommandTerminal: Hashable, Sendable {
  /// Which of the app's descriptors are the terminal.
  public var streams: [Int32]
  /// Its modes, struct termios2.
  public var modes: [UInt8]
  /// Its size, struct winsize.
  public var size: [UInt16]
  /// Whether the app owns it from the start, see `JobControl`.
  public var startsInForeground: Bool

  /// Nil where the numbers are none of a terminal's: they may come from another process.
  public init?(streams: [Int32], modes: [UInt8], size: [UInt16], startsInForeground: Bool) {
    guard modes.count == Int(csnug_terminal_modes_size), size.count == 4 else { return nil }
    self.streams = streams
    self.modes = modes
    self.size = size
    self.startsInForeground = startsInForeground
  }

  /// As the caller's terminal is now. `streams`: the descriptors to be replaced, where these are not all that lead there.
  package init(_ terminal: CallerTerminal) {
    let modes = terminal.startingModes()
    streams = terminal.streams
    self.modes = (modes ?? .usual(for: terminal.descriptor)).bytes
    size = (TerminalSize(of: terminal.descriptor) ?? TerminalSize(rows: 0, columns: 0)).numbers
    startsInForeground = modes != nil
  }
}

extension CommandTerminal {
  /// As options of a `CommandRequest`.
  var options: [(name: String, value: UInt64)] {
    [("terminal", startsInForeground ? 1 : 0)] + streams.map { ("terminal-stream", UInt64($0)) }
      + modes.map { ("terminal-mode", UInt64($0)) } + size.map { ("terminal-size", UInt64($0)) }
  }

  /// Nil where they name none, or half of one.
  init?(options: [(name: Substring, value: UInt64)]) {
    func all(_ name: String) -> [UInt64] { options.filter { $0.name == name }.map({ $0.value }) }
    guard let foreground = all("terminal").first else { return nil }
    self.init(
      streams: all("terminal-stream").map { Int32(clamping: $0) },
      modes: all("terminal-mode").map { UInt8(clamping: $0) }, size: all("terminal-size").map { UInt16(clamping: $0) },
      startsInForeground: foreground == 1)
  }

  /// For the control socket.
  var json: JSON {
    .object([
      .init("streams", .list(streams.map { .integer($0) })), .init("modes", .list(modes.map { .integer($0) })),
      .init("size", .list(size.map { .integer($0) })), .init("foreground", .boolean(startsInForeground)),
    ])
  }

  /// Nothing in it is trusted.
  init?(_ json: JSON) {
    func numbers(_ key: String) -> [Int32] { (json[key]?.list ?? []).compactMap({ $0.int32 }) }
    let streams = numbers("streams")
    guard streams.allSatisfy({ (0...2).contains($0) }), Set(streams).count == streams.count else { return nil }
    self.init(
      streams: streams, modes: numbers("modes").map { UInt8(clamping: $0) },
      size: numbers("size").map { UInt16(clamping: $0) }, startsInForeground: json["foreground"]?.boolean ?? false)
  }
}
