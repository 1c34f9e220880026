import Glibc
import SnugPlan
import SnugProfile
import TestSupport
import Testing

@testable import SnugSandbox

/// Names, times and entries: what is taken, and what is said of the rest.
@Suite struct RegistryNameTests {
  @Test(arguments: ["a", "A9", "web.2", "x_y+z-1", ".hidden", "...", "+", String(repeating: "n", count: 64)])
  func `names that fit are taken`(text: String) throws {
    #expect(try InstanceName(text).text == text)
  }

  @Test(arguments: [
    ("", "it is empty"), (".", "it means a directory"), ("..", "it means a directory"),
    ("a/b", "\"/\" may not stand in it"), ("../x", "\"/\" may not stand in it"), ("a b", "\" \" may not stand in it"),
    ("a,b", "\",\" may not stand in it"), ("a\nb", "\"\\n\" may not stand in it"),
    ("a\0", "\"\\x00\" may not stand in it"),
    ("é", "it is not ASCII"), ("\u{202e}x", "it is not ASCII"), ("-x", "it begins with -, as an option does"),
    (".new:1:x", "\":\" may not stand in it"),
    (String(repeating: "n", count: 65), "it has 65 bytes, and 64 are the most"),
  ])
  func `other names are refused with the rule`(text: String, reason: String) throws {
    let error = try #require(refusal { _ = try InstanceName(text) })
    #expect(error.message.hasSuffix("\": \(reason)"), "\(error.message)")
    #expect(error.message.hasPrefix("cannot name an instance \""))
    #expect(error.hint?.contains("1 to 64 ASCII letters, digits and _ . + -") == true)
    #expect(error.text.split(separator: "\n").count == 2)
  }

  @Test func `a name of any bytes and any length makes one short message`() throws {
    let bytes = try #require(refusal { _ = try InstanceName([0x61, 0xFF, 0x1B]) })
    #expect(bytes.message == "cannot name an instance \"a\\xff\\x1b\": it is not ASCII")
    let long = try #require(refusal { _ = try InstanceName(String(repeating: "n", count: 100_000)) })
    #expect(long.message.utf8.count < 200)
  }

  @Test func `names are made of any profile`() throws {
    for (profile, stem) in [
      ("firefox", "firefox"), ("./notes.toml", "notes"), ("/a/b c.toml", "b_c"), (".toml", "snug"), ("-x", "x"),
      ("..", "snug"), ("é", "__"), ("", "snug"), ("x:y", "x_y"),
      (String(repeating: "p", count: 80), String(repeating: "p", count: 59)),
    ] {
      let name = InstanceName(of: profile, suffix: "k3x9")
      #expect(name.text == stem + "-k3x9")
      #expect(try InstanceName(name.text) == name)
    }
  }

