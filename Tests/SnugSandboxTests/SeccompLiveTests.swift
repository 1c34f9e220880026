import CSnug
import Glibc
import SnugPlan
import SnugProfile
import SnugSandbox
import Testing

/// A raw system call and what came back: a result, or errno as a negative number.
private struct Attempt {
  var number: Int
  var first = 0, second = 0, third = 0
  var result = 0

  init(_ name: String, _ first: Int = 0, _ second: Int = 0, _ third: Int = 0, plus bits: Int = 0) throws {
    number = Int(try #require(SystemCall.named(name)?.number(on: .native))) | bits
    (self.first, self.second, self.third) = (first, second, third)
  }

  init(number: Int) { self.number = number }
}

private typealias Syscall = @convention(c) (Int, Int, Int, Int, Int, Int, Int) -> Int

/// Makes the calls under a filter, in a child of this process; the first result is whether a grandchild could be
/// started and waited for.
///
/// Between fork and exit nothing allocates: other threads of the test runner may hold the allocator's lock.
private func attempt(_ calls: [Attempt], under program: [UInt64]) throws -> [Int] {
  // syscall(2) by its address: Swift imports no variadic functions.
  let address = try #require(dlsym(UnsafeMutableRawPointer(bitPattern: 0), "syscall"))
  let syscall = unsafeBitCast(address, to: Syscall.self)
  var ends: [Int32] = [-1, -1]
  try #require(csnug_socketpair(&ends, false) == 0)
  let (here, there) = (ends[0], ends[1])
  defer { csnug_close(here) }
  var calls = calls
  var results = [Int](repeating: 0, count: calls.count + 1)
  var ended = csnug_ended()
  let child = program.withUnsafeBufferPointer { program in
    calls.withUnsafeMutableBufferPointer { calls in
      results.withUnsafeMutableBufferPointer { results in
        let child = csnug_fork()
        if child != 0 { return child }
        csnug_prctl(38, 1, 0, 0, 0)  // PR_SET_NO_NEW_PRIVS
        if program.count > 0, csnug_seccomp(program.baseAddress, program.count, 0) != 0 { csnug_exit(1) }
        let grandchild = csnug_fork()
        if grandchild == 0 { csnug_exit(7) }
        let waited = csnug_wait(Int32(grandchild), true, false, &ended)
        results[0] = waited == grandchild && ended.how == 0 ? Int(ended.code) : -1
        for index in 0..<calls.count {
          let call = calls[index]
          let result = syscall(call.number, call.first, call.second, call.third, 0, 0, 0)
          results[index + 1] = result == -1 ? -Int(errno) : result
        }
        csnug_send(there, results.baseAddress, results.count * 8)
        csnug_exit(0)
      }
    }
  }
  csnug_close(there)
  try #require(child > 0)
  let length = results.count * 8
  let count = results.withUnsafeMutableBufferPointer { csnug_read(here, $0.baseAddress, length) }
  try #require(csnug_wait(Int32(child), true, false, &ended) == child)
  try #require(ended.how == 0 && ended.code == 0 && count == length)
  return results
}

private let refused = -Int(EPERM)
private let absent = -Int(ENOSYS)
private let noFamily = -Int(EAFNOSUPPORT)
private let high = 0x123 << 32

@Suite struct SeccompLiveTests {
  /// Calls that every preset refuses, each harmless where it gets through.
  private func always() throws -> [(Attempt, Int)] {
    let parent = Int(getpid())
    return [
      (try Attempt("keyctl", 1), refused),
      (try Attempt("prlimit64", parent, 7), refused),
      (try Attempt("pidfd_getfd", -1, 0), refused),
      (try Attempt("ioctl", -1, 0x5412), refused),
      (try Attempt("ioctl", -1, 0x5412 | high), refused),
      (try Attempt("ioctl", -1, 0x541C), refused),
      (try Attempt("ioctl", -1, 0x5602), refused),
      (try Attempt("fsopen"), absent),
      (try Attempt("move_mount", -1, 0, -1), absent),
      (try Attempt("io_uring_setup", 1), absent),
    ]
  }

  private func neverRefused() throws -> [Attempt] {
    [
      try Attempt("getpid"), try Attempt("prlimit64", 0, 7), try Attempt("prlimit64", high, 7),
      try Attempt("socket", 1, 1),
      try Attempt("socket", 1 | high, 1), try Attempt("personality", 0xFFFF_FFFF), try Attempt("sched_yield"),
    ]
  }

  /// The positive control: without a filter the same calls get through, or fail for another reason.
  @Test func withoutAFilterNothingIsRefused() throws {
    let calls = try always()
    let results = try attempt(calls.map(\.0) + neverRefused(), under: [])
    #expect(results[0] == 7)
    for ((call, answer), result) in zip(calls, results.dropFirst()) {
      #expect(result != answer, "\(call.number)")
    }
    for result in results.suffix(7) { #expect(result >= 0) }
  }

  @Test(arguments: [Seccomp.Preset.base, .desktop, .devel, .nested], [false, true])
  func theKernelAnswersAsThePresetSays(_ preset: Seccomp.Preset, _ multiarch: Bool) throws {
    let program = try assembled(SeccompPolicy(preset: preset, multiarch: multiarch))
    let parent = Int(getpid())
    let limited = preset != .base
    let walled = preset != .nested
    let cases =
      try always()
      + [
        // openat2's number with the x32 bit, and the first number that the table does not know.
        (try Attempt("openat2", plus: 0x4000_0000), absent),
        (Attempt(number: Int(SystemCall.newest) + 1), absent),
        (try Attempt("unshare", 0), walled ? refused : 0),
        (try Attempt("setns", -1), walled ? refused : -Int(EBADF)),
        (try Attempt("clone3"), walled ? absent : -Int(EINVAL)),
        // CLONE_SIGHAND without CLONE_VM is invalid, so that no child is made where the filter lets it through.
        (try Attempt("clone", 0x1000_0800), walled ? refused : -Int(EINVAL)),
        (try Attempt("clone", 0x2000_0800), preset == .desktop || preset == .devel ? refused : -Int(EINVAL)),
        (try Attempt("process_vm_readv", parent), preset == .devel ? 0 : refused),
        (try Attempt("socket", 40 | high, 1), limited ? noFamily : nil),
        (try Attempt("personality", 0x4_0000), limited ? refused : 0),
      ].compactMap { call, answer in answer.map { (call, $0) } }
    let results = try attempt(cases.map(\.0) + neverRefused(), under: program)
    #expect(results[0] == 7)
    for ((call, answer), result) in zip(cases, results.dropFirst()) {
      #expect(result == answer, "\(call.number)(\(call.first), \(call.second))")
    }
    for result in results.suffix(7) { #expect(result >= 0) }
  }

  @Test func deniedCallsAreRefused() throws {
    let policy = SeccompPolicy(preset: .none, deny: ["getpriority", "mseal"])
    let program = try assembled(policy)
    let results = try attempt([Attempt("getpriority"), Attempt("mseal"), Attempt("unshare")], under: program)
    #expect(results == [7, refused, refused, 0])
  }
}
