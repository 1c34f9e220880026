/// One command of PulseAudio's native protocol: values that each begin with a byte for their type, as `tagstruct.h` of
/// PulseAudio lists them. The first is the command's number, the second the tag that its answer carries. Numbers are big
/// endian.
struct PulsePacket {
  /// All values.
  var bytes: [UInt8]

  /// Takes a packet; nil where it does not begin with a command and a tag.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 10, bytes[0] == PulseType.number, bytes[5] == PulseType.number else { return nil }
    self.bytes = bytes
  }

  /// The command.
  var command: UInt32 { bigEndian(bytes, 1) }
  /// What its answer is told by.
  var tag: UInt32 { bigEndian(bytes, 6) }
  /// The first value behind the tag, where that is a number.
  var firstNumber: UInt32? {
    bytes.count >= 15 && bytes[10] == PulseType.number ? bigEndian(bytes, 11) : nil
  }

  /// Puts another number in the place of `firstNumber`.
  mutating func setFirstNumber(_ number: UInt32) {
    guard firstNumber != nil else { return }
    bytes.replaceSubrange(11..<15, with: bigEndianBytes(number))
  }

  /// The answer to a command that is refused: "access denied".
  static func refusal(of tag: UInt32) -> [UInt8] {
    let accessDenied: UInt32 = 1
    var values: [UInt8] = []
    for number in [PulseCommand.error, tag, accessDenied] { values += [PulseType.number] + bigEndianBytes(number) }
    return PulseFrame.control(length: UInt32(values.count)).bytes + values
  }

  /// The same with those properties alone that say what is played and who plays it. Others tell the server to load a
  /// module (`filter.want`), or what to connect where (PipeWire's).
  ///
  /// - Throws: where the values cannot be read to the end, so that the server never sees what was not understood here.
  func withHarmlessProperties() throws(PulseProblem) -> PulsePacket {
    var reader = PulseReader(bytes: bytes)
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    while let type = try reader.next() {
      kept += bytes[reader.value]
      if type == PulseType.properties { try copyProperties(&reader, to: &kept) }
    }
    var packet = self
    packet.bytes = kept
    return packet
  }

  /// Pairs of a text and bytes, the length of which comes twice; a null text ends them.
  private func copyProperties(_ reader: inout PulseReader, to kept: inout [UInt8]) throws(PulseProblem) {
    while true {
      guard let type = try reader.next() else { throw .values }
      let key = reader.value
      if type == PulseType.nullText {
        kept += bytes[key]
        return
      }
      guard type == PulseType.text, try reader.next() == PulseType.number else { throw .values }
      let length = bigEndian(bytes, reader.value.lowerBound + 1)
      guard try reader.next() == PulseType.bytes, reader.value.count == Int(length) + 5 else { throw .values }
      if isHarmlessProperty(bytes[key.dropFirst().dropLast()]) {
        kept += bytes[key.lowerBound..<reader.value.upperBound]
      }
    }
  }
}

/// Whether a property says something about what is played, who plays it and how it looks.
private func isHarmlessProperty(_ key: ArraySlice<UInt8>) -> Bool {
  let prefixes = ["application.", "event.", "format.", "window."]
  if prefixes.contains(where: { key.starts(with: $0.utf8) }) { return true }
  let names = [
    "media.artist", "media.copyright", "media.filename", "media.icon", "media.icon_name", "media.language",
    "media.name", "media.role", "media.software", "media.title",
  ]
  return names.contains { key.elementsEqual($0.utf8) }
}

/// Types of values.
private enum PulseType {
  static let number = UInt8(ascii: "L")
  static let text = UInt8(ascii: "t")
  static let nullText = UInt8(ascii: "N")
  static let bytes = UInt8(ascii: "x")
  static let properties = UInt8(ascii: "P")

  /// Bytes behind the type, of those types that have a fixed number of them.
  static func size(_ type: UInt8) -> Int? {
    switch type {
    // Null text, true, false, and what only announces the values that follow: a list of properties, a format.
    case nullText, properties, UInt8(ascii: "1"), UInt8(ascii: "0"), UInt8(ascii: "f"): 0
    case UInt8(ascii: "B"): 1
    // A number, a volume.
    case number, UInt8(ascii: "V"): 4
    // Format, channels and rate of samples.
    case UInt8(ascii: "a"): 6
    // Long numbers, a time of day, a duration.
    case UInt8(ascii: "R"), UInt8(ascii: "r"), UInt8(ascii: "T"), UInt8(ascii: "U"): 8
    default: nil
    }
  }
}

/// Goes from value to value.
private struct PulseReader {
  let bytes: [UInt8]
  /// The value last read, with its type.
  var value = 0..<0

  /// Goes to the next value; nil at the end.
  mutating func next() throws(PulseProblem) -> UInt8? {
    let start = value.upperBound
    guard start < bytes.count else { return nil }
    let type = bytes[start]
    var count = 1
    if let size = PulseType.size(type) {
      count += size
    } else if type == PulseType.text {
      guard let end = bytes[start...].firstIndex(of: 0) else { throw .values }
      count = end + 1 - start
    } else if type == PulseType.bytes {
      guard bytes.count - start >= 5 else { throw .values }
      count += 4 + Int(bigEndian(bytes, start + 1))
    } else if type == UInt8(ascii: "m") || type == UInt8(ascii: "v") {
      // The places of channels, a byte each; their volumes, four bytes each.
      guard bytes.count - start >= 2 else { throw .values }
      count += 1 + Int(bytes[start + 1]) * (type == UInt8(ascii: "m") ? 1 : 4)
    } else {
      throw .values
    }
    guard count <= bytes.count - start else { throw .values }
    value = start..<(start + count)
    return type
  }
}

/// The head of a frame: length, channel, two halves of an offset, flags; see `pstream.c` of PulseAudio.
struct PulseFrame {
  static let size = 20
  /// The most bytes behind a head that the server takes.
  static let longest: UInt32 = 16 << 20
  /// The longest command that is kept to be judged: some carry an icon.
  static let longestCommand: UInt32 = 1 << 20
  /// Its channel is that of commands.
  private static let commands = UInt32.max

  let bytes: [UInt8]

  var length: UInt32 { bigEndian(bytes, 0) }
  var isControl: Bool { bigEndian(bytes, 4) == Self.commands }
  private var flags: UInt32 { bigEndian(bytes, 16) }

  /// The head of a command.
  static func control(length: UInt32) -> PulseFrame {
    PulseFrame(bytes: bigEndianBytes(length) + bigEndianBytes(commands) + [UInt8](repeating: 0, count: 12))
  }

  /// Whether a client may send it.
  func judge() throws(PulseProblem) {
    if length == 0 || length > (isControl ? Self.longestCommand : Self.longest) { throw .length }
    // Samples say in the lowest byte how their offset is meant. What stands above it is shared memory.
    if isControl ? bytes[8...].contains(where: { $0 != 0 }) : flags & ~0xff != 0 { throw .flags }
  }
}

/// The number at an index.
func bigEndian(_ bytes: [UInt8], _ index: Int) -> UInt32 {
  UInt32(bytes[index]) << 24 | UInt32(bytes[index + 1]) << 16 | UInt32(bytes[index + 2]) << 8 | UInt32(bytes[index + 3])
}

/// The bytes of a number.
func bigEndianBytes(_ number: UInt32) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
}
