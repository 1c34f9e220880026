/// One message of the Wayland wire format: object, opcode, arguments. Numbers are in the machine's own order.
///
/// The format is that of the Wayland book, "Wire Format": a word for the object, one for size and opcode, arguments in
/// whole words.
struct WaylandMessage: Hashable {
  /// Who is called, or who tells.
  var object: UInt32
  /// Which request or event of the object's interface.
  var opcode: UInt16
  /// The arguments as they stand; whole words.
  var body: [UInt8]

  /// Makes a message of arguments one after the other.
  init(_ object: UInt32, _ opcode: UInt16, _ body: [UInt8] = []) {
    self.object = object
    self.opcode = opcode
    self.body = body
  }

  /// The message as it is sent.
  var bytes: [UInt8] { word(object) + word(UInt32(body.count + 8) << 16 | UInt32(opcode)) + body }

  /// A number as an argument.
  static func number(_ value: UInt32) -> [UInt8] { word(value) }

  /// A text as an argument: its length with the zero byte that ends it, itself, filled up to a whole word.
  static func text(_ value: String) -> [UInt8] {
    let content = Array(value.utf8) + [0]
    return word(UInt32(content.count)) + content + [UInt8](repeating: 0, count: -content.count & 3)
  }
}

/// Reads the arguments of a message, none of which is taken for granted.
struct WaylandArguments {
  private var left: ArraySlice<UInt8>

  init(_ message: WaylandMessage) { left = message.body[...] }

  /// The next number; nil where there is none.
  mutating func number() -> UInt32? {
    guard left.count >= 4 else { return nil }
    defer { left = left.dropFirst(4) }
    return readWord(left)
  }

  /// The next text, without the zero byte that ends it; nil where it is cut off, not ended or no text at all.
  mutating func text() -> [UInt8]? {
    guard let count = number().map({ Int($0) }), count > 0, count <= left.count else { return nil }
    let padded = (count + 3) & ~3
    guard padded <= left.count else { return nil }
    let content = left.prefix(count)
    guard content.last == 0, !content.dropLast().contains(0) else { return nil }
    left = left.dropFirst(padded)
    return Array(content.dropLast())
  }
}

/// Cuts what comes into messages.
struct WaylandReader {
  private var pending: [UInt8] = []

  /// A message cannot be read.
  struct Trouble: Error, Hashable {
    var reason: String
  }

  /// Takes bytes as they came.
  mutating func add(_ bytes: [UInt8]) { pending += bytes }

  /// The next whole message; nil where more has to come.
  mutating func next() throws(Trouble) -> WaylandMessage? {
    guard pending.count >= 8 else { return nil }
    let head = readWord(pending[4...])
    let size = Int(head >> 16)
    // libwayland sends no longer ones, and a length that is no whole number of words cannot be told from the next message.
    guard size >= 8, size <= 4096, size & 3 == 0 else { throw Trouble(reason: "a message of \(size) bytes") }
    guard pending.count >= size else { return nil }
    let message = WaylandMessage(
      readWord(pending[...]), UInt16(truncatingIfNeeded: head), Array(pending[8..<size]))
    pending.removeFirst(size)
    return message
  }
}

private func word(_ value: UInt32) -> [UInt8] {
  let little = (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
  return isLittleEndian ? little : little.reversed()
}

private func readWord(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  let four = Array(bytes.prefix(4))
  return (isLittleEndian ? four.reversed() : four).reduce(0) { $0 << 8 | UInt32($1) }
}

private var isLittleEndian: Bool { UInt32(1).littleEndian == 1 }
