import ArgumentParser
import SnugPlan
import SnugProfile
import SnugStart

/// `snug list`: the profiles and where they come from.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the profiles and where they come from.")

  @Flag(help: "As JSON.") var json = false
  @Flag(help: "Names alone, one on each line, for scripts that complete them.") var names = false

  func validate() throws {
    if json, names { throw ValidationError("--json and --names exclude each other") }
  }

  func run() throws {
    let profiles = Session().loader.listed()
    if names { return answer(profiles.map { escaped($0.name) + "\n" }.joined()) }
    answer(json ? listJSON(profiles) : listText(profiles))
  }
}

/// One line each: name, summary or trouble, file.
func listText(_ profiles: [ListedProfile]) -> String {
  let names = profiles.map { escaped($0.name) }
  let summaries = profiles.map { escaped($0.problem.map { "broken: " + $0.message } ?? $0.summary ?? "") }
  let width = (names.map(\.count).max() ?? 0, min(60, summaries.map(\.count).max() ?? 0))
  return profiles.indices.map { index in
    pad(names[index], width.0) + "  " + pad(summaries[index], width.1) + "  " + escaped(profiles[index].file) + "\n"
  }.joined()
}

/// An array of {name, file, summary, command, problem}; keys are contract.
func listJSON(_ profiles: [ListedProfile]) -> String {
  JSON.list(
    profiles.map { profile in
      .object([
        .init("name", .text(profile.name)), .init("file", .text(profile.file)),
        .init("summary", profile.summary.map { .text($0) } ?? .null), .init("command", .texts(profile.command)),
        .init("problem", profile.problem.map { .text($0.message) } ?? .null),
      ])
    }
  ).pretty + "\n"
}

private func pad(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
