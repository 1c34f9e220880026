import SnugDesktop
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

extension Desktop {
  /// Writes entries, services and shims for profiles; nil: for all.
  func install(_ names: [String]?, shims: Bool) throws(Diagnostic) {
    guard let executable = startedExecutable(), host.isExecutable(executable) else {
      throw Diagnostic("cannot tell where snug is: its file is gone")
    }
    var installer = DesktopInstaller(
      self, executable: executable, profiles: try chosen(names), isNamed: names != nil)
    let count = installer.install(shims: shims)
    refresh()
    try tell(installer.problems)
    if count == 0, names == nil { answer("no entry starts a program of a profile\n") }
  }

  /// Says what went wrong, if anything did: the last of it ends the command.
  func tell(_ problems: [Diagnostic]) throws(Diagnostic) {
    for problem in problems.dropLast() { say(problem.text + "\n") }
    if let last = problems.last { throw last }
  }

  /// The profiles that something is to be written for.
  private func chosen(_ names: [String]?) throws(Diagnostic) -> [BoxableProfile] {
    guard let names else { return profiles() }
    var found: [BoxableProfile] = []
    for name in names {
      // Menus start it from no directory that anybody knows.
      try session.loader.requireName(name)
      let profile: Profile
      do throws(ProfileErrors) {
        profile = try session.load(name)
      } catch {
        for diagnostic in error.diagnostics.dropLast() { say(diagnostic.text + "\n") }
        throw error.diagnostics.last ?? Diagnostic("cannot read profile \"\(name)\"")
      }
      guard let boxable = boxable(profile) else {
        throw Diagnostic("profile \"\(name)\" names no program", hint: "programs = [\"...\"] names those it is for")
      }
      found.append(boxable)
    }
    return found
  }

  /// What a file of ours gets the place of.
  enum Old {
    /// A file of the user's, if there is any.
    case users
    /// One that Snug has written.
    case ours
    /// One that Snug has written, and somebody has changed.
    case changed
  }

  /// Puts a file of ours in place; what is there of the user's is kept.
  func place(_ bytes: [UInt8], at path: String, over old: Old) throws(Diagnostic) {
    let isNew = isMissing(path)
    var news = isNew ? "new" : "changed"
    do throws(UserFile.Failure) {
      if !isNew {
        switch old {
        case .users:
          if let kept = keptPath(path) { try UserFile.keep(path, as: kept) }
          news = "new, what was there is kept"
        case .ours:
          if host.read(path) == bytes { return answer("\(escaped(path)) is as it should be\n") }
        case .changed: news += try keepChanges(path)
        }
      }
      try UserFile.write(bytes, to: path, as: .shared)
    } catch {
      if error.isThere {
        throw Diagnostic(
          "cannot keep \(path): another file is kept as \(error.path) already",
          hint: "look at both, and take one of them away")
      }
      throw cannotWrite(error)
    }
    answer("\(escaped(path)) is \(news)\n")
  }

  /// Keeps a file of Snug's that somebody has changed, beside the one that it has the place of; the words that say so.
  func keepChanges(_ path: String) throws(UserFile.Failure) -> String {
    guard let kept = keptPath(path) else { return "" }
    var number = 1
    while true {
      let copy = "\(kept).edited" + (number == 1 ? "" : "-\(number)")
      do throws(UserFile.Failure) {
        try UserFile.keep(path, as: copy)
        return "; with your changes it is kept as \(escaped(copy))"
      } catch {
        if !error.isThere || number == 99 { throw error }
      }
      number += 1
    }
  }

  /// Writes a program that starts another one in its box.
  func installShim(_ name: String, _ profile: BoxableProfile, _ executable: String) throws(Diagnostic) {
    let path = "\(shimDirectory(host))/\(name)"
    let isOurs = host.read(path).flatMap(shimProfile) != nil
    let isNew = isMissing(path)
    if !isNew, !isOurs {
      throw Diagnostic("cannot write \(path): a file of yours is there", hint: "without --shim it stays")
    }
    let wrapping = Wrapping(profile: profile.name, executable: executable, command: profile.command)
    do throws(UserFile.Failure) {
      try UserFile.write(shimText(name, wrapping), to: path, as: .program)
    } catch {
      throw cannotWrite(error)
    }
    answer("\(escaped(path)) is \(isNew ? "new" : "written again")\n")
    if let first = firstInPath(name), first != path {
      say("snug: the shim is not used: PATH finds \(escaped(first)) first\n  hint: \(shimHint)\n")
    }
  }

  /// What makes a shell find shims.
  var shimHint: String { "PATH=\"$HOME/.local/bin:$PATH\" in the file that your shell reads at login" }

  /// What the caller's shell would start; nil where it finds nothing.
  func firstInPath(_ name: String) -> String? {
    (host.variable("PATH") ?? "").split(separator: ":").map { "\($0)/\(name)" }.first {
      if case .exists(_, .file, _, _) = host.look($0) { host.isExecutable($0) } else { false }
    }
  }
}

/// What failed, in the words of every error.
func cannotWrite(_ failure: UserFile.Failure) -> Diagnostic {
  Diagnostic("cannot write \(failure.path): \(failure.reason)")
}
