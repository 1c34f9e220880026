import SnugProfile
import TestSupport
import Testing

@testable import SnugPlan

/// A profile on the fixture's machine with its plan, as a question needs them.
func started(
  _ text: String, on tree: FixtureTree = debian(), in directory: String? = "/home/anna/src/demo", landlockABI: Int = 7,
  shipped: [String: String] = [:], options: [OptionSetting] = []
) throws -> (profile: Profile, plan: Plan, host: Host) {
  let host = anna(tree, in: directory, landlockABI: landlockABI)
  let profile = try profile("version = 1\n" + text, shipped: shipped, options: options, for: host)
  return (profile, try compile(profile, for: host, ProgramRequest(needsProgram: false)), host)
}

struct ExplainTests {
  private func worries(_ text: String, on tree: FixtureTree = debian(), landlockABI: Int = 7) throws -> [String] {
    let (profile, plan, host) = try started(text, on: tree, landlockABI: landlockABI)
    return (explain(Prospect(profile, plan, on: host)).facts[.worries] ?? []).map {
      $0.text + sourceText($0.origins, [:])
    }
  }

  @Test(arguments: [
    ("[files]\nhome = \"host\"", "it can change your whole home", ":3)"),
    ("[files]\nwrite = [\"~\"]", "it can change your whole home", ":3)"),
    ("[files]\nwrite = [{ path = \"/home\", at = \"/x\" }]", "it can change your whole home", ":3)"),
    ("[files]\nhome = \"overlay\"", "it can read your whole home", ":3)"),
    ("[files]\nread = [{ path = \"/home\", at = \"/x\" }]", "it can read your whole home", ":3)"),
    ("[files]\nread = [\"~/.ssh\"]", "it can read ~/.ssh: it can take your SSH keys", ":3)"),
    ("[files]\nwrite = [\"~/.ssh\"]", "it can change ~/.ssh", ":3)"),
    ("[files]\nwrite = [\"~/.bashrc\"]", "it can change ~/.bashrc", ":3)"),
    ("[files]\nroot = \"host\"", "it can read the machine's other top directories", ":3)"),
    ("[files]\nread = [\"xdg-run/bus\"]", "it can talk to /run/user/1000/bus", ":3)"),
    ("[desktop]\nx11 = true", "it sees and steers every window (X11)", ":3)"),
    ("[devices]\nnodes = [\"/dev/kvm\"]", "it drives the device /dev/kvm", ":3)"),
    ("[network]\nmode = \"host\"", "it uses your network", ":3)"),
    (
      "[network]\nmode = \"host\"\n[landlock]\nscope = [\"!abstract-unix-socket\"]", "it reaches abstract sockets",
      ":3)"
    ),
    ("[seccomp]\npreset = \"none\"", "no system call is refused", ":3)"),
    ("[seccomp]\npreset = \"none\"\ndeny = [\"ptrace\"]", "hardly a system call is refused", ":3)"),
    ("[seccomp]\npreset = \"nested\"", "it may build sandboxes of its own", ":3)"),
    ("[seccomp]\nallow = [\"ptrace\"]", "it may use ptrace", ":3)"),
  ])
  func `what is dangerous stands first, with its line`(text: String, words: String, line: String) throws {
    let all = try worries(text)
    let found = all.filter { $0.contains(words) }
    #expect(found.count == 1 && found.allSatisfy { $0.hasSuffix(line) }, "\(all)")
  }

  @Test(arguments: [
    "", "[files]\nwrite = [\"~/src/demo\"]\nread = [\"xdg-pictures\"]", "[files]\nhome = \"private\"",
    "[seccomp]\nallow = [\"sync\"]\ndeny = [\"ptrace\"]", "[desktop]\nfonts = true", "[files]\nhide = [\"~/.ssh\"]",
    "[files]\nread = [{ path = \"/opt/app\", at = \"~/.ssh\" }]", "[files]\nread = [\"/home\"]",
    "[network]\nmode = \"none\"\n[landlock]\nscope = [\"!abstract-unix-socket\"]",
  ])
  func `what is harmless is no worry`(text: String) throws {
    #expect(try worries(text) == [])
    let (profile, plan, host) = try started(text)
    #expect(explain(Prospect(profile, plan, on: host)).text.contains("nothing stands out"))
  }

