import SnugPlan
import SnugProfile

extension Rule {
  static let redundantSeccompAllow = Rule(
    "redundant-seccomp-allow", .warning,
    what: "An allowed system call that the preset does not refuse",
    why: """
      It changes nothing now. When the preset is made stricter it silently opens a hole that nobody asked for.
      """,
    example: """
      [seccomp]
      preset = "devel"
      allow = ["ptrace"]
      """,
    safer: """
      [seccomp]
      preset = "devel"
      """
  ) { subject in
    let filter = subject.profile.seccomp
    let refused = Set(
      presetGroups(filter.preset.value, multiarch: filter.multiarch.value).flatMap { $0.rules.map(\.call) })
    return filter.allow.filter { !refused.contains($0.value) && SystemCall.named($0.value) != nil }.map { call in
      Finding(
        "seccomp.allow: preset \"\(filter.preset.value.rawValue)\" does not refuse \"\(call.value)\"", at: call.origin,
        fix: subject.isOwn(call.origin) ? subject.removal(ofItemAt: call.origin, call.value) : nil)
    }
  }
}
