import CSnug

/// Writes to standard error, unbuffered: nothing is left to be printed twice after a clone.
func say(_ text: String) { write(text, to: 2) }

/// Writes all of a text to a descriptor; what a closed reader does not take is dropped.
func write(_ text: String, to descriptor: Int32) {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let count = bytes.withUnsafeBytes { csnug_write(descriptor, $0.baseAddress, $0.count) }
    if count <= 0 { return }
    bytes = bytes.dropFirst(count)
  }
}

/// argv, byte for byte.
func readArguments() -> [[UInt8]] {
  var words: [[UInt8]] = []
  while let pointer = csnug_argument(Int32(words.count)) {
    words.append(UnsafeBufferPointer(start: pointer, count: csnug_length(pointer)).map { UInt8(bitPattern: $0) })
  }
  return words
}
