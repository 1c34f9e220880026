/// The one escaper for text from outside that a person will see: no control bytes, no bidirectional marks, no invisible
/// characters reach a terminal, a log or a listing.
///
/// A path may hold `ESC ] 52`, a newline or U+202E; printed raw it rewrites the screen or lies about its own name.
public func escaped(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
  var out = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\n": out += "\\n"
    case "\t": out += "\\t"
    case "\r": out += "\\r"
    case _ where isUnsafe(scalar):
      out += scalar.value < 0x100 ? "\\x" + hex(scalar.value, 2) : "\\u{" + hex(scalar.value, 4) + "}"
    default: out.unicodeScalars.append(scalar)
    }
  }
  return out
}

/// The same for bytes that need not be UTF-8: bytes that are not stand as `\xNN`.
public func escaped(_ bytes: some Collection<UInt8>) -> String {
  if let text = validText(Array(bytes)) { return escaped(text) }
  var out = ""
  for byte in bytes {
    out += byte >= 0x20 && byte < 0x7f ? String(UnicodeScalar(byte)) : "\\x" + hex(UInt32(byte), 2)
  }
  return out
}

/// Whether a scalar may not reach a terminal raw.
package func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
  let value = scalar.value
  if value >= 0x20 && value < 0x7f { return false }
  switch scalar.properties.generalCategory {
  // Format covers bidirectional marks, zero-width characters and tags.
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return true
  default: return false
  }
}

/// The short escapes that TOML and JSON share, with which a string of either is written; nil for other scalars.
package func shortEscape(_ scalar: Unicode.Scalar) -> String? {
  switch scalar {
  case "\"": "\\\""
  case "\\": "\\\\"
  case "\n": "\\n"
  case "\t": "\\t"
  case "\r": "\\r"
  default: nil
  }
}

/// Lower-case hexadecimal digits, at least `width` of them.
package func hex(_ value: UInt32, _ width: Int) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
