import SnugPlan
import TestSupport
import Testing

/// The reader of what other processes send: what it takes, what it refuses, and that no bytes bring it down.
@Suite struct JSONReaderTests {
  private func read(_ text: String, depth: Int = 16) throws(JSONError) -> JSON {
    try JSON(parsing: Array(text.utf8), maximumDepth: depth)
  }

  @Test func `every kind of value is read`() throws {
    #expect(try read("null") == .null)
    #expect(try read(" true\n") == .boolean(true))
    #expect(try read("\tfalse\r") == .boolean(false))
    #expect(try read("0") == .number(0))
    #expect(try read("-0") == .number(0))
    #expect(try read("18446744073709551615") == .number(.max))
    #expect(try read("-9223372036854775808") == .negative(.min))
    #expect(try read("-1") == .negative(-1))
    #expect(try read("\"\"") == .text(""))
    #expect(try read("[ ]") == .list([]))
    #expect(try read("{ }") == .object([]))
    #expect(
      try read(" { \"b\" : [ 1 , { \"\" : null } ] , \"a\" : -2 } ")
        == .object([
          .init("b", .list([.number(1), .object([.init("", .null)])])), .init("a", .negative(-2)),
        ]))
  }

  @Test func `texts are read with every escape`() throws {
    #expect(
      try read(#""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00\u0000 é€😀""#)
        == .text("\"\\/\u{8}\u{c}\n\r\tAé€😀\0 é€😀"))
  }

  @Test(arguments: [
    ("", 0, "the text ends early"), ("  ", 2, "the text ends early"), ("nul", 0, "a value is expected"),
    ("True", 0, "a value is expected"), ("NaN", 0, "a value is expected"), ("'a'", 0, "a value is expected"),
    ("1 2", 2, "more follows the value"), ("{}x", 2, "more follows the value"), ("\u{feff}1", 0, "a value is expected"),
    ("01", 0, "a number begins with 0"), ("-01", 0, "a number begins with 0"), ("+1", 0, "a value is expected"),
    ("-", 1, "a digit is expected"), (".5", 0, "a value is expected"), ("1.0", 0, "only whole numbers are taken"),
    ("1e2", 0, "only whole numbers are taken"), ("-1E2", 0, "only whole numbers are taken"),
    ("18446744073709551616", 0, "the number is too large"), ("99999999999999999999999", 0, "the number is too large"),
    ("-9223372036854775809", 0, "the number is too large"), ("0x10", 1, "more follows the value"),
    ("[1,]", 3, "a value is expected"), ("[,1]", 1, "a value is expected"), ("[1 2]", 3, "a comma or ] is expected"),
    ("[1", 2, "the text ends early"), ("[", 1, "the text ends early"), ("{", 1, "the text ends early"),
    ("{1:2}", 1, "a key is expected"), ("{\"a\" 1}", 5, "a colon is expected"), ("{\"a\"", 4, "the text ends early"),
    ("{\"a\":}", 5, "a value is expected"), ("{\"a\":1,}", 7, "a key is expected"),
    ("{\"a\":1 \"b\":2}", 7, "a comma or } is expected"), ("{\"a\":1", 6, "the text ends early"),
    ("{\"a\":1,\"a\":2}", 7, "a key stands twice in its object"),
    ("{\"a\":1,\"\\u0061\":2}", 7, "a key stands twice in its object"),
    ("{\"\u{e9}\":1,\"e\u{301}\":2}", 8, "a key stands twice in its object"),
    ("\"a", 2, "the text ends early"), ("\"a\nb\"", 2, "a control byte stands in a text"),
    ("\"\\x\"", 1, "no such escape"), ("\"\\", 2, "the text ends early"), ("\"\\u12", 5, "the text ends early"),
    ("\"\\u12g4\"", 5, "four hexadecimal digits are expected"), ("\"\\ud800\"", 1, "half of a surrogate pair"),
    ("\"\\udc00\\ud800\"", 1, "half of a surrogate pair"), ("\"\\ud800\\u0041\"", 1, "half of a surrogate pair"),
    ("// x\n1", 0, "a value is expected"),
  ])
  func `what is no JSON is refused where it goes wrong`(text: String, offset: Int, reason: String) {
    #expect(throws: JSONError(offset: offset, reason: reason)) { try read(text) }
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    for bytes in [[0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82]] as [[UInt8]] {
      #expect(throws: JSONError(offset: 0, reason: "a text is not valid UTF-8")) {
        try JSON(parsing: [0x22] + bytes + [0x22])
      }
      #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
    }
  }

  @Test func `depth has a limit`() throws {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    _ = try read(nested(16))
    let tooDeep = JSONError(offset: 16, reason: "more than 16 lists and objects in each other")
    #expect(throws: tooDeep) { try read(nested(17)) }
    // An attacker's text must not reach the end of the stack.
    #expect(throws: tooDeep) { try read(String(repeating: "[", count: 1 << 20)) }
    _ = try read("{\"a\":[{}]}", depth: 3)
    #expect(throws: JSONError.self) { try read("{\"a\":[{}]}", depth: 2) }
    #expect(try read("7", depth: 0) == .number(7))
  }

  @Test func `members are reached by kind`() throws {
    let value = try read(
      "{\"text\":\"x\",\"number\":3,\"negative\":-3,\"yes\":true,\"list\":[1],\"texts\":[\"a\",\"b\"],\"big\":4294967296}"
    )
    #expect(value["text"]?.text == "x")
    #expect(value["number"]?.number == 3)
    #expect(value["number"]?.int32 == 3)
    #expect(value["negative"]?.int32 == -3)
    #expect(value["negative"]?.number == nil)
    #expect(value["big"]?.int32 == nil)
    #expect(value["yes"]?.boolean == true)
    #expect(value["list"]?.list == [.number(1)])
    #expect(value["list"]?.texts == nil)
    #expect(value["texts"]?.texts == ["a", "b"])
    #expect(value["none"] == nil)
    #expect(value["text"]?["x"] == nil)
    #expect(value.members?.map(\.key) == ["text", "number", "negative", "yes", "list", "texts", "big"])
    #expect(value.text == nil && value.number == nil && value.boolean == nil && value.list == nil)
  }

  // MARK: - Many texts

  private func random(_ numbers: inout Numbers, depth: Int) -> JSON {
    switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &numbers) {
    case 0: return .null
    case 1: return .boolean(Bool.random(using: &numbers))
    case 2: return .number(UInt64.random(in: 0 ... .max, using: &numbers))
    case 3: return .negative(Int64.random(in: .min ... -1, using: &numbers))
    case 4: return .text(randomText(&numbers))
    case 5: return .list((0..<Int.random(in: 0..<4, using: &numbers)).map { _ in random(&numbers, depth: depth - 1) })
    default:
      // Keys differ by their first character whatever follows.
      return .object(
        (0..<Int.random(in: 0..<4, using: &numbers)).map {
          .init("\($0) " + randomText(&numbers), random(&numbers, depth: depth - 1))
        })
    }
  }

  private func randomText(_ numbers: inout Numbers) -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0..<8, using: &numbers) {
      let limit: UInt32 = [0x80, 0x3000, 0x11_0000][Int.random(in: 0..<3, using: &numbers)]
      if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &numbers)) {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  @Test func `what is written is read back the same`() throws {
    var numbers = Numbers(state: 1)
    for _ in 0..<3000 {
      let value = random(&numbers, depth: 4)
      #expect(try read(value.line) == value, "\(value.line)")
      #expect(try read(value.pretty) == value, "\(value.pretty)")
    }
  }

  @Test func `no bytes bring the reader down`() {
    var numbers = Numbers(state: 2)
    let marks = Array("{}[]\",:\\u019-.eE ntf\n".utf8) + [0x00, 0x80, 0xC3, 0xFF]
    var refused = 0
    for _ in 0..<20_000 {
      let count = Int.random(in: 0..<24, using: &numbers)
      let bytes = (0..<count).map { _ in marks[Int.random(in: 0..<marks.count, using: &numbers)] }
      do { _ = try JSON(parsing: bytes) } catch {
        refused += 1
        #expect(error.offset >= 0 && error.offset <= bytes.count)
      }
    }
    #expect(refused > 10_000)
    // Valid texts with one byte changed or cut off come closer.
    for _ in 0..<3000 {
      var bytes = Array(random(&numbers, depth: 3).line.utf8)
      let place = Int.random(in: 0..<bytes.count, using: &numbers)
      _ = try? JSON(parsing: bytes[..<place])
      bytes[place] = UInt8.random(in: 0 ... .max, using: &numbers)
      guard let value = try? JSON(parsing: bytes) else { continue }
      #expect((try? JSON(parsing: Array(value.line.utf8))) == value)
    }
  }
}
