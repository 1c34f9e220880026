/// A whole number as `strtol(3)` and its like read it, where nothing may follow: blanks and a sign may lead. nil where it
/// is none or does not fit; `base` nil is their base 0, where `0x` and `0` choose. Callers of bubblewrap have seen all of
/// that accepted.
func readCNumber(_ word: [UInt8], base: UInt64?) -> (magnitude: UInt64, isNegative: Bool)? {
  let blanks = UInt8(ascii: "\t")...UInt8(ascii: "\r")
  var digits = word.drop { $0 == UInt8(ascii: " ") || blanks.contains($0) }
  let isNegative = digits.first == UInt8(ascii: "-")
  if isNegative || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
  var base = base
  if base == nil, digits.first == UInt8(ascii: "0"), digits.count > 1 {
    digits.removeFirst()
    base = 8
    if digits.first == UInt8(ascii: "x") || digits.first == UInt8(ascii: "X") {
      digits.removeFirst()
      base = 16
    }
  }
  let radix = base ?? 10
  guard !digits.isEmpty else { return nil }
  var magnitude: UInt64 = 0
  for byte in digits {
    guard let digit = digitValue(byte), digit < radix else { return nil }
    let (product, isTooBig) = magnitude.multipliedReportingOverflow(by: radix)
    let (sum, isTooBigNow) = product.addingReportingOverflow(digit)
    if isTooBig || isTooBigNow { return nil }
    magnitude = sum
  }
  return (magnitude, isNegative)
}

private func digitValue(_ byte: UInt8) -> UInt64? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
  default: nil
  }
}
