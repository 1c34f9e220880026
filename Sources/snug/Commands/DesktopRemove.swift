import SnugDesktop
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

extension Desktop {
  /// Takes away what was written for profiles; nil: for all.
  func remove(_ names: [String]?) throws(Diagnostic) {
    var ours: [(path: String, profile: String)] = []
    for file in menu().files.values.joined() {
      if let profile = file.profile, file.path.hasPrefix(applications + "/") { ours.append((file.path, profile)) }
    }
    for file in bus().files.values.joined() {
      if let profile = file.profile, file.path.hasPrefix(services + "/") { ours.append((file.path, profile)) }
    }
    ours += shims().map { ($0.path, $0.profile) }
    ours.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    for name in names ?? [] where !ours.contains(where: { $0.profile == name }) {
      throw Diagnostic("nothing is installed for \"\(name)\"", hint: "snug desktop list tells what is")
    }
    for file in ours where names?.contains(file.profile) ?? true { try takeAway(file.path) }
    if ours.isEmpty { return answer("nothing is installed\n") }
    refresh()
  }

  private func takeAway(_ path: String) throws(Diagnostic) {
    do throws(UserFile.Failure) {
      if let kept = keptPath(path), !isMissing(kept) {
        try UserFile.putBack(kept, to: path)
        answer("\(escaped(path)) is as it was before\n")
      } else {
        try UserFile.remove(path, followsLink: false)
        answer("\(escaped(path)) is gone\n")
      }
    } catch {
      throw Diagnostic("cannot remove \(error.path): \(error.reason)")
    }
  }
}
