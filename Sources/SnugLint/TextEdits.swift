import SnugProfile

// Where values stand in the bytes of a profile. The parser says where a value begins; where it ends is read here, from
// text that the parser has accepted.

extension SourceText {
  /// The byte at a place of this file; nil where the place is not in it, or so far along a line that nobody wrote it by
  /// hand: a profile may be one line of 1 MiB, and every finding on it would walk along all of it.
  package func offset(of origin: Origin) -> Int? {
    guard origin.file == file, origin.line > 0, origin.line <= lineStarts.count, (1...4_096).contains(origin.column)
    else { return nil }
    var offset = lineStarts[origin.line - 1]
    // Columns count code points: in UTF-8 every byte that is no continuation begins one.
    for _ in 1..<origin.column {
      guard offset < bytes.count, bytes[offset] != newline else { return nil }
      offset += 1
      while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
    }
    return offset <= bytes.count ? offset : nil
  }

  /// The bytes of the value that begins at a place; nil where none does.
  package func range(ofValueAt origin: Origin) -> Range<Int>? {
    guard let start = offset(of: origin), let end = endOfValue(bytes, from: start) else { return nil }
    return start..<end
  }

  /// The repair of a misspelt word: a bare key, or a string without escapes.
  func correction(_ correction: Correction, at origin: Origin) -> Fix? {
    guard let start = offset(of: origin) else { return nil }
    let word = Array(correction.written.utf8)
    var from = start
    if from < bytes.count, bytes[from] == quote || bytes[from] == apostrophe {
      from += 1
      // "!item": the word begins behind the mark.
      if from < bytes.count, bytes[from] == UInt8(ascii: "!"), word.first != UInt8(ascii: "!") { from += 1 }
    }
    guard bytes.dropFirst(from).starts(with: word) else { return nil }
    let end = from + word.count
    // A longer word that only begins so is another word.
    if end < bytes.count, isBare(bytes[end]) { return nil }
    let summary = "write \"\(correction.meant)\" for \"\(correction.written)\""
    return Fix(summary, [.init(from..<end, correction.meant)])
  }

  /// The repair of a path in a string, or in the one string of a table that is it; nil where there are several.
  func replacing(_ written: String, with meant: String, inValueAt origin: Origin) -> Fix? {
    guard let value = range(ofValueAt: origin) else { return nil }
    var found: [Range<Int>] = []
    var index = value.lowerBound
    while index < value.upperBound {
      guard bytes[index] == quote || bytes[index] == apostrophe, let end = endOfString(bytes, from: index) else {
        index += 1
        continue
      }
      var inner = (index + 1)..<(end - 1)
      if inner.first.map({ bytes[$0] }) == UInt8(ascii: "!") { inner = inner.dropFirst() }
      if bytes[inner].elementsEqual(written.utf8) { found.append(inner) }
      index = end
    }
    guard found.count == 1, let place = found.first else { return nil }
    return Fix("write \"\(meant)\" for \"\(written)\"", [.init(place, meant)])
  }

  /// The bytes that go when an item is taken out of its list: the item, its comma, and the line where it stood alone.
  package func rangeOfItem(at origin: Origin) -> Range<Int>? {
    guard let value = range(ofValueAt: origin) else { return nil }
    var end = value.upperBound
    var start = value.lowerBound
    let lineStart = lineStarts[origin.line - 1]
    let isFirstOnLine = bytes[lineStart..<start].allSatisfy(isBlank)
    var next = end
    while next < bytes.count, isBlank(bytes[next]) { next += 1 }
    guard next < bytes.count else { return nil }
    if bytes[next] == comma {
      end = next + 1
      while end < bytes.count, isBlank(bytes[end]) { end += 1 }
      if isFirstOnLine, end < bytes.count, bytes[end] == newline || bytes[end] == carriageReturn {
        // The whole line is its own.
        while end < bytes.count, bytes[end] != newline { end += 1 }
        return lineStart..<min(end + 1, bytes.count)
      }
      // A comment behind it may be about the item before as well: it stays. No blanks are left at the end of a line.
      if end == bytes.count || bytes[end] == newline || bytes[end] == carriageReturn {
        while start > lineStart, isBlank(bytes[start - 1]) { start -= 1 }
      }
      return start..<end
    }
    if isFirstOnLine, bytes[next] == newline || bytes[next] == carriageReturn {
      // The comma of the line above may stay: a list may end with one.
      let lineEnd = bytes[next...].firstIndex(of: newline) ?? bytes.count - 1
      return lineStart..<(lineEnd + 1)
    }
    // The last item: the comma and the space before it go with it, where they stand on the same line.
    var before = start
    while before > 0, isBlank(bytes[before - 1]) { before -= 1 }
    if before > 0, bytes[before - 1] == comma { start = before - 1 }
    return start..<end
  }
}

private let newline = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")
private let quote = UInt8(ascii: "\"")
private let apostrophe = UInt8(ascii: "'")
private let backslash = UInt8(ascii: "\\")
private let comma = UInt8(ascii: ",")
private let hash = UInt8(ascii: "#")

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

private func isBare(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
  default: false
  }
}

/// Where a TOML value that begins at `start` ends; nil where it does not.
private func endOfValue(_ bytes: [UInt8], from start: Int) -> Int? {
  guard start < bytes.count else { return nil }
  switch bytes[start] {
  case quote, apostrophe: return endOfString(bytes, from: start)
  case UInt8(ascii: "["), UInt8(ascii: "{"):
    var depth = 0
    var index = start
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        depth -= 1
        if depth == 0 { return index + 1 }
      case quote, apostrophe:
        guard let end = endOfString(bytes, from: index) else { return nil }
        index = end
        continue
      case hash: while index + 1 < bytes.count, bytes[index + 1] != newline { index += 1 }
      default: break
      }
      index += 1
    }
    return nil
  default:
    let stops: Set<UInt8> = [comma, UInt8(ascii: "]"), UInt8(ascii: "}"), hash, newline, carriageReturn, 0x20, 0x09]
    let end = bytes[start...].firstIndex { stops.contains($0) } ?? bytes.count
    return end > start ? end : nil
  }
}

/// Where a string ends that begins with its quotes at `start`.
func endOfString(_ bytes: [UInt8], from start: Int) -> Int? {
  let mark = bytes[start]
  let isLong = bytes[start...].starts(with: [mark, mark, mark])
  var index = start + (isLong ? 3 : 1)
  while index < bytes.count {
    if mark == quote, bytes[index] == backslash {
      index += 2
      continue
    }
    if bytes[index] == newline, !isLong { return nil }
    if bytes[index] == mark {
      if !isLong { return index + 1 }
      if bytes[index...].starts(with: [mark, mark, mark]) {
        // Up to two quotes may stand right before the closing ones.
        var end = index + 3
        while end < bytes.count, bytes[end] == mark, end < index + 5 { end += 1 }
        return end
      }
    }
    index += 1
  }
  return nil
}
