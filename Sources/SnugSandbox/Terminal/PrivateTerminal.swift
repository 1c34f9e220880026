import CSnug
import SnugPlan

/// What Init needs to give the app a terminal of its own; the launcher reads it from the caller's.
package struct TerminalSetup: Hashable, Sendable {
  /// Init's end of the socket between the launcher and the leader, see `TerminalWord`.
  package var channel: Descriptor
  /// Which of the app's descriptors are the terminal.
  package var streams: [Int32]
  /// What it begins with.
  package var modes: [UInt8]
  /// Likewise, as struct winsize.
  package var size: [UInt16]
  /// Whether the app owns it from the start, see `JobControl`.
  package var startsInForeground: Bool

  /// Makes a setup.
  package init(
    channel: Descriptor, streams: [Int32], modes: [UInt8], size: [UInt16], startsInForeground: Bool
  ) {
    self.channel = channel
    self.streams = streams
    self.modes = modes
    self.size = size
    self.startsInForeground = startsInForeground
  }

  /// As the caller's terminal is now.
  init(_ terminal: CallerTerminal, channel: Int32) {
    let modes = terminal.startingModes()
    self.init(
      channel: Descriptor(channel), streams: terminal.streams,
      modes: (modes ?? .usual(for: terminal.descriptor)).bytes,
      size: (TerminalSize(of: terminal.descriptor) ?? TerminalSize(rows: 0, columns: 0)).numbers,
      startsInForeground: modes != nil)
  }
}

extension Init {
  /// A new terminal of the sandbox's own, whose name inside is a name there and means nothing outside; the launcher gets
  /// the end that the relay works on.
  ///
  /// Reached by descriptors alone: a name of a terminal could be swapped for another (CVE-2025-52565).
  func openTerminal(_ terminal: TerminalSetup, _ site: Site) throws(KernelError) -> Descriptor {
    let directory = try openTerminals(site)
    let master = try kernel.openat2(directory, "ptmx", .terminal)
    kernel.close(directory)
    let slave = try kernel.openPeer(master)
    try kernel.setTerminal(slave, modes: terminal.modes, size: terminal.size)
    try kernel.send(terminal.channel, [TerminalWord.master], with: master)
    kernel.close(master)
    return slave
  }

  /// The plan's own devpts, or one that nobody sees: the plan may have no devices, or something else in their place.
  private func openTerminals(_ site: Site) throws(KernelError) -> Descriptor {
    if let target = plan.devTarget {
      let directory = try kernel.openat2(site.newRoot, "\(target)/pts", .path)
      if try kernel.fstatfs(directory) == devptsMagic { return directory }
      kernel.close(directory)
    }
    return try Dev.makeTerminals(site)
  }
}
