import SnugDesktop
import TestSupport
import Testing

@Suite struct StartLineTests {
  private func words(_ raw: String, _ reader: StartLine.Reader = .launcher) throws -> [String] {
    try StartLine(Array(raw.utf8), for: reader).words.map { word in
      word.parts.map { part in
        switch part {
        case .text(let bytes): String(decoding: bytes, as: UTF8.self)
        case .code(let code): "<\(Character(UnicodeScalar(code)))>"
        }
      }.joined()
    }
  }

  @Test(arguments: [
    ("edit", ["edit"]), ("  edit   -a\\s\\sb ", ["edit", "-a", "b"]), ("edit %F", ["edit", "<F>"]),
    (#"edit "a b" """#, ["edit", "a b", ""]), (#""/opt/my app/edit" %u"#, ["/opt/my app/edit", "<u>"]),
    (#"edit "\\"\\`\\$\\\\""#, ["edit", "\"`$\\"]), ("edit 100%% --u=%u.x", ["edit", "100%", "--u=<u>.x"]),
    (#"edit "100%%""#, ["edit", "100%"]), ("edit %i %c --at=%k", ["edit", "<i>", "<c>", "--at=<k>"]),
    ("edit %m %d%D x%Ny %v", ["edit", "xy"]), (#"edit "a\nb\tc""#, ["edit", "a\nb\tc"]),
    ("edit --ä=ß @@u %u @@", ["edit", "--ä=ß", "@@u", "<u>", "@@"]),
    ("edit a=b,c:d[e]{f}!^@+", ["edit", "a=b,c:d[e]{f}!^@+"]),
  ])
  func `words are read`(raw: String, expected: [String]) throws {
    #expect(try words(raw) == expected)
  }

  @Test(arguments: [
    ("", "no program"), ("  ", "no program"), ("%m", "no program"), ("%f", "a field code in place of a program"),
    (#""""#, "an empty word in place of a program"), ("A=b edit", "a program with = in its name"),
    ("edit %f %U", "more than one field code for files"), ("edit %f --x=%f", "more than one field code for files"),
    ("edit %x", "a field code that is unknown"), ("edit %", "% at the end"),
    ("edit % f", "a field code that is unknown"),
    ("edit x%F", "%F as a part of a word"), ("edit %U/", "%U as a part of a word"),
    ("edit i:%i", "%i as a part of a word"),
    (#"edit "%f""#, "a field code in quotes"), (#"edit "a"#, "quotes that do not end"),
    (#"edit a"b""#, "\" outside of quotes"), (#"edit "a"b"#, "quotes around a part of a word"),
    (#"edit "a""b""#, "quotes around a part of a word"), ("edit 'a b'", "' outside of quotes"),
    ("edit $HOME", "$ outside of quotes"), ("edit a;b", "; outside of quotes"), ("edit ~/x", "~ outside of quotes"),
    ("edit *", "* outside of quotes"), ("edit a#b", "# outside of quotes"), ("edit (a)", "( outside of quotes"),
    ("edit a&", "& outside of quotes"), ("edit a>b", "> outside of quotes"), ("edit `a`", "` outside of quotes"),
    (#"edit a\\b"#, "\\ outside of quotes"), (#"edit a\nb"#, "a control character"),
    ("edit a\tb", "a control character"),
    (#"edit "$x""#, "$ in quotes without a backslash"), (#"edit "`x`""#, "` in quotes without a backslash"),
    (#"edit "\\a""#, "a backslash in quotes before what needs none"),
    (#"edit "\\"#, "a backslash in quotes before what needs none"),
    (#"edit "a\"b""#, "a backslash before what is no escape"), (#"edit a\"#, "a backslash before what is no escape"),
  ])
  func `lines that launchers disagree about are refused`(raw: String, reason: String) {
    do {
      let found = try words(raw)
      Issue.record("\(raw): \(found)")
    } catch let error as StartLine.Failure {
      #expect(error.reason == reason, "\(raw)")
    } catch {}
  }

  @Test func `the bus knows no field codes`() throws {
    #expect(try words(#"edit %f 100% "%x""#, .bus) == ["edit", "%f", "100%", "%x"])
    #expect(String(decoding: StartLine.written(Array("50%".utf8), for: .bus), as: UTF8.self) == "50%")
  }

  @Test func `a word keeps the form it has in the file`() throws {
    let line = try StartLine(Array(#"edit "a" "b\\$" c %%d a%mb"#.utf8))
    #expect(
      line.words.map { String(decoding: $0.raw, as: UTF8.self) } == ["edit", #""a""#, #""b\\$""#, "c", "%%d", "ab"])
  }

  @Test func `plain words stay plain`() {
    for word in ["/usr/bin/snug", "run", "-p", "--", "--x=y", "a,b"] {
      #expect(StartLine.written(Array(word.utf8)) == Array(word.utf8))
    }
    #expect(
      String(decoding: StartLine.written(Array("/opt/50% off/snug".utf8)), as: UTF8.self) == #""/opt/50%% off/snug""#)
    #expect(
      String(decoding: StartLine.written(Array("a\"b\\c$d`e\nf".utf8)), as: UTF8.self) == #""a\\"b\\\\c\\$d\\`e\nf""#)
    #expect(StartLine.written([]) == Array(#""""#.utf8))
  }

  /// Row 139 of the threat list: what is written is read back as the same words, for ten thousand names.
  @Test func `any words survive being written`() throws {
    var random = Numbers(state: 61)
    let alphabet = Array("ab %\"'\\$`;&|<>()*?#~=\n\t\r-/@üé\u{202E}\u{1F600}fUi".unicodeScalars)
    for round in 0..<10_000 {
      var words = ["prog"]
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        var word = ""
        for _ in 0..<Int.random(in: 0...10, using: &random) {
          word.unicodeScalars.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)])
        }
        words.append(word)
      }
      for reader in [StartLine.Reader.launcher, .bus] {
        let raw = Array(words.map { StartLine.written(Array($0.utf8), for: reader) }.joined(separator: [0x20]))
        let read = try StartLine(raw, for: reader).words.map { $0.text.map { String(decoding: $0, as: UTF8.self) } }
        if read != words { Issue.record("\(round): \(words) became \(read)") }
        // No line end ever leaves a value.
        if raw.contains(0x0A) { Issue.record("\(round): a newline") }
      }
    }
  }
}
