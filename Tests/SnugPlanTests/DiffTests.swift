import SnugPlan
import SnugProfile
import TestSupport
import Testing

/// The changes from one profile's text to another's, on a machine.
func changes(
  _ before: String, _ after: String, on tree: FixtureTree = debian(), in directory: String? = "/home/anna/src/demo",
  landlockABI: Int = 7, names: (String, String) = ("test", "test")
) throws -> [Change] {
  let host = anna(tree, in: directory, landlockABI: landlockABI)
  return try compare(
    profile("version = 1\n" + before, named: names.0, for: host),
    profile("version = 1\n" + after, named: names.1, for: host), on: host)
}

/// `gain files: can now read /opt/app`.
func lines(_ changes: [Change]) -> [String] {
  changes.map { "\($0.kind.rawValue) \($0.area.rawValue): \($0.text)" }
}

/// A profile before and after, and the changes between.
struct DiffRow: Sendable, CustomTestStringConvertible {
  let before: String
  let after: String
  let wanted: [String]

  init(_ before: String, _ after: String, _ wanted: [String]) {
    (self.before, self.after, self.wanted) = (before, after, wanted)
  }

  var testDescription: String { "\(before) -> \(after)" }
}

@Suite struct DiffTests {
  private func expect(
    _ before: String, _ after: String, _ wanted: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let found = lines(try changes(before, after))
    #expect(found == wanted, "\(before)\n-> \(after)", sourceLocation: sourceLocation)
  }

  @Test(arguments: fileRows)
  func `files by what is reached`(row: DiffRow) throws {
    try expect("[files]\n" + row.before, "[files]\n" + row.after, row.wanted)
  }

  @Test(arguments: opRows)
  func `exact ops by what stands in the end`(row: DiffRow) throws {
    func text(_ op: String) -> String { op.isEmpty ? "" : "[[files.op]]\n" + op }
    try expect(text(row.before), text(row.after), row.wanted)
  }

  @Test func `a root shows what it shows`() throws {
    let found = lines(try changes("[files]\nroot = 'system'", "[files]\nroot = 'host'"))
    #expect(found == ["gain files: can now read /etc, /opt, /srv, /var"])
    let back = lines(try changes("[files]\nroot = 'host'", "[files]\nroot = 'system'"))
    #expect(back == ["loss files: no longer sees the rest of /etc", "loss files: no longer sees /opt, /srv, /var"])
  }

  @Test func `origins are those of the side that has more`() throws {
    let gain = try #require(try changes("", "[files]\nread = ['/opt']").first)
    #expect(gain.origin == Origin(file: "/profiles/test.toml", line: 3, column: 9) && gain.paths == ["/opt"])
    let loss = try #require(try changes("\n\n[files]\nread = ['/opt']", "").first)
    #expect(loss.origin.line == 5)
    // A limit that is gone has no line of its own.
    let limit = try #require(try changes("[limits]\ntasks = 5", "").first)
    #expect(limit.kind == .gain && limit.origin.line == 3)
    let hidden = try #require(
      try changes("[files]\nread = ['/opt']\nhide = ['/opt/app']", "[files]\n\nread = ['/opt']").first)
    #expect(hidden.kind == .gain && hidden.origin.line == 4)
  }

  @Test func `a rename alone gains nothing`() throws {
    let text = "summary = 'a'\n[files]\nhome = 'private'\nwrite = ['~/src']"
    let found = try changes(text, text.replacing("'a'", with: "'b'"), names: ("one", "two"))
    #expect(lines(found) == ["neutral identity: is known as snug.two (was: snug.one)"])
  }

  @Test func `the directory of the start stands for itself where it may not be granted`() throws {
    for directory in ["/home/anna", "/usr", nil] as [String?] {
      let found = try changes("[files]\nread = ['.']", "[files]\nwrite = ['.', './x']", in: directory)
      #expect(lines(found) == ["gain files: can now change . (was: read)"], "\(directory ?? "gone")")
    }
  }

  @Test func `nothing here is the newest kernel or has a display`() throws {
    let bare = FixtureTree()
    bare.directory("/usr")
    let host = anna(bare, in: nil, landlockABI: 0)
    let before = try profile("version = 1\noptional = ['!landlock']", for: host)
    let after = try profile(
      "version = 1\noptional = ['!landlock']\n[desktop]\nx11 = true\n[landlock]\nscope = ['!signal']\n[devices]\n"
        + "nodes = ['/dev/kvm']\n[environment]\nkeep = ['TOKEN']", for: host)
    #expect(
      lines(try compare(before, after, on: host)) == [
        "gain devices: can now use the device /dev/kvm",
        "gain windows: can now watch and steer all windows through X11", "gain environment: sees your TOKEN",
        "gain landlock: can now send signals to processes outside (scope signal is gone)",
        "loss system-calls: may no longer call shmget (segments: an X server takes the number of a System V segment for one of its own namespace: it would show another program's)",
      ])
  }

  @Test func `what makes no plan is refused with its reason`() {
    let error = #expect(throws: CompileError.self) { try changes("", "[files]\nread = ['/']") }
    #expect(error?.diagnostics.first?.message == "cannot bind / on /: it would cover everything")
  }
}

