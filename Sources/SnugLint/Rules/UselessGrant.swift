import SnugPlan
import SnugProfile

extension Rule {
  static let uselessGrant = Rule(
    "useless-grant", .warning,
    what: "A grant that changes nothing: what it names is seen already in the same way, or is decided by another rule",
    why: """
      Its reader takes it for what lets the app in. When the wider grant goes, it becomes one; when it goes, nothing \
      changes. On the same path hide wins, then the later layer, then read before write.
      """,
    example: """
      [files]
      read = ["/srv", "/usr/share"]
      """,
    safer: """
      [files]
      read = ["/srv"]
      """
  ) { subject in
    let effective = subject.effective
    let idle = subject.profile.files.grants.filter {
      $0.kind != .hide && subject.isOwn($0.origin) && !effective.contains($0.origin)
    }
    if idle.isEmpty { return [] }
    let rules = GrantRules(
      subject.profile.files.grants.compactMap { GrantRule($0, real: subject.names(of: $0.path).last) })
    return idle.map { grant in
      let list = "files.\(grant.kind.rawValue)"
      let path = grant.path.written
      let deciding = grant.at == nil ? rules.decide(subject.names(of: grant.path)).rule : nil
      if let deciding, deciding.kind == .hide {
        return Finding(
          "\(list): \"\(path)\" is hidden by \(deciding.origin)", at: grant.origin,
          hint: "take one of the two out")
      }
      if let deciding, deciding.origin != grant.origin, deciding.kind.rawValue != grant.kind.rawValue {
        return Finding(
          "\(list): \"\(path)\" has no effect, \(deciding.origin) decides about it as files.\(deciding.kind.rawValue)",
          at: grant.origin, hint: "take one of the two out")
      }
      return Finding(
        "\(list): \"\(path)\" changes nothing, it is seen already in the same way", at: grant.origin,
        fix: subject.removal(ofItemAt: grant.origin, path))
    }
  }
}
