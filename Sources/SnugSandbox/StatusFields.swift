/// Fields of /proc/PID/status, see proc_pid_status(5). Read at each start: in bytes, once through.
struct StatusFields {
  private let bytes: [UInt8]
  private var lines: [(start: Int, colon: Int, end: Int)] = []

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var (start, colon) = (0, -1)
    for index in bytes.indices {
      if bytes[index] == UInt8(ascii: "\n") {
        if colon >= 0 { lines.append((start, colon, index)) }
        (start, colon) = (index + 1, -1)
      } else if colon < 0, bytes[index] == UInt8(ascii: ":") {
        colon = index
      }
    }
  }

  /// What a field says, without the blanks before it; nil where there is none of that name. Of two lines that differ
  /// neither is believed.
  subscript(name: String) -> String? {
    let length = name.utf8.count
    var found: ArraySlice<UInt8>?
    for line in lines where line.colon - line.start == length {
      guard bytes[line.start..<line.colon].elementsEqual(name.utf8) else { continue }
      let value = bytes[(line.colon + 1)..<line.end].drop { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
      if let found, found != value { return "told in two ways" }
      found = value
    }
    return found.map { String(decoding: $0, as: UTF8.self) }
  }
}
