extension Rule {
  static let unfilteredSystemCalls = Rule(
    "unfiltered-system-calls", .error,
    what: "The filter of system calls is off",
    why: """
      Without it the app may type commands into the terminal that it was started from (TIOCSTI), where the kernel \
      still knows that call, and gets at every young and little tried part of the kernel.
      """,
    example: """
      [seccomp]
      preset = "none"
      """,
    safer: """
      [seccomp]
      preset = "desktop"
      """
  ) { subject in
    let preset = subject.profile.seccomp.preset
    if preset.value != .none { return [] }
    return [
      Finding(
        "no preset refuses system calls to the app", at: preset.origin,
        hint: "\"devel\" lets debuggers work, \"nested\" browsers; seccomp.allow takes out single calls")
    ]
  }
}
