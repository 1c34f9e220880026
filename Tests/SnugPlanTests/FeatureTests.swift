import SnugProfile
import TestSupport
import Testing

@testable import SnugPlan

struct X11Tests {
  static let asked = "[desktop]\nx11 = true"

  /// libxcb goes on to the socket with a file only where nobody has the abstract one.
  @Test func overTheHostsNetworkTheDisplayHasANumberOfItsOwn() throws {
    let tree = debian()
    tree.put("/home/anna/.Xauthority", .file(xauthority, isExecutable: false))
    let host = Self.asked + "\n[network]\nmode = \"host\""
    let plan = try SnugPlanTests.plan(host, on: tree)
    #expect(plan.variables["DISPLAY"] == ":1000")
    #expect(plan.lines(at: "/tmp/.X11-unix/X1000") == ["bind /tmp/.X11-unix/X0 read-only"])
    let cookies = plan.ops.compactMap { planned -> [XauthorityEntry]? in
      guard case .file(let file) = planned.op, file.target == "/run/snug/Xauthority" else { return nil }
      return readXauthority(file.content)
    }
    #expect(cookies.first?.map { String(decoding: $0.number, as: UTF8.self) } == ["1000"])
    // Where nothing refuses the abstract one, it is the display's own number that works.
    let open = try SnugPlanTests.plan(host + "\n[landlock]\nscope = [\"!abstract-unix-socket\"]", on: tree)
    #expect(open.variables["DISPLAY"] == ":0")
  }

  @Test func oneSocketAndOneCookie() throws {
    let tree = debian()
    let other = XauthorityEntry(
      family: XauthorityEntry.local, address: Array("barn".utf8), number: Array("0".utf8), name: [1], data: [2])
    tree.put("/home/anna/.Xauthority", .file(other.bytes + xauthority, isExecutable: false))
    let plan = try plan(Self.asked, on: tree)
    #expect(plan.lines(at: "/tmp/.X11-unix/X0") == ["bind /tmp/.X11-unix/X0 read-only"])
    #expect(plan.lines(at: "/etc/X11") == ["bind /etc/X11 read-only"])
    #expect(plan.variables["DISPLAY"] == ":0")
    #expect(plan.variables["XAUTHORITY"] == "/run/snug/Xauthority")
    let placed = plan.ops.compactMap { op -> File? in
      if case .file(let file) = op.op, file.target == "/run/snug/Xauthority" { file } else { nil }
    }
    #expect(placed.map(\.mode) == [0o600])
    // Inside, the machine has another name.
    #expect(placed.flatMap { readXauthority($0.content) }.map(\.family) == [XauthorityEntry.wild])
    #expect(placed.flatMap { readXauthority($0.content) }.map(\.data) == [Array(repeating: 7, count: 16)])
  }

  @Test func noCookieIsFine() throws {
    let plan = try plan(Self.asked)
    #expect(plan.variables["XAUTHORITY"] == nil)
    #expect(plan.lines(at: "/run/snug/Xauthority") == [])
  }

  @Test(
    arguments: [
      (":0", 0, nil), (":10.1", 10, 1), ("unix:3", 3, nil), ("mill/unix:2.0", 2, 0), ("localhost:10.0", -1, nil),
      ("mill:0", -1, nil), ("", -1, nil), (":", -1, nil), (":x", -1, nil), (":0.", -1, nil), (":0.1.2", -1, nil),
      (":999999", -1, nil), (":-1", -1, nil),
    ] as [(String, Int, Int?)])
  func displays(text: String, number: Int, screen: Int?) {
    let display = localDisplay(text)
    #expect((display?.number ?? -1) == number)
    #expect(display?.screen == screen)
  }

  @Test func displayOfAnotherMachineIsRefused() throws {
    let tree = debian()
    var host = anna(tree)
    host.environment = [("DISPLAY", Array("localhost:10.0".utf8))]
    let profile = try profile("version = 1\n" + Self.asked, for: host)
    #expect(throws: CompileError.self) { try compile(profile, for: host, ProgramRequest(needsProgram: false)) }
    host.environment = [("DISPLAY", Array(":7".utf8))]
    #expect(throws: CompileError.self) { try compile(profile, for: host, ProgramRequest(needsProgram: false)) }
    host.environment = []
    #expect(throws: CompileError.self) { try compile(profile, for: host, ProgramRequest(needsProgram: false)) }
  }

