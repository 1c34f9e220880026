/// Where a message bus listens, as an address of the D-Bus specification says it.
public enum BusAddress: Hashable, Sendable {
  /// A socket with a name in the file system: absolute, without `.` and `..`.
  case path(String)
  /// A socket without a file, by its name, see unix(7).
  case abstract([UInt8])
  /// `bus` in `$XDG_RUNTIME_DIR`.
  case runtime

  /// Reads an address, or a list of them with semicolons between.
  ///
  /// Strict, as libdbus is: what two readers could take for two things is refused, and of a list that begins with
  /// something wrong nothing is used. The first Unix socket of a list is taken.
  ///
  /// - Throws: in plain words why it is none that a proxy can be put before.
  init(_ text: [UInt8]) throws(BusAddressProblem) {
    var first: BusAddress?
    var other: String?
    for entry in text.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false) {
      // A list may end with a semicolon.
      if entry.isEmpty { continue }
      guard let colon = entry.firstIndex(of: UInt8(ascii: ":")) else { throw BusAddressProblem("it has no transport") }
      let transport = String(decoding: entry[..<colon], as: UTF8.self)
      let values = try readPairs(entry[entry.index(after: colon)...])
      if transport == "unix" {
        let address = try Self(socket: values)
        first = first ?? address
      } else {
        other = other ?? transport
      }
    }
    if let first {
      self = first
    } else if let other {
      throw BusAddressProblem("only Unix sockets can be filtered, not \"\(other):\"")
    } else {
      throw BusAddressProblem("it is empty")
    }
  }

  private init(socket values: [(key: String, value: [UInt8])]) throws(BusAddressProblem) {
    var found: BusAddress?
    for (key, value) in values {
      let address: BusAddress
      switch key {
      // What it says is asked of the bus by every client anyway.
      case "guid": continue
      case "path": address = .path(try Self.path(value))
      case "abstract":
        // sun_path has 108 bytes, the first of them zero.
        if value.isEmpty || value.count > 107 { throw BusAddressProblem("its abstract name is empty or too long") }
        address = .abstract(value)
      case "runtime":
        if value != Array("yes".utf8) { throw BusAddressProblem("\"runtime\" can only be \"yes\"") }
        address = .runtime
      case "dir", "tmpdir": throw BusAddressProblem("\"\(key)\" tells a bus where to listen, not where it does")
      default: throw BusAddressProblem("\"\(key)\" is no key of a Unix socket")
      }
      if found != nil { throw BusAddressProblem("it names two sockets at once") }
      found = address
    }
    guard let found else { throw BusAddressProblem("it names no socket") }
    self = found
  }

  private static func path(_ bytes: [UInt8]) throws(BusAddressProblem) -> String {
    guard let path = String(validating: bytes, as: UTF8.self) else { throw BusAddressProblem("its path is not UTF-8") }
    let names = components(path)
    if bytes.first != UInt8(ascii: "/") || names.contains(".") || names.contains("..") || names.isEmpty {
      throw BusAddressProblem("its path is not absolute, or has . or .. in it")
    }
    if bytes.contains(0) { throw BusAddressProblem("its path has a NUL byte in it") }
    return "/" + names.joined(separator: "/")
  }
}

/// Why an address cannot be used, in words that go after a colon.
struct BusAddressProblem: Error, Hashable {
  var reason: String
  init(_ reason: String) { self.reason = reason }
}

/// `key=value,key=value`.
private func readPairs(_ text: ArraySlice<UInt8>) throws(BusAddressProblem) -> [(key: String, value: [UInt8])] {
  if text.isEmpty { return [] }
  var pairs: [(key: String, value: [UInt8])] = []
  for pair in text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
    guard let equals = pair.firstIndex(of: UInt8(ascii: "=")), equals != pair.startIndex else {
      throw BusAddressProblem("a part of it is not KEY=VALUE")
    }
    let key = String(decoding: pair[..<equals], as: UTF8.self)
    if pairs.contains(where: { $0.key == key }) { throw BusAddressProblem("\"\(key)\" stands in it twice") }
    pairs.append((key, try unescaped(pair[pair.index(after: equals)...])))
  }
  return pairs
}

/// A value without its escapes. Whatever is not `[-0-9A-Za-z_/.\*]` must be written as `%` and two hexadecimal digits.
private func unescaped(_ text: ArraySlice<UInt8>) throws(BusAddressProblem) -> [UInt8] {
  var bytes: [UInt8] = []
  var rest = text
  while let byte = rest.popFirst() {
    if isPlain(byte) {
      bytes.append(byte)
    } else if byte == UInt8(ascii: "%") {
      guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal) else {
        throw BusAddressProblem("a % in it is not followed by two hexadecimal digits")
      }
      bytes.append(high << 4 | low)
    } else {
      throw BusAddressProblem("a character in it should have been written as % and two hexadecimal digits")
    }
  }
  return bytes
}

/// A value as it stands in an address.
func escapedForAddress(_ bytes: [UInt8]) -> [UInt8] {
  let digits = Array("0123456789abcdef".utf8)
  return bytes.flatMap { byte in
    isPlain(byte) ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }
}

private func isPlain(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
  default: "-_/.\\*".utf8.contains(byte)
  }
}

private func hexadecimal(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 0x30...0x39: byte - 0x30
  case 0x41...0x46: byte - 0x41 + 10
  case 0x61...0x66: byte - 0x61 + 10
  default: nil
  }
}
