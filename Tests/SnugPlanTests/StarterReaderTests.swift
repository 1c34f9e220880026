import Testing

@testable import SnugPlan

/// The readers of what a starter profile is made from.
@Suite struct StarterReaderTests {
  private func read(_ bytes: [UInt8]) -> ELFFile? { readELF { part(bytes, $0, $1) } }

  @Test(arguments: [true, false])
  func elfSaysWhatItAsksFor(is64: Bool) {
    let file = read(
      elf(needed: ["libc.so.6", "libgtk-3.so.0"], runPath: "$ORIGIN/../lib:/opt/x", loader: "/lib64/ld.so", is64: is64))
    #expect(file?.needed == ["libc.so.6", "libgtk-3.so.0"])
    #expect(file?.runPath == ["$ORIGIN/../lib", "/opt/x"] && file?.loader == "/lib64/ld.so")
    #expect(read(elf(needed: [], is64: is64)) == ELFFile())
  }

  @Test func whatIsNoELFIsNone() {
    #expect(read([]) == nil && read(Array("#!/bin/sh".utf8)) == nil)
    var bytes = elf(needed: ["a"])
    bytes[5] = 2
    #expect(read(bytes) == nil, "big-endian")
    #expect(readELF { _, _ in nil } == nil)
  }

  @Test func cutAtEveryOffset() {
    let bytes = elf(needed: ["liba.so", "libb.so"], runPath: "/x", loader: "/l")
    for end in 0..<bytes.count {
      let file = read(Array(bytes[..<end]))
      #expect(file.map { Set($0.needed).isSubset(of: ["liba.so", "libb.so"]) } ?? true, "cut at \(end)")
    }
  }

  /// Any bytes give an answer: no offset traps, no number in the file makes a read larger than its bound.
  @Test func damagedFiles() {
    var random = SystemSeed(state: 5)
    for is64 in [true, false] {
      let seed = elf(needed: ["liba.so", "libb.so"], runPath: "/x", loader: "/l", is64: is64)
      for _ in 0..<20_000 {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...6, using: &random) {
          let value = [0, 0xFF, 0x7F, 0x80, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random)
          bytes[Int.random(in: 4..<bytes.count, using: &random)] = value ?? 0
        }
        var longest = 0
        let file = readELF {
          longest = max(longest, $1)
          return part(bytes, $0, $1)
        }
        #expect(longest <= 64 << 10 && (file?.needed.count ?? 0) <= 512)
      }
    }
  }

  @Test func menuEntry() {
    let entry = readMenuEntry(
      Array(
        """
        # comment
        [Desktop Entry]
        Name=Paint
        Name[de]=Malen
        Comment = Draw\\sand\\npaint \\\\ \\x
        Exec="/opt/pa int/bin/p\\\\"x" --new %U
        Categories=Graphics;2DGraphics;
        MimeType=image/png;image/jpeg;
        Terminal=true

        [Desktop Action New]
        Exec=other
        Name=New
        """.utf8))
    #expect(entry?.name == "Paint" && entry?.comment == "Draw and\npaint \\ \\x")
    #expect(entry?.program == "/opt/pa int/bin/p\"x" && entry?.takesFiles == true && entry?.isTerminal == true)
    #expect(entry?.categories == ["Graphics", "2DGraphics"] && entry?.types == ["image/png", "image/jpeg"])
  }

  @Test(arguments: [
    ("", nil), ("Name=x", nil), ("[Other]\nExec=x", nil), ("[Desktop Entry]\nExec=  vim %F", "vim"),
    ("[Desktop Entry]\r\nExec=vim\r\n", "vim"), ("[Desktop Entry]\nExec=\"vim", nil),
    ("[Desktop Entry]\nExec=\"\"", nil),
    ("[Desktop Entry]\nName=a\n[Desktop Entry]\nExec=x", nil), ("[Desktop Entry]\n#Exec=x\nExec\n=y", nil),
  ])
  func programOfAnEntry(text: String, program: String?) {
    #expect(readMenuEntry(Array(text.utf8))?.program == program)
  }

  @Test func anyBytesMakeAnEntryOrNone() {
    var random = SystemSeed(state: 6)
    let seed = Array("[Desktop Entry]\nName=a\\sb\nExec=\"a\\\\\"b\" %f\nCategories=;a;;\n".utf8)
    #expect(readMenuEntry([0x5B, 0xFF]) == nil)
    for _ in 0..<20_000 {
      var bytes = seed
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
      #expect(readMenuEntry(bytes)?.program?.isEmpty != true)
    }
  }
}

/// The same numbers on every run.
private struct SystemSeed: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}
