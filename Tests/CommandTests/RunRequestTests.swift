import ArgumentParser
import SnugDesktop
import Testing

@testable import SnugStart
@testable import snug

@Suite struct RunRequestTests {
  private func parse(_ words: [String]) throws -> RunRequest { try RunRequest.parse(words.map { Array($0.utf8) }) }

  @Test func `a name takes everything behind it as arguments`() throws {
    let request = try parse(["--read", "/a", "-v", "firefox", "--read", "x", "--", "y"])
    #expect(request.words.map { String(decoding: $0, as: UTF8.self) } == ["firefox", "--read", "x", "--", "y"])
    #expect(!request.namesProgram && request.verbose)
    #expect(request.settings == [.init(option: "--read", value: Array("/a".utf8))])
  }

  @Test func `after -- nothing is read as an option`() throws {
    let request = try parse(["--", "--read", "x"])
    #expect(request.namesProgram && request.profile == nil && request.words.count == 2)
    let other = try parse(["-p", "x", "--", "-v"])
    #expect(other.namesProgram && !other.verbose && other.words == [Array("-v".utf8)])
  }

  @Test func `a name that plan takes first is the profile`() throws {
    func parse(_ words: [String]) throws -> RunRequest {
      try RunRequest.parse(words.map { Array($0.utf8) }, name: Array("git".utf8))
    }
    let arguments = try parse(["-v", "status"])
    #expect(!arguments.namesProgram && arguments.words == ["git", "status"].map { Array($0.utf8) })
    let program = try parse(["--", "ls"])
    #expect(program.profile == Array("git".utf8) && program.namesProgram && program.words == [Array("ls".utf8)])
    #expect(throws: RunRequest.UsageError.self) { try parse(["-p", "x", "ls"]) }
  }

  @Test func `bytes that are not UTF-8 stay as they are`() throws {
    let request = try RunRequest.parse([Array("--".utf8), [0x66, 0xff], [0xc3]])
    #expect(request.words == [[0x66, 0xff], [0xc3]])
  }

  @Test(arguments: [
    [], ["--read"], ["--nothing", "x"], ["-x", "y"], ["--status-fd", "x", "y"], ["--status-fd", "-1", "y"],
    ["--fd", "2", "y"], ["--fd", "03", "y"], ["--fd", "+3", "y"], ["--fd", "4294967299", "y"], ["--detach=1", "x"],
    ["--"], ["-p", "x"], ["-p"], ["--read", "--", "x"], ["-p", "--", "x"],
  ])
  func `words that make no request are refused`(words: [String]) {
    #expect(throws: RunRequest.UsageError.self) { try parse(words) }
  }

  /// Both readers of `run` take and refuse the same, and read the same.
  @Test func `the fast reader and the declared one agree`() throws {
    let lines: [[String]] = [
      ["x"], ["x", "y", "-v"], ["--", "x"], ["--", "-v"], ["-p", "a", "x"], ["-p", "a", "--", "x", "--", "y"],
      ["--profile=a", "x"], ["--read", "/a", "--read=/b", "--write", "/c", "x"], ["--hide", "/h", "x"],
      ["--network", "host", "--network", "none", "x"], ["--setenv", "A=b", "--keep-env", "C", "x"],
      ["--home=host", "x"],
      ["--name", "n", "x"], ["--status-fd", "7", "--fd", "8", "--fd", "9", "x"], ["--detach", "--keep", "x"],
      ["--share-network-with", "i", "x"], ["--trace-timing", "-v", "--verbose", "x"], ["--read"], ["--nothing", "x"],
      ["--from-menu", "--bus-name", "org.x.Edit", "x"], ["--from-menu=1", "x"], ["--bus-name", "--", "x"],
      ["--fd", "x", "y"], ["--detach=1", "x"], ["-q", "x"], ["x", "--", "z"], ["-p", "a", "x", "-v", "--read", "r"],
      ["--read", "--", "x"], ["-p", "--", "x"],
    ]
    for line in lines {
      let fast = try? parse(line)
      let declared = try? RunCommand.parse(line)
      #expect((fast == nil) == (declared == nil), "\(line)")
      guard let fast, let declared else { continue }
      func texts(_ option: String) -> [String] {
        fast.settings.filter { $0.option == option }.map { String(decoding: $0.value, as: UTF8.self) }
      }
      #expect(
        texts("--read") == declared.read && texts("--write") == declared.write && texts("--hide") == declared.hide)
      #expect(texts("--network").last == declared.network && texts("--home").last == declared.home)
      #expect(texts("--setenv") == declared.setenv && texts("--keep-env") == declared.keepEnv)
      #expect(fast.profile.map { String(decoding: $0, as: UTF8.self) } == declared.profile)
      #expect(fast.instance.map { String(decoding: $0, as: UTF8.self) } == declared.name)
      #expect(fast.statusDescriptor == declared.statusFd && fast.passedDescriptors == declared.fd)
      #expect(fast.detach == declared.detach && fast.keep == declared.keep)
      #expect(fast.fromMenu == declared.fromMenu)
      #expect(fast.busName.map { String(decoding: $0, as: UTF8.self) } == declared.busName)
      #expect(fast.traceTiming == declared.traceTiming && fast.verbose == declared.verbose)
      var words = declared.words
      if words.first == "--" { words.removeFirst() }
      #expect(fast.words.map { String(decoding: $0, as: UTF8.self) } == words, "\(line)")
    }
  }

  /// A line of a menu entry that starts Snug is read without this reader: it has to know which options take no value.
  @Test func `menu entries know the flags`() throws {
    let run = try #require(declaredCommands().first { $0.name == "run" })
    let declared = run.options.filter { $0.valueName == nil }.flatMap(\.names)
    #expect(Set(declared + ["-h", "--help"]) == flagsOfRun)
  }
}
