import ArgumentParser
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// `snug override`: lasting changes of a profile, in a file of the user's that extends it.
struct OverrideCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "override",
    abstract: "Change a profile for good, in a file of your own that keeps getting its upgrades.",
    usage: """
      snug override NAME OPTIONS OF RUN
      snug override NAME --show | --edit | --reset
      """,
    discussion: """
      Of the options of run, those that change the profile: --read, --write, --hide, --network, --setenv, --keep-env and \
      --home. What they say is written down, comments and layout of the file stay; the last word about a path stands.
      """)

  @Flag(help: "Print the changes.") var show = false
  @Flag(help: "Open the changes in $VISUAL or $EDITOR.") var edit = false
  @Flag(help: "Take the changes back; the file is kept with ~ behind its name.") var reset = false
  @Argument(
    parsing: .allUnrecognized, help: ArgumentHelp("The profile's name and options of run.", valueName: "name"))
  var words: [String] = []

  func run() throws {
    let (name, settings) = try request()
    let session = Session()
    do throws(ProfileErrors) {
      let place = try one { () throws(Diagnostic) in try session.loader.override(name, in: session.userProfiles) }
      if show { return tell(place) }
      if reset { return try takeBack(place, session) }
      if edit { return try one { () throws(Diagnostic) in try EditSession(place: place, session: session).run() } }
      try change(place, try Session.options(settings), session)
    } catch {
      say(error.text + "\n")
      throw Status(code: 1)
    }
  }

  /// The name and the options, in the order given: about a path the last one counts.
  private func request() throws -> (name: String, settings: [RunRequest.Setting]) {
    var rest = words
    var name: String?
    if let first = rest.first, !first.hasPrefix("-") { name = rest.removeFirst() }
    do {
      var request = try RunRequest.parse(rest.map { Array($0.utf8) }, name: name.map { Array($0.utf8) })
      let settings = request.settings
      guard let profile = request.words.popLast() else { throw RunRequest.UsageError(message: "no profile is given") }
      request.settings = []
      // Everything else that `run` takes is about one start and cannot last.
      if request != RunRequest() {
        throw RunRequest.UsageError(message: "only options that change the profile can last")
      }
      let modes = [show, edit, reset].count { $0 } + (settings.isEmpty ? 0 : 1)
      if modes == 0 { throw RunRequest.UsageError(message: "nothing to change is given") }
      if modes > 1 { throw RunRequest.UsageError(message: "--show, --edit, --reset and changes each stand alone") }
      return (String(decoding: profile, as: UTF8.self), settings)
    } catch let error as RunRequest.UsageError {
      say("snug: \(escaped(error.message))\n  hint: snug override --help\n")
      throw Status(code: 2)
    }
  }

  private func tell(_ place: Override) {
    if place.kind == .none {
      return say("snug: there are no changes of \"\(escaped(place.name))\" in \(escaped(place.path))\n")
    }
    let lines = place.bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    let text = lines.map { escaped($0.filter { $0 != 0x0D }.map { $0 == 0x09 ? 0x20 : $0 }) }.joined(separator: "\n")
    answer(text.hasSuffix("\n") || text.isEmpty ? text : text + "\n")
  }

  private func takeBack(_ place: Override, _ session: Session) throws(ProfileErrors) {
    switch place.kind {
    case .none: return tell(place)
    case .whole:
      throw ProfileErrors(diagnostics: [
        Diagnostic(
          "cannot take back \(place.path): it is a whole profile, not changes of another one",
          hint: "remove the file where it is not wanted any more")
      ])
    case .change:
      do {
        try UserFile.move(place.path, toName: place.name + ".toml~")
      } catch {
        throw ProfileErrors(diagnostics: [Diagnostic("cannot move \(place.path): \(error.reason)")])
      }
      answer(session.report(ProfileDraft(name: place.name, path: place.path, old: place.bytes, new: nil)))
      answer("  it is kept as \(escaped(place.path))~\n")
    }
  }

  private func change(_ place: Override, _ options: [OptionSetting], _ session: Session) throws(ProfileErrors) {
    let wrong = session.problems(place.name, with: options)
    if !wrong.isEmpty { throw ProfileErrors(diagnostics: wrong) }
    let merged = try session.loader.merge(place.name)
    let start = place.kind == .none ? session.loader.emptyOverride(of: merged) : place.bytes
    let text = try one { () throws(Diagnostic) in
      try session.loader.writing(options, into: start, file: place.path, over: merged)
    }
    if place.kind != .none, text == place.bytes {
      return answer("\(escaped(place.path)) says so already\n")
    }
    let old = place.kind == .none ? nil : place.bytes
    let draft = ProfileDraft(name: place.name, path: place.path, old: old, new: text)
    let problems = session.problems(draft)
    if !problems.isEmpty { throw ProfileErrors(diagnostics: problems) }
    try one { () throws(Diagnostic) in try writeProfile(text, to: place.path) }
    if place.kind == .whole {
      say("snug: \"\(escaped(place.name))\" is a whole profile of yours: it is changed itself\n")
    }
    answer(session.report(draft))
  }
}

/// One diagnostic among those of a profile.
private func one<Result>(_ body: () throws(Diagnostic) -> Result) throws(ProfileErrors) -> Result {
  do { return try body() } catch { throw ProfileErrors(diagnostics: [error]) }
}
