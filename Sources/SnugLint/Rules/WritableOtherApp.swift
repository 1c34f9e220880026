import SnugPlan
import SnugProfile

extension Rule {
  static let writableOtherApp = Rule(
    "writable-other-app", .warning,
    what: "Files of another app can be changed",
    why: """
      Settings name programs, extensions and servers: the other app runs what this one wrote, with that one's \
      rights. What is the app's own is told by the profile's name, id and programs.
      """,
    example: """
      [files]
      write = [{ path = "~/.mozilla", if-missing = "create" }]
      """,
    safer: """
      id = "org.mozilla.firefox"
      [files]
      write = [{ path = "~/.mozilla", if-missing = "create" }]
      """
  ) { subject in
    var told = PathTree<Bool>()
    for place in placesToldElsewhere {
      if let path = subject.context.absolute(place) { told[subject.real(path)] = true }
    }
    let containers = appContainers.compactMap { place in
      subject.context.absolute(place).map { (place: place, path: subject.real($0)) }
    }
    var lines = LinesByOrigin()
    for writer in subject.writers where told.nearest(writer.source) == nil {
      if let whole = containers.first(where: { isAtOrBelow($0.path, writer.source) }) {
        lines.add("\(whole.place), where every app has its files", at: writer.origin)
      } else if subject.isOfOtherApp(writer.source, containers.map(\.path)) {
        lines.add("\(subject.context.portable(writer.source)) of another app", at: writer.origin)
      }
    }
    return lines.findings {
      Finding("the app can change \($1)", at: $0, hint: "grant it in files.read, or give the app a private home")
    }
  }
}

/// Directories that hold one of their own for each app.
private let appContainers = ["xdg-config", "xdg-data", "~/.var/app", "~/snap"]

/// What other rules tell of, with the reason that holds there.
private let placesToldElsewhere =
  Subject.shellStartPlaces + Subject.autostartPlaces + Subject.desktopEntryPlaces + Subject.userServicePlaces
  + Subject.gitSettingsPlaces + Subject.codeCachePlaces
  + ["~/.ssh", "~/.gnupg", "~/.local/bin", "~/.local/lib", "xdg-config/snug", "xdg-data/snug"]

/// What all apps share, and what holds the files of many.
private let sharedNames: Set<String> = [
  "Trash", "cache", "config", "fontconfig", "fonts", "icons", "local", "mime", "recently-used.xbel", "themes",
  "user-dirs.dirs", "var",
]

extension Subject {
  fileprivate func isOfOtherApp(_ path: String, _ containers: [String]) -> Bool {
    var name: Substring?
    if let container = containers.first(where: { isAtOrBelow(path, $0) }) {
      name = firstName(of: path, below: container)
    } else if isAtOrBelow(path, realHome), let first = firstName(of: path, below: realHome), first.hasPrefix(".") {
      name = first.dropFirst()
    }
    guard let name = name.map(String.init), !name.isEmpty else { return false }
    return !sharedNames.contains(name) && !isOwnApp(name)
  }
}

private func firstName(of path: String, below container: String) -> Substring? {
  Substring(path.utf8.dropFirst(container.utf8.count)).split(separator: "/").first
}