  @Test func `the worst is told first`() throws {
    let all = try worries(
      "[files]\nhome = \"host\"\n[network]\nmode = \"host\"\n[landlock]\nscope = [\"!abstract-unix-socket\"]\n[desktop]\nx11 = true\n"
        + "[seccomp]\npreset = \"none\"")
    let order = ["whole home", "abstract sockets", "your network", "every window", "no system call"]
    #expect(all.count == order.count)
    for (worry, words) in zip(all, order) { #expect(worry.contains(words), "\(worry)") }
  }

  @Test func `what the machine cannot enforce is told, and reaches the worries`() throws {
    let text = "[network]\nmode = \"host\""
    let (profile, plan, host) = try started(text, landlockABI: 0)
    let facts = explain(Prospect(profile, plan, on: host)).facts
    #expect(facts[.notEnforced]?.map(\.text).contains { $0.contains("landlock.scope") } == true)
    #expect(try worries(text, landlockABI: 0).contains { $0.contains("abstract sockets") })
    #expect(try worries(text).contains { $0.contains("abstract sockets") } == false)
  }

  @Test func `what is skipped is told`() throws {
    let host = anna(debian())
    let merged = try loader(
      ["t": "version = 1\n[files]\nread = [{ path = \"~/none\", if-missing = \"skip\" }]"],
      host
    ).merge("t")
    let plan = try compile(merged.profile, for: host, ProgramRequest(needsProgram: false))
    let facts = explain(Prospect(merged.profile, plan, on: host)).facts
    #expect(facts[.skipped]?.map(\.text) == ["~/none: does not exist"])
  }

  private func loader(_ files: [String: String], _ host: Host) -> ProfileLoader {
    ProfileLoader(
      search: ProfileSearch(directories: [.init(path: "/p")]), context: context(host), callerUID: 1000,
      callerGID: 1000,
      read: { path in
        let name = path.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? ""
        return files[name].map { .file(Array($0.utf8), uid: 1000, gid: 1000, mode: 0o644) } ?? .failed(2, "none")
      })
  }

  @Test func `outside text is printed through the escaper`() throws {
    let tree = debian()
    tree.directory("/data/\u{1b}]52;x", "/data/\u{202e}gpj")
    let (profile, plan, host) = try started(
      "[files]\nread = [\"/data/\\u001b]52;x\"]\nwrite = [\"/data/\\u202egpj\"]\n"
        + "[process]\nhostname = \"box\"", on: tree)
    let explanation = explain(Prospect(profile, plan, on: host))
    #expect(!explanation.text.unicodeScalars.contains { $0 != "\n" && isUnsafe($0) })
    #expect(explanation.text.contains("\\x1b]52;x") && explanation.text.contains("\\u{202e}gpj"))
    var questioner = Questioner(Prospect(profile, plan, on: host))
    for path in ["/data/\u{1b}]52;x", "/data/\u{202e}gpj", "/data/\u{1b}none"] {
      let answer = try questioner.answer(.path(written: path, absolute: path), asked: path)
      #expect(!answerText([answer]).unicodeScalars.contains { $0 != "\n" && isUnsafe($0) })
    }
  }

  @Test func `the json has every fact of the text`() throws {
    let (profile, plan, host) = try started("[files]\nwrite = [\"~/src/demo\"]\nhide = [\"~/.ssh\"]")
    let explanation = explain(Prospect(profile, plan, on: host))
    guard case .list(let items) = explanation.json else { throw NoList() }
    #expect(items.count == explanation.facts.values.reduce(0) { $0 + $1.count })
    #expect(
      explanation.json.line.contains(
        "\"area\":\"change\",\"text\":\"~/src/demo: yours; what it changes stays changed\""))
  }

  private struct NoList: Error {}
}
