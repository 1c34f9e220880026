import CSnug
import SnugPlan
import SnugProfile
import SnugSandbox

/// A start by a menu, a file manager or the message bus: nobody reads what it writes to standard error.
final class MenuStart {
  /// What was told on standard error so far.
  var messages: [Diagnostic] = []

  /// Nil where a person started it from a terminal, or a program that is none of a desktop's.
  ///
  /// - Parameter isMarked: whether the line says so. That counts most: some launchers leave nothing in the environment, a
  ///   session's standard error may be the terminal it was started from, and one that a menu opens closes at once.
  init?(_ host: Host, isMarked: Bool) {
    if isMarked { return }
    if (0...2).contains(where: { csnug_isatty($0) == 1 }) { return nil }
    // What GLib, the startup notification, Wayland's activation and the bus leave in the environment of what they start.
    let marks = [
      "GIO_LAUNCHED_DESKTOP_FILE", "GIO_LAUNCHED_DESKTOP_FILE_PID", "DESKTOP_STARTUP_ID", "XDG_ACTIVATION_TOKEN",
      "DBUS_STARTER_BUS_TYPE",
    ]
    guard marks.contains(where: { mark in host.environment.contains { $0.name == mark } }) else { return nil }
  }

  /// The start has failed: a notification for the person, the whole text for the log.
  func tell(_ profile: String, _ host: Host) {
    guard let last = messages.last else { return }
    let log = StartLog(host)
    let text = messages.map({ $0.text }).joined(separator: "\n")
    let isWritten = log.add("snug run \(escaped(profile))\n\(text)") == nil
    var body = escaped(last.message)
    if let hint = last.hint { body += "\n" + escaped(hint) }
    body += "\nsnug check \(escaped(profile)) shows it in a terminal."
    if isWritten { body += "\nAlso in \(escaped(host.tildePath(log.path)))" }
    notifyOfFailure("\(escaped(profile)) did not start", body)
  }
}

extension Profile {
  /// Why the message bus has nothing of starting the app for a name; nil where the app may be it.
  package func busProblem(_ name: String) -> Diagnostic? {
    for owned in sessionBus?.value.own ?? [] {
      // `org.example.*` is that name and all below it.
      let isGroup = owned.value.hasSuffix(".*")
      let above = isGroup ? String(owned.value.dropLast(2)) : owned.value
      if name == above || isGroup && name.utf8.starts(with: (above + ".").utf8) { return nil }
    }
    return Diagnostic(
      "the message bus cannot start \(name): profile \"\(self.name)\" does not own that name",
      hint: "it starts from the menu, and with: snug run \(self.name)")
  }
}

/// Looks beside the start whether a program outside of every box has a name of the bus that the app is to own; nil where
/// it owns none, or nobody would be told.
func nameWatch(_ plan: Plan, isMenuStart: Bool) -> NameWatch? {
  guard isMenuStart || csnug_isatty(2) == 1 else { return nil }
  let rules = plan.bus?.buses.first { $0.kind == .session }?.rules ?? []
  let names = rules.filter { $0.access == .own }.map({ $0.name })
  return names.isEmpty ? nil : NameWatch(names, notifies: isMenuStart ? plan.profile : nil)
}

extension Host {
  fileprivate func tildePath(_ path: String) -> String {
    path.hasPrefix(home + "/") ? "~" + path.dropFirst(home.count) : path
  }
}
