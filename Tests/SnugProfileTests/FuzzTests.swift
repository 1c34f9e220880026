import TestSupport
import Testing

@testable import SnugProfile

@Suite struct FuzzTests {
  /// Any bytes give a profile or problems with places, and nothing a terminal would act on.
  private func holds(_ bytes: [UInt8]) {
    let checked = checkFile(bytes, file: "x.toml", context)
    for diagnostic in checked.diagnostics {
      let isPlaced =
        diagnostic.origin.map { $0.line >= 1 && $0.column >= 1 } ?? diagnostic.message.hasPrefix("too many")
      if !isPlaced { Issue.record("no place: \(diagnostic)") }
      let isSafe = diagnostic.text.unicodeScalars.allSatisfy { $0 == "\n" || !isUnsafe($0) }
      if !isSafe { Issue.record("unsafe text for \(bytes)") }
    }
    if checked.diagnostics.isEmpty {
      var merged = MergedProfile(name: "x", file: "x.toml")
      merged.add(checked, isShipped: false, isTop: true)
      _ = merged.profile
      let again = checkFile(Array(showText(merged).utf8), file: "y.toml", context)
      if !again.diagnostics.isEmpty {
        Issue.record("shown text is refused: \(again.diagnostics[0].text)\n\(String(decoding: bytes, as: UTF8.self))")
      }
    }
  }

  @Test func mutatedProfiles() {
    var random = Numbers(state: 7)
    let seed = Array("version = 1\n\(everything)".utf8)
    let pieces = [
      "[", "]", "[[", "{", "}", "\"", "'", "'''", "\"\"\"", "=", ".", ",", "#", "\n", "\r\n", "\0", "!", "\\", "~/",
      "0o", "é",
    ]
    .map { Array($0.utf8) }
    for _ in 0..<2_000 {
      var bytes = seed
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let start = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, start + Int.random(in: 0...8, using: &random))
        switch Int.random(in: 0...3, using: &random) {
        case 0: bytes.removeSubrange(start..<end)
        case 1: bytes.replaceSubrange(start..<end, with: pieces[Int.random(in: 0..<pieces.count, using: &random)])
        case 2: bytes.insert(contentsOf: bytes[start..<end], at: Int.random(in: 0...bytes.count, using: &random))
        default: bytes[start] = UInt8.random(in: 0...255, using: &random)
        }
      }
      holds(bytes)
    }
  }

  @Test func cutAtEveryOffset() {
    let bytes = Array("version = 1\n\(everything)".utf8)
    for end in 0...bytes.count { holds(Array(bytes[..<end])) }
  }

  @Test func punctuation() {
    var random = Numbers(state: 8)
    let alphabet = Array("[]{}\"'=.,#\n\r\t !\\a0-_:+ \u{FF}".utf8) + [0xFF, 0xC3, 0x00]
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...24, using: &random)
      holds((0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
    }
  }
}
