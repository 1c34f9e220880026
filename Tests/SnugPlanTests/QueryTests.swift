import SnugProfile
import TestSupport
import Testing

@testable import SnugPlan

struct QueryTests {
  private func ask(
    _ question: String, _ text: String = "", on tree: FixtureTree = debian(), landlockABI: Int = 7,
    shipped: [String: String] = [:], options: [OptionSetting] = []
  ) throws -> Answer {
    let (profile, plan, host) = try started(
      text, on: tree, landlockABI: landlockABI, shipped: shipped, options: options)
    let loader = ProfileLoader(
      search: ProfileSearch(directories: []), context: context(host), callerUID: 1000, callerGID: 1000,
      read: { _ in .failed(2, "") })
    let query = try Query(question) { path throws(Diagnostic) in try loader.path(asked: path) }
    var questioner = Questioner(Prospect(profile, plan, on: host))
    return try questioner.answer(query, asked: question)
  }

  // MARK: - Paths

  private static let profile = """
    [files]
    read = ["xdg-pictures", { path = "/opt/app", at = "/app" }]
    write = ["~/src"]
    hide = ["~/Pictures/private", "~/.ssh"]
    """

  @Test(arguments: [
    (
      "~/Pictures", Answer.Word.readOnly, 3, "not change it",
      "put it into write under [files], or snug run --write ~/Pictures."
    ),
    ("xdg-pictures", .readOnly, 3, "", "snug run --write ~/Pictures."),
    ("~/Pictures/private", .hidden, 5, "hidden", "take \"~/Pictures/private\" out of hide"),
    ("~/src/demo", .writable, 4, "read and change it", ""),
    (".", .writable, 4, "read and change it", ""),
    (
      "~/.ssh/id_ed25519", .hidden, 5, "hidden",
      "read = [\"~/.ssh/id_ed25519\"] under [files], or snug run --read ~/.ssh/id_ed25519."
    ),
    ("/opt/app", .readOnly, 3, "at /app", "snug run --write /opt/app."),
    (
      "~/Downloads", .absent, 0, "your home is not shown",
      "read = [\"~/Downloads\"] under [files], or snug run --read ~/Downloads."
    ),
    ("/srv", .absent, 0, "nothing in the profile shows it", "read = [\"/srv\"]"),
    ("/usr/bin/true", .readOnly, 0, "not change it", ""),
    ("/bin/true", .readOnly, 0, "at /usr/bin/true, where the path leads inside", ""),
    ("/etc/passwd", .own, 0, "a file that Snug writes", "read = [\"/etc/passwd\"]"),
    ("/tmp", .own, 0, "an empty directory in memory", ""),
    ("~", .own, 0, "an empty directory in memory", ""),
    ("/proc", .own, 0, "the sandbox's own processes", "No line grants it"),
    ("/dev/null", .own, 0, "harmless devices", ""),
    ("/dev/kvm", .absent, 0, "", "nodes = [\"/dev/kvm\"] under [devices]."),
    ("~/pipe", .absent, 0, "", "it is a fifo"),
    ("/nowhere", .missing, 0, "nothing is there inside", ""),
    ("~/src/new", .missing, 4, "does not exist on this machine", ""),
    ("/app", .own, 3, "/opt/app is seen there", ""),
  ])
  func path(question: String, word: Answer.Word, line: Int, text: String, remedy: String) throws {
    let answer = try ask(question, Self.profile)
    #expect(answer.word == word && answer.text.contains(text), "\(answer)")
    #expect(line == 0 || answer.origins.map(\.line) == [line], "\(answer)")
    #expect(remedy.isEmpty || answer.remedies.contains { $0.contains(remedy) }, "\(answer)")
  }

  @Test func whatStandsBelowADirectoryIsTold() throws {
    let answer = try ask("~/src", "[files]\nwrite = [\"~/src\"]\nread = [\"~/src/demo\"]")
    #expect(answer.notes == ["Below it ~/src/demo is read-only (/profiles/test.toml:4)."])
    let hidden = try ask("~/Pictures", Self.profile)
    #expect(hidden.notes == ["Below it ~/Pictures/private is hidden (/profiles/test.toml:5)."])
  }

