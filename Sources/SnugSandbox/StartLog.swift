import Glibc
import SnugPlan
import SnugProfile

/// Where starts from a menu, which have nobody who reads standard error, write why they failed:
/// `$XDG_STATE_HOME/snug/log`, mode 0600, at most 1 MiB and one old copy.
///
/// Runs in the launcher of a start that has failed.
public struct StartLog {
  /// The file.
  public let path: String
  /// Most bytes of it.
  private let limit: Int

  /// The log of a caller.
  public init(_ host: Host, limit: Int = 1 << 20) {
    let state = host.variable("XDG_STATE_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "\(host.home)/.local/state"
    path = "\(state)/snug/log"
    self.limit = limit
  }

  /// Adds a message with the time. Whoever writes at the same instant may be lost; nobody ever reads half a line.
  ///
  /// - Parameters:
  ///   - text: safe to print; its lines stay together.
  ///   - now: seconds since 1970.
  /// - Returns: why it cannot be written; nil where it is.
  @discardableResult
  public func add(_ text: String, now: Int64 = Int64(time(nil))) -> String? {
    let entry = Array("\(timestamp(now)) \(text)\n".utf8.prefix(limit))
    var old = readFile(path, limit: limit) ?? []
    do throws(UserFile.Failure) {
      if old.count + entry.count > limit {
        try UserFile.write(old, to: path + ".old")
        old = []
      }
      try UserFile.write(old + entry, to: path)
      return nil
    } catch {
      return "\(error.path): \(error.reason)"
    }
  }
}

/// Shows a notification that a start from a menu has failed. Best effort: where nobody shows it, nothing happens.
///
/// - Parameters:
///   - title: one line.
///   - body: safe to print; may have several lines.
public func notifyOfFailure(_ title: String, _ body: String) {
  do throws(BusHelperFailure) {
    try callBusHelper(["notify", "--timeout", "3", title, body])
  } catch {}
}
