import SnugDesktop
import SnugPlan
import SnugProfile
import SnugStart

/// What `install` makes of entries, and what `list` says that it would.
struct DesktopDecision {
  /// What becomes of one.
  enum Answer {
    /// All that it starts is in the box of a profile.
    case boxed(String)
    /// It is wrapped for the first profile; the others could have it as well.
    case possible(String, others: [String])
    /// Each of them could have it, and nothing says which one.
    case several([String])
    case cannot(String)
    /// It starts nothing.
    case nothing
  }

  let desktop: Desktop
  let menu: Menu
  let bus: BusNames
  let judge: Judge

  func answer(for file: MenuFile) -> Answer {
    guard case .success(let entry) = file.entry else {
      if case .failure(let problem) = file.entry { return .cannot(problem.text) }
      return .nothing
    }
    if !entry.isApplication { return .nothing }
    switch judge.state(of: entry) {
    case .boxed(let name): return .boxed(name)
    case .cannot(let reason): return .cannot(reason)
    case .possible(let names):
      let name = pick(names, menu.shown(file.id)?.profile, entry.start?.line)
      let problem = serviceProblem(file, entry) ?? (name ?? names.first).flatMap { desktop.startProblem($0, entry) }
      if let problem { return .cannot(problem) }
      return name.map { name in .possible(name, others: names.filter { $0 != name }) } ?? .several(names)
    }
  }

  /// The profile of a service that stands for no entry; nil where it stays as it is.
  func owner(of service: BusService) -> String? {
    guard SnugStart(service.line) == nil, case .success(let names) = judge.profiles(for: service.line) else {
      return nil
    }
    return pick(names, bus.shown(service.name)?.profile, service.line)
  }

  /// What the bus would start for a name without Snug.
  func original(_ name: String) -> BusFile? { bus.original(name) { desktop.keptBytes($0.path) } }

  /// Why an entry that the bus starts cannot be boxed: its service would go on starting it without the box.
  private func serviceProblem(_ file: MenuFile, _ entry: DesktopEntry) -> String? {
    guard entry.isActivatable else { return nil }
    let name = String(file.id.dropLast(".desktop".count))
    if let service = original(name) {
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

  /// The one that has it already, the only one, or the one that is called like the program.
  private func pick(_ names: [String], _ before: String?, _ line: StartLine?) -> String? {
    if let before, names.contains(before) { return before }
    if names.count == 1 { return names.first }
    guard case .program(let program)? = line?.started else { return nil }
    return names.first { $0 == program.split(separator: "/").last.map(String.init) }
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
}
