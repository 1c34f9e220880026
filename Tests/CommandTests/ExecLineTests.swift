import ArgumentParser
import Testing

@testable import SnugStart
@testable import snug

@Suite struct ExecLineTests {
  private func parse(_ words: [String]) throws -> ExecLine { try ExecLine.parse(words.map { Array($0.utf8) }) }

  @Test func `all options are read, in both forms`() throws {
    let line = try parse(
      [
        "--time", "1s", "--memory=2M", "--output", "3K", "--processes=4", "--status-fd", "5", "box", "--", "ls", "--",
        "-l",
      ])
    #expect(line.instance == "box" && line.words == ["ls", "--", "-l"].map { Array($0.utf8) })
    #expect(line.limits.time == 1000 && line.limits.memory == 2 << 20 && line.output == 3 << 10)
    #expect(line.limits.processes == 4 && line.statusDescriptor == 5)
  }

  @Test func `options may stand behind the instance, behind the command nothing is one`() throws {
    let line = try parse(["box", "--time", "1s", "ls"])
    #expect(line.limits.time == 1000 && line.words == [Array("ls".utf8)])
    #expect(try parse(["box", "ls", "--time"]).words == ["ls", "--time"].map { Array($0.utf8) })
    #expect(try parse(["box", "--", "--time"]).words == [Array("--time".utf8)])
    #expect(try parse(["box", "--", "--"]).words == [Array("--".utf8)])
  }

  @Test func `bytes that are not UTF-8 stay as they are`() throws {
    #expect(try ExecLine.parse([Array("box".utf8), [0x66, 0xff], [0xc3]]).words == [[0x66, 0xff], [0xc3]])
  }

  @Test(arguments: [
    [], ["box"], ["box", "--"], ["--", "box", "ls"], ["--time"], ["--time", "1s"], ["--nothing", "box", "ls"],
    ["-x", "box", "ls"], ["--time", "0s", "box", "ls"], ["--time", "x", "box", "ls"],
    ["--time", "forever", "box", "ls"],
    ["--memory", "0", "box", "ls"], ["--memory", "50%", "box", "ls"], ["--memory", "-1", "box", "ls"],
    ["--output", "", "box", "ls"], ["--processes", "0", "box", "ls"], ["--processes", "+1", "box", "ls"],
    ["--processes", "4194305", "box", "ls"], ["--processes", "18446744073709551616", "box", "ls"],
    ["--status-fd", "-1", "box", "ls"], ["--status-fd", "03", "box", "ls"], ["--status-fd", "4294967299", "box", "ls"],
  ])
  func `words that make no request are refused`(words: [String]) {
    #expect(throws: RunRequest.UsageError.self) { try parse(words) }
  }

  /// Both readers take the same lines and read the same in them. The declared one does not look at values.
  @Test func `the fast reader and the declared one agree`() throws {
    let lines: [[String]] = [
      ["box", "ls"], ["box", "--", "ls"], ["box", "ls", "-l", "--time", "x"], ["box", "--", "ls", "--", "x"],
      ["--time", "1s", "box", "ls"], ["--time=1s", "--time", "2s", "box", "--", "-l"],
      ["--memory", "1M", "--output=2M", "--processes", "3", "--status-fd", "4", "box", "ls", "a"],
      ["--nothing", "box", "ls"], ["-x", "box", "ls"], ["--time"], [], ["--status-fd", "x", "box", "ls"],
    ]
    for words in lines {
      let fast = try? parse(words)
      let declared = try? ExecCommand.parse(words)
      #expect((fast == nil) == (declared == nil), "\(words)")
      guard let fast, let declared else { continue }
      #expect(fast.instance == declared.instance, "\(words)")
      var rest = declared.words
      if rest.first == "--" { rest.removeFirst() }
      #expect(fast.words == rest.map { Array($0.utf8) }, "\(words)")
      #expect((fast.limits.time == nil) == (declared.time == nil))
      #expect((fast.limits.memory == nil) == (declared.memory == nil))
      #expect((fast.output == nil) == (declared.output == nil))
      #expect(fast.limits.processes.map(String.init) == declared.processes)
      #expect(fast.statusDescriptor == declared.statusFd)
    }
  }
}
