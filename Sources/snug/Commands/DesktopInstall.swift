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
    let installer = Installer(
      desktop: self, menu: menu(), bus: bus(), executable: executable, profiles: try chosen(names),
      isNamed: names != nil)
    let count = try installer.install(shims: shims)
    refresh()
    if count == 0, names == nil { answer("no entry starts a program of a profile\n") }
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

  /// Puts a file of ours in place; what is there of the user's is kept.
  func place(_ bytes: [UInt8], at path: String, isOurs: Bool) throws(Diagnostic) {
    let isNew = isMissing(path)
    do throws(UserFile.Failure) {
      if !isNew, !isOurs, let kept = keptPath(path) { try UserFile.keep(path, as: kept) }
      if !isNew, isOurs, host.read(path) == bytes { return answer("\(escaped(path)) is as it should be\n") }
      try UserFile.write(bytes, to: path, as: .shared)
    } catch {
      if error.isThere {
        throw Diagnostic(
          "cannot keep \(path): another file is kept as \(error.path) already",
          hint: "look at both, and take one of them away")
      }
      throw cannotWrite(error)
    }
    answer("\(escaped(path)) is \(isNew ? "new" : isOurs ? "changed" : "new, what was there is kept")\n")
  }
}

/// What failed, in the words of every error.
func cannotWrite(_ failure: UserFile.Failure) -> Diagnostic {
  Diagnostic("cannot write \(failure.path): \(failure.reason)")
}

/// One `snug desktop install`.
private struct Installer {
  let desktop: Desktop
  let menu: Menu
  let bus: BusNames
  let executable: String
  let profiles: [BoxableProfile]
  /// Whether the profiles were asked for by name: then it is told why an entry of theirs stays as it is.
  let isNamed: Bool

  private var judge: Judge { Judge(profiles: profiles, host: desktop.host) }

  private func wrapping(_ name: String) -> Wrapping {
    Wrapping(profile: name, executable: executable, command: profiles.first { $0.name == name }?.command)
  }

  /// How many files there are now.
  func install(shims: Bool) throws(Diagnostic) -> Int {
    var counts: [String: Int] = [:]
    var activatable: [String: String] = [:]
    for id in menu.ids {
      guard let file = menu.original(id, kept: { desktop.keptBytes($0.path) }), let profile = owner(of: file),
        case .success(let entry) = file.entry, let bytes = wrapping(profile).wrap(entry, source: file.path)
      else { continue }
      if entry.isActivatable { activatable[String(id.dropLast(".desktop".count))] = profile }
      let path = "\(desktop.applications)/\(file.name)"
      let isOurs = menu.files[id]?.contains { $0.path == path && $0.profile != nil } ?? false
      try desktop.place(bytes, at: path, isOurs: isOurs)
      counts[profile, default: 0] += 1
    }
    for name in bus.names {
      guard let file = bus.original(name, kept: { desktop.keptBytes($0.path) }),
        case .success(let service) = file.service, SnugStart(service.line) == nil,
        let profile = activatable[name] ?? owner(of: service),
        let bytes = wrapping(profile).wrap(service, source: file.path)
      else { continue }
      let path = "\(desktop.services)/\(name).service"
      let isOurs = bus.files[name]?.contains { $0.path == path && $0.profile != nil } ?? false
      try desktop.place(bytes, at: path, isOurs: isOurs)
      counts[profile, default: 0] += 1
    }
    if shims {
      for profile in profiles { counts[profile.name, default: 0] += try desktop.installShims(profile, executable) }
    }
    if isNamed, let profile = profiles.first(where: { counts[$0.name] == nil || counts[$0.name] == 0 }) {
      throw Diagnostic(
        "no entry starts a program of profile \"\(profile.name)\": \(profile.allPrograms.joined(separator: ", "))",
        hint: shims ? "none of them is installed" : "snug desktop list tells of all; --shim is for the terminal")
    }
    return counts.values.reduce(0, +)
  }