private let fileRows: [DiffRow] = [
  DiffRow("", "read = ['~/Downloads']", ["gain files: can now read ~/Downloads"]),
  DiffRow("read = ['~/Downloads']", "", ["loss files: no longer sees ~/Downloads"]),
  DiffRow("read = ['~/Downloads']", "write = ['~/Downloads']", ["gain files: can now change ~/Downloads (was: read)"]),
  DiffRow(
    "write = ['~/Downloads']", "read = ['~/Downloads']",
    ["loss files: can no longer change ~/Downloads, only read (was: change)"]
  ),
  // What the machine lacks is compared all the same: the machine of a build service has nothing of it.
  DiffRow("", "write = ['~/nothing/here']", ["gain files: can now change ~/nothing/here"]),
  DiffRow("", "write = [{ path = '~/nothing', if-missing = 'skip' }]", ["gain files: can now change ~/nothing"]),
  DiffRow("", "read = ['xdg-music/a']", ["gain files: can now read ~/Music/a"]),
  // The same by several longer names, in another order, or twice.
  DiffRow("read = ['/opt', '/opt/app']", "read = ['/opt']", []),
  DiffRow("read = ['/opt', '/srv']", "read = ['/srv', '/opt']", []),
  DiffRow("write = ['/opt']", "write = ['/opt', '/opt/app']", []),
  DiffRow("read = ['/opt']", "read = ['/opt/app']", ["loss files: no longer sees the rest of /opt"]),
  DiffRow("read = ['/opt/app']", "read = ['/opt']", ["gain files: can now read /opt"]),
  // A wider path of less reach.
  DiffRow(
    "write = ['/opt/app']", "read = ['/opt']",
    [
      "gain files: can now read /opt", "loss files: can no longer change /opt/app, only read (was: change)",
    ]
  ),
  DiffRow(
    "write = ['~/src']\nread = ['~/src/demo']", "write = ['~/src']",
    [
      "gain files: can now change ~/src/demo (was: read)"
    ]
  ),
  // Hides.
  DiffRow(
    "read = ['~/Pictures']\nhide = ['~/Pictures/private']", "read = ['~/Pictures']",
    [
      "gain files: can now read ~/Pictures/private"
    ]
  ),
  DiffRow(
    "write = ['~/Pictures']", "write = ['~/Pictures']\nhide = ['~/Pictures/private']",
    [
      "loss files: no longer sees ~/Pictures/private (was: change)"
    ]
  ),
  DiffRow("read = ['~/src']\nhide = ['~/Pictures']", "read = ['~/src']", []),
  DiffRow("", "hide = ['/usr/share']", ["loss files: no longer sees /usr/share"]),
  DiffRow(
    "write = ['~/src']\nhide = ['~/src/none']",
    "write = ['~/src']\nhide = [{ path = '~/src/none', if-missing = 'skip' }]",
    ["gain files: may make ~/src/none where it does not exist, and then see it (was: no start)"]
  ),
  // The same file at another place.
  DiffRow(
    "read = ['/opt/app']", "read = ['/opt/app', { path = '/opt/app', at = '/app' }]",
    [
      "neutral files: /opt/app also stands at /app"
    ]
  ),
  DiffRow(
    "read = ['/opt/app', '/srv']", "read = ['/opt/app', { path = '/opt/app', at = '/srv' }]",
    [
      "gain files: finds /opt/app at /srv (was: /srv): what is used there instead cannot be weighed",
      "loss files: no longer sees /srv",
    ]
  ),
  DiffRow("", "read = [{ path = '/opt/app', at = '/app' }]", ["gain files: can now read /opt/app (at /app)"]),
  // Homes.
  DiffRow("home = 'none'", "home = 'temporary'", ["gain files: can now write to ~, in memory"]),
  DiffRow("home = 'temporary'", "home = 'private'", ["gain files: what it writes to ~ is now kept"]),
  DiffRow("home = 'private'", "home = 'temporary'", ["loss files: what it writes to ~ is no longer kept"]),
  DiffRow("home = 'private'", "home = 'private'", []),
  DiffRow(
    "home = 'overlay'", "home = 'host'",
    [
      "gain files: can now change ~ (was: change, thrown away at the end)"
    ]
  ),
  DiffRow("home = 'host'", "home = 'overlay'", ["loss files: changes to ~ are now thrown away at the end"]),
  DiffRow(
    "home = 'temporary'", "home = 'overlay'",
    [
      "gain files: can now change ~, with changes thrown away at the end"
    ]
  ),
  DiffRow(
    "home = 'private'", "home = 'host'",
    ["gain files: can now change ~"]
  ),
  DiffRow(
    "write = ['~/src']", "write = ['~/src']\nhome = 'overlay'",
    [
      "gain files: can now change ~, with changes thrown away at the end"
    ]
  ),
  DiffRow(
    "arguments = 'read'", "arguments = 'write'",
    [
      "gain files: can now change files named on the command line (was: read)"
    ]
  ),
  DiffRow(
    "arguments = 'portal'", "arguments = 'read'",
    [
      "gain files: files named on the command line: read (was: portal), which cannot be compared"
    ]
  ),
]

