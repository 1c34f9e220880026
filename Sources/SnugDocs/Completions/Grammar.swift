import SnugProfile

/// What a word of the command line is completed with.
enum Completed: Hashable {
  case nothing, file, profile, program, rule, variable, instance
  case words([String])
}

/// What stands behind the name of a command.
enum Operands: Hashable {
  case none
  /// One profile, or as many as are wanted.
  case profile, profiles
  /// A profile, and options of `run` on both sides of it.
  case profileWithRunOptions
  /// `run`: a profile, or a program behind `-p` or `--`. What follows is that program's.
  case program
  /// One instance that runs; then, of `exec`, a program with its own words.
  case instance, instanceWithProgram
  /// A file, or `INSTANCE:` and a path inside; twice.
  case copy
  case words([String])
  /// One of these words, then profiles.
  case wordThenProfiles([String])
}

/// What each command takes. A command that is not here has no completion, which a test finds.
let operandsOfCommand: [String: Operands] = [
  "run": .program, "check": .profileWithRunOptions, "plan": .profileWithRunOptions,
  "explain": .profileWithRunOptions, "override": .profileWithRunOptions, "diff": .profiles, "lint": .profiles,
  "show": .profile, "home": .profile, "new": .none, "list": .none, "ps": .none, "doctor": .none,
  "cp": .copy, "exec": .instanceWithProgram, "stop": .instance, "pause": .instance, "resume": .instance,
  "reset": .instance, "desktop": .wordThenProfiles(["install", "remove", "list", "check"]),
  "seccomp": .words(Seccomp.Preset.allCases.map(\.rawValue)),
]

/// What an option's value is completed with; nil where the name of the value is not known, which a test finds.
func completed(_ option: OptionDescription) -> Completed? {
  if !option.words.isEmpty { return .words(option.words) }
  switch option.valueName {
  case nil: return .nothing
  case "name|file": return .profile
  case "path", "path[:inside]": return .file
  case "mode": return option.names.contains("--network") ? words(of: "network.mode") : words(of: "files.home")
  case "name": return .variable
  case "command|x.desktop": return .program
  case "rule": return .rule
  // A new name is free; every other one is of an instance that runs.
  case "instance": return option.names.contains("--name") ? .nothing : .instance
  // A value is free, and so is the name of a menu entry's service; a descriptor is the caller's own.
  case "name=value", "bus-name", "n", "duration", "size": return .nothing
  default: return nil
  }
}

/// The words that a key takes.
private func words(of name: String) -> Completed? {
  guard let key = Key.named(name), case .word(let words) = key.kind else { return nil }
  return .words(words)
}

/// A command with what its words are completed with.
struct CompletedCommand {
  var name: String
  var abstract: String
  var operands: Operands
  var options: [CompletedOption]
}

/// An option with what its value is completed with; a flag has none.
struct CompletedOption {
  var names: [String]
  var help: String
  var value: Completed?
}

/// The whole command line; what is not known is left out.
func grammar(_ commands: [CommandDescription]) -> [CompletedCommand] {
  let run = commands.first { $0.name == "run" }?.options ?? []
  return commands.compactMap { command in
    guard let operands = operandsOfCommand[command.name] else { return nil }
    var options = command.options
    if operands == .profileWithRunOptions {
      // Of the options of `run`, those that change the profile: the others are about one start.
      let settings = run.filter { option in option.names.contains { settingNames.contains($0) } }
      let own = Set(options.flatMap(\.names))
      options += settings.filter { own.isDisjoint(with: $0.names) }
    }
    options.append(OptionDescription(names: ["-h", "--help"], valueName: nil, help: "Show help.", words: []))
    return CompletedCommand(
      name: command.name, abstract: withoutStop(command.abstract), operands: operands,
      options: options.map { option in
        CompletedOption(
          names: option.names, help: withoutStop(option.help),
          value: option.valueName == nil ? nil : completed(option) ?? .nothing)
      })
  }
}

private let settingNames: Set = ["--read", "--write", "--hide", "--network", "--setenv", "--keep-env", "--home"]

private func withoutStop(_ text: String) -> String { text.hasSuffix(".") ? String(text.dropLast()) : text }

/// A word between single quotes, for every shell.
func shellQuoted(_ text: String) -> String {
  "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}

/// The first line of each script, behind its shell's name.
let completionHeading = "of snug, generated from its command line; see share/doc/contributing.md."
