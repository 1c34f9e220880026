import Testing

@testable import SnugProfile

/// One edit of a text, as it is expected letter for letter.
@Suite struct EditTests {
  private func after(_ text: String, _ edits: ProfileEdit...) -> String {
    var bytes = Array(text.utf8)
    do {
      for edit in edits { bytes = try edited(bytes, file: "x.toml", edit) }
    } catch {
      return error.text
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private let read = ["files", "read"]

  @Test(arguments: [
    ("files.read = []", "files.read = [\"/m\"]"),
    ("files.read = [ ] # c", "files.read = [\"/m\"] # c"),
    ("files.read = [\"/a\"]", "files.read = [\"/a\", \"/m\"]"),
    ("files.read = [ '/a', '/z', ] # c", "files.read = [ '/a', \"/m\", '/z', ] # c"),
    ("files.read = [\"/z\", \"/a\"]", "files.read = [\"/z\", \"/a\", \"/m\"]"),
    ("files.read = [\"/z\"]", "files.read = [\"/m\", \"/z\"]"),
    ("[files]\nread = [\n  \"/a\",\n]", "[files]\nread = [\n  \"/a\",\n  \"/m\",\n]"),
    ("[files]\nread = [\n  \"/a\"\n]", "[files]\nread = [\n  \"/a\",\n  \"/m\"\n]"),
    ("[files]\nread = [\n  \"/a\" # why\n]", "[files]\nread = [\n  \"/a\", # why\n  \"/m\"\n]"),
    (
      "[files]\nread = [ # open\n  # a\n  \"/a\", # why\n  # z\n  { path = \"/z\" }, # end\n  # last\n]",
      "[files]\nread = [ # open\n  # a\n  \"/a\", # why\n  \"/m\",\n  # z\n  { path = \"/z\" }, # end\n  # last\n]"
    ),
    ("[files]\nread = [ # open\n  # a\n]", "[files]\nread = [ # open\n  # a\n  \"/m\",\n]"),
    ("[files]\nread = [\n  '/n',\n  '/z']", "[files]\nread = [\n  \"/m\",\n  '/n',\n  '/z']"),
    ("[files]\nread = [\n  '/a',\n  '/b']", "[files]\nread = [\n  '/a',\n  '/b',\n  \"/m\"]"),
    ("[files]\nread = ['/a'\n  , '/b'\n]", "[files]\nread = ['/a'\n  , '/b', \"/m\"\n]"),
    ("[files]\nread = ['/a#]', \"/b\\\"]\"]", "[files]\nread = ['/a#]', \"/b\\\"]\", \"/m\"]"),
    ("[files]\r\nread = [\r\n\t'/a',\r\n]\r\n", "[files]\r\nread = [\r\n\t'/a',\r\n\t\"/m\",\r\n]\r\n"),
    ("\u{FEFF}files = { read = ['/é', '/a'] }", "\u{FEFF}files = { read = ['/é', '/a', \"/m\"] }"),
    ("", "[files]\nread = [\"/m\"]\n"),
    ("version = 1 # one", "version = 1 # one\n\n[files]\nread = [\"/m\"]\n"),
    ("[files]\n\n[network] # n\n", "[files]\nread = [\"/m\"]\n\n[network] # n\n"),
    (
      "[files] # f\n  home = \"host\" # h\n\n  # op\n  [[files.op]]\n  op = \"proc\"\n  target = \"/p\"",
      "[files] # f\n  home = \"host\" # h\n  read = [\"/m\"]\n\n  # op\n  [[files.op]]\n  op = \"proc\"\n  target = \"/p\""
    ),
    (
      "[[files.op]]\nop = \"proc\"\ntarget = \"/p\"\n",
      "[[files.op]]\nop = \"proc\"\ntarget = \"/p\"\n\n[files]\nread = [\"/m\"]\n"
    ),
    ("files . home = 'host' # h\nid = 'a.b'", "files . home = 'host' # h\nfiles.read = [\"/m\"]\nid = 'a.b'"),
    ("files = {}", "files = { read = [\"/m\"] }"),
    ("files = { home = 'host' } # c", "files = { home = 'host', read = [\"/m\"] } # c"),
    ("'files' = { \"write\" = [ # w\n] }", "'files' = { \"write\" = [ # w\n], read = [\"/m\"] }"),
  ])
  func adds(text: String, expected: String) {
    #expect(after(text, .add(read, .text("/m"))) == expected)
  }

  @Test(arguments: [
    ("files.read = ['/a', '/b', '/c']", 1, "files.read = ['/a', '/c']"),
    ("files.read = ['/a', '/b']", 1, "files.read = ['/a']"),
    ("files.read = ['/a', '/b', ]", 1, "files.read = ['/a', ]"),
    ("files.read = [ '/a', '/b' ]", 0, "files.read = [ '/b' ]"),
    ("files.read = [\n '/a',\n]", 0, "files.read = []"),
    ("files.read = [\n '/a', # why\n]", 0, "files.read = [\n # why\n]"),
    ("files.read = [\n '/a',\n '/b',\n]", 0, "files.read = [\n '/b',\n]"),
    ("files.read = [\n '/a', # a\n '/b' # b\n]", 1, "files.read = [\n '/a' # a\n # b\n]"),
    ("files.read = [\n '/a', # a\n '/b'\n]", 1, "files.read = [\n '/a' # a\n]"),
    ("files.read = ['/a' # a\n , '/b' # b\n]", 0, "files.read = [ # a\n '/b' # b\n]"),
    ("files.read = [\r\n '/a',\r\n '/b',\r\n]", 1, "files.read = [\r\n '/a',\r\n]"),
    ("files = { read = ['/a', '/b'] }", 0, "files = { read = ['/b'] }"),
  ])
  func removesItems(text: String, index: Int, expected: String) {
    #expect(after(text, .removeItem(read, index: index)) == expected)
  }

  @Test(arguments: [
    ("version = 1\nnetwork.mode = 'host' # why\n", "version = 1\n# why\n"),
    ("network.mode = 'host'\nversion = 1", "version = 1"),
    ("[network] # n\nmode = 'host'\n", "[network] # n\n"),
    ("network = { mode = 'host' }", "network = {}"),
    ("a = 1\nnetwork = { x.y = 1, mode = 'host', z = [ # z\n] }", "a = 1\nnetwork = { x.y = 1, z = [ # z\n] }"),
    ("network = { z = 1, mode = 'host' }", "network = { z = 1 }"),
    ("[network]\n  mode = [ # one\n  1, # two\n  ] # three\nz = 1", "[network]\n  # one\n  # two\n  # three\nz = 1"),
  ])
  func removesKeys(text: String, expected: String) {
    #expect(after(text, .remove(["network", "mode"])) == expected)
  }

  @Test(arguments: [
    ("network.mode = 'none' # why", "network.mode = \"host\" # why"),
    ("[network]\n mode = '''\nnone''' # why\n", "[network]\n mode = \"host\" # why\n"),
    ("network = { mode = 1 }", "network = { mode = \"host\" }"),
    ("[environment.set]\nA = '1'", "[environment.set]\nA = '1'\n\n[network]\nmode = \"host\"\n"),
    ("[network]", "[network]\nmode = \"host\""),
  ])
  func sets(text: String, expected: String) {
    #expect(after(text, .set(["network", "mode"], .text("host"))) == expected)
  }

  @Test(arguments: [
    ("", "[environment]\nset = { A = \"x\" }\n"),
    ("[environment]\nkeep = ['B']\n", "[environment]\nkeep = ['B']\nset = { A = \"x\" }\n"),
    ("[environment.set]\nB = '1'\n", "[environment.set]\nB = '1'\nA = \"x\"\n"),
    ("[environment]\nset.B = '1'\n", "[environment]\nset.B = '1'\nset.A = \"x\"\n"),
    ("environment.set.B = '1'\n", "environment.set.B = '1'\nenvironment.set.A = \"x\"\n"),
    ("environment = { set.B = '1' }\n", "environment = { set.B = '1', set.A = \"x\" }\n"),
    ("environment = { set = { B = '1' } }\n", "environment = { set = { B = '1', A = \"x\" } }\n"),
    ("environment = { keep = [] }\n", "environment = { keep = [], set = { A = \"x\" } }\n"),
  ])
  func setsNamesOfMaps(text: String, expected: String) {
    #expect(after(text, .set(["environment", "set", "A"], .text("x"))) == expected)
  }

  @Test func writesWhatTOMLNeeds() {
    let value = EditValue.table([
      .init("path", .text("/a\"\u{1B}\\")), .init("a b", .list([.integer(-1), .boolean(true)])),
    ])
    #expect(
      after("", .add(read, value)) == "[files]\nread = [{ path = \"/a\\\"\\u001b\\\\\", \"a b\" = [-1, true] }]\n")
    #expect(after("x = 1", .set(["environment", "set", "a.b"], .text(""))).hasSuffix("set = { \"a.b\" = \"\" }\n"))
    #expect(
      after("files.read = ['/a', '/b']", .replaceItem(read, index: 0, .text("/c"))) == "files.read = [\"/c\", '/b']")
  }

