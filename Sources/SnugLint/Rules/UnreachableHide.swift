import SnugPlan
import SnugProfile

extension Rule {
  static let unreachableHide = Rule(
    "unreachable-hide", .warning,
    what: "A hide of something that is not seen inside anyway",
    why: """
      It suggests that everything around it is shown. More often the path is misspelt, or lies below another hide, and \
      what was to be hidden is not.
      """,
    example: """
      [files]
      hide = ["~/.ssh"]
      """,
    safer: """
      [files]
      home = "overlay"
      hide = ["~/.ssh"]
      """
  ) { subject in
    let effective = subject.effective
    let idle = subject.profile.files.grants.filter {
      $0.kind == .hide && subject.isOwn($0.origin) && !effective.contains($0.origin)
    }
    if idle.isEmpty { return [] }
    // A hide that took a grant away leaves nothing to be covered, and still did its work.
    var granted = PathTree<Bool>()
    for grant in subject.profile.files.grants where grant.kind != .hide {
      for name in subject.names(of: grant.path) { granted[name] = true }
    }
    return idle.filter { hide in !subject.names(of: hide.path).contains { granted.holds($0) } }.map { hide in
      Finding(
        "files.hide: \"\(hide.path.written)\" is not seen inside anyway", at: hide.origin,
        fix: subject.removal(ofItemAt: hide.origin, hide.path.written))
    }
  }
}
