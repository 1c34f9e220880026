import SnugDesktop
import SnugPlan
import SnugProfile
import SnugStart

extension Desktop {
  /// What `check` has found.
  struct Checked {
    var ways: [WayAround]
    /// Whether there is a box that something could lead around.
    var hasBoxes: Bool
  }

  /// Ways around the boxes that are installed; of some profiles alone where they are named.
  func check(_ names: [String]) throws(Diagnostic) -> Checked {
    let judge = Judge(profiles: profiles(), host: host)
    let menu = menu()
    let started = autostart()
    let bus = bus()
    let shims = shims()
    let boxed = boxed([menu, started], bus, shims.map(\.profile))
    for name in names where !boxed.contains(name) {
      try requireProfile(name)
      throw Diagnostic("nothing is installed for \"\(name)\"", hint: "snug desktop install \(name)")
    }
    var search = WaySearch(judge, boxed: boxed)
    search.look(at: menu)
    for id in started.ids {
      if let file = started.shown(id) { search.look(at: file, .autostart) }
    }
    search.look(
      at: bus,
      units: unitDirectories(
        configuration: configurations[0], data: host.dataHome, runtime: host.runtimeDirectory))
    let desktops = (host.variable("XDG_CURRENT_DESKTOP") ?? "").split(separator: ":").map(String.init)
    let lists = associationFiles(configurations: configurations, data: dataDirectories, desktops: desktops)
    search.look(at: Associations(lists, on: host), in: menu)
    for shim in shims {
      guard let first = firstInPath(shim.program), first != shim.path else { continue }
      search.add(
        WayAround(
          kind: .shim, id: shim.program, path: shim.path, profile: shim.profile,
          reason: "PATH finds \(first) before it", hint: shimHint))
    }
    let ways = search.found.filter { names.isEmpty || names.contains($0.profile) }
    return Checked(ways: ways, hasBoxes: !boxed.isEmpty)
  }

  /// Fails where there is no profile of a name.
  func requireProfile(_ name: String) throws(Diagnostic) {
    try session.loader.requireName(name)
    _ = try session.loader.find(name)
  }

  /// Profiles that something is installed for.
  private func boxed(_ menus: [Menu], _ bus: BusNames, _ shims: [String]) -> Set<String> {
    var names = Set(shims)
    for menu in menus {
      for id in menu.ids {
        guard case .success(let entry)? = menu.shown(id)?.entry else { continue }
        for start in entry.starts {
          if let profile = SnugStart(start.line)?.profile { names.insert(profile) }
        }
      }
    }
    for name in bus.names {
      guard case .success(let service)? = bus.shown(name)?.service else { continue }
      if let profile = SnugStart(service.line)?.profile { names.insert(profile) }
    }
    return names
  }

  /// One line each, or an array of {id, path, profile, state, reason, kind, hint}; keys are contract.
  func text(_ checked: Checked, json: Bool) -> String {
    if json {
      return JSON.list(
        checked.ways.map { way in
          .object([
            .init("id", .text(way.id)), .init("path", .text(way.path)), .init("profile", .text(way.profile)),
            .init("state", .text("way around")), .init("reason", .text(way.reason)),
            .init("kind", .text(way.kind.rawValue)), .init("hint", .text(way.hint)),
          ])
        }
      ).pretty + "\n"
    }
    if !checked.hasBoxes { return "nothing is installed\n" }
    if checked.ways.isEmpty { return "no way around is found\n" }
    return checked.ways.map { way in
      "\(escaped(way.profile)): \(way.kind.rawValue) \(escaped(way.id)): \(escaped(way.reason))\n"
        + "  at \(escaped(way.path))\n  hint: \(escaped(way.hint))\n"
    }.joined()
  }
}
