import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// What a program printed and how it ended.
public struct ProgramOutput: Hashable, Sendable {
  /// Exit status, or 128 and the number of the signal that ended it.
  public var status: Int32
  /// What it wrote to standard output.
  public var output: [UInt8]
  /// What it wrote to standard error.
  public var errors: [UInt8]
}

/// Why a program gave no output.
public enum ProgramError: Error, Hashable, Sendable {
  /// No directory of PATH has it.
  case notFound
  /// It printed more than was asked for, and was ended.
  case tooLong
  /// Starting or reading it failed: the errno.
  case failed(Int32)
}

/// Runs a program of the caller's to its end and reads what it prints. No shell: arguments are taken as they are.
///
/// It gets the environment that is given, nothing on standard input, and no other descriptor of ours. Runs in the
/// launcher, before it starts anything.
///
/// - Parameters:
///   - name: looked up in the absolute directories of PATH, never in the current one; an absolute path is taken as it is.
///   - arguments: without the program's name; none holds a NUL byte.
///   - environment: the whole of it; PATH is taken from it too.
///   - limit: the most bytes of each stream.
public func readOutput(
  of name: String, _ arguments: [String], environment: [(name: String, value: [UInt8])], limit: Int = 1 << 20
) throws(ProgramError) -> ProgramOutput {
  let output = try Pipe()
  let errors = try Pipe()
  let child = try launch(name, arguments, environment, output.writeEnd, errors.writeEnd)
  output.closeWriteEnd()
  errors.closeWriteEnd()
  let isShort = drain(output, errors, limit)
  if !isShort { _ = csnug_kill(child, SIGKILL) }
  var ended = csnug_ended()
  let waited = unsafe csnug_wait(child, true, false, &ended)
  guard waited >= 0 else { throw .failed(Int32(-waited)) }
  guard isShort else { throw .tooLong }
  let status = ended.how == 0 ? ended.code : 128 + ended.code
  return ProgramOutput(status: status, output: output.content, errors: errors.content)
}

/// Starts a program as `readOutput` does and goes on.
///
/// - Returns: its pid, for which the caller waits, and a descriptor that gives what it writes to standard output, without
///   waiting. Its standard error leads nowhere.
func startProgram(_ name: String, _ arguments: [String], environment: [(name: String, value: [UInt8])])
  throws(ProgramError) -> (pid: Int32, output: Int32)
{
  let output = try Pipe()
  let child = try launch(name, arguments, environment, output.writeEnd, nil)
  let descriptor = Int32(csnug_dup_above(output.readEnd, 3))
  guard descriptor >= 0 else {
    _ = csnug_kill(child, SIGKILL)
    var ended = csnug_ended()
    _ = unsafe csnug_wait(child, true, false, &ended)
    throw .failed(-descriptor)
  }
  _ = csnug_set_nonblocking(descriptor)
  return (child, descriptor)
}

/// Forks a child that becomes a program with these descriptors as 1 and 2; nil: /dev/null.
private func launch(
  _ name: String, _ arguments: [String], _ environment: [(name: String, value: [UInt8])], _ output: Int32,
  _ errors: Int32?
) throws(ProgramError) -> Int32 {
  guard let program = findProgram(name, environment) else { throw .notFound }
  let null = Int32(unsafe csnug_open("/dev/null", false, true))
  guard null >= 0 else { throw .failed(-null) }
  defer { _ = csnug_close(null) }
  // All memory that the child needs is there before the fork.
  var words = unsafe ([Array(name.utf8)] + arguments.map { Array($0.utf8) }).map { unsafe cString($0) } + [nil]
  var variables = unsafe environment.map { unsafe cString(Array("\($0.name)=".utf8) + $0.value) } + [nil]
  defer { unsafe (words + variables).forEach { unsafe $0?.deallocate() } }
  let child = Int32(csnug_fork())
  if child == 0 {
    // What we ignore it would ignore too.
    csnug_reset_signals()
    csnug_unblock_signals()
    if dup2(null, 0) == 0, dup2(output, 1) == 1, errors.map({ dup2($0, 2) == 2 }) ?? (csnug_replace_with_null(2) == 2) {
      _ = csnug_close_range(3, .max, false)
      _ = unsafe csnug_execve(program, &words, &variables)
    }
    csnug_exit(126)
  }
  guard child > 0 else { throw .failed(-child) }
  return child
}

/// The file that execvp(3) would start, but for relative entries of PATH: what lies where a command is started may be
/// somebody else's.
private func findProgram(_ name: String, _ environment: [(name: String, value: [UInt8])]) -> String? {
  if name.hasPrefix("/") { return HostFiles.isExecutable(name) && HostFiles.owner(name)?.type == .file ? name : nil }
  let path = environment.last { $0.name == "PATH" }?.value ?? Array("/usr/local/bin:/usr/bin:/bin".utf8)
  for entry in path.split(separator: UInt8(ascii: ":")) where entry.first == UInt8(ascii: "/") {
    guard let directory = validText(entry) else { continue }
    let file = "\(directory)/\(name)"
    if HostFiles.isExecutable(file), HostFiles.owner(file)?.type == .file { return file }
  }
  return nil
}

/// Reads both to their ends; false where one is longer than the limit. Both at once: a program that fills one waits for
/// its reader and never comes to the other.
private func drain(_ output: Pipe, _ errors: Pipe, _ limit: Int) -> Bool {
  while true {
    let open = [output, errors].filter({ $0.isOpen })
    if open.isEmpty { return true }
    let descriptors = open.map({ $0.readEnd })
    var events = [Int32](repeating: 1, count: open.count)
    if unsafe csnug_poll(descriptors, &events, open.count, -1) < 0 { continue }
    for (pipe, event) in zip(open, events) where event != 0 { pipe.readSome() }
    if open.contains(where: { $0.content.count > limit }) { return false }
  }
}

/// A pipe from a child; both ends are closed with it, and at any exec.
private final class Pipe {
  let readEnd: Int32
  private(set) var writeEnd: Int32
  private(set) var content: [UInt8] = []
  private(set) var isOpen = true

  init() throws(ProgramError) {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe2(&ends, O_CLOEXEC) == 0 else { throw .failed(csnug_errno()) }
    (readEnd, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    closeWriteEnd()
    _ = csnug_close(readEnd)
  }

  func closeWriteEnd() {
    if writeEnd >= 0 { _ = csnug_close(writeEnd) }
    writeEnd = -1
  }

  /// Takes what is there; an error ends it as its end does.
  func readSome() {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = unsafe buffer.withUnsafeMutableBytes { unsafe csnug_read(readEnd, $0.baseAddress, $0.count) }
    if count > 0 { content += buffer[..<count] } else { isOpen = false }
  }
}