  @Test func hiddenUnderOneNameIsHiddenUnderAll() throws {
    let tree = debian()
    tree.link("/srv/keys", "/home/anna/.ssh")
    let answer = try ask("/srv/keys", "[files]\nread = [\"/srv\"]\nhide = [\"~/.ssh\"]", on: tree)
    #expect(answer.word == .hidden)
    #expect(answer.notes.first?.hasPrefix("It is ~/.ssh by another name") == true, "\(answer)")
  }

  @Test func linksAreFollowedInside() throws {
    let tree = debian()
    tree.directory("/data/music")
    tree.link("/home/anna/Music", "/data/music")
    let shown = try ask("/data/music", "[files]\nread = [\"~/Music\"]", on: tree)
    #expect(shown.word == .readOnly && shown.text.contains("at ~/Music"), "\(shown)")
    // A link in what is granted leads to a place that is not shown.
    tree.link("/home/anna/src/out", "/data/music")
    let lost = try ask("~/src/out", "[files]\nread = [\"~/src\"]", on: tree)
    #expect(lost.word == .absent)
    #expect(lost.remedies == ["To show it: read = [\"~/src/out\"] under [files], or snug run --read ~/src/out."])
  }

  @Test func laterLayersAndOptionsDecide() throws {
    let base = ["base": "version = 1\n[files]\nread = [\"~/src\"]\nhide = [\"~/Pictures\"]"]
    let own = try ask("~/src", "extends = [\"base\"]", shipped: base)
    #expect(own.remedies == ["To let the app change it: write = [\"~/src\"] under [files], or snug run --write ~/src."])
    // In one file read stands before write: the entry has to move.
    let same = try ask("~/src", "[files]\nread = [\"~/src\"]")
    #expect(
      same.remedies == [
        "To let the app change it: take it out of read (/profiles/test.toml:3) and put it into write under [files], or "
          + "snug run --write ~/src."
      ])
    let lifted = try ask("~/Pictures", "extends = [\"base\"]", shipped: base)
    #expect(
      lifted.remedies == [
        "To show it: hide = [\"!~/Pictures\"] under [files], and read = [\"~/Pictures\"] under [files]."
      ])
    let option = OptionSetting(key: "files.hide", text: "~/src", option: "--hide")
    let given = try ask("~/src", "extends = [\"base\"]", shipped: base, options: [option])
    #expect(given.word == .hidden && given.origins == [.option("--hide")])
    #expect(given.remedies.first?.contains("leave out --hide ~/src") == true, "\(given)")
  }

  @Test func changesThatAreThrownAwayAreToldAndCanBeKept() throws {
    let answer = try ask("~/src", "[files]\nhome = \"overlay\"")
    #expect(answer.text.contains("thrown away") && answer.word == .writable)
    #expect(answer.remedies.first?.contains("write = [\"~/src\"]") == true, "\(answer)")
  }

  @Test func namesAreQuotedForTheShell() throws {
    #expect(commandLineWord("~/a b") == "'~/a b'")
    #expect(commandLineWord("/x:y") == "'/x\\:y'")
    #expect(commandLineWord("/it's") == "'/it'\\''s'")
    #expect(commandLineWord("~/x.y-z_0") == "~/x.y-z_0")
  }

  // MARK: - Everything else

  @Test(arguments: [
    ("tcp:443", "", Answer.Word.refused, "no network", "mode = \"host\""),
    ("tcp:443", "[network]\nmode = \"host\"", .allowed, "no port of it is refused", ""),
    ("tcp:x.org:443", "[network]\nmode = \"host\"\n[landlock]\nconnect-tcp = [443]", .allowed, "among those", ""),
    (
      "tcp:80", "[network]\nmode = \"host\"\n[landlock]\nconnect-tcp = [443]", .refused, "not among",
      "connect-tcp = [80, 443]"
    ),
    ("tcp:127.0.0.1:80", "[network]\nmode = \"private\"", .refused, "this machine", ""),
    ("tcp:example.org:80", "[network]\nmode = \"private\"", .allowed, "", ""),
    ("syscall:ptrace", "", .refused, "EPERM, by preset \"desktop\"", "allow = [\"ptrace\"]"),
    ("syscall:ptrace", "[seccomp]\npreset = \"devel\"", .allowed, "preset \"devel\" lets it through", ""),
    ("syscall:ptrace", "[seccomp]\nallow = [\"ptrace\"]", .allowed, "allow lets it through", ""),
    ("syscall:sync", "[seccomp]\ndeny = [\"sync\"]", .refused, "as deny says", ""),
    ("syscall:clone3", "", .refused, "ENOSYS, as if the kernel did not have it", ""),
    ("syscall:ioctl", "", .partly, "for some arguments", "allow = [\"ioctl\"]"),
    ("syscall:socket", "", .partly, "", ""),
    ("syscall:read", "", .allowed, "lets it through", ""),
    ("syscall:bpf", "[seccomp]\npreset = \"none\"", .allowed, "there is no filter", ""),
    ("syscall:arm_sync_file_range", "", .refused, "this processor has no such call", ""),
    (
      "bus:org.example.App", "", .refused, "no session bus inside at all",
      "talk = [\"org.example.App\"] under [bus.session]."
    ),
    ("bus:system:org.bluez", "[bus.session]\ntalk = [\"org.bluez\"]", .refused, "no system bus", "[bus.system]"),
    ("bus:org.example.App", "[bus.session]\ntalk = [\"org.example.*\"]", .allowed, "call everything", ""),
    ("bus:org.example", "[bus.session]\nown = [\"org.example.*\"]", .allowed, "answer under this name", ""),
    ("bus:org.examples.App", "[bus.session]\ntalk = [\"org.example.*\"]", .refused, "does not even see", ""),
    ("bus:session:org.a.B", "[bus.session]\nsee = [\"org.a.B\"]", .refused, "only whether it is there", "talk"),
    (
      "bus:org.a.B", "[bus.session]\ncall = { \"org.a.B\" = [\"org.a.*@/*\"] }", .partly,
      "the calls that the rules name", ""
    ),
    ("bus:org.freedesktop.DBus", "[bus.session]", .allowed, "the bus itself", ""),
  ])
  func reach(question: String, text: String, word: Answer.Word, words: String, remedy: String) throws {
    let answer = try ask(question, text)
    #expect(answer.word == word && answer.text.contains(words), "\(answer)")
    #expect(remedy.isEmpty || answer.remedies.contains { $0.contains(remedy) }, "\(answer)")
  }

  @Test func whatIsNotEnforcedHereIsSaid() throws {
    let text = "optional = [\"landlock\"]\n[network]\nmode = \"host\"\n[landlock]\nconnect-tcp = [443]"
    let answer = try ask("tcp:80", text, landlockABI: 3)
    #expect(answer.word == .allowed && answer.notes.contains { $0.contains("cannot enforce it") }, "\(answer)")
  }

  /// The answer is the filter's: what a rule without a test is about never works, and what no rule names always does.
  @Test(arguments: Seccomp.Preset.allCases) func callsAgreeWithTheFilter(preset: Seccomp.Preset) throws {
    let (profile, plan, host) = try started("[seccomp]\npreset = \"\(preset.rawValue)\"")
    let rules = try filterRules(plan.seccomp)
    var questioner = Questioner(Prospect(profile, plan, on: host))
    for call in SystemCall.all where call.number(on: .native) != nil {
      let word = try questioner.answer(.call(call.name), asked: call.name).word
      let own = rules.filter { $0.call == call.name }
      let expected: Answer.Word =
        own.isEmpty ? .allowed : own.contains { $0.test == nil } ? .refused : .partly
      #expect(word == expected, "\(call.name) in \(preset)")
    }
  }

  @Test(arguments: [
    ("syscall:ptrce", "unknown system call \"ptrce\"", "did you mean \"ptrace\"?"),
    ("syscall:", "no system call is named", "for example syscall:ptrace"),
    ("syscal:read", "unknown kind of question in \"syscal:read\"", "did you mean \"syscall:\"?"),
    ("tcp:", "\"\" is no port", "tcp:443"), ("tcp:0", "is no port", ""), ("tcp:65536", "is no port", ""),
    ("tcp::443", "is no port", ""), ("tcp:0443", "is no port", ""),
    ("bus:nodots", "is no name of a bus", ""), ("bus:org..x", "is no name of a bus", ""),
    ("bus:org.1x", "is no name of a bus", ""), ("bus:system:", "is no name of a bus", ""),
    ("xdg-music", "cannot explain xdg-music: xdg-music is not set", ""), ("", "the path is empty", ""),
    ("/a/../b", "\"..\" component", ""),
  ])
  func whatIsNoQuestionIsRefused(question: String, message: String, hint: String) throws {
    let error = #expect(throws: Diagnostic.self) { try ask(question) }
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    #expect(hint.isEmpty || error?.hint?.contains(hint) == true, "\(String(describing: error))")
  }
}
