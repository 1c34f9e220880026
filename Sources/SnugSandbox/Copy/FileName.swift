import Glibc

/// One name in a directory, byte for byte: what stands in a tree need not be UTF-8.
public struct FileName: Hashable, Sendable {
  /// The bytes, a zero behind them.
  let bytes: [CChar]

  /// A name that was typed; nil where it is none: empty, `.`, `..`, with a slash or a zero byte in it.
  public init?(_ text: String) {
    self.init(bytes: Array(text.utf8))
  }

  /// A name that was read; nil where it would lead anywhere but into its own directory.
  init?(bytes: [UInt8]) {
    if bytes.isEmpty || bytes == [dot] || bytes == [dot, dot] { return nil }
    if bytes.contains(0) || bytes.contains(UInt8(ascii: "/")) { return nil }
    self.bytes = bytes.map { CChar(bitPattern: $0) } + [0]
  }

  /// For a message, which escapes it.
  public var text: String { String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) }
}

private let dot = UInt8(ascii: ".")

/// Whether a symbolic link that stands `depth` directories below the top of a tree leads to something in that tree,
/// whatever other links of the kind stand on its way.
///
/// It does where it goes up first, at most to the top, and then only down: up from where it stands are real
/// directories, and each link on the way down is one of the same kind. A `..` behind a name could stand behind a link that
/// leads up, and so above the top.
func staysWithin(_ link: [UInt8], depth: Int) -> Bool {
  if link.isEmpty || link.first == UInt8(ascii: "/") { return false }
  var left = depth
  var isDown = false
  for part in link.split(separator: UInt8(ascii: "/")) where Array(part) != [dot] {
    if Array(part) != [dot, dot] {
      isDown = true
    } else if isDown || left == 0 {
      return false
    } else {
      left -= 1
    }
  }
  return true
}
