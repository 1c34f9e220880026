import TestSupport
import Testing

@testable import SnugDesktop

@Suite struct HostileTests {
  private let wrapping = Wrapping(profile: "box", executable: "/opt/my 100%/snug")

  @Test(arguments: hostileEntries.map(\.text).indices)
  func `hostile entries are refused, or wrapped word for word`(index: Int) throws {
    let hostile = hostileEntries[index]
    let bytes = Array(hostile.text.utf8)
    let entry: DesktopEntry
    do {
      entry = try DesktopEntry(bytes)
    } catch {
      #expect(error.text == hostile.refusal)
      return
    }
    #expect(hostile.refusal == nil, "\(hostile.name.prefix(200))")
    let wrapped = try #require(wrapping.wrap(entry, source: "/a/b.desktop"))
    let again = try DesktopEntry(wrapped)
    #expect(again.profile == "box" && again.starts.count == entry.starts.count)
    for (old, new) in zip(entry.starts, again.starts) {
      // The program's own words are the last ones, unchanged.
      let own = old.line.words[old.line.environmentCount...]
      #expect(Array(new.line.words.suffix(own.count)) == Array(own), "\(hostile.name.prefix(200))")
      let start = try #require(SnugStart(new.line))
      #expect(start.executable == wrapping.executable && start.profile == "box" && start.program == "PROG")
    }
    // Lines that start nothing are there as they were.
    func rest(_ bytes: [UInt8]) -> [String] {
      String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        .filter { !$0.hasPrefix("Exec") && !$0.hasPrefix("X-Snug-") }
    }
    #expect(rest(wrapped) == rest(bytes))
  }

  @Test func `there are fifty of them`() { #expect(hostileEntries.count >= 50) }

  /// Whatever the bytes: no trap, and what is read is written as it was; what is wrapped is boxed and is read again.
  private func holds(_ bytes: [UInt8]) {
    _ = try? BusService(bytes)
    if let file = try? KeyFile(bytes, keys: .any), file.bytes != bytes { Issue.record("not the same: \(bytes)") }
    guard let entry = try? DesktopEntry(bytes) else { return }
    if entry.file.bytes != bytes { Issue.record("not the same: \(bytes)") }
    guard let wrapped = wrapping.wrap(entry, source: "/a") else {
      if entry.start.map({ if case .program = $0.line.started { true } else { false } }) == true,
        entry.starts.count == 1, entry.isApplication
      {
        Issue.record("not wrapped: \(String(decoding: bytes, as: UTF8.self))")
      }
      return
    }
    guard let again = try? DesktopEntry(wrapped) else {
      Issue.record("cannot be read again: \(String(decoding: bytes, as: UTF8.self))")
      return
    }
    if !again.starts.allSatisfy({ SnugStart($0.line)?.profile == "box" }) || again.isActivatable {
      Issue.record("not boxed: \(String(decoding: bytes, as: UTF8.self))")
    }
    let before = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    let after = Set(String(decoding: wrapped, as: UTF8.self).split(separator: "\n"))
    for line in before
    where !line.isEmpty && !line.hasPrefix("Exec") && !line.hasPrefix("DBus") && !line.hasPrefix("X-Snug-")
      && !after.contains(line)
    {
      Issue.record("lost: \(line)")
    }
  }

  private let seed = """
    # comment
    [Desktop Entry]
    Type=Application
    Name[de]=Ä
    Exec=edit "a b" "\\\\$x" --u=%u %%
    DBusActivatable=true
    Actions=new;
    Hidden=false

    [Desktop Action new]
    Exec=env A=b edit %F
    """

  @Test func `changed entries`() {
    var random = Numbers(state: 7)
    let bytes = Array(seed.utf8)
    let pieces = [
      "[", "]", "\"", "'", "\\", "%", "%f", "%U", "=", ";", "#", "\n", "\r", "\0", " ", "\t", "Exec=", "é", "$",
      "snug run x",
    ]
    .map { Array($0.utf8) }
    for _ in 0..<4_000 {
      var text = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let start = Int.random(in: 0..<text.count, using: &random)
        let end = min(text.count, start + Int.random(in: 0...8, using: &random))
        switch Int.random(in: 0...3, using: &random) {
        case 0: text.removeSubrange(start..<end)
        case 1: text.replaceSubrange(start..<end, with: pieces[Int.random(in: 0..<pieces.count, using: &random)])
        case 2: text.insert(contentsOf: text[start..<end], at: Int.random(in: 0...text.count, using: &random))
        default: text[start] = UInt8.random(in: 0...255, using: &random)
        }
        if text.isEmpty { text = bytes }
      }
      holds(text)
    }
  }

  @Test func `entries cut at every byte`() {
    let bytes = Array(seed.utf8)
    for end in 0...bytes.count { holds(Array(bytes[..<end])) }
  }

  @Test func `any command line`() {
    var random = Numbers(state: 8)
    let alphabet = Array("ab \"\\%fFui'$`;=snt/-".utf8)
    var count = 0
    for _ in 0..<20_000 {
      let line = (0..<Int.random(in: 0...16, using: &random)).map { _ in
        alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
      }
      if (try? StartLine(line)) != nil { count += 1 }
      holds(Array("[Desktop Entry]\nType=Application\nExec=".utf8) + line)
    }
    // Else nothing was tried.
    #expect(count > 500)
  }

  @Test func `any bytes`() {
    var random = Numbers(state: 9)
    let alphabet = Array("[]=#\n\r\t \\%\"aEx;\u{FF}".utf8) + [0xFF, 0xC3, 0x00]
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...24, using: &random)
      holds((0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
    }
  }
}