  @Test func cutOffAuthorityFilesAreRead() {
    for count in 0..<xauthority.count { #expect(readXauthority(Array(xauthority.prefix(count))) == []) }
    #expect(readXauthority(xauthority + xauthority.prefix(5)).count == 1)
  }
}

struct EnvironmentTests {
  @Test func nothingEntersUnasked() throws {
    let plan = try plan("")
    #expect(
      plan.environment.map(\.name) == ["HOME", "LOGNAME", "PATH", "PWD", "SHELL", "USER", "XDG_RUNTIME_DIR"])
  }

  @Test func keepSetAndUnset() throws {
    let plan = try plan(
      """
      [environment]
      keep = ["LANG", "BYTES", "NOT_SET", "SECRET"]
      set = { LANG = "C", EXTRA = "a b" }
      unset = ["SECRET", "SHELL"]
      """)
    #expect(plan.variables["LANG"] == "C")
    #expect(plan.variables["EXTRA"] == "a b")
    #expect(plan.environment.first { $0.name == "BYTES" }?.value == [0x66, 0xff])
    for absent in ["NOT_SET", "SECRET", "SHELL"] { #expect(plan.variables[absent] == nil) }
    #expect(plan.environment.map(\.name) == plan.environment.map(\.name).sorted())
  }

  @Test func aKeptVariableDoesNotUndoAFeature() throws {
    let plan = try plan("[desktop]\nx11 = true\n[environment]\nkeep = [\"DISPLAY\"]")
    #expect(plan.variables["DISPLAY"] == ":0")
    #expect(plan.environment.first { $0.name == "DISPLAY" }?.origin.line == 3)
  }
}

struct LandlockTests {
  @Test func rulesOnTheFinalTree() throws {
    let rules = try plan("[files]\nwrite = [{ path = \"/opt/app\" }]").landlock.rules
    func rights(_ path: String) -> [LandlockRule.Rights] { rules.filter { $0.path == path }.map(\.rights) }
    #expect(rights("/") == [.read])
    #expect(rights("/proc") == [.modify])
    #expect(rights("/dev") == [.device])
    for writable in ["/dev/shm", "/tmp", "/var/tmp", "/run", "/home/anna", "/opt/app"] {
      #expect(rights(writable) == [.write], "\(writable)")
    }
    // What stands below a writable place needs no rule of its own.
    #expect(rights("/run/user/1000") == [])
    #expect(rights("/usr") == [])
  }

  @Test func hostRootNamesEachPart() throws {
    let rules = try plan("[files]\nroot = \"host\"").landlock.rules
    #expect(!rules.contains { $0.path == "/" })
    #expect(rules.contains(LandlockRule(path: "/usr", rights: .read)))
    #expect(rules.contains(LandlockRule(path: "/proc", rights: .read)))
    #expect(rules.contains(LandlockRule(path: "/proc", rights: .modify)))
  }

  @Test func nestedHasNoFileRules() throws {
    #expect(try plan("[seccomp]\npreset = \"nested\"").landlock.files == false)
    #expect(try plan("[seccomp]\npreset = \"nested\"\n[landlock]\nfiles = true").landlock.files)
  }

