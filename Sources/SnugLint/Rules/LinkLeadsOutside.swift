import SnugPlan
import SnugProfile

extension Rule {
  static let linkLeadsOutside = Rule(
    "link-leads-outside", .hint,
    what: "A granted directory with links that lead to what is not seen inside",
    why: """
      Inside they lead nowhere, and the app says that a file is missing which you can see. Links in the directory \
      itself are looked at, not those further down, and of very large directories only the first 1,000 names.
      """,
    example: """
      [files]
      read = ["~/linked"]
      """,
    safer: """
      [files]
      read = ["~/linked", "~/src", "/media/disk"]
      """
  ) { subject in
    var shown = PathTree<Bool>()
    for path in subject.plan.ops.flatMap(\.op.shown) { shown[path] = true }
    let granted = Set(subject.profile.files.grants.filter { $0.kind != .hide }.map(\.origin))
    var looked = Set<Origin>()
    // Lint answers at once, whatever is granted.
    var budget = 10_000
    return subject.plan.ops.compactMap { planned in
      guard case .bind(let bind) = planned.op, bind.source.type == .directory, granted.contains(planned.origin),
        looked.insert(planned.origin).inserted
      else { return nil }
      let names = subject.host.list(bind.source.path).prefix(min(1_000, budget))
      budget -= names.count
      let lost = names.compactMap { name -> (String, String)? in
        guard case .exists(let real, _, _, .some) = subject.host.look(joined(bind.source.path, name)),
          shown.nearest(real) == nil
        else { return nil }
        return (name, real)
      }
      guard let (name, real) = lost.first else { return nil }
      let others = lost.count == 1 ? "" : ", and \(lost.count - 1) more"
      return Finding(
        "\(bind.source.written)/\(name) is a link to \(real), which is not seen inside\(others)", at: planned.origin,
        hint: "grant \(real) too, if the app is to follow the link")
    }
  }
}
