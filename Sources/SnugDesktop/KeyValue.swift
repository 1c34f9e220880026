/// A value of type string as it is meant, with the place that each byte has in the file.
///
/// See "Possible value types" of the Desktop Entry Specification 1.5: `\s \n \t \r \\`, in lists also `\;`.
struct DecodedValue {
  /// What is meant.
  var bytes: [UInt8] = []
  /// Where the text of each byte begins in the file's value, and behind the last one where that ends.
  var starts: [Int] = []

  /// Nil where a backslash stands before something that has no meaning.
  init?(_ raw: [UInt8]) {
    var index = 0
    while index < raw.count {
      starts.append(index)
      guard raw[index] == UInt8(ascii: "\\") else {
        bytes.append(raw[index])
        index += 1
        continue
      }
      guard index + 1 < raw.count, let meant = meaning(of: raw[index + 1]) else { return nil }
      bytes.append(meant)
      index += 2
    }
    starts.append(raw.count)
  }
}

/// A value of type string as it is written in a file.
public func encodedValue(_ text: some Collection<UInt8>) -> [UInt8] {
  let bytes = Array(text)
  var out: [UInt8] = []
  for (index, byte) in bytes.enumerated() {
    let escape: Character? =
      switch byte {
      case 0x0A: "n"
      case 0x0D: "r"
      case 0x09: "t"
      case UInt8(ascii: "\\"): "\\"
      // Blanks at both ends are lost to readers.
      case 0x20 where index == 0 || index == bytes.count - 1: "s"
      default: nil
      }
    if let escape { out += [UInt8(ascii: "\\")] + escape.utf8 } else { out.append(byte) }
  }
  return out
}

/// The meaning of a value of type string; nil where it has none.
public func decodedValue(_ raw: [UInt8]) -> String? {
  DecodedValue(raw).map { String(decoding: $0.bytes, as: UTF8.self) }
}

/// The items of a list with `;` between them; nil where an escape has no meaning.
public func decodedList(_ raw: [UInt8]) -> [String]? {
  var items: [String] = []
  var item: [UInt8] = []
  var rest = raw[...]
  while let byte = rest.popFirst() {
    switch byte {
    case UInt8(ascii: ";"):
      items.append(String(decoding: item, as: UTF8.self))
      item = []
    case UInt8(ascii: "\\"):
      guard let next = rest.popFirst() else { return nil }
      guard let meant = next == UInt8(ascii: ";") ? next : meaning(of: next) else { return nil }
      item.append(meant)
    default: item.append(byte)
    }
  }
  // The last one may end without its separator.
  if !item.isEmpty { items.append(String(decoding: item, as: UTF8.self)) }
  return items.filter { !$0.isEmpty }
}

private func meaning(of escape: UInt8) -> UInt8? {
  switch escape {
  case UInt8(ascii: "s"): 0x20
  case UInt8(ascii: "n"): 0x0A
  case UInt8(ascii: "t"): 0x09
  case UInt8(ascii: "r"): 0x0D
  case UInt8(ascii: "\\"): escape
  default: nil
  }
}
