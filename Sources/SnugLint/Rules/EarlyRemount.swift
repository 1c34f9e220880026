import SnugPlan

extension Rule {
  static let earlyRemount = Rule(
    "early-remount", .warning,
    what: "A remount before an op that lands at or below its target",
    why: """
      A remount makes one mount read-only, as it is then. What is mounted there later is not touched by it, and no \
      directory can be made in it any more to mount something on.
      """,
    example: """
      [[files.op]]
      op = "tmpfs"
      target = "/data"
      [[files.op]]
      op = "remount"
      target = "/data"
      [[files.op]]
      op = "directory"
      target = "/data/in"
      """,
    safer: """
      [[files.op]]
      op = "tmpfs"
      target = "/data"
      [[files.op]]
      op = "directory"
      target = "/data/in"
      [[files.op]]
      op = "remount"
      target = "/data"
      """
  ) { subject in
    let exact = Set(subject.profile.files.ops.map(\.origin))
    var later = PathTree<Bool>()
    var found: [Finding] = []
    for planned in subject.plan.ops.reversed() where exact.contains(planned.origin) {
      let target = planned.op.target
      if case .remount = planned.op {
        if later.holds(target) {
          found.append(
            Finding(
              "\(target) is made read-only before something is put at or below it", at: planned.origin,
              hint: "move the remount behind what stands in it"))
        }
      } else {
        later[target] = true
      }
    }
    return found
  }
}
