import ArgumentParser
import CSnug
import SnugPlan
import SnugProfile
import SnugStart

/// `snug diff`: what one profile's app can do more or less than another one's.
struct DiffCommand: ParsableCommand {
  /// What `--fail-on` takes.
  enum Failure: String, ExpressibleByArgument, CaseIterable { case widen }

  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Show what the app of profile B gains and loses against that of profile A.",
    discussion: """
      A and B are names or files, or git:REV:path for a file as a revision of its repository has it. What a profile asks \
      for counts, also where this machine lacks the file, the variable or the kernel for it.

      + is a gain, - a loss, = changes nothing about what the app can reach. What cannot be weighed is a gain.
      """)

  @Argument(help: ArgumentHelp("Profile before.", valueName: "a")) var before: String
  @Argument(help: ArgumentHelp("Profile after.", valueName: "b")) var after: String
  @Option(help: "Leave with status 1 when there is a gain.") var failOn: Failure?
  @Flag(help: "As JSON.") var json = false

  func run() throws {
    let session = Session()
    let changes: [Change]
    do throws(ProfileErrors) {
      let profiles = (try load(before, session), try load(after, session))
      changes = try session.compiled { () throws(CompileError) in
        try compare(profiles.0, profiles.1, on: session.host)
      }
    } catch {
      say(error.text + "\n")
      throw Status(code: 1)
    }
    let isColoured = csnug_isatty(1) == 1 && (session.host.variable("NO_COLOR") ?? "").isEmpty
    answer(json ? diffJSON(changes) : diffText(changes, isColoured: isColoured))
    if failOn == .widen, changes.contains(where: { $0.kind == .gain }) { throw Status(code: 1) }
  }

  /// Also what this version does not do is compared, so that it is not refused.
  private func load(_ word: String, _ session: Session) throws(ProfileErrors) -> Profile {
    let version: GitVersion?
    do { version = try GitVersion(word) } catch { throw ProfileErrors(diagnostics: [error]) }
    if let version { return try version.merge(session).profile }
    return try session.loader.merge(word).profile
  }
}
