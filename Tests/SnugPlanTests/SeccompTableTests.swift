import SnugProfile
import Testing

@testable import SnugPlan

private let presets: [Seccomp.Preset] = [.base, .desktop, .devel, .nested]

private func policy(
  _ preset: Seccomp.Preset, allow: [String] = [], deny: [String] = [], multiarch: Bool = false
) -> SeccompPolicy {
  SeccompPolicy(preset: preset, allow: allow, deny: deny, multiarch: multiarch)
}

/// The answer the rules give, without any program: nil is allowed.
private func verdict(_ policy: SeccompPolicy, _ call: String, _ arguments: [UInt64] = []) -> FilterVerdict? {
  let arguments = arguments + Array(repeating: 0, count: 6 - arguments.count)
  return filterGroups(policy).flatMap(\.rules)
    .first { $0.call == call && $0.test?.holds(arguments) ?? true }?.verdict
}

@Suite struct SystemCallTableTests {
  @Test func namesAreSortedAndUnique() {
    for (one, next) in zip(SystemCall.all, SystemCall.all.dropFirst()) { #expect(one.name < next.name) }
  }

  @Test(arguments: FilterArchitecture.allCases)
  func numbersAreUniqueAndReachTheNewest(_ architecture: FilterArchitecture) {
    let numbers = SystemCall.all.compactMap { $0.number(on: architecture) }
    #expect(Set(numbers).count == numbers.count)
    #expect(numbers.max() == SystemCall.newest)
    #expect(numbers.count > 300)
  }

  @Test func everyNameIsFound() {
    for call in SystemCall.all { #expect(SystemCall.named(call.name) == call) }
    for name in ["", "a", "zzz", "Read", "read "] { #expect(SystemCall.named(name) == nil) }
  }

  @Test(arguments: [
    ("ptrce", "ptrace"), ("pivotroot", "pivot_root"), ("ioctll", "ioctl"), ("io_uring_steup", "io_uring_setup"),
    ("unhsare", "unshare"),
  ])
  func nearestNameIsFound(_ wrong: String, _ right: String) {
    #expect(SystemCall.nearest(to: wrong) == right)
  }

  @Test func farNamesHaveNoNearest() {
    #expect(SystemCall.nearest(to: "completely-unlike-any") == nil)
    #expect(SystemCall.nearest(to: String(repeating: "read", count: 100_000)) == nil)
  }

  @Test func restrictionsAreInWords() {
    let words = ["iopl", "umount", "clock_settime64", "uselib", "kexec_file_load", "read"].map {
      SystemCall.named($0)?.restriction
    }
    #expect(words == ["x86 only", "i386 only", "32-bit only", "not on aarch64", "not on i386", nil])
  }
}

@Suite struct PresetTests {
  @Test(arguments: presets, [false, true])
  func rulesNameKnownCallsOnceAndHaveReasons(_ preset: Seccomp.Preset, _ multiarch: Bool) {
    let groups = filterGroups(policy(preset, multiarch: multiarch))
    var seen: Set<String> = []
    for group in groups {
      #expect(!group.reason.isEmpty && !group.rules.isEmpty)
      for rule in group.rules {
        #expect(SystemCall.named(rule.call) != nil, "\(rule.call)")
        #expect((rule.test == nil) == rule.condition.isEmpty, "\(rule.call)")
      }
      // One call in two groups, or with and without a test, would make order decide.
      let calls = Set(group.rules.map(\.call))
      #expect(seen.isDisjoint(with: calls))
      seen.formUnion(calls)
      for call in calls {
        let rules = group.rules.filter { $0.call == call }
        #expect(rules.count == 1 || rules.allSatisfy { if case .masked = $0.test { true } else { false } }, "\(call)")
      }
    }
  }

  /// PID 1 runs under the filter: it must be able to start the app, reap, and hear the launcher.
  @Test(arguments: presets)
  func whatInitNeedsIsNeverDenied(_ preset: Seccomp.Preset) {
    let needed: [(String, [UInt64])] = [
      ("clone", [17]), ("clone", [0x3D0F00]), ("ioctl", [0, 0x540E]), ("ioctl", [0, 0x5410]), ("ioctl", [0, 0x5413]),
      ("ioctl", [0, 0x5414]), ("ioctl", [0, 0x5401]), ("prlimit64", [0, 7]),
    ]
    for (call, arguments) in needed { #expect(verdict(policy(preset), call, arguments) == nil, "\(call)") }
    for name in SystemCall.neededByInit {
      #expect(SystemCall.named(name) != nil, "\(name)")
      #expect(verdict(policy(preset), name) == nil, "\(name)")
    }
  }

  @Test(arguments: presets)
  func everyPresetKeepsTheBase(_ preset: Seccomp.Preset) {
    let refused = [
      "acct", "add_key", "adjtimex", "bpf", "clock_adjtime", "clock_settime", "delete_module", "fanotify_init",
      "finit_module", "get_mempolicy", "init_module", "ioperm", "iopl", "kcmp", "kexec_file_load", "kexec_load",
      "keyctl", "lookup_dcookie", "mbind", "migrate_pages", "modify_ldt", "move_pages", "name_to_handle_at",
      "nfsservctl", "open_by_handle_at", "pidfd_getfd", "process_madvise", "quotactl", "reboot", "request_key",
      "set_mempolicy", "settimeofday", "swapoff", "swapon", "syslog", "uselib", "userfaultfd", "vhangup",
    ]
    for call in refused { #expect(verdict(policy(preset), call) == .refused, "\(call)") }
    let absent = [
      "fsconfig", "fsmount", "fsopen", "fspick", "io_uring_enter", "io_uring_register", "io_uring_setup",
      "mount_setattr", "move_mount", "open_tree", "socketcall", "vmsplice",
    ]
    for call in absent { #expect(verdict(policy(preset), call) == .absent, "\(call)") }
    #expect(verdict(policy(preset), "prlimit64", [1]) == .refused)
  }

  @Test(arguments: presets)
  func terminalRequestsAreRefusedInAllTheirForms(_ preset: Seccomp.Preset) {
    let requests: [UInt64] = [
      0x5412, 0x541C, 0x541D, 0x5423,  // TIOCSTI TIOCLINUX TIOCCONS TIOCSETD
      0x4B2F, 0x4B30, 0x4B32, 0x4B36, 0x4B3A, 0x4B45, 0x4B47, 0x4B49, 0x4B4B, 0x4B4D, 0x4B52, 0x4B61, 0x4B66, 0x4B71,
      0x4B72, 0x4BFB, 0x5602, 0x5605, 0x5606, 0x5608, 0x5609, 0x560A, 0x560B, 0x560F,
    ]
    for request in requests {
      for high: UInt64 in [0, 0x123 << 32, 0xFFFF_FFFF << 32] {
        #expect(verdict(policy(preset), "ioctl", [0, request | high]) == .refused)
      }
    }
    // TCGETS, FIONREAD, VIDIOC_LOG_STATUS, a DRM and a KVM request.
    for request: UInt64 in [0x5401, 0x541B, 0x5646, 0xC010_6409, 0xAE80, 0x4C00, 0x4AFF, 0x5610, 0x1_0000_4B32 >> 4] {
      #expect(verdict(policy(preset), "ioctl", [0, request]) == nil)
    }
  }

  @Test func namespacesAreRefusedExceptInNested() {
    let flags: [UInt64] = [0x20000, 0x200_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000]
    for preset in [Seccomp.Preset.base, .desktop, .devel] {
      for call in ["unshare", "setns", "mount", "umount", "umount2", "pivot_root", "chroot"] {
        #expect(verdict(policy(preset), call) == .refused, "\(call)")
      }
      #expect(verdict(policy(preset), "clone3") == .absent)
      for flag in flags where preset != .base || flag == 0x1000_0000 {
        #expect(verdict(policy(preset), "clone", [flag | 17]) == .refused)
        #expect(verdict(policy(preset), "clone", [flag | 0x123 << 32]) == .refused)
      }
    }
    for call in ["unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "clone3"] {
      #expect(verdict(policy(.nested), call) == nil, "\(call)")
    }
    for flag in flags { #expect(verdict(policy(.nested), "clone", [flag]) == nil) }
  }

  @Test func socketFamiliesAndPersonality() {
    for preset in [Seccomp.Preset.desktop, .devel, .nested] {
      for family: UInt64 in 0...64 {
        let expected: FilterVerdict? = [1, 2, 10, 16].contains(family) ? nil : .familyAbsent
        #expect(verdict(policy(preset), "socket", [family]) == expected)
        #expect(verdict(policy(preset), "socket", [family | 0x9 << 32]) == expected)
      }
      for value: UInt64 in [0x4_0000, 0x40_0000, 8, 1, 0xFFFF_FFFE] {
        #expect(verdict(policy(preset), "personality", [value]) == .refused)
      }
      for value: UInt64 in [0, 0xFFFF_FFFF, .max] { #expect(verdict(policy(preset), "personality", [value]) == nil) }
    }
    #expect(verdict(policy(.base), "socket", [40]) == nil)
    #expect(verdict(policy(.base), "personality", [8]) == nil)
  }

  @Test func develIsDesktopWithoutTracing() {
    let tracing: Set = ["perf_event_open", "process_vm_readv", "process_vm_writev", "ptrace"]
    let desktop = filterGroups(policy(.desktop)).flatMap(\.rules)
    #expect(filterGroups(policy(.devel)).flatMap(\.rules) == desktop.filter { !tracing.contains($0.call) })
    for call in tracing { #expect(verdict(policy(.desktop), call) == .refused) }
  }

  @Test func multiarchLiftsOldModesOnly() {
    let without = filterGroups(policy(.desktop)).flatMap(\.rules)
    let with = filterGroups(policy(.desktop, multiarch: true)).flatMap(\.rules)
    #expect(with == without.filter { $0.call != "modify_ldt" } && with.count == without.count - 1)
  }
}

@Suite struct SeccompPolicyTests {
  @Test func allowTakesOutAndDenyPutsIn() throws {
    let changed = policy(.desktop, allow: ["ptrace", "personality"], deny: ["socket", "mseal", "mseal"])
    #expect(verdict(changed, "ptrace") == nil)
    #expect(verdict(changed, "personality", [8]) == nil)
    #expect(verdict(changed, "socket", [1]) == .refused)
    #expect(verdict(changed, "socket", [40]) == .refused)
    #expect(try filterRules(changed).filter { $0.call == "mseal" } == [FilterRule("mseal", .refused)])
    #expect(try filterRules(changed).filter { $0.call == "socket" } == [FilterRule("socket", .refused)])
  }

  @Test func noneHasAFilterOnlyToDeny() throws {
    #expect(!hasFilter(policy(.none)) && !hasFilter(policy(.none, allow: ["ptrace"])))
    #expect(hasFilter(policy(.none, deny: ["ptrace"])))
    #expect(try filterRules(policy(.none, deny: ["ptrace"])) == [FilterRule("ptrace", .refused)])
  }

  @Test func badNamesAreErrors() {
    #expect(throws: SeccompError.unknownCall("ptrce", nearest: "ptrace")) {
      try checkFilter(policy(.base, allow: ["ptrce"]))
    }
    #expect(throws: SeccompError.unknownCall("ptrce", nearest: "ptrace")) {
      try checkFilter(policy(.none, deny: ["ptrce"]))
    }
    #expect(throws: SeccompError.unknownCall("", nearest: nil)) { try checkFilter(policy(.base, allow: [""])) }
    #expect(throws: SeccompError.contradiction("ptrace")) {
      try checkFilter(policy(.base, allow: ["ptrace"], deny: ["ptrace"]))
    }
    for name in SystemCall.neededByInit {
      #expect(throws: SeccompError.neededByInit(name)) { try checkFilter(policy(.base, deny: [name])) }
    }
  }

  @Test func errorsReadAsDiagnostics() {
    let diagnostic = SeccompError.unknownCall("ptrce", nearest: "ptrace")
      .diagnostic(at: Origin(file: "a.toml", line: 3, column: 9))
    #expect(
      diagnostic.text == "snug: unknown system call \"ptrce\"\n  at a.toml:3:9\n  hint: did you mean \"ptrace\"?")
    #expect(
      SeccompError.neededByInit("kill").message == "cannot deny \"kill\": the sandbox's own first process needs it")
  }

  @Test(arguments: presets)
  func descriptionNamesEveryCall(_ preset: Seccomp.Preset) {
    let text = describeFilter(policy(preset))
    for group in filterGroups(policy(preset)) {
      #expect(text.contains("\n\(group.name)\n"))
      for rule in group.rules { #expect(text.contains(rule.call) && text.contains(rule.condition)) }
    }
    for line in text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
  }

  @Test func descriptionTellsChangesAndNone() {
    #expect(describeFilter(policy(.none)) == "none: no filter, every system call is let through\n")
    let text = describeFilter(policy(.desktop, allow: ["ptrace"], deny: ["mseal"], multiarch: true))
    #expect(text.contains("\nallowed\n  the profile takes these out of the preset\n    ptrace\n"))
    #expect(text.contains("\ndenied\n  the profile says so\n  refused (EPERM)\n    mseal\n"))
    #expect(!text.contains("process_vm_writev, ptrace") && !text.contains("modify_ldt"))
  }
}
