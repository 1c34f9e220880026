import TestSupport
import Testing

@testable import SnugPlan

/// `--args`, the environment, and words in numbers and shapes that nobody meant.
@Suite struct BubblewrapWordsTests {
  private func environment(_ words: [String], _ environment: [String]) -> [String]? {
    requestOf(words, environment: environment)?.environment.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func wordsOfADescriptor() {
    let dir = BubblewrapRequest.Operation.directory(target: "/a", mode: 0o755)
    #expect(requestOf(["--args", "7"], data: [7: "--dir\0/a\0"])?.operations == [dir])
    #expect(requestOf(["--args", "7"], data: [7: "--dir\0/a"])?.operations == [dir])
    #expect(requestOf(["--args", "7"], data: [7: ""])?.operations == [])
    #expect(requestOf(["--args", "7"], data: [7: "--chdir\0\0"])?.directory == "")
    let both = requestOf(split("--args 7 --dir /a --args 8"), data: [7: "--proc\0/p", 8: "--dev\0/d"])
    #expect(both?.operations == [.proc(target: "/p"), dir, .dev(target: "/d")])
  }

  /// Commands in the data end it, and only it.
  @Test func commandsInTheDataArePassedOver() {
    for data in ["--unshare-ipc\0sh\0--nonsense", "--unshare-ipc\0--\0--nonsense", "--unshare-ipc\0\0--nonsense"] {
      let request = requestOf(["--args", "7", "--unshare-pid"], data: [7: data])
      #expect(request?.unshareIPC == true && request?.unsharePID == true)
      #expect(request?.command == [Array("true".utf8)])
    }
    #expect(parse(["--args", "7"], data: [7: "true"]) == .refused([], usage: true))
  }

  @Test func modifiersCrossIntoTheData() {
    let request = requestOf(split("--perms 0700 --args 7"), data: [7: "--dir\0/a\0--dir\0/b"])
    #expect(request?.operations == [.directory(target: "/a", mode: 0o700), .directory(target: "/b", mode: 0o755)])
    let overlay = requestOf(split("--overlay-src a --args 7"), data: [7: "--overlay-src\0b\0--ro-overlay\0c"])
    #expect(overlay?.operations == [.readOnlyOverlay(sources: ["a", "b"], target: "c")])
  }

  @Test func errorsInTheData() {
    func error(_ data: String, _ words: [String] = []) -> BubblewrapAnswer {
      parse(words + ["--args", "7", "true"], data: [7: data])
    }
    func refused(_ text: String) -> BubblewrapAnswer { .refused(["bwrap: " + text], usage: false) }
    #expect(error("--args\u{0}8") == refused("--args not supported in arguments file"))
    #expect(error("--args") == refused("--args not supported in arguments file"))
    #expect(error("--ro-bind\0/") == refused("--ro-bind takes two arguments"))
    #expect(error("--perms\u{0}0700") == refused("--perms must be followed by an option that creates a file"))
    #expect(error("--size\u{0}5") == refused("--size must be followed by --tmpfs"))
    #expect(error("--overlay-src\0a") == refused(BubblewrapParser.strayOverlaySource))
    #expect(error("", ["--perms", "0700"]) == refused("--perms must be followed by an option that creates a file"))
    #expect(parse(split("--args 77 true")) == refused("Can't read --args data: Bad file descriptor"))
    // The last one counts across the data as well.
    let warning = "Only the last --chdir option will take effect"
    #expect(
      error("--chdir\0/a\0--nonsense", ["--chdir", "/"])
        == .refused(["bwrap: " + warning, "bwrap: Unknown option --nonsense"], usage: false))
  }

  @Test func environmentInOrder() {
    let given = ["A=1", "B=2", "C=3"]
    #expect(environment([], given) == given)
    #expect(environment(split("--setenv B x=y --setenv D 4"), given) == ["A=1", "B=x=y", "C=3", "D=4"])
    #expect(environment(split("--unsetenv B --unsetenv Z --setenv B 5"), given) == ["A=1", "C=3", "B=5"])
    #expect(environment(split("--setenv D 4 --clearenv --setenv A 9 --setenv A 8"), given) == ["A=8"])
    #expect(environment(["--setenv", "A", ""], given) == ["A=", "B=2", "C=3"])
  }

  /// As the C library does it: of equal names the first is set, all are unset; what is no variable stays.
  @Test func oddEnvironments() {
    let given = ["A=1", "odd", "A=2", "=x", ""]
    #expect(environment(split("--setenv A 3"), given) == ["A=3", "odd", "A=2", "=x", ""])
    #expect(environment(split("--unsetenv A"), given) == ["odd", "=x", ""])
    #expect(environment(split("--unsetenv odd"), given) == given)
    #expect(environment(split("--clearenv"), given) == [])
  }

  /// bubblewrap stops at 9,000 words.
  @Test func manyWords() {
    let count = 25_000
    var words: [String] = []
    for number in 0..<count { words += ["--setenv", "V\(number)", "x", "--new-session"] }
    let request = requestOf(words + ["--unsetenv", "V0"])
    #expect(request?.environment.count == count - 1)
    #expect(request?.environment.last == Array("V\(count - 1)=x".utf8))

    let data = (0..<count).map { "--ro-bind\0/s\($0)\0/t\($0)\0--new-session\0" }.joined()
    let binds = requestOf(["--args", "7"], data: [7: data])?.operations
    #expect(binds?.count == count)
    #expect(
      binds?.last
        == .bind(source: "/s\(count - 1)", target: "/t\(count - 1)", access: .readOnly, skipsMissing: false))
  }

  /// Whatever the words: an answer that keeps its own rules.
  @Test func wordSalads() {
    var numbers = Numbers(state: 11)
    let names = bubblewrapOptions.keys.sorted().filter { $0 != "--help" && $0 != "--version" }
    let others = [
      "0", "1", "-1", "0700", "07777", "99999999999999999999", "0x1f", "", " ", "-", "/", "/a", "a=b", "ALL",
      "cap_kill",
      "\u{1b}[2J", "é",
    ]
    var (taken, refused) = (0, 0)
    for _ in 0..<20_000 {
      func word() -> [UInt8] {
        switch Int.random(in: 0..<20, using: &numbers) {
        case 0: (0..<4).map { _ in UInt8.random(in: 1...255, using: &numbers) }
        case 1..<10: Array((others.randomElement(using: &numbers) ?? "").utf8)
        default: Array((names.randomElement(using: &numbers) ?? "").utf8)
        }
      }
      func words(_ most: Int) -> [[UInt8]] { (0..<Int.random(in: 0...most, using: &numbers)).map { _ in word() } }
      let given = words(12)
      let data = Array(words(6).joined(separator: [0]))
      switch parseBytes(given, data: [0: data, 1: data], environment: ["A=1", "a=b"]) {
      case .run(let request, let warnings):
        taken += 1
        #expect(!request.command.isEmpty)
        #expect(given.suffix(request.command.count).elementsEqual(request.command))
        #expect(warnings.allSatisfy { $0.hasSuffix("option will take effect") })
      case .refused(let lines, let usage):
        refused += 1
        #expect(usage || !lines.isEmpty)
        #expect(lines.allSatisfy { line in line.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f } })
      case .help, .version: Issue.record("nobody asked: \(given)")
      }
    }
    #expect(taken > 1_000 && refused > 1_000, "\(taken) \(refused)")
  }
}
