import SnugProfile

/// A comment `# snug: allow RULE reason`: the findings of one rule on one line are meant.
struct Allow: Hashable, Sendable {
  /// What follows `allow`; empty where nothing does.
  var rule: String
  /// Everything after it.
  var reason: String
  /// Where the comment stands.
  var origin: Origin
  /// The line that it speaks of: its own, or the first line below it that is no comment.
  var line: Int
}

/// The allows of a file. Comments are told from strings that hold a `#`.
func allows(in source: SourceText) -> [Allow] {
  var found: [Allow] = []
  for comment in comments(in: source) {
    guard var words = words(afterMark: comment.text) else { continue }
    let rule = words.isEmpty ? "" : words.removeFirst()
    var line = comment.origin.line
    if comment.isAlone {
      line += 1
      while line <= source.lines.count, isComment(source.lines[line - 1]) { line += 1 }
    }
    found.append(Allow(rule: rule, reason: words.joined(separator: " "), origin: comment.origin, line: line))
  }
  return found
}

private struct Comment {
  /// Without the `#`.
  var text: String
  var origin: Origin
  /// Nothing else stands on its line.
  var isAlone: Bool
}

/// The words behind `snug: allow`; nil where the comment says something else.
private func words(afterMark text: String) -> [String]? {
  let words = text.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
  guard words.count >= 2, words[0] == "snug:", words[1] == "allow" else { return nil }
  return Array(words.dropFirst(2))
}

private func isComment(_ line: String) -> Bool { line.first { $0 != " " && $0 != "\t" } == "#" }

private func comments(in source: SourceText) -> [Comment] {
  var found: [Comment] = []
  let bytes = source.bytes
  var line = 1
  var lineStart = 0
  var index = 0
  while index < bytes.count {
    switch bytes[index] {
    case UInt8(ascii: "\n"):
      line += 1
      lineStart = index + 1
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      guard let end = endOfString(bytes, from: index) else { break }
      for inner in index..<end where bytes[inner] == UInt8(ascii: "\n") {
        line += 1
        lineStart = inner + 1
      }
      index = end
      continue
    case UInt8(ascii: "#"):
      let end = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      let before = bytes[lineStart..<index]
      let column = before.count { $0 & 0xC0 != 0x80 } + 1
      found.append(
        Comment(
          text: String(decoding: bytes[(index + 1)..<end], as: UTF8.self),
          origin: Origin(file: source.file, line: line, column: column),
          isAlone: before.allSatisfy { $0 == 0x20 || $0 == 0x09 }))
      index = end
      continue
    default: break
    }
    index += 1
  }
  return found
}
