/// The path of a file URI, as bytes: `file:///x`, `file://localhost/x` and `file:/x`, see RFC 8089. Nil for what is none,
/// names another machine, or is not written as one: what programs would read in different ways is no file to us.
///
/// - Parameter word: a whole word of a command line.
package func filePath(ofURI word: [UInt8]) -> [UInt8]? {
  let slash = UInt8(ascii: "/")
  func matches(_ bytes: ArraySlice<UInt8>, _ text: String) -> Bool {
    bytes.count == text.utf8.count && zip(bytes, text.utf8).allSatisfy { lowercased($0) == $1 }
  }
  guard matches(word.prefix(5), "file:") else { return nil }
  var rest = word.dropFirst(5)
  if rest.starts(with: [slash, slash]) {
    rest = rest.dropFirst(2)
    let machine = rest.prefix { $0 != slash }
    guard machine.isEmpty || matches(machine, "localhost") else { return nil }
    rest = rest.dropFirst(machine.count)
  }
  guard rest.first == slash else { return nil }
  var path: [UInt8] = []
  while let byte = rest.popFirst() {
    switch byte {
    case UInt8(ascii: "%"):
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
      let decoded = high << 4 | low
      // A name holds neither.
      if decoded == 0 || decoded == slash { return nil }
      path.append(decoded)
    // A query and a fragment: part of the name for some programs, none of it for others.
    case UInt8(ascii: "?"), UInt8(ascii: "#"): return nil
    // No name has it, however it is written.
    case 0: return nil
    default: path.append(byte)
    }
  }
  return path
}

/// The file URI of an absolute path: every byte that means something in a URI stands as `%XX`.
package func fileURI(_ path: String) -> [UInt8] {
  let plain = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/!$&'()*+,=:@".utf8)
  let digits = Array("0123456789ABCDEF".utf8)
  return Array("file://".utf8)
    + path.utf8.flatMap { byte in
      plain.contains(byte) ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}

private func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte + 0x20 : byte }

private func digit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 0x30...0x39: byte - 0x30
  case 0x41...0x46: byte - 0x41 + 10
  case 0x61...0x66: byte - 0x61 + 10
  default: nil
  }
}
