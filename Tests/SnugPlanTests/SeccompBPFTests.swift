import SnugProfile
import Testing

@testable import SnugPlan

private func instruction(_ code: UInt16, _ operand: UInt32, _ then: UInt8 = 0, _ other: UInt8 = 0) -> UInt64 {
  UInt64(code) | UInt64(then) << 16 | UInt64(other) << 24 | UInt64(operand) << 32
}

private let allow = instruction(0x06, 0x7FFF_0000)
private let refuse = instruction(0x06, 0x0005_0001)

private func run(_ program: [UInt64], _ input: FilterInput) throws -> FilterAnswer {
  try verifyFilter(program)
  return try runFilter(program, on: input)
}

@Suite struct BPFTests {
  @Test(arguments: [
    (UInt16(0x15), UInt32(7), [false, true, false]), (0x25, 7, [false, false, true]), (0x35, 7, [false, true, true]),
    (0x45, 8, [false, false, true]),
  ])
  func comparisons(_ code: UInt16, _ operand: UInt32, _ expected: [Bool]) throws {
    let program = [instruction(0x20, 0), instruction(code, operand, 1, 0), allow, refuse]
    for (number, holds) in zip([UInt32(6), 7, 8], expected) {
      let answer = try run(program, FilterInput(number, on: .x8664))
      #expect(answer == (holds ? .refusal(1) : .allow))
    }
  }

  @Test func comparisonsAreUnsigned() throws {
    let program = [instruction(0x20, 0), instruction(0x25, 466, 1, 0), allow, refuse]
    #expect(try run(program, FilterInput(.max, on: .x8664)) == .refusal(1))
  }

  @Test func andJumpAndArgumentHalves() throws {
    let program = [
      instruction(0x20, 28), instruction(0x54, 0xFF), instruction(0x05, 1), refuse, instruction(0x15, 0x34, 0, 1),
      refuse,
      allow,
    ]
    #expect(try run(program, FilterInput(0, on: .arm, [0, 0x1234_0000_0000])) == .refusal(1))
    #expect(try run(program, FilterInput(0, on: .arm, [0, 0x34])) == .allow)
  }

  @Test func everyFieldIsWhereTheKernelPutsIt() {
    var input = FilterInput(1, on: .x8664, [10, 11, 12, 13, 14, 15 | 16 << 32])
    input.instructionPointer = 2 | 3 << 32
    let words = stride(from: UInt32(0), to: 64, by: 4).map { input.word(at: $0) }
    #expect(words == [1, 0xC000_003E, 2, 3, 10, 0, 11, 0, 12, 0, 13, 0, 14, 0, 15, 16])
    for offset: UInt32 in [1, 2, 64, 68, .max] { #expect(input.word(at: offset) == nil) }
  }

  @Test func badProgramsAreRefused() {
    let bad: [([UInt64], Int)] = [
      ([], 0), (Array(repeating: allow, count: 4097), 0), ([instruction(0x20, 0)], 0),
      ([instruction(0x05, 1), allow], 0),
      ([allow, instruction(0x15, 0, 0, 9), allow], 1), ([instruction(0x20, 2), allow], 0),
      ([instruction(0x20, 64), allow], 0), ([allow, instruction(0x16, 0)], 1), ([instruction(0x05, .max), allow], 0),
    ]
    for (program, index) in bad {
      let error = #expect(throws: BPFError.self) { try verifyFilter(program) }
      #expect(error?.index == index)
    }
    for (program, _) in bad.suffix(6) where program.first != allow {
      #expect(throws: BPFError.self) { try runFilter(program, on: FilterInput(0, on: .x8664)) }
    }
  }

  @Test func listingIsReadable() {
    let program = [
      instruction(0x20, 4), instruction(0x15, 0xC000_003E, 0, 4), instruction(0x20, 16), instruction(0x20, 28),
      instruction(0x54, 0xF0), instruction(0x05, 1), instruction(0x06, 0x8000_0000), refuse,
      instruction(0x06, 0x0005_0026), instruction(0x06, 0x7FC0_0000), instruction(0x16, 3),
    ]
    #expect(
      listFilter(program) == """
        0000 load architecture
        0001 if = 0xc000003e then 0002 else 0006
        0002 load argument 0 low
        0003 load argument 1 high
        0004 and 0xf0
        0005 jump 0007
        0006 answer kill process
        0007 answer EPERM
        0008 answer ENOSYS
        0009 answer 0x7fc00000
        0010 unknown code 0x16, 0x3

        """)
  }
}

@Suite struct FilterHeadTests {
  private let rules = [
    FilterRule("prlimit64", .refused, when: .noneOf(argument: 0, values: [0]), "c"),
    FilterRule("mseal", .refused),
    FilterRule("socket", .familyAbsent, when: .noneOf(argument: 0, values: [1, 2]), "c"),
    FilterRule("ptrace", .refused),
  ]

  private func answer(
    _ architectures: [FilterArchitecture], _ number: UInt32, on architecture: FilterArchitecture,
    _ arguments: [UInt64] = []
  ) throws -> FilterAnswer {
    try run(filterHead(rules, architectures) + [allow], FilterInput(number, on: architecture, arguments))
  }

  @Test(arguments: [
    [FilterArchitecture.x8664], [.aarch64], [.x8664, .i386], [.aarch64, .arm], [.i386, .arm, .x8664],
  ])
  func everyArchitectureHasItsSection(_ architectures: [FilterArchitecture]) throws {
    for architecture in architectures {
      for call in ["prlimit64", "socket", "mseal", "ptrace"] {
        let number = try #require(SystemCall.named(call)?.number(on: architecture))
        for first: UInt64 in [0, 1, 2, 3, 0xFF_0000_0000, 0xFF_0000_0001] {
          let low = UInt32(truncatingIfNeeded: first)
          let expected: FilterAnswer =
            switch call {
            case "prlimit64": low == 0 ? .allow : .refusal(1)
            case "socket": low == 1 || low == 2 ? .allow : .refusal(97)
            case "mseal": .refusal(1)
            default: .allow  // libseccomp's
            }
          #expect(try answer(architectures, number, on: architecture, [first]) == expected)
        }
      }
      for number: UInt32 in [467, 600, 0xEFFFF, 0xF0000, 0xF0007, 0x4000_0000, 0x4000_0001, 0x7FFF_FFFF, .max] {
        #expect(try answer(architectures, number, on: architecture) == .refusal(38))
      }
      #expect(try answer(architectures, 466, on: architecture) == .allow)
      for number: UInt32 in 0xF0001...0xF0006 {
        #expect(try answer(architectures, number, on: architecture) == (architecture == .arm ? .allow : .refusal(38)))
      }
    }
    // What it does not know it leaves to libseccomp's program.
    for other in FilterArchitecture.allCases where !architectures.contains(other) {
      #expect(try answer(architectures, 5000, on: other) == .allow)
    }
  }
}
