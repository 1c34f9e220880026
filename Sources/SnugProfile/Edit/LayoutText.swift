/// A replacement of some bytes.
struct Patch {
  var range: Range<Int>
  var text: [UInt8]

  init(_ range: Range<Int>, _ text: String = "") {
    self.range = range
    self.text = Array(text.utf8)
  }

  /// Puts a text before a byte.
  init(before offset: Int, _ text: String) { self.init(offset..<offset, text) }
}

/// Lines, blanks and comments between the values.
extension Layout {
  /// The text with patches in it, which do not overlap.
  func applying(_ patches: [Patch]) -> [UInt8] {
    var out: [UInt8] = []
    var end = 0
    for patch in patches.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      out += bytes[end..<max(end, patch.range.lowerBound)]
      out += patch.text
      end = max(end, patch.range.upperBound)
    }
    return out + bytes[end...]
  }

  /// The line end that the file uses: that of its first line.
  var newline: String {
    guard let first = bytes.firstIndex(of: 0x0A), first > 0, bytes[first - 1] == 0x0D else { return "\n" }
    return "\r\n"
  }

  /// First byte of the line that a byte stands in.
  func lineStart(_ offset: Int) -> Int {
    (bytes[..<offset].lastIndex(of: 0x0A) ?? -1) + 1
  }

  /// The byte behind the line's last, before its line end.
  func lineEnd(_ offset: Int) -> Int {
    let end = bytes[offset...].firstIndex(of: 0x0A) ?? bytes.count
    return end > offset && end < bytes.count && bytes[end - 1] == 0x0D ? end - 1 : end
  }

  /// The blanks that the line of a byte begins with.
  func indent(_ offset: Int) -> String {
    String(decoding: bytes[lineStart(offset)...].prefix(while: isBlank), as: UTF8.self)
  }

  /// Whether nothing but blanks stands before a byte on its line.
  func isFirstOnLine(_ offset: Int) -> Bool { bytes[lineStart(offset)..<offset].allSatisfy(isBlank) }

  /// The first byte from `offset` on that is no blank.
  func skipBlanks(_ offset: Int) -> Int { bytes[offset...].firstIndex { !isBlank($0) } ?? bytes.count }

  /// Whether a line or the file ends at a byte.
  func isLineEnd(_ offset: Int) -> Bool { lineEnd(offset) == offset }

  /// The comma between two values, or behind the last one; comments between are passed over.
  func comma(after start: Int, before end: Int) -> Int? {
    var index = start
    while index < end {
      switch bytes[index] {
      case UInt8(ascii: ","): return index
      case UInt8(ascii: "#"): index = lineEnd(index)
      case 0x0A, 0x0D, 0x20, 0x09: index += 1
      default: return nil
      }
    }
    return nil
  }

  /// The comments in a part of the text that begins outside of a string.
  func comments(in range: Range<Int>) -> [String] {
    var found: [String] = []
    var index = range.lowerBound
    while index < range.upperBound {
      switch bytes[index] {
      case UInt8(ascii: "\""), UInt8(ascii: "'"): index = endOfString(index)
      case UInt8(ascii: "#"):
        let end = lineEnd(index)
        found.append(String(decoding: bytes[index..<end], as: UTF8.self))
        index = end
      default: index += 1
      }
    }
    return found
  }

  /// The byte behind the string that begins at a quote.
  func endOfString(_ start: Int) -> Int {
    let quote = bytes[start]
    func isTriple(_ at: Int) -> Bool { at + 2 < bytes.count && bytes[at...(at + 2)].allSatisfy { $0 == quote } }
    let isMultiline = isTriple(start)
    var index = start + (isMultiline ? 3 : 1)
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        index += 2
      } else if isMultiline ? isTriple(index) : bytes[index] == quote {
        index += isMultiline ? 3 : 1
        // Up to two quotes may stand right before the closing three.
        while isMultiline, index < bytes.count, bytes[index] == quote { index += 1 }
        return index
      } else {
        index += 1
      }
    }
    return bytes.count
  }

  /// Takes a part of the text out; lines that are left empty go, comments stay on lines of their own.
  func cut(_ range: Range<Int>) -> Patch {
    let kept = comments(in: range)
    let indent = indent(range.lowerBound)
    let next = skipBlanks(range.upperBound)
    let isFirst = isFirstOnLine(range.lowerBound)
    if isLineEnd(next) {
      if isFirst, kept.isEmpty {
        let end = bytes[next...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
        return Patch(lineStart(range.lowerBound)..<end)
      }
      var start = range.lowerBound
      while !isFirst, kept.isEmpty, start > 0, isBlank(bytes[start - 1]) { start -= 1 }
      return Patch(start..<next, kept.joined(separator: newline + indent))
    }
    // What follows on the line takes the place; a bracket keeps its distance.
    let isCommaLast = range.upperBound > 0 && bytes[range.upperBound - 1] == UInt8(ascii: ",")
    let end = isFirst || isCommaLast ? next : range.upperBound
    return Patch(range.lowerBound..<end, kept.map { $0 + newline + indent }.joined())
  }
}

func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
