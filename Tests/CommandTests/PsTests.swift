import Glibc
import SnugSandbox
import TestSupport
import Testing

@testable import snug

/// What `snug ps` prints of entries.
@Suite struct PsTests {
  private func entries() throws -> [(entry: Entry, memory: UInt64)] {
    var plain = Entry(try InstanceName("mail-k3x9"), profile: "mail", appID: "org.mail", pid: getpid())
    plain.started = 1_795_272_409
    plain.first.pid = 5
    var hostile = Entry(
      try InstanceName("w"), profile: "x\u{202e}", appID: "org.\u{1b}[2J", pid: getpid(), isDetached: true,
      isKept: true, notEnforced: ["landlock", "limits.memory"])
    hostile.started = 1_795_272_409 - 90_000
    hostile.first.pid = 4_194_304
    return [(plain, 3_600_000), (hostile, 0)]
  }

  @Test func `the table lines up and shows nothing raw`() throws {
    #expect(
      psText(try entries(), now: 1_795_272_409 + 42) == """
        INSTANCE   APP          PID      AGE    MEMORY   STATE    NOT-ENFORCED
        mail-k3x9  org.mail     5        42s    3.4 MiB  running  -
        w          org.\\x1b[2J  4194304  1d 1h  0 B      kept     landlock, limits.memory

        """)
  }

  @Test func `nothing but the head is printed where nothing runs`() {
    #expect(psText([], now: 0) == "INSTANCE  APP  PID  AGE  MEMORY  STATE  NOT-ENFORCED\n")
    #expect(psJSON([]) == "[]\n")
  }

  @Test func `the state is the one word that matters most`() throws {
    var entry = try entries()[1].entry
    let words: [(Bool, Bool, Bool, String)] = [
      (true, true, true, "paused"), (false, true, true, "kept"), (false, false, true, "detached"),
      (false, false, false, "running"),
    ]
    for (paused, kept, detached, word) in words {
      (entry.isPaused, entry.isKept, entry.isDetached) = (paused, kept, detached)
      #expect(psText([(entry, 0)], now: 0).contains("  \(word) "))
    }
  }

  @Test func `JSON has the keys of the contract`() throws {
    let text = psJSON(try entries())
    let list = try #require(JSONValue(text)).list
    #expect(list.count == 2)
    #expect(
      list[0].keys == [
        "app-id", "detached", "instance", "kept", "memory-bytes", "not-enforced", "paused", "pid", "profile", "started",
      ])
    #expect(list[0]["started"] == .text("2026-11-21T14:46:49Z"))
    #expect(list[0]["memory-bytes"] == .number(3_600_000) && list[0]["pid"] == .number(5))
    #expect(list[1]["app-id"] == .text("org.\u{1b}[2J") && list[1]["detached"] == .boolean(true))
    #expect(list[1]["not-enforced"] == .list([.text("landlock"), .text("limits.memory")]))
    #expect(!text.unicodeScalars.contains { $0 == "\u{1b}" || $0 == "\u{202e}" })
  }

  @Test(
    arguments: [
      (-5, "0s"), (0, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h 0m"), (86_399, "23h 59m"),
      (86_400, "1d 0h"), (400_000_000, "4629d 15h"),
    ] as [(Int64, String)])
  func `ages have at most two units`(seconds: Int64, text: String) { #expect(ageText(seconds) == text) }
}
