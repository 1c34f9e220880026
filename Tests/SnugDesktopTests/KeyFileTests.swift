import SnugDesktop
import TestSupport
import Testing

@Suite struct KeyFileTests {
  private let text = """
    # before

    [Desktop Entry]
    Name = Text  editor
    Name[de]=Texteditor
    Name[ca@valencia] =	x
    # between
    Exec=edit %F
    X-Unknown=a=b;c\\;d;

    [Unknown Group]
    Key=value

    # last
    """

  @Test func `what is read is written byte for byte`() throws {
    for bytes in [text, text + "\n", text + "\n\n\n", "", "\n", "[a]", "[a] \t\nb=", "[a]\nb=\t  \n  \n"].map({
      Array($0.utf8)
    }) {
      #expect(try KeyFile(bytes).bytes == bytes)
    }
  }

  @Test func `groups, keys and locales are found`() throws {
    let file = try KeyFile(Array(text.utf8))
    #expect(file.groups == ["Desktop Entry", "Unknown Group"])
    let entries = file.entries(in: "Desktop Entry")
    #expect(entries.map(\.key) == ["Name", "Name", "Name", "Exec", "X-Unknown"])
    #expect(entries.map(\.locale) == [nil, "de", "ca@valencia", nil, nil])
    #expect(entries.map { String(decoding: $0.raw, as: UTF8.self) }.prefix(3) == ["Text  editor", "Texteditor", "x"])
    #expect(entries.map(\.line) == [4, 5, 6, 8, 9])
    #expect(file.entry("Name", in: "Unknown Group") == nil && file.entries(in: "None").isEmpty)
  }

  @Test func `a change touches one line`() throws {
    var file = try KeyFile(Array(text.utf8))
    file.set("Name", in: "Desktop Entry", to: Array("Other".utf8))
    file.set("New", in: "Desktop Entry", to: Array("1".utf8))
    file.set("New", in: "None", to: [])
    file.remove("Key", in: "Unknown Group")
    file.remove("Exec", in: "Unknown Group")
    let wanted = text.replacing("Name = Text  editor", with: "Name = Other")
      .replacing("d;\n", with: "d;\nNew=1\n").replacing("Key=value\n", with: "")
    #expect(String(decoding: file.bytes, as: UTF8.self) == wanted)
    var last = try KeyFile(Array("[a]".utf8))
    last.set("b", in: "a", to: Array("c".utf8))
    #expect(String(decoding: last.bytes, as: UTF8.self) == "[a]\nb=c")
  }

  @Test(arguments: [
    ("Name=x", "line 1: a key before the first group"),
    ("[a]\nb", "line 2: neither a group nor a key with a value"),
    ("[a]\n b=1", "line 2: it begins with a blank"),
    ("[a]\n\t[b]", "line 2: it begins with a blank"),
    ("[a]\n[b]\n[a]", "line 3: a second group [a]"),
    ("[a]\nb=1\nc=2\nb=3", "line 4: a second b in one group"),
    ("[a]\nb[de]=1\nb[de]=3", "line 3: a second b[de] in one group"),
    ("[a]\nb[=1", "line 2: a key with brackets that hold no locale"),
    ("[a]\nb[]=1", "line 2: a key with brackets that hold no locale"),
    ("[a]\nb[d[e]]=1", "line 2: a key with brackets that hold no locale"),
    ("[a]\nb_c=1", "line 2: a key of other than letters, digits and dashes"),
    ("[a]\n=1", "line 2: a key of other than letters, digits and dashes"),
    ("[a]\nb c=1", "line 2: a key of other than letters, digits and dashes"),
    ("[]", "line 1: not the name of a group between brackets"),
    ("[a", "line 1: not the name of a group between brackets"),
    ("[a]]", "line 1: not the name of a group between brackets"),
    ("[a[b]", "line 1: not the name of a group between brackets"),
    ("[ä]", "line 1: not the name of a group between brackets"),
    ("[a] # x", "line 1: not the name of a group between brackets"),
    ("[a]\r\nb=1", "line 1: it holds a carriage return"),
    ("# a\rExec=x\n[a]", "line 1: it holds a carriage return"),
    ("[a]\nb=\u{0}", "line 2: it holds a control character"),
    ("[a]\nb=\u{2028}", "line 2: it holds a control character"),
    ("[a]\nb=\u{85}", "line 2: it holds a control character"),
    ("\u{FEFF}[a]\nb=1", "line 1: neither a group nor a key with a value"),
  ])
  func `what readers could take for two things is refused`(text: String, message: String) {
    #expect(throws: KeyFile.Failure.self) { try KeyFile(Array(text.utf8)) }
    do { _ = try KeyFile(Array(text.utf8)) } catch { #expect(error.text == message) }
  }

  @Test func `bytes that are not UTF-8 are refused, joiners are not`() throws {
    #expect(throws: KeyFile.Failure(line: 2, "it is not UTF-8")) { try KeyFile(Array("[a]\nb=".utf8) + [0xFF]) }
    #expect(try KeyFile(Array("[a]\nName[fa]=a\u{200C}b".utf8)).entries(in: "a").count == 1)
  }

  @Test func `types are keys in lists of associations`() throws {
    let file = try KeyFile(Array("[a]\nx-scheme-handler/http=a.desktop;b\\;c.desktop\n".utf8), keys: .any)
    let entry = try #require(file.entries(in: "a").first)
    #expect(entry.key == "x-scheme-handler/http")
    #expect(decodedList(entry.raw) == ["a.desktop", "b;c.desktop"])
  }

  @Test func `values of strings are escaped and back`() {
    #expect(decodedValue(Array(#"a\sb\n\t\r\\ c"#.utf8)) == "a b\n\t\r\\ c")
    #expect(decodedValue(Array(#"a\"#.utf8)) == nil && decodedValue(Array(#"a\;b"#.utf8)) == nil)
    #expect(decodedList(Array(#"a;b\;c;;d\\;e"#.utf8)) == ["a", "b;c", "d\\", "e"])
    #expect(decodedList(Array(#"a\x;"#.utf8)) == nil && decodedList(Array(#"a\"#.utf8)) == nil)
    var random = Numbers(state: 3)
    let alphabet = Array(" \\;snt\n\r\tä$".unicodeScalars)
    for _ in 0..<2_000 {
      var text = ""
      for _ in 0..<Int.random(in: 0...8, using: &random) {
        text.unicodeScalars.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)])
      }
      let raw = encodedValue(text.utf8)
      #expect(decodedValue(raw) == text)
      // As a value in a file, where a reader drops blanks at its beginning.
      let file = try? KeyFile(Array("[a]\nb=".utf8) + raw)
      #expect(file?.entry("b", in: "a")?.raw == raw, "\(text.debugDescription)")
    }
  }
}
