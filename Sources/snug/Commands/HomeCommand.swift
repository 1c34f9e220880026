import ArgumentParser
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// `snug home`: the private homes, where they are and how big.
struct HomeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "home", abstract: "Show the private homes of profiles, or empty one.",
    discussion: """
      Without NAME, one line for each: profile, size, last use, path. A home is measured without following links and \
      without entering what is mounted in it.

      --reset removes everything in the home of NAME and says how much that was. It is refused while a program runs in \
      it. The home is moved aside first: a reset that is interrupted leaves the whole of it or nothing.
      """)

  @Argument(help: ArgumentHelp("The profile whose home is meant.", valueName: "name")) var profile: String?
  @Flag(help: "Remove everything in it.") var reset = false

  func validate() throws {
    if reset, profile == nil { throw ValidationError("--reset needs the name of a home") }
  }

  func run() throws {
    let session = Session()
    let homes = PrivateHomes(dataHome: session.host.dataHome)
    do throws(Diagnostic) {
      guard let profile else {
        return answer(homesText(try homes.list(), known: session.loader.listed().map(\.name), path: homes.path))
      }
      if reset {
        guard let removal = try homes.reset(profile) else { throw noHome(profile) }
        let told = resetText(profile, removal)
        say(told.errors)
        answer(told.output)
        if removal.rest != nil { throw Diagnostic("") }
        return
      }
      guard let home = try homes.list(only: profile).first else { throw noHome(profile) }
      answer(homeText(home))
    } catch {
      if !error.message.isEmpty { say(error.text + "\n") }
      throw Status(code: 1)
    }
  }

  private func noHome(_ profile: String) -> Diagnostic {
    Diagnostic("no private home is called \"\(profile)\"", hint: "snug home lists them")
  }
}

/// One line each. `known`: the names of the profiles that there are.
func homesText(_ homes: [PrivateHome], known: [String], path: String) -> String {
  if homes.isEmpty { return "no private homes in \(escaped(path))\n" }
  let rows = homes.map { home in
    [
      escaped(home.profile), size(home.size), home.isUsed ? "in use" : "used \(timeText(home.lastUse))",
      escaped(home.path) + (known.contains(home.profile) ? "" : " (no profile of this name)"),
    ]
  }
  let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    (0..<3).map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count) + "  " }.joined() + row[3] + "\n"
  }.joined()
}

/// What there is to say about one.
func homeText(_ home: PrivateHome) -> String {
  """
  path  \(escaped(home.path))
  size  \(size(home.size)), \(home.size.entries) files and directories
  used  \(home.isUsed ? "now" : timeText(home.lastUse))

  """
}

/// What was removed, and what was not.
func resetText(_ profile: String, _ removal: TreeRemoval) -> (output: String, errors: String) {
  let output =
    "emptied the private home of \(escaped(profile)): \(removal.entries) files and directories, "
    + "\(sizeText(removal.bytes))\n"
  var errors = removal.failures.map { failure in
    "snug: cannot remove \(escaped(failure.path)): \(failure.reason)\n"
  }.joined()
  let untold = removal.failureCount - removal.failures.count
  if untold > 0 { errors += "snug: cannot remove \(untold) more\n" }
  if let rest = removal.rest { errors += "snug: what is left is in \(escaped(rest))\n" }
  return (output, errors)
}

private func size(_ size: TreeSize) -> String {
  (size.unreadable > 0 ? "more than " : "") + sizeText(size.bytes)
}
