/// Classic BPF as `seccomp(2)` runs it: the part of it that our filters and libseccomp's consist of.
///
/// An instruction is `struct sock_filter` as it lies in memory on a little-endian machine: code in bits 0 to 15, jump
/// distances for true in 16 to 23 and for false in 24 to 31, operand in 32 to 63.
public enum BPF {
  /// Most instructions of one program, `BPF_MAXINSNS`.
  public static let longest = 4096

  /// Offsets into `struct seccomp_data`.
  enum Field {
    static let number: UInt32 = 0
    static let architecture: UInt32 = 4
    static func argumentLow(_ index: UInt8) -> UInt32 { 16 + 8 * UInt32(index) }
  }

  /// `BPF_*` codes, class, size and mode together.
  enum Code {
    static let load: UInt16 = 0x20
    static let and: UInt16 = 0x54
    static let jump: UInt16 = 0x05
    static let jumpIfEqual: UInt16 = 0x15
    static let jumpIfAbove: UInt16 = 0x25
    static let jumpIfAtLeast: UInt16 = 0x35
    static let jumpIfAnyBit: UInt16 = 0x45
    static let answer: UInt16 = 0x06
  }

  static func load(_ offset: UInt32) -> UInt64 { pack(Code.load, offset) }
  static func jump(_ distance: Int) -> UInt64 { pack(Code.jump, UInt32(distance)) }
  static func jumpIfEqual(_ value: UInt32, then: Int, else other: Int) -> UInt64 {
    pack(Code.jumpIfEqual, value, then, other)
  }
  static func jumpIfAbove(_ value: UInt32, then: Int, else other: Int) -> UInt64 {
    pack(Code.jumpIfAbove, value, then, other)
  }
  static func refuse(_ verdict: FilterVerdict) -> UInt64 {
    pack(Code.answer, FilterAnswer.refusal(verdict.rawValue).rawValue)
  }

  private static func pack(_ code: UInt16, _ operand: UInt32, _ then: Int = 0, _ other: Int = 0) -> UInt64 {
    UInt64(code) | UInt64(UInt8(then)) << 16 | UInt64(UInt8(other)) << 24 | UInt64(operand) << 32
  }
}

/// What a filter returns: `SECCOMP_RET_*` with its data.
public struct FilterAnswer: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// Action in the high half, its data in the low one.
  public var rawValue: UInt32

  /// From the value of a return instruction.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The call is made.
  public static let allow = FilterAnswer(rawValue: 0x7FFF_0000)
  /// The process is killed.
  public static let killProcess = FilterAnswer(rawValue: 0x8000_0000)
  /// The call is not made and fails with this errno.
  public static func refusal(_ errno: UInt16) -> FilterAnswer { FilterAnswer(rawValue: 0x0005_0000 | UInt32(errno)) }

  /// `allow`, `EPERM`, `kill process`.
  public var description: String {
    switch self {
    case .allow: "allow"
    case .killProcess: "kill process"
    default:
      FilterVerdict.allCases.first { .refusal($0.rawValue) == self }?.errnoName
        ?? "0x" + String(rawValue, radix: 16)
    }
  }
}

/// A system call as a filter sees it: `struct seccomp_data`.
public struct FilterInput: Hashable, Sendable {
  /// Number of the call.
  public var number: UInt32
  /// `AUDIT_ARCH_*`.
  public var architecture: UInt32
  /// Where the call was made; no filter of ours looks.
  public var instructionPointer: UInt64
  /// Six.
  public var arguments: [UInt64]

  /// Makes an input; missing arguments are 0.
  public init(_ number: UInt32, on architecture: FilterArchitecture, _ arguments: [UInt64] = []) {
    self.number = number
    self.architecture = architecture.auditValue
    self.instructionPointer = 0
    self.arguments = arguments + Array(repeating: 0, count: max(0, 6 - arguments.count))
  }

  /// The 32-bit word at an offset; nil where the kernel would not have loaded the filter.
  func word(at offset: UInt32) -> UInt32? {
    switch offset {
    case 0: return number
    case 4: return architecture
    case _ where offset % 4 != 0 || offset >= 64: return nil
    default:
      let double = offset < 16 ? instructionPointer : arguments[Int(offset - 16) / 8]
      return UInt32(truncatingIfNeeded: offset % 8 == 0 ? double : double >> 32)
    }
  }
}

/// One instruction taken apart.
struct Instruction {
  var code: UInt16
  var then: Int
  var other: Int
  var operand: UInt32

  init(_ packed: UInt64) {
    code = UInt16(truncatingIfNeeded: packed)
    then = Int(UInt8(truncatingIfNeeded: packed >> 16))
    other = Int(UInt8(truncatingIfNeeded: packed >> 24))
    operand = UInt32(truncatingIfNeeded: packed >> 32)
  }