  @Test(arguments: [
    (ProfileEdit.add(["files", "read"], .text("/m")), "files = false"),
    (.add(["files", "read"], .text("/m")), "files.read = '/a'"),
    (.add(["files", "read"], .text("/m")), "[[files]]\nread = []"),
    (.removeItem(["files", "read"], index: 1), "files.read = ['/a']"),
    (.removeItem(["files", "read"], index: 0), "files.home = 'host'"),
    (.remove(["files"]), "[files]\nhome = 'host'"),
    (.remove(["files", "read"]), "[files]"),
    (.set(["files"], .text("x")), "files.home = 'host'"),
    (.replaceItem(["files", "read"], index: 0, .text("/m")), "files.read = [{ path = [ # c\n] }]"),
    (.remove(["files", "read"]), "files = { read = [ # c\n], home = 'host' }"),
  ])
  func refusesWithWordsForThePerson(edit: ProfileEdit, text: String) {
    let said = after(text, edit)
    #expect(said.hasPrefix("snug: cannot edit x.toml: ") && said.contains("\n  hint: ") && said.contains("by hand"))
  }

  @Test func whatIsNoTOMLIsNotEdited() {
    #expect(after("files = [", .remove(["x"])).hasPrefix("snug: not valid TOML"))
    #expect(after(String(repeating: "#", count: 1 << 21), .remove(["x"])).contains("larger than 1 MiB"))
  }

  @Test func longLinesOfAListBreak() {
    let names = (0..<14).map { "\"NAME_\($0 + 10)\"" }.joined(separator: ", ")
    let text = after("[environment]\nkeep = [\n  \(names),\n]", .add(["environment", "keep"], .text("Z")))
    #expect(text == "[environment]\nkeep = [\n  \(names),\n  \"Z\",\n]")
  }
}
