import CSeccomp
import SnugPlan
import SnugProfile
import SnugSandbox
import TestSupport
import Testing

private let presets: [Seccomp.Preset] = [.base, .desktop, .devel, .nested]
private let machines: [FilterArchitecture] = [.x8664, .aarch64]

/// What the tables say, worked out without any program.
private func expected(
  _ rules: [FilterRule], _ architectures: [FilterArchitecture], _ number: UInt32, on architecture: FilterArchitecture,
  _ arguments: [UInt64]
) -> FilterAnswer {
  guard architectures.contains(architecture) else { return .killProcess }
  if number > SystemCall.newest {
    return architecture.privateNumbers?.contains(number) ?? false ? .allow : .refusal(38)
  }
  for rule in rules where SystemCall.named(rule.call)?.number(on: architecture) == number {
    if rule.test?.holds(arguments) ?? true { return .refusal(rule.verdict.rawValue) }
  }
  return .allow
}

/// The program of a policy that has one, as it is made by libseccomp.
func assembled(_ policy: SeccompPolicy, for machine: FilterArchitecture = .native) throws -> [UInt64] {
  let program = try assembleByLibrary(policy, for: machine)
  return try #require(program).instructions
}

private func filters() throws -> [(SeccompPolicy, FilterArchitecture, [UInt64])] {
  var all: [(SeccompPolicy, FilterArchitecture, [UInt64])] = []
  for machine in machines {
    for preset in presets {
      for multiarch in [false, true] {
        let policy = SeccompPolicy(preset: preset, multiarch: multiarch)
        all.append((policy, machine, try assembled(policy, for: machine)))
      }
    }
  }
  return all
}

/// The source file that has the programs of the presets.
private func presetSource() throws -> String {
  var cases = ""
  var programs = ""
  for machine in machines {
    for preset in presets {
      let name = "\(preset.rawValue)\(machine == .x8664 ? "X8664" : "Aarch64")"
      cases += "  case (.\(preset.rawValue), .\(machine == .x8664 ? "x8664" : "aarch64")): \(name)\n"
      programs += "\nprivate let \(name): [UInt64] = [\n"
      let words = try assembled(SeccompPolicy(preset: preset), for: machine).map { "0x" + String($0, radix: 16) }
      for start in stride(from: 0, to: words.count, by: 5) {
        programs += "  " + words[start..<min(start + 5, words.count)].joined(separator: ", ") + ",\n"
      }
      programs += "]\n"
    }
  }
  return """
    // swift-format-ignore-file
    import SnugProfile

    // Made by libseccomp from the tables beside this: SNUG_RECORD=1 swift test --filter SeccompFilterTests

    /// The program of a preset that nothing is allowed or denied beyond, the head included; nil where it has none. Making
    /// it takes longer than the kernel needs to load it.
    public func presetProgram(_ preset: Seccomp.Preset, on architecture: FilterArchitecture) -> [UInt64]? {
      switch (preset, architecture) {
    \(cases)  default: nil
      }
    }
    \(programs)
    """
}

