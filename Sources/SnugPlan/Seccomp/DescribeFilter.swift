import SnugProfile

/// The filter of a policy in words: each group with its reason, and what is answered to which call.
///
/// Only presets and checked policies are worth describing; a name that no call has is printed as it stands.
public func describeFilter(_ policy: SeccompPolicy) -> String {
  guard hasFilter(policy) else { return "none: no filter, every system call is let through\n" }
  var text = "\(policy.preset.rawValue): \(policy.preset.purpose)\n"
  text += "every system call is let through but these\n"
  for group in filterGroups(policy) {
    text += "\n\(group.name)\n"
    text += wrapped(group.reason.split(separator: " ").map(String.init), separator: " ")
    for verdict in FilterVerdict.allCases {
      let rules = group.rules.filter { $0.verdict == verdict }
      if !rules.isEmpty { text += "  \(verdict.label)\n" }
      let plain = rules.filter { $0.test == nil }.map { labelled($0.call) }
      if !plain.isEmpty { text += wrapped(plain, separator: ", ", indent: "    ") }
      for rule in rules where rule.test != nil { text += "    \(labelled(rule.call)) \(rule.condition)\n" }
    }
  }
  if !policy.allow.isEmpty {
    text += "\nallowed\n  the profile takes these out of the preset\n"
    text += wrapped(policy.allow.map(labelled), separator: ", ", indent: "    ")
  }
  text += "\nalways\n  absent (ENOSYS)\n"
  text += "    numbers above \(SystemCall.newest), which came after this version, and the x32 interface\n"
  text += "  killed\n    "
  text += policy.multiarch ? "programs of other processors but the 32-bit one\n" : "32-bit programs (see multiarch)\n"
  return text
}

extension Seccomp.Preset {
  /// What it is for, and at what price.
  var purpose: String {
    switch self {
    case .base: "what no app needs"
    case .desktop: "for desktop and terminal apps; the default"
    case .devel: "for debuggers and profilers: desktop, but apps may trace their own kind"
    case .nested: "for browsers, which build sandboxes: namespaces and mounts are open, with more of the kernel"
    case .none: "no preset"
    }
  }
}

extension FilterVerdict {
  /// `refused (EPERM)`.
  fileprivate var label: String { (self == .refused ? "refused" : "absent") + " (\(errnoName))" }
}

private func labelled(_ name: String) -> String {
  guard let restriction = SystemCall.named(name)?.restriction else { return name }
  return "\(name) (\(restriction))"
}
