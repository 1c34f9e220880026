private let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

/// Bytes of base64 text with its padding, RFC 4648 section 4; nil where it is not exactly that.
func decodeBase64(_ text: String) -> [UInt8]? {
  let digits = Array(text.utf8)
  guard digits.count % 4 == 0 else { return nil }
  var out: [UInt8] = []
  out.reserveCapacity(digits.count / 4 * 3)
  for start in stride(from: 0, to: digits.count, by: 4) {
    var bits: UInt32 = 0
    var padding = 0
    for offset in 0..<4 {
      let digit = digits[start + offset]
      if digit == UInt8(ascii: "="), start + 4 == digits.count, offset >= 2 {
        padding += 1
        bits <<= 6
      } else {
        guard padding == 0, let value = alphabet.firstIndex(of: digit) else { return nil }
        bits = bits << 6 | UInt32(value)
      }
    }
    // One encoding for each content: bits that padding cuts off are zero.
    if bits & ((1 << (8 * UInt32(padding))) - 1) != 0 { return nil }
    for shift in [16, 8, 0].dropLast(padding) { out.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift))) }
  }
  return out
}

/// Base64 text of bytes, with padding.
func encodeBase64(_ bytes: [UInt8]) -> String {
  var out: [UInt8] = []
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    var bits: UInt32 = 0
    for offset in 0..<3 { bits = bits << 8 | (offset < group.count ? UInt32(group[start + offset]) : 0) }
    for digit in 0..<4 {
      let value = Int(bits >> UInt32(18 - 6 * digit)) & 63
      out.append(digit <= group.count ? alphabet[value] : UInt8(ascii: "="))
    }
  }
  return String(decoding: out, as: UTF8.self)
}