@Suite struct SeccompFilterTests {
  @Test func programsAreAsRecorded() throws {
    for (policy, machine, program) in try filters() {
      let name = "seccomp/\(policy.preset.rawValue)-\(machine.rawValue)\(policy.multiarch ? "-multiarch" : "").bpf"
      let difference = compareGolden(listFilter(program), name, beside: #filePath)
      #expect(difference == nil)
    }
  }

  /// What a start loads of a preset is what libseccomp makes of its rules. `SNUG_RECORD=1` writes it.
  @Test func programsOfPresetsAreThoseOfTheLibrary() throws {
    #expect(compareGenerated(try presetSource(), "Sources/SnugPlan/Seccomp/PresetPrograms.swift") == nil)
    for machine in machines {
      for preset in presets {
        let policy = SeccompPolicy(preset: preset)
        #expect(try assembleFilter(policy, for: machine)?.instructions == assembled(policy, for: machine))
      }
    }
  }

  @Test(arguments: Seccomp.Preset.allCases)
  func wordsAreAsRecorded(_ preset: Seccomp.Preset) {
    let words = describeFilter(SeccompPolicy(preset: preset))
    let difference = compareGolden(words, "seccomp/\(preset.rawValue).txt", beside: #filePath)
    #expect(difference == nil)
  }

  @Test func programsAreSound() throws {
    for (_, _, program) in try filters() { try verifyFilter(program) }
  }

  /// Every number on every interface, with no argument bit set and with all of them set.
  @Test func everyNumberIsAnsweredAsTheTablesSay() throws {
    for (policy, machine, program) in try filters() {
      let rules = try filterRules(policy)
      let architectures = [machine] + (policy.multiarch ? [machine.compat].compactMap { $0 } : [])
      var wrong: [String] = []
      for architecture in FilterArchitecture.allCases {
        for number: UInt32 in Array(0...600) + Array(0xF0000...0xF0008) + Array(0x4000_0000...0x4000_0258) + [.max] {
          for bits: UInt64 in [0, .max] {
            let arguments = Array(repeating: bits, count: 6)
            let wanted = expected(rules, architectures, number, on: architecture, arguments)
            let answer = try runFilter(program, on: FilterInput(number, on: architecture, arguments))
            if answer != wanted { wrong.append("\(architecture) \(number): \(answer), not \(wanted)") }
          }
        }
      }
      #expect(wrong.isEmpty, "\(policy.preset) for \(machine)")
    }
  }

  /// Calls whose answer hangs on an argument, with the values that matter and with rubbish in the high halves.
  @Test func argumentsAreComparedIn32Bits() throws {
    let requests: [UInt64] = [
      0x5401, 0x540E, 0x5410, 0x5412, 0x5413, 0x5414, 0x541B, 0x541C, 0x541D, 0x5423, 0x4AFF, 0x4B00, 0x4B3A, 0x4BFF,
      0x4C00, 0x55FF, 0x5600, 0x560F, 0x5610, 0xC010_6409, 0x8000_5412, 0xFFFF_5412,
    ]
    let flags: [UInt64] = [17, 0x3D0F00, 0x80] + (16..<32).map { 1 << $0 | 17 }
    let families: [UInt64] = Array(0...64) + [0x101, 0x1_0001, 0xFFFF_FFFF]
    let values: [UInt64] = [0, 1, 8, 0x20000, 0x40000, 0x40_0000, 0xFFFF_FFFE, 0xFFFF_FFFF]
    let cases: [(call: String, argument: Int, values: [UInt64])] = [
      ("ioctl", 1, requests), ("clone", 0, flags), ("socket", 0, families), ("personality", 0, values),
      ("prlimit64", 0, [0, 1, 2, 0x7FFF_FFFF, 0xFFFF_FFFF]),
    ]
    for (policy, machine, program) in try filters() {
      let rules = try filterRules(policy)
      let architectures = [machine] + (policy.multiarch ? [machine.compat].compactMap { $0 } : [])
      for architecture in architectures {
        for (call, argument, values) in cases {
          let number = try #require(SystemCall.named(call)?.number(on: architecture))
          for value in values {
            var plain = Array(repeating: UInt64(0), count: 6)
            plain[argument] = value
            let wanted = expected(rules, architectures, number, on: architecture, plain)
            for high: UInt64 in [0, 0x123 << 32, 1 << 32, 0xFFFF_FFFF << 32] {
              // The arguments the rule does not look at are rubbish.
              var arguments = Array(repeating: 0x1234_5678_9ABC_DEF0 as UInt64, count: 6)
              arguments[argument] = value | high
              let answer = try runFilter(program, on: FilterInput(number, on: architecture, arguments))
              #expect(answer == wanted, "\(policy.preset) \(architecture) \(call) \(value | high)")
            }
          }
        }
      }
    }
  }

  @Test func everyRuleIsInTheProgram() throws {
    for (policy, machine, program) in try filters() {
      let rules = try filterRules(policy)
      for architecture in [machine] + (policy.multiarch ? [machine.compat].compactMap { $0 } : []) {
        for rule in rules {
          guard let number = SystemCall.named(rule.call)?.number(on: architecture) else { continue }
          var arguments = Array(repeating: UInt64(0), count: 6)
          switch rule.test {
          case .masked(let argument, _, let value): arguments[Int(argument)] = UInt64(value)
          case .noneOf(let argument, let values):
            let other = try #require((UInt32(0)...64).first { !values.contains($0) })
            arguments[Int(argument)] = UInt64(other)
          case nil: break
          }
          let answer = try runFilter(program, on: FilterInput(number, on: architecture, arguments))
          #expect(answer == .refusal(rule.verdict.rawValue), "\(policy.preset) \(architecture) \(rule.call)")
        }
      }
    }
  }

  @Test func deniedCallsAreRefusedOnEveryInterface() throws {
    let deny = ["connect", "iopl", "mseal", "personality", "set_mempolicy_home_node", "shmget", "umount", "vm86"]
    for machine in machines {
      let policy = SeccompPolicy(preset: .desktop, allow: ["ptrace"], deny: deny, multiarch: true)
      let program = try assembled(policy, for: machine)
      try verifyFilter(program)
      for architecture in [machine, try #require(machine.compat)] {
        for name in deny {
          guard let number = SystemCall.named(name)?.number(on: architecture) else { continue }
          #expect(try runFilter(program, on: FilterInput(number, on: architecture)) == .refusal(1), "\(name)")
        }
        let ptrace = try #require(SystemCall.named("ptrace")?.number(on: architecture))
        #expect(try runFilter(program, on: FilterInput(ptrace, on: architecture)) == .allow)
      }
      // SYS_CONNECT, which libseccomp knows to be the same call.
      if machine == .x8664 { #expect(try runFilter(program, on: FilterInput(102, on: .i386, [3])) != .allow) }
    }
  }

  @Test func everyCallCanBeDenied() throws {
    let deny = SystemCall.all.map(\.name).filter { !SystemCall.neededByInit.contains($0) }
    for machine in machines {
      let policy = SeccompPolicy(preset: .none, deny: deny, multiarch: true)
      let program = try assembled(policy, for: machine)
      try verifyFilter(program)
      for call in SystemCall.all {
        guard let number = call.number(on: machine) else { continue }
        let wanted: FilterAnswer = deny.contains(call.name) ? .refusal(1) : .allow
        #expect(try runFilter(program, on: FilterInput(number, on: machine)) == wanted, "\(call.name)")
      }
    }
  }

  @Test func noneHasNoProgramUnlessItDenies() throws {
    #expect(try assembleFilter(SeccompPolicy(preset: .none, allow: ["ptrace"])) == nil)
    let program = try assembled(SeccompPolicy(preset: .none, deny: ["ptrace"]), for: .x8664)
    #expect(try runFilter(program, on: FilterInput(101, on: .x8664)) == .refusal(1))
    #expect(try runFilter(program, on: FilterInput(0x4000_0065, on: .x8664)) == .refusal(38))
    #expect(try runFilter(program, on: FilterInput(26, on: .i386)) == .killProcess)
    #expect(try runFilter(program, on: FilterInput(165, on: .x8664)) == .allow)
  }

  @Test func unknownNamesAreErrors() {
    #expect(throws: SeccompError.unknownCall("ptrce", nearest: "ptrace")) {
      try assembleFilter(SeccompPolicy(preset: .desktop, deny: ["ptrce"]))
    }
  }

  /// Our numbers against libseccomp's, for all calls that it knows.
  @Test(arguments: FilterArchitecture.allCases)
  func numbersAreThoseOfLibseccomp(_ architecture: FilterArchitecture) {
    var compared = 0
    for call in SystemCall.all {
      let number = seccomp_syscall_resolve_name_arch(architecture.auditValue, call.name)
      // -1 is unknown; below it are stand-ins for calls that the architecture lacks or, on i386, has behind socketcall
      // and ipc as well as directly.
      if number >= 0 {
        #expect(call.number(on: architecture) == UInt32(number), "\(call.name)")
        compared += 1
      } else if architecture != .i386, number < -1 {
        #expect(call.number(on: architecture) == nil, "\(call.name)")
      }
    }
    #expect(compared > 250)
  }
}