  /// How far each way on leads, counted from the next instruction; nil for an unknown code.
  var ways: [Int]? {
    switch code {
    case BPF.Code.load, BPF.Code.and: [0]
    case BPF.Code.jump: [Int(operand)]
    case BPF.Code.jumpIfEqual, BPF.Code.jumpIfAbove, BPF.Code.jumpIfAtLeast, BPF.Code.jumpIfAnyBit: [then, other]
    case BPF.Code.answer: []
    default: nil
    }
  }
}

/// A program that the kernel would refuse or that this interpreter does not know, and where.
public struct BPFError: Error, Hashable, Sendable {
  /// Index of the instruction.
  public var index: Int
  /// What is wrong with it.
  public var reason: String
}

/// Refuses a program that is too long, has an unknown instruction, reads outside of `seccomp_data`, or can run off its
/// end. Jumps only lead forward, so what passes always answers.
public func verifyFilter(_ program: [UInt64]) throws(BPFError) {
  guard !program.isEmpty, program.count <= BPF.longest else {
    throw BPFError(index: 0, reason: "\(program.count) instructions")
  }
  for (index, packed) in program.enumerated() {
    let instruction = Instruction(packed)
    guard let ways = instruction.ways else { throw BPFError(index: index, reason: "unknown code \(instruction.code)") }
    if ways.contains(where: { index + 1 + $0 >= program.count }) {
      throw BPFError(index: index, reason: "leads past the end")
    }
    if instruction.code == BPF.Code.load, instruction.operand % 4 != 0 || instruction.operand >= 64 {
      throw BPFError(index: index, reason: "reads outside of the call's data")
    }
  }
}

/// Runs a filter on a call, as the kernel does.
public func runFilter(_ program: [UInt64], on input: FilterInput) throws(BPFError) -> FilterAnswer {
  var accumulator: UInt32 = 0
  var index = 0
  while index < program.count {
    let instruction = Instruction(program[index])
    let operand = instruction.operand
    var condition: Bool?
    switch instruction.code {
    case BPF.Code.load:
      guard let word = input.word(at: operand) else {
        throw BPFError(index: index, reason: "reads outside of the call's data")
      }
      accumulator = word
    case BPF.Code.and: accumulator &= operand
    case BPF.Code.jump: index += Int(operand)
    case BPF.Code.jumpIfEqual: condition = accumulator == operand
    case BPF.Code.jumpIfAbove: condition = accumulator > operand
    case BPF.Code.jumpIfAtLeast: condition = accumulator >= operand
    case BPF.Code.jumpIfAnyBit: condition = accumulator & operand != 0
    case BPF.Code.answer: return FilterAnswer(rawValue: operand)
    default: throw BPFError(index: index, reason: "unknown code \(instruction.code)")
    }
    index += 1
    if let condition { index += condition ? instruction.then : instruction.other }
  }
  throw BPFError(index: index, reason: "leads past the end")
}

/// A program for reading, one instruction a line; jumps name the line they lead to.
///
///     0000 load architecture
///     0001 if = 0xc000003e then 0002 else 0009
public func listFilter(_ program: [UInt64]) -> String {
  var text = ""
  for (index, packed) in program.enumerated() {
    text += line(index) + " " + words(Instruction(packed), at: index) + "\n"
  }
  return text
}

private func line(_ index: Int) -> String {
  let digits = String(index)
  return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}

private func words(_ instruction: Instruction, at index: Int) -> String {
  let value = "0x" + String(instruction.operand, radix: 16)
  func branch(_ comparison: String, _ value: String) -> String {
    "if \(comparison) \(value) then \(line(index + 1 + instruction.then)) else \(line(index + 1 + instruction.other))"
  }
  switch instruction.code {
  case BPF.Code.load:
    switch instruction.operand {
    case 0: return "load number"
    case 4: return "load architecture"
    case 16..<64:
      let argument = (instruction.operand - 16) / 8
      return "load argument \(argument) \(instruction.operand % 8 == 0 ? "low" : "high")"
    default: return "load \(value)"
    }
  case BPF.Code.and: return "and \(value)"
  case BPF.Code.jump: return "jump \(line(index + 1 + Int(instruction.operand)))"
  case BPF.Code.jumpIfEqual: return branch("=", value)
  case BPF.Code.jumpIfAbove: return branch(">", value)
  case BPF.Code.jumpIfAtLeast: return branch(">=", value)
  case BPF.Code.jumpIfAnyBit: return branch("has any of", value)
  case BPF.Code.answer: return "answer \(FilterAnswer(rawValue: instruction.operand))"
  default: return "unknown code 0x\(String(instruction.code, radix: 16)), \(value)"
  }
}
