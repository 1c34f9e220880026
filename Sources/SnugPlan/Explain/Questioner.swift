import SnugProfile

/// Answers questions about one start.
public struct Questioner {
  let profile: Profile
  let plan: Plan
  let host: Host
  var tree: FinalTree
  /// What `[files]`, `root` and `home` say about host paths.
  let rules: GrantRules

  /// Makes ready for questions.
  ///
  /// - Parameter prospect: the start that is asked about.
  public init(_ prospect: Prospect) {
    (profile, plan, host) = (prospect.profile, prospect.plan, prospect.host)
    tree = FinalTree(plan, profile, host)
    rules = grantRules(profile, host)
  }

  /// Answers one question; `asked` is how it was written.
  ///
  /// - Throws: a diagnostic where what is asked about does not exist, such as a system call of no such name.
  public mutating func answer(_ query: Query, asked: String) throws(Diagnostic) -> Answer {
    switch query {
    case .path(_, let path): answer(path: path, asked)
    case .bus(let name, let isSystem): answer(bus: name, isSystem, asked)
    case .tcp(let machine, let port): answer(tcp: port, of: machine, asked)
    case .call(let name): try answer(call: name, asked)
    }
  }

  /// A path as a person would write it, safe to print.
  func shown(_ path: String) -> String { escaped(host.tilde(path)) }
}

/// The rules of a profile on a machine: what `root` and `home` say, and each grant under the names of its path.
func grantRules(_ profile: Profile, _ host: Host) -> GrantRules {
  let home = [host.home] + [host.real(host.home)].compactMap { $0 }.filter { !samePath($0, host.home) }
  let base = baseRules(root: profile.files.root, home: profile.files.home, home: home, system: ["/usr"])
  let grants = profile.files.grants.compactMap { grant in
    GrantRule(grant, real: grant.path.absolute.flatMap { host.real($0) })
  }
  return GrantRules(base + grants)
}
