/// What a command line of bubblewrap turns out to be. Warnings are written first, in order.
public enum BubblewrapOutcome: Hashable, Sendable {
  /// `bubblewrapHelp` on standard output, exit status 0.
  case help(warnings: [BubblewrapMessage])
  /// `bubblewrapVersionText` on standard output, exit status 0.
  case version(warnings: [BubblewrapMessage])
  /// A sandbox.
  case run(BubblewrapRequest, warnings: [BubblewrapMessage])
}

/// Why a command line of bubblewrap is refused. Exit status 1.
public struct BubblewrapError: Error, Hashable, Sendable {
  /// Warnings that were found first, then the error; in the order in which they are written to standard error.
  public var messages: [BubblewrapMessage]
  /// Whether `bubblewrapHelp` follows on standard error. Then the last message may be missing: usage says it all.
  public var showsUsage: Bool
}

/// One diagnostic as callers of bubblewrap know it.
public struct BubblewrapMessage: Hashable, Sendable {
  /// How bad it is, in the numbers of `syslog(3)`.
  public enum Severity: Int, Sendable {
    case error = 3
    case warning = 4
  }

  /// How bad it is.
  public var severity: Severity
  /// What is said, safe for a terminal.
  public var text: String
  /// Whether `--level-prefix` came before it.
  public var hasLevelPrefix: Bool

  /// Makes a message.
  public init(_ severity: Severity, _ text: String, hasLevelPrefix: Bool) {
    self.severity = severity
    self.text = text
    self.hasLevelPrefix = hasLevelPrefix
  }

  /// The line for standard error, without its newline.
  public var line: String { (hasLevelPrefix ? "<\(severity.rawValue)>" : "") + "bwrap: " + text }
}

/// Who calls, as far as the command line's own checks hang on it.
public struct BubblewrapCaller: Hashable, Sendable {
  /// Real ids, see `getuid(2)`.
  public var uid: UInt32
  /// See `uid`.
  public var gid: UInt32
  /// Whether SELinux is on, see `is_selinux_enabled(3)`.
  public var supportsLabels: Bool

  /// Makes a caller.
  public init(uid: UInt32, gid: UInt32, supportsLabels: Bool) {
    self.uid = uid
    self.gid = gid
    self.supportsLabels = supportsLabels
  }
}

/// The words of `--args` cannot be had.
public struct UnreadableDescriptor: Error, Hashable, Sendable {
  /// Why, as the C library says it.
  public var reason: String

  /// Makes an error.
  public init(reason: String) { self.reason = reason }
}