private let opRows: [DiffRow] = [
  DiffRow("", "op = 'tmpfs'\ntarget = '/cache'\nsize = '10M'", ["gain files: can now write to /cache, in memory"]),
  DiffRow(
    "op = 'tmpfs'\ntarget = '/cache'\nsize = '10M'", "op = 'tmpfs'\ntarget = '/cache'\nsize = '20M'",
    ["gain limits: may write 20 MiB to /cache (was: 10 MiB)"]
  ),
  DiffRow(
    "op = 'tmpfs'\ntarget = '/cache'\nsize = '10M'", "op = 'tmpfs'\ntarget = '/cache'",
    ["gain limits: may write half of the memory to /cache (was: 10 MiB): they cannot be compared"]
  ),
  // A write that becomes an overlay is not kept.
  DiffRow(
    "op = 'bind'\nhost = '/srv'\ntarget = '/srv'\naccess = 'writable'",
    "op = 'overlay'\ntarget = '/srv'\nlower = ['/srv']\nsize = '10M'",
    ["loss files: changes to /srv are now thrown away at the end"]
  ),
  // What an op covers is gone, what is remounted is read-only.
  DiffRow("", "op = 'tmpfs'\ntarget = '/usr/share'\naccess = 'read-only'", ["loss files: no longer sees /usr/share"]),
  DiffRow("", "op = 'tmpfs'\ntarget = '/lib'\naccess = 'read-only'", ["loss files: no longer sees /usr/lib"]),
  DiffRow("", "op = 'remount'\ntarget = '/tmp'\naccess = 'read-only'", ["loss files: can no longer write to /tmp"]),
  DiffRow(
    "", "op = 'file'\ntarget = '/etc/x.conf'\ntext = 'a'",
    [
      "gain files: finds a file of the profile's own at /etc/x.conf: what programs do with it cannot be weighed"
    ]
  ),
  DiffRow(
    "op = 'file'\ntarget = '/etc/x.conf'\ntext = 'a'", "op = 'file'\ntarget = '/etc/x.conf'\ntext = 'b'",
    [
      "gain files: finds another content in a file of the profile's own at /etc/x.conf: "
        + "what programs do with it cannot be weighed"
    ]
  ),
  DiffRow("", "op = 'symlink'\ntarget = '/x'\nto = '/usr'", ["neutral files: finds a link at /x to /usr"]),
  DiffRow(
    "op = 'symlink'\ntarget = '/x'\nto = '/usr'", "op = 'symlink'\ntarget = '/x'\nto = '/srv'",
    [
      "gain files: finds a link at /x to /srv (was: a link at /x to /usr): what is used there instead cannot be weighed"
    ]
  ),
  DiffRow(
    "op = 'mqueue'\ntarget = '/mq'", "",
    [
      "loss files: no longer has message queues at /mq"
    ]
  ),
  DiffRow(
    "", "op = 'bind'\nhost = '/dev/kvm'\ntarget = '/kvm'\naccess = 'device'",
    [
      "gain devices: can now use the device /dev/kvm (at /kvm)"
    ]
  ),
]
