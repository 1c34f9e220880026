import Testing

@testable import SnugProfile

@Suite struct ScalarTests {
  @Test(arguments: [
    ("0", Size.bytes(0)), ("1024", .bytes(1024)), ("512M", .bytes(512 << 20)), ("4G", .bytes(4 << 30)),
    ("2T", .bytes(2 << 40)), ("10%", .percent(10)), ("100%", .percent(100)),
  ])
  func sizes(text: String, size: Size) { #expect(parseSize(text, allowsPercent: true) == size) }

  @Test(arguments: [
    "", "M", "-1", "+1", "1.5G", "4g", "4 G", "4GB", "0%", "101%", "%", "99999999999999999999", "9007199254740993K",
    "8388608T", "１", "4G ", "0x10", "10%%",
  ])
  func notSizes(text: String) { #expect(parseSize(text, allowsPercent: true) == nil) }

  @Test func percentOnlyWhereAllowed() { #expect(parseSize("10%", allowsPercent: false) == nil) }

  @Test(arguments: [
    ("300ms", Wait.milliseconds(300)), ("5s", .milliseconds(5_000)), ("2m", .milliseconds(120_000)),
    ("1h", .milliseconds(3_600_000)), ("0s", .milliseconds(0)), ("none", .none), ("forever", .forever),
  ])
  func durations(text: String, wait: Wait) { #expect(parseWait(text) == wait) }

  @Test(arguments: ["", "5", "s", "-1s", "1.5s", "5 s", "5S", "25d", "597h", "99999999999999999999s", "None"])
  func notDurations(text: String) { #expect(parseWait(text) == nil) }

  @Test(arguments: [
    (TextKind.appID, "org.example.App"), (.appID, "snug.firefox"), (.appID, "a-b._c.d2"), (.hostname, "snug"),
    (.hostname, "a-1.example"), (.environmentName, "LC_ALL"), (.environmentName, "weird name"),
    (.environmentValue, ""), (.environmentValue, "a=b\nc"), (.busName, "org.a.B"), (.busName, "org.a.B.*"),
    (.busRule, "org.a.B.*@/path"), (.systemCall, "openat2"), (.systemCall, "_sysctl"), (.key, "landlock"),
    (.key, "desktop.wayland"), (.cpu, "150%"), (.profileName, "firefox-esr"), (.program, "/usr/bin/vi"),
    (.program, "vi"),
  ])
  func texts(kind: TextKind, text: String) throws { try check(text, kind) }

  @Test(arguments: [
    (TextKind.appID, "firefox"), (.appID, "org..x"), (.appID, "org.2x"), (.appID, ".org.x"), (.appID, "org.x."),
    (.appID, "org.\u{202E}x"), (.hostname, ""), (.hostname, "-a"), (.hostname, "a_b"), (.hostname, "a..b"),
    (.hostname, String(repeating: "a", count: 65)), (.environmentName, ""), (.environmentName, "A=B"),
    (.environmentName, "A\0"), (.environmentValue, "x\0y"),
    (.environmentValue, String(repeating: "x", count: 131_072)), (.busName, "nodot"), (.busName, ".*"),
    (.busName, "a.*"), (.busName, "org.*.x"), (.busName, "*"), (.busRule, ""), (.busRule, "a b"),
    (.systemCall, ""), (.systemCall, "2open"), (.systemCall, "Open"), (.systemCall, "o-pen"), (.key, "landlok"),
    (.cpu, "1.5"), (.cpu, "0%"), (.profileName, ""), (.profileName, "a/b"), (.profileName, ".."),
    (.profileName, "-x"), (.profileName, "a\nb"), (.program, ""), (.program, "/usr/bin/"), (.line, "a\nb"),
  ])
  func notTexts(kind: TextKind, text: String) {
    #expect(throws: Problem.self) { try check(text, kind) }
  }

  @Test(arguments: [("TERM", Int32(15)), ("SIGTERM", 15), ("KILL", 9), ("SIGUSR1", 10)])
  func signals(text: String, number: Int32) throws {
    #expect(try parseScalar(text, as: .signal, context) == .signal(number))
  }

  @Test func otherSignals() throws {
    #expect(try parseScalar("none", as: .signal, context) == .signal(nil))
    let correction = Correction(written: "TREM", meant: "TERM")
    #expect(throws: Problem(.unknownSignal, "unknown signal \"TREM\"", correction: correction)) {
      try parseScalar("TREM", as: .signal, context)
    }
    #expect(throws: Problem.self) { try parseScalar("15", as: .signal, context) }
  }

  @Test(arguments: [("0755", Int64(0o755)), ("755", 0o755), ("0", 0), ("01777", 0o1777)])
  func modes(text: String, mode: Int64) throws {
    #expect(try parseScalar(text, as: .mode(0o7777), context) == .integer(mode))
  }

  @Test(arguments: ["", "8", "0o755", "-1", "+7", "17777", "rwx", "000755"])
  func notModes(text: String) {
    #expect(throws: Problem.self) { try parseScalar(text, as: .mode(0o7777), context) }
  }

  @Test func nearWordsAreFound() {
    #expect(nearest(to: "raed", in: ["read", "write", "hide"]) == "read")
    #expect(nearest(to: "xyz", in: ["read", "write", "hide"]) == nil)
    #expect(editDistance(Array("kitten".utf8), Array("sitting".utf8)) == 3)
    #expect(editDistance(Array("ab".utf8), Array("ba".utf8)) == 1)
    #expect(editDistance([], Array("abc".utf8)) == 3)
  }

  @Test(arguments: [[], [0], [0xFF, 0xFE], [1, 2, 3], Array("any carnal pleas".utf8)])
  func base64ComesBack(bytes: [UInt8]) { #expect(decodeBase64(encodeBase64(bytes)) == bytes) }

  @Test(arguments: ["A", "AAA", "====", "AB==CD==", "A===", "AA=A", "AAA\n", "AB=="])
  func notBase64(text: String) { #expect(decodeBase64(text) == nil) }

  @Test func base64OfTheStandard() { #expect(encodeBase64(Array("foobar".utf8)) == "Zm9vYmFy") }
}