  /// The profile that an entry is wrapped for; nil where it stays as it is.
  private func owner(of file: MenuFile) -> String? {
    guard case .success(let entry) = file.entry else {
      if isNamed, let why = refusal(of: file) { say("snug: left alone: \(escaped(file.path)): \(escaped(why))\n") }
      return nil
    }
    if !entry.isApplication { return nil }
    switch judge.state(of: entry) {
    case .boxed: return nil
    case .cannot(let reason):
      if isNamed, isOfOurs(entry) { say("snug: left alone: \(escaped(file.path)): \(escaped(reason))\n") }
      return nil
    case .possible(let names):
      let before = menu.shown(file.id)?.profile
      guard let name = pick(names, before, entry.start?.line) else {
        let both = names.joined(separator: ", ")
        say("snug: left alone: \(escaped(file.path)): several profiles name its program: \(escaped(both))\n")
        return nil
      }
      if let problem = serviceProblem(file, entry) ?? desktop.startProblem(name, entry) {
        say("snug: left alone: \(escaped(file.path)): \(escaped(problem))\n")
        return nil
      }
      return name
    }
  }

  /// Why an entry that the bus starts cannot be boxed: its service would go on starting it without the box.
  private func serviceProblem(_ file: MenuFile, _ entry: DesktopEntry) -> String? {
    guard entry.isActivatable else { return nil }
    let name = String(file.id.dropLast(".desktop".count))
    if let service = bus.original(name, kept: { desktop.keptBytes($0.path) }) {
      guard case .success(let read) = service.service, SnugStart(read.line) == nil,
        case .unclear(let reason, _) = read.line.started
      else { return nil }
      return "\(service.path): \(reason)"
    }
    guard let service = bus.unclear.first(where: { $0.path.hasSuffix("/\(name).service") }),
      case .failure(let problem) = service.service
    else { return nil }
    return "\(service.path): \(problem.text)"
  }

  private func owner(of service: BusService) -> String? {
    guard SnugStart(service.line) == nil, case .success(let names) = judge.profiles(for: service.line) else {
      return nil
    }
    return pick(names, bus.shown(service.name)?.profile, service.line)
  }

  /// The one that has it already, the only one, or the one that is called like the program.
  private func pick(_ names: [String], _ before: String?, _ line: StartLine?) -> String? {
    if let before, names.contains(before) { return before }
    if names.count == 1 { return names.first }
    guard case .program(let program)? = line?.started else { return nil }
    return names.first { $0 == program.split(separator: "/").last.map(String.init) }
  }

  private func isOfOurs(_ entry: DesktopEntry) -> Bool {
    let names = Set(profiles.flatMap(\.allPrograms))
    return entry.starts.contains { start in
      guard case .program(let program) = start.line.started else { return false }
      return names.contains(program) || names.contains(String(program.split(separator: "/").last ?? ""))
    }
  }

  /// Why a file that is refused stays as it is, where it may be one of ours.
  private func refusal(of file: MenuFile) -> String? {
    guard case .failure(let problem) = file.entry else { return nil }
    var search = WaySearch(judge, boxed: Set(profiles.map(\.name)))
    search.look(at: file, .entry)
    return search.found.isEmpty ? nil : problem.text
  }
}

extension Desktop {
  /// Why a program of an entry would not be found inside; nil where it would.
  func startProblem(_ name: String, _ entry: DesktopEntry) -> String? {
    guard let profile = try? session.load(name) else { return nil }
    for start in entry.starts {
      guard case .program(let program) = start.line.started else { continue }
      do throws(CompileError) {
        _ = try compile(profile, for: host, ProgramRequest(command: [Array(program.utf8)]))
      } catch {
        // Anything else may be of this moment: a display that is not there yet.
        if error.kind == .notFound || error.kind == .notExecutable { return error.diagnostics.first?.message }
      }
    }
    return nil
  }

  /// Writes a program for every one of a profile's that is installed; how many.
  func installShims(_ profile: BoxableProfile, _ executable: String) throws(Diagnostic) -> Int {
    var count = 0
    for name in profile.allPrograms where !name.contains("/") && findProgram(name, on: host) != nil {
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
      count += 1
      if let first = firstInPath(name), first != path {
        say(
          "snug: the shim is not used: PATH finds \(escaped(first)) first\n  hint: PATH=\"$HOME/.local/bin:$PATH\" in the file that "
            + "your shell reads at login\n")
      }
    }
    return count
  }

  /// What the caller's shell would start; nil where it finds nothing.
  func firstInPath(_ name: String) -> String? {
    (host.variable("PATH") ?? "").split(separator: ":").map { "\($0)/\(name)" }.first {
      if case .exists(_, .file, _, _) = host.look($0) { host.isExecutable($0) } else { false }
    }
  }
}
