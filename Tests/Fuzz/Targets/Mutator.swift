/// Makes new inputs out of old ones. With the same numbers the same inputs.
package struct Mutator<Numbers: RandomNumberGenerator> {
  private var numbers: Numbers
  private let pieces: [[UInt8]]
  /// Nothing longer: time goes into many inputs, not into long ones.
  private static var longest: Int { 1 << 14 }
  /// What lengths and counts are wrong by.
  private static var edges: [UInt8] { [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff, 0x20, 0x0a, 0x22, 0x5c] }

  package init(_ numbers: Numbers, pieces: [[UInt8]]) {
    self.numbers = numbers
    self.pieces = pieces
  }

  /// One of some inputs, changed in one to four places.
  package mutating func next(of inputs: [[UInt8]]) -> [UInt8] {
    var bytes = inputs.isEmpty ? [] : inputs[below(inputs.count)]
    for _ in 0...below(4) { change(&bytes, inputs) }
    return Array(bytes.prefix(Self.longest))
  }

  private mutating func below(_ count: Int) -> Int { Int.random(in: 0..<max(1, count), using: &numbers) }

  private mutating func change(_ bytes: inout [UInt8], _ inputs: [[UInt8]]) {
    let start = below(bytes.count + 1)
    let end = min(bytes.count, start + below(below(3) == 0 ? 64 : 9))
    switch below(10) {
    case 0: bytes.removeSubrange(start..<end)
    case 1: bytes.insert(contentsOf: bytes[start..<end], at: below(bytes.count + 1))
    case 2: if start < bytes.count { bytes[start] = UInt8.random(in: 0...255, using: &numbers) }
    case 3: if start < bytes.count { bytes[start] ^= 1 << UInt8(below(8)) }
    case 4: if start < bytes.count { bytes[start] = Self.edges[below(Self.edges.count)] }
    case 5: bytes.removeSubrange(start...)
    case 6:
      let other = inputs.isEmpty ? [] : inputs[below(inputs.count)]
      let from = below(other.count + 1)
      bytes.replaceSubrange(start..<end, with: other[from..<min(other.count, from + below(64))])
    case 7: bytes.insert(contentsOf: (0..<below(5)).map { _ in Self.edges[below(Self.edges.count)] }, at: start)
    default:
      guard !pieces.isEmpty else { return }
      bytes.replaceSubrange(below(2) == 0 ? start..<start : start..<end, with: pieces[below(pieces.count)])
    }
  }
}
