import SnugPlan

/// What Init needs to give the app a terminal of its own.
package struct TerminalSetup: Hashable, Sendable {
  /// Init's end of the socket between the launcher and the leader, see `TerminalWord`.
  package var channel: Descriptor
  /// What it begins with.
  package var terminal: CommandTerminal

  /// Makes a setup.
  package init(_ terminal: CommandTerminal, channel: Descriptor) {
    self.terminal = terminal
    self.channel = channel
  }
}

extension Init {
  /// A new terminal of the sandbox's own, whose name inside is a name there and means nothing outside; the launcher gets
  /// the end that the relay works on.
  ///
  /// Reached by descriptors alone: a name of a terminal could be swapped for another (CVE-2025-52565).
  func openTerminal(_ setup: TerminalSetup, _ site: Site) throws(KernelError) -> Descriptor {
    // The plan may have no devices, or something else in their place: then one that nobody sees.
    let own = try openTerminals(site.newRoot)
    let directory = if let own { own } else { try Dev.makeTerminals(site) }
    let (master, slave) = try openTerminal(setup.terminal, in: directory)
    try kernel.send(setup.channel, [TerminalWord.master], with: master)
    kernel.close(master)
    return slave
  }

  /// One for a command beside the app, under the app's locks.
  func openTerminal(_ terminal: CommandTerminal) throws(KernelError) -> (master: Descriptor, slave: Descriptor) {
    let root = try kernel.openRoot()
    defer { kernel.close(root) }
    guard let directory = try openTerminals(root) else {
      throw KernelError("open", "/dev/pts", code: ErrorNumber.noEntry)
    }
    return try openTerminal(terminal, in: directory)
  }

  private func openTerminal(_ terminal: CommandTerminal, in directory: Descriptor) throws(KernelError)
    -> (master: Descriptor, slave: Descriptor)
  {
    let master = try kernel.openat2(directory, "ptmx", .terminal)
    kernel.close(directory)
    let slave = try kernel.openPeer(master)
    try kernel.setTerminal(slave, modes: terminal.modes, size: terminal.size)
    return (master, slave)
  }

  /// The plan's own devpts.
  private func openTerminals(_ root: Descriptor) throws(KernelError) -> Descriptor? {
    guard let target = plan.devTarget else { return nil }
    let directory = try kernel.openat2(root, "\(target)/pts", .path)
    if try kernel.fstatfs(directory) == devptsMagic { return directory }
    kernel.close(directory)
    return nil
  }
}
