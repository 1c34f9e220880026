import SnugProfile
import SnugSandbox

/// What `snug exec` was asked for, read from argv by hand, as for `run`: ArgumentParser's start costs more than the
/// command's. A test holds this reader and `ExecCommand`'s declaration against each other.
package struct ExecLine: Equatable {
  /// Name of the instance, or the beginning of one.
  package var instance = ""
  /// The command.
  package var words: [[UInt8]] = []
  /// Milliseconds, bytes, tasks.
  package var limits = CommandLimits()
  /// Bytes.
  package var output: Int?
  package var statusDescriptor: Int32?
  package var help = false

  /// Reads the words after `exec`.
  package static func parse(_ arguments: [[UInt8]]) throws(RunRequest.UsageError) -> ExecLine {
    var line = ExecLine()
    var rest = arguments[...]
    if try line.readOptions(&rest) { return line }
    guard let instance = rest.popFirst(), instance != Array("--".utf8) else {
      throw UsageError(message: "no instance is given", hint: "snug ps lists what runs")
    }
    line.instance = String(decoding: instance, as: UTF8.self)
    if try line.readOptions(&rest) { return line }
    if rest.first == Array("--".utf8) { rest = rest.dropFirst() }
    line.words = Array(rest)
    if line.words.isEmpty { throw UsageError(message: "no command is given", hint: hint) }
    return line
  }

  /// Up to the first word that is none. True where help was asked for.
  private mutating func readOptions(_ rest: inout ArraySlice<[UInt8]>) throws(RunRequest.UsageError) -> Bool {
    while let word = rest.first, word.first == UInt8(ascii: "-"), word.count > 1, word != Array("--".utf8) {
      rest = rest.dropFirst()
      let text = String(decoding: word, as: UTF8.self)
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let option = parts[0]
      if option == "-h" || option == "--help" {
        help = true
        return true
      }
      guard ["--time", "--memory", "--output", "--processes", "--status-fd"].contains(option) else {
        throw UsageError(message: "unknown option \(option)", hint: Self.hint)
      }
      guard let value = parts.count == 2 ? parts[1] : rest.popFirst().map({ String(decoding: $0, as: UTF8.self) })
      else { throw UsageError(message: "\(option) needs a value", hint: Self.hint) }
      try set(option, value)
    }
    return false
  }

  private typealias UsageError = RunRequest.UsageError
  private static let hint = "snug exec --help"

  private mutating func set(_ option: String, _ value: String) throws(RunRequest.UsageError) {
    func wrong(_ needed: String) -> UsageError {
      UsageError(message: "\(option) needs \(needed), not \(value)", hint: Self.hint)
    }
    switch option {
    case "--time":
      guard case .milliseconds(let time)? = parseWait(value), time > 0 else {
        throw wrong("a time such as 500ms or 10s")
      }
      limits.time = time
    case "--memory", "--output":
      guard case .bytes(let bytes)? = parseSize(value, allowsPercent: false), bytes > 0 else {
        throw wrong("a size such as 512M")
      }
      if option == "--memory" { limits.memory = bytes } else { output = Int(clamping: bytes) }
    case "--processes":
      guard let count = UInt64(value), String(count) == value, count > 0, count <= 1 << 22 else {
        throw wrong("a number of processes")
      }
      limits.processes = count
    default:
      guard let number = Int32(value), String(number) == value, number >= 0 else {
        throw wrong("the number of an open descriptor")
      }
      statusDescriptor = number
    }
  }
}
