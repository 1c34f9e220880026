/// One entry of an X authority file, see Xau(3): which display takes which secret.
public struct XauthorityEntry: Hashable, Sendable {
  /// 256 is this machine by name, 0xffff any.
  public var family: UInt16
  /// The machine's name for the local family.
  public var address: [UInt8]
  /// Display number in digits; empty is any.
  public var number: [UInt8]
  /// `MIT-MAGIC-COOKIE-1`.
  public var name: [UInt8]
  /// The secret.
  public var data: [UInt8]

  /// Makes an entry.
  public init(family: UInt16, address: [UInt8], number: [UInt8], name: [UInt8], data: [UInt8]) {
    self.family = family
    self.address = address
    self.number = number
    self.name = name
    self.data = data
  }

  /// Family of names of this machine.
  public static let local: UInt16 = 256
  /// Family that matches every address.
  public static let wild: UInt16 = 0xffff

  /// The entry as bytes of a file: numbers big-endian, each field after its length.
  public var bytes: [UInt8] {
    func number(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xff)] }
    return number(family) + [address, self.number, name, data].flatMap { number(UInt16($0.count)) + $0 }
  }
}

/// The entries of an X authority file. What follows a cut-off entry is left out, as libXau does.
public func readXauthority(_ bytes: [UInt8]) -> [XauthorityEntry] {
  var entries: [XauthorityEntry] = []
  var left = bytes[...]
  func number() -> UInt16? {
    guard left.count >= 2 else { return nil }
    return UInt16(left.removeFirst()) << 8 | UInt16(left.removeFirst())
  }
  func field() -> [UInt8]? {
    guard let count = number().map(Int.init), left.count >= count else { return nil }
    defer { left = left.dropFirst(count) }
    return Array(left.prefix(count))
  }
  while let family = number(), let address = field(), let display = field(), let name = field(), let data = field() {
    entries.append(XauthorityEntry(family: family, address: address, number: display, name: name, data: data))
  }
  return entries
}

/// The one secret that a client on `machine` would send to its local display `display`: the first entry that matches,
/// as libXau picks it.
public func cookie(for display: Int, on machine: String, in entries: [XauthorityEntry]) -> XauthorityEntry? {
  let digits = Array(String(display).utf8)
  return entries.first { entry in
    let isHere =
      entry.family == XauthorityEntry.wild
      || (entry.family == XauthorityEntry.local && entry.address.elementsEqual(machine.utf8))
    return isHere && (entry.number.isEmpty || entry.number == digits)
  }
}
