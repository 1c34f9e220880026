import SnugDesktop
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

extension Desktop {
  /// A file that Snug has written.
  private struct Ours {
    var path: String
    var profile: String
    /// Whether somebody has changed it since.
    var isChanged = false
  }

  /// Takes away what was written for profiles; nil: for all.
  func remove(_ names: [String]?) throws(Diagnostic) {
    let ours = written()
    for name in names ?? [] where !ours.contains(where: { $0.profile == name }) {
      throw Diagnostic("nothing is installed for \"\(name)\"", hint: "snug desktop list tells what is")
    }
    if ours.isEmpty { return answer("nothing is installed\n") }
    var problems: [Diagnostic] = []
    for file in ours where names?.contains(file.profile) ?? true {
      do throws(Diagnostic) { try takeAway(file) } catch { problems.append(error) }
    }
    refresh()
    try tell(problems)
  }

  /// All that there is, sorted by path.
  private func written() -> [Ours] {
    var ours = shims().map { Ours(path: $0.path, profile: $0.profile) }
    for (menu, folder) in [(menu(), applications), (autostart(), autostartFolder)] {
      for file in menu.files.values.joined() where file.path.hasPrefix(folder + "/") {
        if let profile = file.profile {
          ours.append(Ours(path: file.path, profile: profile, isChanged: file.isChanged))
        }
      }
    }
    for file in bus().files.values.joined() where file.path.hasPrefix(services + "/") {
      if let profile = file.profile { ours.append(Ours(path: file.path, profile: profile, isChanged: file.isChanged)) }
    }
    return ours.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  private func takeAway(_ file: Ours) throws(Diagnostic) {
    let path = file.path
    do throws(UserFile.Failure) {
      let changes = file.isChanged ? try keepChanges(path) : ""
      if let kept = keptPath(path), !isMissing(kept) {
        try UserFile.putBack(kept, to: path)
        answer("\(escaped(path)) is as it was before\(changes)\n")
      } else {
        try UserFile.remove(path, followsLink: false)
        answer("\(escaped(path)) is gone\(changes)\n")
      }
    } catch {
      throw Diagnostic("cannot remove \(error.path): \(error.reason)")
    }
  }
}
