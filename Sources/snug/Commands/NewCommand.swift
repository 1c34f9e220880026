import ArgumentParser
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// `snug new`: a commented profile to begin with.
struct NewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Write a commented profile to begin with, from what a program is.",
    usage: "snug new NAME [--from COMMAND|X.desktop] [--print]",
    discussion: """
      Looks at the program called NAME, or at the one that --from names: its libraries, its menu entry, its files in your \
      home. The profile goes to your own profiles; with --print, or - as NAME, to standard output.
      """)

  @Option(help: ArgumentHelp("The program, or its menu entry.", valueName: "command|x.desktop")) var from: String?
  @Flag(help: "Print the profile and write nothing.") var print = false
  @Argument(help: ArgumentHelp("Name of the profile, or -.", valueName: "name")) var name: String

  func run() throws {
    let session = Session()
    do throws(Diagnostic) {
      let subject = try Subject(name: name, from: from, session)
      let text = Array(starterText(subject.profile, subject.program, session.loader.context).utf8)
      let path = session.userProfiles + "/" + subject.profile + ".toml"
      let isPrinted = print || name == "-"
      if !isPrinted { try session.refuseShadowing(subject.profile) }
      let draft = ProfileDraft(name: subject.profile, path: path, old: nil, new: text)
      let problems = session.problems(draft)
      // A text that cannot be read is never written; what this machine lacks is said and does not spoil the start.
      if !session.isReadable(draft), let problem = problems.first { throw problem }
      if subject.program.path == nil {
        say("snug: no program is called \(escaped(subject.program.name)) here: this is a plain start\n")
      }
      if isPrinted { return answer(String(decoding: text, as: UTF8.self)) }
      try writeProfile(text, to: path, mustBeNew: true)
      for problem in problems { say(problem.text + "\n") }
      let name = escaped(subject.profile)
      answer(
        "\(escaped(path)) is new\n" + session.findingsText(draft, told: problems)
          + "  snug explain \(name) tells what it lets through, snug run \(name) tries it\n")
    } catch {
      say(error.text + "\n")
      throw Status(code: 1)
    }
  }
}

extension Session {
  /// Whether a draft is a profile, whatever this machine makes of it.
  func isReadable(_ draft: ProfileDraft) -> Bool {
    (try? loader.replacing(draft.path, with: draft.new).merge(draft.name)) != nil
  }

  /// A new profile of a name that is there would take its place without a word.
  fileprivate func refuseShadowing(_ name: String) throws(Diagnostic) {
    let place: Override
    do { place = try loader.override(name, in: userProfiles) } catch {
      // No profile has the name: that is what is wanted.
      return
    }
    let path = place.base ?? place.path
    throw Diagnostic(
      "cannot write a new profile \"\(name)\": \(path) is there", hint: "snug override \(name) changes it")
  }
}

/// What a starter is for: the profile's name and what is known of the program.
private struct Subject {
  var profile: String
  var program: ProgramTraits

  init(name: String, from: String?, _ session: Session) throws(Diagnostic) {
    let host = session.host
    let word = from ?? (name == "-" ? "app" : name)
    var entry: (file: String, entry: MenuEntry)?
    if word.hasSuffix(".desktop") {
      entry = try menuEntry(named: word, host)
    } else if from != nil, word.isEmpty || word.hasSuffix("/") {
      throw Diagnostic("cannot look at \"\(word)\": it is not the name of a program", at: .option("--from"))
    } else {
      entry = menuEntry(of: lastName(word), host)
    }
    let command = word.hasSuffix(".desktop") ? entry?.entry.program ?? word : word
    program = ProgramTraits(name: lastName(command))
    profile = name == "-" ? plainName(program.name) : name
    try session.loader.requireName(profile)
    program.entry = entry?.entry
    program.id = entry.flatMap { session.loader.appID(ofMenuFile: $0.file) }
    let path = programPath(command, host)
    if path == nil, from != nil, !word.hasSuffix(".desktop") {
      throw Diagnostic("cannot find a program \(command)", at: .option("--from"))
    }
    if let path { program.look(at: path, on: host, HostFiles.readPart) }
    program.lookAround(host, session.loader.context)
  }
}

private func lastName(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

/// A name for the plan of a profile that is only printed.
private func plainName(_ name: String) -> String {
  let plain = String(name.unicodeScalars.filter { $0.isASCII && ($0.properties.isAlphabetic || $0 == "-") })
  return plain.isEmpty || plain.hasPrefix("-") ? "app" : plain
}

/// Where the caller's shell would find a program.
private func programPath(_ command: String, _ host: Host) -> String? {
  func isProgram(_ path: String) -> Bool {
    // What a shim starts is the question, and not the shim.
    if case .exists(_, .file, _, _) = host.look(path) {
      host.isExecutable(path) && !isShim(path, on: host)
    } else {
      false
    }
  }
  if command.contains("/") {
    let path = command.hasPrefix("/") ? command : (host.workingDirectory ?? "") + "/" + command
    let clean = ProfileSearch.Directory(path: path).path
    return isProgram(clean) ? clean : nil
  }
  return (host.variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map { "\($0)/\(command)" }
    .first(where: isProgram)
}

/// Where menus are made from, see the XDG Base Directory Specification.
private func menuDirectories(_ host: Host) -> [String] {
  let shared = host.variable("XDG_DATA_DIRS").flatMap { $0.isEmpty ? nil : $0 } ?? "/usr/local/share:/usr/share"
  return ([host.dataHome] + shared.split(separator: ":").map(String.init)).map { $0 + "/applications" }
}

private func menuEntry(named word: String, _ host: Host) throws(Diagnostic) -> (file: String, entry: MenuEntry) {
  let places = word.contains("/") ? [word] : menuDirectories(host).map { $0 + "/" + word }
  for place in places {
    guard let bytes = host.read(place) else { continue }
    guard let entry = readMenuEntry(bytes) else {
      throw Diagnostic("cannot read \(place): it has no [Desktop Entry]", at: .option("--from"))
    }
    return (lastName(place), entry)
  }
  let hint = word.contains("/") ? nil : "for a file write ./\(word)"
  throw Diagnostic("cannot read \(word): no menu entry is called so", at: .option("--from"), hint: hint)
}

/// The menu entry of a program: the one that is called like it, else the first that starts it.
private func menuEntry(of program: String, _ host: Host) -> (file: String, entry: MenuEntry)? {
  for directory in menuDirectories(host) {
    if let bytes = host.read("\(directory)/\(program).desktop"), let entry = readMenuEntry(bytes) {
      return (program + ".desktop", entry)
    }
  }
  for directory in menuDirectories(host) {
    for file in host.list(directory) where file.hasSuffix(".desktop") {
      guard let bytes = host.read(directory + "/" + file), let entry = readMenuEntry(bytes) else { continue }
      if let first = entry.program, lastName(first) == program { return (file, entry) }
    }
  }
  return nil
}
