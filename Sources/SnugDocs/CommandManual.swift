/// `snug.1`: every command with its options, and what holds for all of them.
public func commandManual(_ commands: [CommandDescription]) -> String {
  let usage = commands.flatMap(\.usage).joined(separator: "\n")
  var blocks: [Block] = [.section("SYNOPSIS"), .code(usage), .section("DESCRIPTION")]
  blocks += commandManualOpening + [.section("COMMANDS")]
  for command in commands { blocks += describe(command) }
  return ManualPage(
    name: "snug", section: 1, description: "run installed programs in tight boxes that a short profile describes",
    blocks: blocks + commandManualClosing
  ).source
}

private func describe(_ command: CommandDescription) -> [Block] {
  var blocks: [Block] = [
    .subsection("snug " + command.name), .text(command.abstract), .code(command.usage.joined(separator: "\n")),
  ]
  for paragraph in command.discussion.split(separator: "\n\n") { blocks.append(.text(String(paragraph))) }
  if !command.options.isEmpty {
    blocks.append(.items(command.options.map { (head($0), [.text($0.help)]) }))
  }
  return blocks
}

/// `-p, --profile <name|file>`.
private func head(_ option: OptionDescription) -> String {
  option.names.joined(separator: ", ") + (option.valueName.map { " <\($0)>" } ?? "")
}