  @Test(
    arguments: [
      (0, ["landlock.files", "landlock.connect-tcp", "landlock.scope"], false, 0),
      (2, ["landlock.files", "landlock.connect-tcp", "landlock.scope"], true, 2),
      (3, ["landlock.connect-tcp", "landlock.scope"], true, 3),
      (4, ["landlock.scope"], true, 4), (6, [], true, 6), (7, [], true, 7),
    ] as [(Int, [String], Bool, Int)])
  func olderKernels(abi: Int, missing: [String], files: Bool, used: Int) throws {
    let text = "[landlock]\nconnect-tcp = [443]"
    let plan = try plan(text, landlockABI: abi)
    #expect(plan.notEnforced == missing)
    #expect(plan.landlock.files == files)
    #expect(plan.landlock.abi == used)
    #expect((plan.landlock.connectTCP != nil) == (abi >= 4))
    #expect(plan.landlock.scope.isEmpty == (abi < 6))
    let failed = try problem("optional = [\"!landlock\"]\n" + text, landlockABI: abi)
    #expect(failed.status == (missing.isEmpty ? 0 : 125))
    for key in missing { #expect(failed.text.contains("cannot enforce \(key): it needs landlock ABI")) }
  }
}

struct ExactOpTests {
  @Test func orderIsKeptAndHidingIsTold() throws {
    let plan = try plan(
      """
      [[files.op]]
      op = "tmpfs"
      target = "/home"
      size = "10%"
      [[files.op]]
      op = "directory"
      target = "/home/new"
      [[files.op]]
      op = "bind"
      host = "/opt/app"
      target = "/home/new"
      access = "writable"
      """)
    #expect(plan.ops.suffix(4).map { $0.op.target } == ["/home", "/home/new", "/home/new", "/"])
    let names = plan.hidden.map { (plan.ops[$0.index].op.target, plan.ops[$0.by].op.target) }
    #expect(names.map(\.0) == ["/home/anna", "/home/new"])
    #expect(names.map(\.1) == ["/home", "/home/new"])
    if case .tmpfs(let tmpfs) = plan.ops[plan.ops.count - 4].op {
      #expect(tmpfs.size == (8 << 30) / 100 * 10)
    } else {
      Issue.record("no tmpfs")
    }
    // The home that a rule would name is gone.
    #expect(!plan.landlock.rules.contains { $0.path == "/home/anna" })
    #expect(plan.process.workingDirectory == "/")
  }

  @Test func rootOfTheUsersOwnIsLeftAsItIs() throws {
    let plan = try plan("[files]\nroot = \"empty\"\n[[files.op]]\nop = \"tmpfs\"\ntarget = \"/\"")
    #expect(plan.ops.map(\.op.name) == ["tmpfs"])
  }

  @Test func overlays() throws {
    func overlay(_ keys: String) -> String { "[[files.op]]\nop = \"overlay\"\ntarget = \"/o\"\n" + keys }
    #expect(try plan(overlay("lower = [\"/opt/app\", \"/srv\"]")).lines(at: "/o") == ["overlay /opt/app:/srv"])
    #expect(try plan(overlay("lower = [\"/opt/app\"]\nsize = \"1M\"")).lines(at: "/o") == ["overlay /opt/app"])
    #expect(try problem(overlay("lower = [\"/nowhere\", \"/srv\"]")).text.contains("/nowhere: No such file"))
    #expect(try problem(overlay("lower = [\"/etc/passwd\", \"/srv\"]")).text.contains("Not a directory"))
  }

  @Test(arguments: [
    ("op = \"bind\"\nhost = \"/dev/kvm\"\ntarget = \"/k\"", "set access = \"device\""),
    ("op = \"bind\"\nhost = \"/dev/sda\"\ntarget = \"/k\"\naccess = \"device\"", "it is a block device"),
    ("op = \"bind\"\nhost = \"~/pipe\"\ntarget = \"/k\"", "it is a fifo"),
    ("op = \"bind\"\nhost = \"/nowhere\"\ntarget = \"/k\"", "cannot bind /nowhere on /k: No such file"),
    ("op = \"file\"\ntext = \"x\"\ntarget = \"/proc/self/x\"", "/proc is the kernel's"),
  ])
  func refused(keys: String, why: String) throws {
    let failed = try problem("[[files.op]]\n" + keys)
    #expect(failed.text.contains(why), "\(failed.text)")
  }

  @Test func deviceNodes() throws {
    let plan = try plan("[devices]\nnodes = [\"/dev/kvm\"]")
    #expect(plan.lines(at: "/dev/kvm") == ["bind /dev/kvm device"])
    #expect(plan.lines(at: "/dev") == ["dev", "remount"])
    #expect(try problem("[devices]\nnodes = [\"/dev/sda\"]").text.contains("it is a block device"))
    #expect(try problem("[devices]\nnodes = [\"/dev/none\"]").text.contains("No such file"))
  }
}

struct ProgramTests {
  private func words(_ words: String...) -> ProgramRequest {
    ProgramRequest(command: words.map { Array($0.utf8) })
  }

