import CSnug
import SnugSandbox

/// Writes to standard error, unbuffered: nothing is left to be printed twice after a clone.
package func say(_ text: String) { write(text, to: 2) }

/// Writes what a command was asked for to standard output; a script must not take the half of it for all,
/// so that a failure ends the command with status 1.
package func answer(_ text: String) {
  let code = write(text, to: 1)
  if code == 0 { return }
  say("snug: cannot write to standard output: \(errorText(code))\n")
  csnug_exit(1)
}

/// Writes all of a text to a descriptor; what a closed reader does not take is dropped. Returns the errno, or 0.
@discardableResult
package func write(_ text: String, to descriptor: Int32) -> Int32 {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let count = bytes.withUnsafeBytes { csnug_write(descriptor, $0.baseAddress, $0.count) }
    if count <= 0 { return Int32(-count) }
    bytes = bytes.dropFirst(count)
  }
  return 0
}

/// argv, byte for byte.
package func readArguments() -> [[UInt8]] {
  var words: [[UInt8]] = []
  while let pointer = csnug_argument(Int32(words.count)) {
    words.append(UnsafeBufferPointer(start: pointer, count: csnug_length(pointer)).map { UInt8(bitPattern: $0) })
  }
  return words
}
