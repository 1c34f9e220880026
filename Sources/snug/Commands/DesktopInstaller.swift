import SnugDesktop
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// One `snug desktop install`. What goes wrong with one file keeps no other from being written: half of an install would
/// leave entries that look boxed, with services that are not.
struct DesktopInstaller {
  let desktop: Desktop
  let executable: String
  let profiles: [BoxableProfile]
  /// Whether the profiles were asked for by name: then it is told why an entry of theirs stays as it is.
  let isNamed: Bool
  private let bus: BusNames
  private let judge: Judge
  /// Files that there are now, by profile.
  private var counts: [String: Int] = [:]
  /// Services that were looked at.
  private var seen: Set<String> = []
  /// What went wrong.
  private(set) var problems: [Diagnostic] = []

  init(_ desktop: Desktop, executable: String, profiles: [BoxableProfile], isNamed: Bool) {
    self.desktop = desktop
    self.executable = executable
    self.profiles = profiles
    self.isNamed = isNamed
    bus = desktop.bus()
    judge = Judge(profiles: profiles, host: desktop.host)
  }

  /// How many files there are now.
  mutating func install(shims: Bool) -> Int {
    installEntries(desktop.menu(), in: desktop.applications)
    installEntries(desktop.autostart(), in: desktop.autostartFolder)
    let decision = DesktopDecision(desktop: desktop, menu: desktop.menu(), bus: bus, judge: judge)
    for name in bus.names where !seen.contains(name) { _ = installService(name, nil, decision) }
    if shims {
      for profile in profiles { installShims(profile) }
    }
    for profile in profiles where isNamed && counts[profile.name] == nil && problems.isEmpty {
      problems.append(
        Diagnostic(
          "no entry starts a program of profile \"\(profile.name)\": \(profile.allPrograms.joined(separator: ", "))",
          hint: shims ? "none of them is installed" : "snug desktop list tells of all; --shim is for the terminal"))
    }
    return counts.values.reduce(0, +)
  }

  private mutating func installEntries(_ menu: Menu, in folder: String) {
    let decision = DesktopDecision(desktop: desktop, menu: menu, bus: bus, judge: judge)
    for id in menu.ids {
      guard let file = menu.original(id, kept: { desktop.keptBytes($0.path) }), let profile = owner(of: file, decision),
        case .success(let entry) = file.entry, let bytes = wrapping(profile).wrap(entry, source: file.path)
      else { continue }
      // The service first: from now on the entry says that there is none.
      if entry.isActivatable, !installService(String(id.dropLast(".desktop".count)), profile, decision) { continue }
      let path = "\(folder)/\(file.name)"
      let old = menu.files[id]?.first { $0.path == path && $0.profile != nil }
      place(bytes, at: path, over: old.map { $0.isChanged ? .changed : .ours } ?? .users, profile)
    }
  }

  /// Wraps what the bus starts for a name, and says whether nothing of it is left outside of the box.
  private mutating func installService(_ name: String, _ profile: String?, _ decision: DesktopDecision) -> Bool {
    seen.insert(name)
    guard let file = decision.original(name), case .success(let service) = file.service,
      SnugStart(service.line) == nil, let profile = profile ?? decision.owner(of: service),
      let bytes = wrapping(profile).wrap(service, source: file.path)
    else { return true }
    let path = "\(desktop.services)/\(name).service"
    let old = bus.files[name]?.first { $0.path == path && $0.profile != nil }
    guard place(bytes, at: path, over: old.map { $0.isChanged ? .changed : .ours } ?? .users, profile) else {
      return false
    }
    if let problem = (try? desktop.session.load(profile))?.busProblem(name) {
      say("snug: from now on \(escaped(problem.message))\n  hint: \(escaped(problem.hint ?? ""))\n")
    }
    return true
  }

  @discardableResult
  private mutating func place(_ bytes: [UInt8], at path: String, over old: Desktop.Old, _ profile: String) -> Bool {
    do throws(Diagnostic) {
      try desktop.place(bytes, at: path, over: old)
      counts[profile, default: 0] += 1
      return true
    } catch {
      problems.append(error)
      return false
    }
  }

  private func wrapping(_ name: String) -> Wrapping {
    Wrapping(profile: name, executable: executable, command: profiles.first { $0.name == name }?.command)
  }

  /// The profile that an entry is wrapped for; nil where it stays as it is.
  private func owner(of file: MenuFile, _ decision: DesktopDecision) -> String? {
    func leave(_ reason: String) { say("snug: left alone: \(escaped(file.path)): \(escaped(reason))\n") }
    switch decision.answer(for: file) {
    case .boxed, .nothing: return nil
    case .possible(let name, _): return name
    case .several(let names): leave("several profiles name its program: \(names.joined(separator: ", "))")
    case .cannot(let reason): if mayBeOurs(file) { leave(reason) }
    }
    return nil
  }

  /// Whether somebody who asked for these profiles would expect an entry to be wrapped.
  private func mayBeOurs(_ file: MenuFile) -> Bool {
    guard case .success(let entry) = file.entry else {
      if !isNamed { return false }
      var search = WaySearch(judge, boxed: Set(profiles.map(\.name)))
      search.look(at: file, .entry)
      return !search.found.isEmpty
    }
    if case .possible = judge.state(of: entry) { return true }
    let names = Set(profiles.flatMap(\.allPrograms))
    return isNamed
      && entry.starts.contains { start in
        guard case .program(let program) = start.line.started else { return false }
        return names.contains(program) || names.contains(String(program.split(separator: "/").last ?? ""))
      }
  }

  /// Writes a program for every one of a profile's that is installed.
  private mutating func installShims(_ profile: BoxableProfile) {
    for name in profile.allPrograms where !name.contains("/") && findProgram(name, on: desktop.host) != nil {
      do throws(Diagnostic) {
        try desktop.installShim(name, profile, executable)
        counts[profile.name, default: 0] += 1
      } catch {
        problems.append(error)
      }
    }
  }
}
