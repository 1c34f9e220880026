import SnugDesktop
import SnugPlan
import SnugProfile
import SnugStart

extension Desktop {
  /// Ways around the boxes that are installed; of some profiles alone where they are named.
  func check(_ names: [String]) -> [WayAround] {
    let judge = Judge(profiles: profiles(), host: host)
    let menu = menu()
    let bus = bus()
    let shims = shims()
    var search = WaySearch(judge, boxed: boxed(menu, bus, shims.map(\.profile)))
    search.look(at: menu)
    let started = Menu(configurations, folder: "autostart", on: host)
    for id in started.ids {
      if let file = started.shown(id) { search.look(at: file, .autostart) }
    }
    search.look(at: bus)
    let desktops = (host.variable("XDG_CURRENT_DESKTOP") ?? "").split(separator: ":").map(String.init)
    let lists = associationFiles(configurations: configurations, data: dataDirectories, desktops: desktops)
    search.look(at: Associations(lists, on: host), in: menu)
    for shim in shims {
      guard let first = firstInPath(shim.program), first != shim.path else { continue }
      search.add(
        WayAround(
          kind: .shim, id: shim.program, path: shim.path, profile: shim.profile,
          reason: "PATH finds \(first) before it"))
    }
    return search.found.filter { names.isEmpty || names.contains($0.profile) }
  }

  /// Profiles that something is installed for.
  private func boxed(_ menu: Menu, _ bus: BusNames, _ shims: [String]) -> Set<String> {
    var names = Set(shims)
    for id in menu.ids {
      guard case .success(let entry)? = menu.shown(id)?.entry else { continue }
      for start in entry.starts {
        if let profile = SnugStart(start.line)?.profile { names.insert(profile) }
      }
    }
    for name in bus.names {
      guard case .success(let service)? = bus.shown(name)?.service else { continue }
      if let profile = SnugStart(service.line)?.profile { names.insert(profile) }
    }
    return names
  }

  /// One line each, or an array of {id, path, profile, state, reason, kind}; keys are contract.
  func text(_ ways: [WayAround], json: Bool) -> String {
    if json {
      return JSON.list(
        ways.map { way in
          .object([
            .init("id", .text(way.id)), .init("path", .text(way.path)), .init("profile", .text(way.profile)),
            .init("state", .text("way around")), .init("reason", .text(way.reason)),
            .init("kind", .text(way.kind.rawValue)),
          ])
        }
      ).pretty + "\n"
    }
    if ways.isEmpty { return "no way around is found\n" }
    return ways.map { way in
      "\(escaped(way.profile)): \(way.kind.rawValue) \(escaped(way.id)): \(escaped(way.reason))\n"
        + "  at \(escaped(way.path))\n"
    }.joined()
  }
}
