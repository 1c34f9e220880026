import CSnug
import SnugPlan

/// The terminal that the launcher was started from.
///
/// Runs in the launcher, and in the client of `snug exec`.
package struct CallerTerminal {
  /// An open file description of our own, not blocking: O_NONBLOCK on the caller's would be seen by all who share it.
  package let descriptor: Int32
  /// Which of the descriptors that the app gets are this terminal.
  package let streams: [Int32]

  /// The terminal of the lowest of 0, 1 and 2 that is one, else the controlling one, which a program reaches as
  /// /dev/tty; nil where there is none. `passed` are the app's other descriptors.
  package init?(passed: [Int32]) {
    if let found = CallerTerminal(among: [0, 1, 2], and: passed) {
      self = found
    } else if let own = Self.open("/dev/tty") {
      (descriptor, streams) = (own, [])
    } else {
      return nil
    }
  }

  /// The terminal of the lowest of `standard` that is one; nil where none is.
  package init?(among standard: [Int32], and passed: [Int32] = []) {
    guard let first = standard.first(where: { csnug_isatty($0) == 1 }) else { return nil }
    descriptor = Self.reopen(first)
    streams = (standard + passed).filter { Self.isSame($0, first) }
  }

  private static func open(_ path: String) -> Int32? {
    let opened = Int32(unsafe csnug_open_terminal(path))
    // EIO: it has hung up.
    if opened < 0 && opened != -5 { HostTrouble.note(path, -opened) }
    return opened < 0 ? nil : opened
  }

  /// After su(1) the device belongs to somebody else: then /dev/tty leads there without asking whose it is.
  private static func reopen(_ number: Int32) -> Int32 {
    if csnug_terminal_session(number) == csnug_getsid(), let own = open("/dev/tty") { return own }
    return open("/proc/self/fd/\(number)") ?? Int32(csnug_dup_above(number, 3))
  }

  /// One of them may be a descriptor of /dev/tty, which has a number of its own.
  private static func isSame(_ one: Int32, _ other: Int32) -> Bool {
    if one == other { return true }
    guard csnug_isatty(one) == 1 else { return false }
    var (mine, theirs) = (csnug_statx(), csnug_statx())
    guard unsafe csnug_statx(one, "", true, &mine) == 0 else { return false }
    guard unsafe csnug_statx(other, "", true, &theirs) == 0 else { return false }
    if mine.dev_major == theirs.dev_major && mine.dev_minor == theirs.dev_minor && mine.inode == theirs.inode {
      return true
    }
    // /dev/tty is 5:0, see Documentation/admin-guide/devices.txt of the kernel.
    guard [mine, theirs].contains(where: { $0.rdev_major == 5 && $0.rdev_minor == 0 }) else { return false }
    guard let device = device(one) else { return false }
    return device == self.device(other)
  }

  private static func device(_ terminal: Int32) -> UInt32? {
    var device: UInt32 = 0
    return unsafe csnug_terminal_device(terminal, &device) == 0 ? device : nil
  }

  /// Whether keys and screen are the app's alone: its input comes from here and its output goes here.
  package var isExclusive: Bool { streams.contains(0) && streams.contains(1) }

  /// Whether this process may read it: its group is in the foreground, or there is no job control here.
  package var isForeground: Bool {
    let group = csnug_foreground_group(descriptor)
    return group < 0 || group == csnug_getpgid(0)
  }

  /// Whether it is gone: its window was closed, its connection has ended.
  package var isHungUp: Bool {
    var events: Int32 = 0
    _ = unsafe csnug_poll_for([descriptor], [0], &events, 1, 0)
    return events & 2 != 0
  }

  /// What a private terminal begins with. A shell has modes of its own while it reads a line, and so has a pager beside
  /// us: only where the app is to own the terminal at once are the present ones what the person wants.
  package func startingModes() -> TerminalModes? {
    isExclusive && isForeground ? TerminalModes(of: descriptor) : nil
  }
}
