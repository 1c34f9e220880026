import CSnug
import Glibc

/// Why a call does not do what it was asked for.
struct Failure: Error {
  var status: Int32
  var text: String

  /// What was asked for cannot be done.
  static func refused(_ text: String) -> Failure { Failure(status: 1, text: text) }
  /// It was not asked for in the right way.
  static func usage(_ text: String) -> Failure { Failure(status: 2, text: "usage: \(text)") }
}

/// The words of a call behind its verb: some by place, and options with a value.
struct Call {
  private(set) var words: [String] = []
  private(set) var options: [String: String] = [:]

  init(_ arguments: ArraySlice<String>) throws(Failure) {
    var rest = arguments
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        words.append(word)
        continue
      }
      let name = String(word.dropFirst(2))
      guard let value = rest.popFirst() else { throw .usage("\(word) needs a value") }
      guard options[name] == nil else { throw .usage("\(word) is given twice") }
      options[name] = value
    }
  }

  /// Refuses options that a verb does not have.
  func allow(_ names: String...) throws(Failure) {
    if let other = options.keys.sorted().first(where: { $0 != "timeout" && !names.contains($0) }) {
      throw .usage("unknown option --\(other)")
    }
  }

  /// An option's number, which may have a unit behind it.
  func number(_ option: String, in range: ClosedRange<UInt64>, unit: String = "") throws(Failure) -> UInt64? {
    guard let text = options[option] else { return nil }
    guard text.hasSuffix(unit), let number = UInt64(text.dropLast(unit.count)), range.contains(number) else {
      throw .usage("--\(option) needs a number from \(range.lowerBound)\(unit) to \(range.upperBound)\(unit)")
    }
    return number
  }
}

/// Writes a line to standard error. A message may come from anybody on the bus: nothing of it steers a terminal.
func say(_ text: String) {
  let clean = text.unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : Character($0) }
  let line = Array("snug-bus: \(String(clean))\n".utf8)
  _ = unsafe write(2, line, line.count)
}

/// Writes a line to standard output. What came from the bus is one line, whatever it holds.
func printLine(_ text: String) {
  let line = Array(text.utf8.map { $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 }) + [UInt8(ascii: "\n")]
  _ = unsafe write(1, line, line.count)
}

/// Ends this process with a line where it is not done in time. The kernel keeps the time, because libdbus waits in places
/// of its own.
func setDeadline(seconds: UInt64) {
  unsafe lateText = Array("snug-bus: no answer on the session bus within \(seconds) s\n".utf8).withUnsafeBufferPointer {
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: $0.count)
    _ = unsafe copy.initialize(from: $0)
    return UnsafeBufferPointer(copy)
  }
  signal(SIGALRM) { _ in
    if let text = unsafe lateText { _ = unsafe write(2, text.baseAddress, text.count) }
    _exit(1)
  }
  var only = sigset_t()
  unsafe sigemptyset(&only)
  unsafe sigaddset(&only, SIGALRM)
  unsafe sigprocmask(SIG_UNBLOCK, &only, nil)
  alarm(UInt32(seconds))
}

/// Made before the signal can come: a handler allocates nothing.
nonisolated(unsafe) private var lateText: UnsafeBufferPointer<UInt8>?

/// argv as the C library gave it: in the release build Swift's own copy is empty.
func readArguments() -> [String] {
  var words: [String] = []
  while let pointer = unsafe csnug_argument(Int32(words.count)) { words.append(unsafe String(cString: pointer)) }
  return words
}
