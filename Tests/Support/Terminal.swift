import Glibc

/// A command that runs on a terminal of its own, as the leader of its session: what a terminal emulator does.
public final class OnTerminal {
  /// The session's leader.
  public let pid: pid_t
  private let terminal: Int32
  private var collected: [UInt8] = []

  /// Starts a command with exactly this environment.
  public init(_ argv: [String], environment: [String]) throws {
    terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)
    var name = [CChar](repeating: 0, count: 64)
    guard terminal >= 0, grantpt(terminal) == 0, unlockpt(terminal) == 0, ptsname_r(terminal, &name, name.count) == 0
    else {
      throw SpawnError(what: "a terminal", code: errno)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    // The first terminal that a session leader opens becomes its controlling one, tty_ioctl(4).
    posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    // POSIX_SPAWN_SETSID, which the importer does not know, spawn.h.
    posix_spawnattr_setflags(&attributes, Int16(0x80 | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var set = sigset_t()
    sigemptyset(&set)
    posix_spawnattr_setsigmask(&attributes, &set)
    sigfillset(&set)
    posix_spawnattr_setsigdefault(&attributes, &set)
    var words: [UnsafeMutablePointer<CChar>?] = argv.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    var child: pid_t = 0
    let result = posix_spawn(&child, argv[0], &actions, &attributes, &words, &variables)
    for word in words + variables { free(word) }
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
    if result != 0 { throw SpawnError(what: argv[0], code: result) }
    pid = child
  }

  /// Types.
  public func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(terminal, bytes, bytes.count)
  }

  /// Changes the window's size.
  public func resize(rows: UInt16, columns: UInt16) {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
  }

  /// How the terminal treats keys and output: c_iflag, c_oflag and c_lflag of termios(3).
  public var modes: [UInt32] {
    var modes = termios()
    tcgetattr(terminal, &modes)
    return [modes.c_iflag, modes.c_oflag, modes.c_lflag]
  }

  /// Whether every key goes to a program as it is.
  public var isRaw: Bool { modes[2] & UInt32(ICANON | ISIG | ECHO) == 0 }

  /// The process group in the foreground, tcgetpgrp(3).
  public var foreground: pid_t { tcgetpgrp(terminal) }

  /// Reads until a text has come since the last `forget`; false after `seconds` or at the end.
  public func waitFor(_ text: String, seconds: Int = 20) -> Bool { waitFor(text, milliseconds: seconds * 1000) }

  /// The same for short times.
  public func waitFor(_ text: String, milliseconds time: Int) -> Bool {
    let end = milliseconds() + Double(time)
    while !shown.contains(text) {
      var list = [pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)]
      if milliseconds() > end { return false }
      if poll(&list, 1, 20) <= 0 { continue }
      var chunk = [UInt8](repeating: 0, count: 4096)
      let count = read(terminal, &chunk, chunk.count)
      if count <= 0 { return shown.contains(text) }
      collected += chunk[..<count]
    }
    return true
  }

  /// What has been shown since the last `forget`.
  public var shown: String { String(decoding: collected, as: UTF8.self) }

  /// Starts afresh: a text that came before is not found again.
  public func forget() { collected = [] }

  /// Hangs up, as when the window is closed; the status of the command, after `seconds` that of a kill.
  public func hangUp(seconds: Int = 20) -> Int32 {
    close(terminal)
    return finish(seconds: seconds)
  }

  /// Waits for the command's end; its status, after `seconds` that of a kill.
  public func finish(seconds: Int = 20) -> Int32 {
    let end = milliseconds() + Double(seconds) * 1000
    while true {
      var status: Int32 = 0
      if waitpid(pid, &status, WNOHANG) == pid {
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
      }
      if milliseconds() > end { kill(pid, SIGKILL) }
      usleep(1_000)
    }
  }
}
