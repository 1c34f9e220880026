import ArgumentParser
import CSnug
import SnugLint
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// `snug lint`: what is wrong or dangerous in a profile.
struct LintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint", abstract: "Tell what is wrong in profiles, why, and what to write instead.",
    usage: """
      snug lint NAME|FILE... [--format FORMAT] [--fix]
      snug lint --explain RULE
      snug lint --list
      """,
    discussion: """
      A word with a slash is a file, every other one the name of a profile, and - is standard input. The exit status is \
      0 when there is no error, 1 when there is one, 2 for a wrong command line.

      A comment "# snug: allow RULE reason" on the line or the line above says that a finding is meant.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, sarif, github }

  @Option(help: "text, json, sarif or github.") var format = Format.text
  @Flag(help: "Make the repairs that need no thought; comments and layout stay.") var fix = false
  @Option(help: ArgumentHelp("Print the page of a rule.", valueName: "rule")) var explain: String?
  @Flag(help: "List the rules.") var list = false
  @Argument(help: ArgumentHelp("Profiles.", valueName: "name|file")) var names: [String] = []

  func validate() throws {
    let ways = [explain != nil, list, !names.isEmpty].count { $0 }
    if ways == 0 { throw ValidationError("missing profile to lint") }
    if ways > 1 { throw ValidationError("--explain, --list and profiles exclude each other") }
    if fix, names.contains("-") { throw ValidationError("--fix needs a file, standard input cannot be changed") }
  }

  func run() throws {
    if list { return answer(Rule.listing) }
    if let explain { return try answer(page(explain)) }
    let session = Session()
    var files: [FoundProfile] = []
    var isRefused = false
    for name in names {
      do throws(Diagnostic) {
        var file = try find(name, session)
        if files.contains(where: { $0.path == file.path }) { continue }
        if fix { try repair(&file, session) }
        files.append(file)
      } catch {
        say(error.text + "\n")
        isRefused = true
      }
    }
    let reports = lint(files.map { Subject($0, session.loader, session.host) })
    answer(text(reports))
    if isRefused || reports.contains(where: \.hasErrors) { throw Status(code: 1) }
  }

  private func page(_ name: String) throws -> String {
    if let rule = Rule.named(name) { return rule.page + "\n" }
    let near = nearest(to: name, in: Rule.all.map(\.name)).map { "did you mean \"\($0)\"?" }
    say(Diagnostic("there is no rule \"\(name)\"", hint: near ?? "snug lint --list names the rules").text + "\n")
    throw Status(code: 2)
  }

  private func find(_ name: String, _ session: Session) throws(Diagnostic) -> FoundProfile {
    if name != "-" { return try session.loader.find(name) }
    return FoundProfile(path: "stdin", name: "stdin", bytes: try readStandardInput())
  }

  private func repair(_ file: inout FoundProfile, _ session: Session) throws(Diagnostic) {
    let repair = SnugLint.repair(file, session.loader, session.host)
    if repair.changes.isEmpty { return }
    if file.isShipped {
      throw Diagnostic(
        "cannot fix \(file.path): Snug ships it, and the next upgrade would undo the change",
        hint: "write a profile of the same name that extends it")
    }
    let path = file.path.hasPrefix("/") ? file.path : (session.host.workingDirectory ?? "") + "/" + file.path
    do throws(UserFile.Failure) {
      try UserFile.write(repair.bytes, to: path)
    } catch {
      throw Diagnostic("cannot write \(file.path): \(error.reason)")
    }
    file.bytes = repair.bytes
    for change in repair.changes {
      say("snug: fixed \(escaped(change.origin.description)): \(escaped(change.value))\n")
    }
  }

  private func text(_ reports: [Report]) -> String {
    switch format {
    case .text: lintText(reports)
    case .json: lintJSON(reports).pretty + "\n"
    case .sarif: lintSARIF(reports, version: snugVersion).pretty + "\n"
    case .github: lintGitHub(reports)
    }
  }
}

/// All of standard input, as far as a profile may go and one byte more.
private func readStandardInput() throws(Diagnostic) -> [UInt8] {
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 64 << 10)
  while bytes.count <= 1 << 20 {
    let count = csnug_read(0, &chunk, chunk.count)
    if count < 0 { throw Diagnostic("cannot read standard input: \(errorText(Int32(-count)))") }
    if count == 0 { break }
    bytes += chunk[..<count]
  }
  return bytes
}
