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
  }

  /// Every entry that menus show: boxed, could be, cannot; of some profiles alone where they are named.
  func list(_ names: [String], json: Bool) -> String {
    let judge = Judge(profiles: profiles(), host: host)
    let menu = menu()
    let rows = menu.ids.compactMap { menu.shown($0) }.compactMap { row($0, judge) }.filter { row in
      names.isEmpty || row.profile.map(names.contains) == true
    }
    return json ? listJSON(rows) : listText(rows)
  }

  private func row(_ file: MenuFile, _ judge: Judge) -> Row? {
    var row = Row(id: file.id, path: file.path, state: "cannot")
    guard case .success(let entry) = file.entry else {
      if case .failure(let problem) = file.entry { row.reason = problem.text }
      return row
    }
    if !entry.isApplication { return nil }
    switch judge.state(of: entry) {
    case .boxed(let name): (row.state, row.profile) = ("boxed", name)
    case .cannot(let reason): row.reason = reason
    case .possible(let names):
      row.profile = names.first
      if let problem = names.first.flatMap({ startProblem($0, entry) }) {
        row.reason = problem
      } else {
        row.state = "could be"
        if names.count > 1 { row.reason = "so could \(names.dropFirst().joined(separator: ", ")) have it" }
      }
    }
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