  // MARK: - Times

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (951_868_799, "2000-02-29T23:59:59Z"),
      (951_868_800, "2000-03-01T00:00:00Z"), (4_107_542_399, "2100-02-28T23:59:59Z"),
      (4_107_542_400, "2100-03-01T00:00:00Z"), (1_795_272_409, "2026-11-21T14:46:49Z"),
    ] as [(Int64, String)])
  func `times are written as RFC 3339 has them`(time: Int64, text: String) {
    #expect(timestamp(time) == text)
    #expect(seconds(ofTimestamp: text) == time)
  }

  @Test func `times agree with those of the C library`() {
    var numbers = Numbers(state: 3)
    for _ in 0..<5000 {
      var time = time_t(Int64.random(in: 0..<8_000_000_000, using: &numbers))
      var fields = tm()
      gmtime_r(&time, &fields)
      var buffer = [CChar](repeating: 0, count: 64)
      let count = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &fields)
      let text = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      #expect(timestamp(Int64(time)) == text)
      #expect(seconds(ofTimestamp: text) == Int64(time))
    }
  }

  @Test(arguments: [
    "", "2026-11-21", "2026-11-21T14:46:49", "2026-11-21 14:46:49Z", "2026-11-21T14:46:49+00:00",
    "2026-02-30T00:00:00Z",
    "2025-02-29T00:00:00Z", "2026-00-10T00:00:00Z", "2026-13-10T00:00:00Z", "2026-01-00T00:00:00Z",
    "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "1969-12-31T23:59:59Z",
    "0000-01-01T00:00:00Z",
    "2026-1a-01T00:00:00Z", "-026-01-01T00:00:00Z",
  ])
  func `what is no time is refused`(text: String) { #expect(seconds(ofTimestamp: text) == nil) }

  // MARK: - Entries

  private func entry() throws -> Entry {
    var entry = Entry(
      try InstanceName("web-1"), profile: "./we\u{1b}b.toml", appID: "org.web", pid: getpid(), isDetached: true,
      isKept: true, isSingle: true, notEnforced: ["landlock", "limits.memory"])
    entry.isPaused = true
    return entry
  }

  @Test func `an entry is read back as it was written`() throws {
    let entry = try entry()
    let text = entry.json.line
    #expect(try Entry(parsing: Array(text.utf8), of: entry.instance) == entry)
    #expect(!text.unicodeScalars.contains { isUnsafe($0) })
    #expect(entry.first.startTime != 0)
    #expect(entry.launcher == entry.first)
    #expect(abs(entry.started - Int64(time(nil))) < 60)
  }

  @Test func `an entry with more keys, and with only the needed ones, is read`() throws {
    let name = try InstanceName("a")
    let text = """
      {"version":1,"later":{"x":[1]},"instance":"a","profile":"p","app-id":"i","pid":5,"pid-start":6,"launcher":7,
      "launcher-start":0,"started":"2026-01-01T00:00:00Z"}
      """
    let entry = try Entry(parsing: Array(text.utf8), of: name)
    #expect(entry.first == ProcessIdentity(pid: 5, startTime: 6))
    #expect(!entry.isDetached && !entry.isKept && !entry.isSingle && !entry.isPaused && entry.notEnforced == [])
  }

  @Test(arguments: [
    ("", "byte 0: the text ends early"), ("{", "byte 1: the text ends early"), ("{}", "it has no version"),
    ("[]", "it has no version"), ("{\"version\":2}", "its version is 2, this Snug reads 1"),
    ("{\"version\":\"1\"}", "it has no version"), ("{\"version\":1}", "it has no usable \"instance\""),
    ("{\"version\":1,\"instance\":\"b\"}", "it names another instance"),
  ])
  func `a broken entry is told with its name`(text: String, reason: String) throws {
    let name = try InstanceName("a")
    let error = try #require(refusal { _ = try Entry(parsing: Array(text.utf8), of: name) })
    #expect(error.message == "cannot read the entry of the instance a: \(reason)")
  }

  @Test func `every part of an entry is judged`() throws {
    let entry = try entry()
    let members = try #require(entry.json.members)
    for (index, member) in members.enumerated() {
      var changed = members
      // Of the wrong kind, wherever a value has one.
      changed[index].value = .list([.null])
      let text = JSON.object(changed).line
      let needed = !["detached", "kept", "single", "paused", "not-enforced"].contains(member.key)
      let error = refusal { _ = try Entry(parsing: Array(text.utf8), of: entry.instance) }
      #expect((error != nil) == needed, "\(member.key)")
    }
    for (key, value) in [("pid", JSON.number(0)), ("pid", .number(1 << 40)), ("launcher", .negative(-1))] {
      let changed = members.map { $0.key == key ? JSON.Member(key, value) : $0 }
      #expect(refusal { _ = try Entry(parsing: Array(JSON.object(changed).line.utf8), of: entry.instance) } != nil)
    }
  }

  // MARK: - Processes

  @Test func `a process is known by its start too`() throws {
    let own = ProcessIdentity.own
    #expect(own.isAlive && own.startTime != 0)
    #expect(!ProcessIdentity(pid: own.pid, startTime: own.startTime + 1).isAlive)
    // Where proc hides the start, the pid has to do.
    #expect(ProcessIdentity(pid: own.pid, startTime: 0).isAlive)
    for pid in [0, -1, Int32.min, Int32.max] { #expect(!ProcessIdentity(pid: pid, startTime: 0).isAlive) }
    let child = try Running(["/bin/cat"])
    let identity = ProcessIdentity(of: child.pid)
    #expect(identity.isAlive)
    child.signal(SIGKILL)
    // Dead, and not waited for yet.
    #expect(eventually { !identity.isAlive })
    #expect(child.finish().status == 137)
    #expect(!identity.isAlive)
  }
}
