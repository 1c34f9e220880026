import SnugPlan

extension Rule {
  static let coveredTarget = Rule(
    "covered-target", .warning,
    what: "An exact op that lands where something else was asked for",
    why: """
      What stood there cannot be seen any more: a grant is lost, or a hidden path is shown again. Exact ops come after \
      everything else, and the last one at a place wins.
      """,
    example: """
      [files]
      read = ["/srv"]
      [[files.op]]
      op = "tmpfs"
      target = "/srv"
      """,
    safer: """
      [files]
      read = ["/srv"]
      [[files.op]]
      op = "tmpfs"
      target = "/scratch"
      """
  ) { subject in
    subject.coverings.filter(\.isSamePlace).map { covering in
      Finding(
        "\(covering.target) covers what \(covering.hidden.origin) put there", at: covering.by.origin,
        hint: "give it another target, or take the other one out")
    }
  }
}

/// An op that somebody asked for, and the later one that takes away its sight.
struct Covering {
  var hidden: PlannedOp
  var by: PlannedOp
  /// Where the later one lands.
  var target: String
  /// Not merely something above it.
  var isSamePlace: Bool
}

extension Subject {
  /// What is covered of all that was asked for by name.
  var coverings: [Covering] {
    let requests = requests
    return plan.hidden.compactMap { pair in
      let (hidden, by) = (plan.ops[pair.index], plan.ops[pair.by])
      guard requests.contains(hidden.origin) else { return nil }
      let (place, target) = (hidden.op.target, by.op.target)
      return Covering(
        hidden: hidden, by: by, target: target,
        isSamePlace: samePath(place, target) || !isAtOrBelow(place, target))
    }
  }
}