  @Test func foundByPath() throws {
    #expect(try plan("", words("true", "-x")).words == ["true", "-x"])
    #expect(try plan("", words("true", "-x")).executable == "/usr/bin/true")
    #expect(try plan("", words("vim")).words == ["vim"])
    #expect(try plan("", words("vim")).executable == "/usr/bin/vim", "not where its link leads: it goes by its name")
    #expect(try plan("", words("/bin/true")).words == ["/bin/true"])
    let appended = ProgramRequest(arguments: [[0x61]])
    #expect(try plan("programs = [\"nope\", \"xterm\"]", appended).words == ["xterm", "a"])
    #expect(try plan("command = [\"git\", \"status\"]", appended).words == ["git", "status", "a"])
  }

  @Test func relativeToTheWorkingDirectory() throws {
    let tree = debian()
    tree.program("/home/anna/src/demo/a.out")
    let text = "[files]\nwrite = [\".\"]"
    let plan = try plan(text, on: tree, in: "/home/anna/src/demo", words("./a.out"))
    #expect(plan.words == ["/home/anna/src/demo/a.out"])
  }

  @Test func exitStatuses() throws {
    let absent = try problem("", words("nope"))
    #expect(absent.status == 127)
    #expect(absent.text == "snug: cannot run nope: it is not found inside")
    #expect(try problem("", words("/usr/bin/notes.txt")).status == 126)
    #expect(try problem("", words("/usr/bin")).status == 126)
    #expect(try problem("", words("notes.txt")).status == 126)
    #expect(try problem("", words("")).status == 127)
    #expect(try problem("programs = [\"one\", \"two\"]", ProgramRequest()).status == 127)
    let none = try problem("", ProgramRequest())
    #expect(none.status == 125)
    #expect(none.text.contains("hint: snug run -p test -- COMMAND"))
  }

  @Test func hiddenProgramsAreNotFound() throws {
    let tree = debian()
    tree.program("/home/anna/bin/tool")
    let absent = try problem("", on: tree, words("tool"))
    #expect(absent.status == 127)
    #expect(absent.text.contains("--read /home/anna/bin/tool"))
    #expect(try problem("[files]\nhide = [\"/usr/bin/make\"]", words("make")).status == 127)
  }

  @Test func onlyThePlanNeedsNoProgram() throws {
    let plan = try plan("programs = [\"nope\"]")
    #expect(plan.command == [])
    #expect(plan.skipped.map(\.reason) == ["program not found"])
  }
}

struct OutputTests {
  @Test func jsonHasTheContractKeys() throws {
    let tree = debian()
    tree.directory("/opt/\u{1b}[2J\u{202e}x")
    var host = anna(tree)
    host.environment.append(("BAD", [0x1b, 0xff]))
    let profile = try profile(
      "version = 1\n[files]\nread = [\"/opt\"]\n[environment]\nkeep = [\"BAD\"]", for: host)
    let plan = try compile(profile, for: host, ProgramRequest(needsProgram: false))
    guard case .object(let members) = plan.json(instructions: 9) else {
      Issue.record("no object")
      return
    }
    let keys = Set(members.map(\.key))
    #expect(
      keys.isSuperset(of: [
        "version", "namespaces", "ops", "skipped", "seccomp", "landlock", "environment", "bus", "process", "command",
        "not-enforced",
      ]))
    let line = plan.json(instructions: 9).line
    let bind =
      "\"op\":\"bind\",\"target\":\"/opt\",\"host\":\"/opt\",\"access\":\"read-only\","
      + "\"origin\":{\"file\":\"/profiles/test.toml\",\"line\":3}"
    #expect(line.contains(bind))
    #expect(line.contains("\"instructions\":9"))
    #expect(line.contains("\"name\":\"BAD\",\"value\":\"\\\\x1b\\\\xff\""))
    #expect(!line.utf8.contains { $0 < 0x20 })
  }

  @Test func jsonEscapes() {
    #expect(JSON.text("a\"\\\n\u{1}\u{9b}é").line == "\"a\\\"\\\\\\n\\u0001\\u009bé\"")
    #expect(JSON.object([.init("a", .list([.integer(-1), .null, .boolean(true)]))]).line == "{\"a\":[-1,null,true]}")
    #expect(JSON.list([.object([.init("a", .number(1))])]).pretty == "[\n  {\"a\": 1}\n]")
  }
}
