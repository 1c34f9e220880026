import SnugPlan

extension Rule {
  static let tracing = Rule(
    "tracing", .hint,
    what: "The app may trace and change other processes inside",
    why: """
      A debugger needs it. Any other app gives every one of its processes power over all others in the sandbox, and \
      the kernel's tracing has had holes. Where the profile is for building and debugging, say so.
      """,
    example: """
      [seccomp]
      preset = "devel"
      """,
    safer: """
      [seccomp]
      preset = "desktop"
      """
  ) { subject in
    let calls = subject.lifted(FilterGroup.tracing.rules.map(\.call))
    return calls.findings {
      Finding(
        "the app may call \($1), which trace other processes inside", at: $0,
        hint: "allow it with a reason where it is for debugging")
    }
  }
}
