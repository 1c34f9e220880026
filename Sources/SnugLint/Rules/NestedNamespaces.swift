import SnugPlan

extension Rule {
  static let nestedNamespaces = Rule(
    "nested-namespaces", .warning,
    what: "The app may make namespaces of its own",
    why: """
      In a namespace of its own a program has capabilities, and with them reaches parts of the kernel in which holes \
      are found often (CVE-2022-0185). Browsers need it for their own sandbox; there it is worth it.
      """,
    example: """
      [seccomp]
      preset = "nested"
      """,
    safer: """
      [seccomp]
      preset = "desktop"
      """
  ) { subject in
    let calls = subject.lifted(FilterGroup.namespaces(FilterGroup.anyNamespace).rules.map(\.call))
    return calls.findings {
      Finding(
        "the app may call \($1), and so make namespaces of its own", at: $0,
        hint: "only a browser's own sandbox is worth it")
    }
  }
}
