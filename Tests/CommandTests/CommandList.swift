import ArgumentParser
import SnugDocs
import TestSupport

@testable import snug

/// Every subcommand as ArgumentParser tells of it.
func declaredCommands() throws -> [CommandDescription] {
  guard let dump = JSONValue(Snug._dumpHelp()) else { throw CannotReadDump() }
  let infos = Dictionary(
    dump["command"]["subcommands"].list.map { ($0["commandName"].text, $0) }, uniquingKeysWith: { first, _ in first })
  return try Snug.configuration.subcommands.map { type in
    let configuration = type.configuration
    guard let name = configuration.commandName, let info = infos[name] else { throw CannotReadDump() }
    let usage = configuration.usage ?? Snug.usageString(for: type).replacing("Usage: ", with: "")
    return CommandDescription(
      name: name, abstract: configuration.abstract, discussion: configuration.discussion,
      usage: usage.split(separator: "\n").map(String.init), options: info["arguments"].list.compactMap(option))
  }
}

struct CannotReadDump: Error {}

private func option(_ info: JSONValue) -> OptionDescription? {
  let names = info["names"].list.map { ($0["kind"].text == "short" ? "-" : "--") + $0["name"].text }
  if names.isEmpty || names.contains("--help") || names.contains("--version") { return nil }
  return OptionDescription(
    names: names, valueName: info["kind"].text == "option" ? info["valueName"].text : nil,
    help: info["abstract"].text, words: info["allValues"].list.map(\.text))
}
