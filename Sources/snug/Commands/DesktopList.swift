import SnugDesktop
import SnugPlan
import SnugProfile
import SnugStart

extension Desktop {
  private struct Row {
    var id: String
    var path: String
    var profile: String?
    var state: String
    var reason: String?
    /// Profiles that could have it.
    var candidates: [String] = []
  }

  /// Every entry that menus show: boxed, could be, cannot; of some profiles alone where they are named.
  func list(_ names: [String], json: Bool) throws(Diagnostic) -> String {
    let menu = menu()
    let decision = DesktopDecision(
      desktop: self, menu: menu, bus: bus(), judge: Judge(profiles: profiles(), host: host))
    let all = menu.ids.compactMap { menu.shown($0) }.compactMap { row($0, decision) }
    // What was installed for one that is gone is there all the same.
    for name in names where !all.contains(where: { $0.candidates.contains(name) }) { try requireProfile(name) }
    let rows = all.filter { row in names.isEmpty || row.candidates.contains(where: names.contains) }
    return json ? listJSON(rows) : listText(rows)
  }

  private func row(_ file: MenuFile, _ decision: DesktopDecision) -> Row? {
    var row = Row(id: file.id, path: file.path, state: "cannot")
    var answer = decision.answer(for: file)
    // One of Snug's that starts no box any more is written anew from what it was made of.
    if case .cannot = answer, file.profile != nil,
      let original = decision.menu.original(file.id, kept: { keptBytes($0.path) })
    {
      answer = decision.answer(for: original)
    }
    switch answer {
    case .nothing: return nil
    case .boxed(let name): (row.state, row.candidates) = ("boxed", [name])
    case .cannot(let reason): row.reason = reason
    case .possible(let name, let others):
      (row.state, row.candidates) = ("could be", [name] + others)
      if !others.isEmpty { row.reason = "so could \(others.joined(separator: ", ")) have it" }
    case .several(let names):
      (row.state, row.candidates) = ("could be", names)
      row.reason = "so could \(names.dropFirst().joined(separator: ", ")) have it, and --all takes none"
    }
    row.profile = row.candidates.first
    return row
  }

  private func listText(_ rows: [Row]) -> String {
    if rows.isEmpty { return "no entries\n" }
    let words = rows.map { row in
      [row.state, escaped(row.id), [row.profile, row.reason].compactMap { $0.map(escaped) }.joined(separator: ": ")]
    }
    let widths = (0..<2).map { column in min(50, words.map { $0[column].count }.max() ?? 0) }
    return words.map { word in
      (0..<2).map { word[$0] + String(repeating: " ", count: max(0, widths[$0] - word[$0].count)) + "  " }.joined()
        + word[2] + "\n"
    }.joined()
  }

  /// An array of {id, path, profile, state, reason}; keys are contract.
  private func listJSON(_ rows: [Row]) -> String {
    JSON.list(
      rows.map { row in
        .object([
          .init("id", .text(row.id)), .init("path", .text(row.path)),
          .init("profile", row.profile.map { .text($0) } ?? .null), .init("state", .text(row.state)),
          .init("reason", row.reason.map { .text($0) } ?? .null),
        ])
      }
    ).pretty + "\n"
  }
}
