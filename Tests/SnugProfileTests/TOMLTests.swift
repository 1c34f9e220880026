import Testing

@testable import SnugProfile

@Suite struct TOMLTests {
  private func parse(_ text: String) throws -> [TOMLEntry] { try parseTOML(Array(text.utf8), file: "x.toml") }

  private func refusal(_ bytes: [UInt8]) -> Diagnostic? {
    do {
      _ = try parseTOML(bytes, file: "x.toml")
      return nil
    } catch {
      return error
    }
  }

  @Test func keysAndValuesKeepTheirPlaceAndOrder() throws {
    let entries = try parse("zeta = 1\n[b.c]\n  y = [\"ü\", 2]\n[a]\nx = true\n")
    #expect(entries.map(\.key) == ["zeta", "b", "a"])
    guard case .table(let b) = entries[1].value.content, case .table(let c) = b[0].value.content,
      case .array(let items) = c[0].value.content
    else {
      Issue.record("unexpected tree \(entries)")
      return
    }
    #expect(c[0].keyOrigin == Origin(file: "x.toml", line: 3, column: 3))
    #expect(items.map(\.origin.column) == [8, 13])
    #expect(items.map(\.content) == [.string("ü"), .integer(2, isOctal: false)])
  }

  @Test func octalIsKnownFromDecimal() throws {
    let entries = try parse("a = 0o755\nb = 755\n")
    #expect(entries.map(\.value.content) == [.integer(0o755, isOctal: true), .integer(755, isOctal: false)])
  }

  @Test(arguments: ["a = 1\r\nb = 2\r\n", "\u{FEFF}a = 1\nb = 2", "a\t=\t1\n\tb = 2"])
  func lineEndsMarksAndTabsAreNoTrouble(text: String) throws {
    let entries = try parse(text)
    #expect(entries.map(\.key) == ["a", "b"])
    #expect(entries[1].keyOrigin.line == 2)
    #expect(entries[0].keyOrigin.column == 1)
  }

  @Test func brokenBytesAreRefusedAtTheirPlace() {
    #expect(refusal(Array("a = 1\nb = \"x".utf8) + [0] + Array("y\"".utf8))?.origin?.line == 2)
    #expect(refusal(Array("a = 1\n".utf8) + [0x62, 0x20, 0x3D, 0x20, 0x22, 0xFF, 0x22])?.origin?.line == 2)
    #expect(refusal(Array("a = 1\rb = 2".utf8))?.origin?.line == 1)
  }

  @Test(arguments: [
    String(repeating: "[", count: 100_000), "a = " + String(repeating: "[", count: 5_000),
    "a = " + String(repeating: "{a=", count: 5_000),
    "a = " + String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000),
    "a" + String(repeating: ".a", count: 400_000) + " = 1",
    "[a" + String(repeating: ".a", count: 400_000) + "]\nb = 1",
    "x = '''\n'''\n[[a" + String(repeating: ".a", count: 400_000) + "]]",
    "x = \"\"\"\\\"\"\"\"\na" + String(repeating: ".\"a\"", count: 200_000) + " = 1",
  ])
  func deepNestingIsRefusedNotCrashedOn(text: String) {
    #expect(refusal(Array(text.utf8))?.origin != nil)
  }

  @Test func allowedNestingTogetherIsNoTrouble() throws {
    // The deepest tree that both bounds let through.
    let key = "a" + String(repeating: ".a", count: 32)
    let text = "[\(key)]\n" + String(repeating: "\(key) = {", count: 31) + String(repeating: "}", count: 31)
    #expect(try parse(text).count == 1)
  }

  /// The parser asserts on these where it should refuse.
  @Test func assertionsOfTheParserAreRefusals() {
    let place = refusal(Array("a = 1\n\nb = 2\n[[[c]]]\nd = 4\n".utf8))?.origin
    #expect(place == Origin(file: "x.toml", line: 4, column: 1))
    #expect(refusal(Array("[=]".utf8))?.origin?.line == 1)
  }

  @Test func sizeIsBounded() {
    let comment = Array(repeating: UInt8(ascii: "#"), count: 1 << 20)
    #expect(refusal(comment) == nil)
    #expect(refusal(comment + [0x23])?.message == "cannot read x.toml: it is larger than 1 MiB")
    let many = Array(("a = [" + String(repeating: "1,", count: 100_001) + "]").utf8)
    #expect(refusal(many)?.message == "not valid TOML: the file has more than 100,000 values")
  }

  @Test func dotsInStringsAndNumbersDoNotCount() throws {
    let text = "a = \"\(String(repeating: ".", count: 100))\" # \(String(repeating: ".", count: 100))\n"
    #expect(try parse(text + "b = [" + String(repeating: "1.5, ", count: 100) + "]\n").count == 2)
  }
}
