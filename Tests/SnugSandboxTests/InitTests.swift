import SnugPlan
import SnugProfile
import SnugSandbox
import TestSupport
import Testing

/// A plan with one op of every kind.
private func samplePlan() -> Plan {
  let origin = Origin(file: "sample.toml", line: 7, column: 3)
  func source(_ path: String, _ type: FileType = .directory) -> Source {
    Source(path: path, written: path, type: type, identity: nil)
  }
  let ops: [Op] = [
    .bind(Bind(source: source("/usr"), target: "/usr", access: .readOnly)),
    .symlink(Symlink(target: "/bin", to: "usr/bin")),
    .proc(Proc(target: "/proc")), .dev(Dev(target: "/dev", mqueue: true)),
    .tmpfs(Tmpfs(target: "/tmp", size: 1 << 20, mode: 0o1777)),
    .directory(Directory(target: "/var/lib/app", mode: 0o700)),
    .file(File(target: "/etc/passwd", content: Array("root:x:0:0::/:/bin/sh\n".utf8))),
    .overlay(Overlay(target: "/opt/game", lower: [source("/opt/game")], size: 4 << 20)),
    .overlay(Overlay(target: "/opt/two", lower: [source("/opt/game"), source("/usr")], access: .readOnly)),
    .overlay(
      Overlay(
        target: "/opt/kept", lower: [source("/usr")], upper: source("/home/u/upper"), work: source("/home/u/work"))),
    .bind(Bind(source: source("/home/u/file", .file), target: "/home/u/file", access: .writable)),
    .mqueue(Mqueue(target: "/mq")), .remount(Remount(target: "/")),
  ]
  return Plan(
    namespaces: Namespace.allCases, ops: ops.map { PlannedOp($0, from: origin) },
    seccomp: SeccompPolicy(preset: .desktop),
    landlock: LandlockPolicy(
      abi: 7, scope: [.signal], files: true,
      rules: [LandlockRule(path: "/", rights: .read), LandlockRule(path: "/home/u/file", rights: .write)],
      connectTCP: [443]),
    environment: [],
    process: ProcessPolicy(
      uid: 1000, gid: 1000, hostname: "snug", workingDirectory: "/", umask: 0o22, nice: 0, terminal: .auto,
      adoptWait: .milliseconds(5000), stopWait: .milliseconds(10000), cancelSignal: 15,
      limits: [ResourceLimit(.core, 0)]),
    executable: "/usr/bin/true", command: [Array("true".utf8)], id: "snug.sample", profile: "sample",
    asserts: [
      .hidden(.init(path: "/home/u/.ssh", written: "~/.ssh")), .readable(.init(path: "/usr", written: "/usr")),
      .writable(.init(path: "/tmp", written: "/tmp")), .network(false),
    ].map { PlannedAssert(claim: $0, origin: origin) })
}

private func makeKernel() -> RecordingKernel {
  RecordingKernel(host: [
    "/usr": .directory, "/opt/game": .directory, "/home/u/file": .file, "/home/u/upper": .directory,
    "/home/u/work": .directory,
  ])
}

private func runInit(_ kernel: RecordingKernel, _ plan: Plan = samplePlan()) throws(SetupError) {
  var host: [Namespace: String] = [:]
  for namespace in Namespace.allCases { host[namespace] = "host" }
  let terminal = CommandTerminal(
    streams: [0, 1, 2], modes: [UInt8](repeating: 0, count: 44), size: [24, 80, 0, 0], startsInForeground: true)
  let setup = InitSetup(
    plan: plan, filter: [0x7fff_0000_0000_0006], control: Descriptor(3), report: Descriptor(4), callerUID: 1000,
    callerGID: 1000,
    expectation: SelfCheck.Expectation(hostNamespaces: host, filtersBefore: 0, callerUID: 1000, callerGID: 1000),
    terminal: terminal.map { TerminalSetup($0, channel: Descriptor(5)) })
  try Init(setup, on: kernel).setUp()
}

@Suite struct InitTests {
  @Test func `a whole run makes exactly these calls in this order`() throws {
    let kernel = makeKernel()
    try runInit(kernel)
    let difference = compareGolden(kernel.calls.joined(separator: "\n") + "\n", "init.calls", beside: #filePath)
    #expect(difference == nil)
    #expect(kernel.openDescriptors == ["peer(devpts1:/ptmx)"], "what else the set-up has opened is closed")
  }

  @Test func `a terminal of the app's own is made where the plan shows none`() throws {
    var plan = samplePlan()
    plan.ops.removeAll { if case .dev = $0.op { true } else { false } }
    let kernel = makeKernel()
    try runInit(kernel, plan)
    let made = try #require(kernel.calls.firstIndex { $0.hasPrefix("fsopen devpts") })
    let opened = try #require(kernel.calls.firstIndex { $0.hasSuffix(" ptmx terminal") })
    let closed = try #require(kernel.calls.firstIndex { $0.hasPrefix("prctl PR_CAPBSET_DROP") })
    #expect(made < opened && opened < closed)
    #expect(!kernel.calls.contains { $0.hasPrefix("move_mount devpts") }, "and nobody sees it")
  }

  @Test func `each call failing in turn stops Init, and nothing is done after it`() throws {
    let whole = makeKernel()
    try runInit(whole)
    #expect(whole.calls.count > 150)
    let firstClaim = try #require(whole.calls.firstIndex(of: "open /home/u/.ssh look"))
    for index in whole.calls.indices {
      let kernel = makeKernel()
      kernel.failing = (index, 5)
      do throws(SetupError) {
        try runInit(kernel)
        Issue.record("call \(index) failed unnoticed: \(whole.calls[index])")
      } catch {
        // Claims are all tried, and each that does not hold is told.
        if index >= firstClaim {
          #expect(error.step == .tryAsserts && (error.cause.code == 5 || kernel.sent.count == 1))
          continue
        }
        #expect(kernel.calls == Array(whole.calls[...index]), "nothing after call \(index)")
        #expect(error.cause.code == 5)
        // The path of the call, or else of the op that made it, reaches the person.
        let words = whole.calls[index].split(separator: " ")
        let named = error.cause.path.isEmpty ? nil : error.cause.path
        if let named { #expect(words.contains { $0.contains(named) }, "\(whole.calls[index]) reported \(named)") }
        if whole.calls[index].hasPrefix("move_mount") && error.step == .placeOps { #expect(error.op != nil) }
        let copy = SetupError(encoded: error.encoded)
        #expect(copy == error, "the report says the same on the other side")
      }
    }
  }

  @Test(arguments: [1, 13, 12, 28, 22] as [Int32])
  func `no errno of a call opens the sandbox`(code: Int32) throws {
    let whole = makeKernel()
    try runInit(whole)
    // Best effort by design, with the reason at the call: keys without a quota, older ways to name an overlay's layers.
    // And a claim that is tried: what cannot be opened is hidden.
    let absorbed = ["keyctl", "fsconfig overlay", "open /home/u/.ssh"]
    for index in whole.calls.indices {
      let kernel = makeKernel()
      kernel.failing = (index, code)
      do throws(SetupError) {
        try runInit(kernel)
        #expect(absorbed.contains { whole.calls[index].hasPrefix($0) }, "\(whole.calls[index]) failed with \(code)")
      } catch {
        #expect(kernel.sent.isEmpty || error.step == .tryAsserts)
      }
    }
  }

  @Test func `a claim that does not hold stops Init after all claims have been tried`() throws {
    let kernel = makeKernel()
    kernel.errors["open /usr read"] = 13
    kernel.errors["open /tmp unnamed"] = 30
    do throws(SetupError) {
      try runInit(kernel)
      Issue.record("not refused")
    } catch {
      #expect(error.step == .tryAsserts && error.cause.reason == "2 of 4 do not hold")
      #expect(kernel.sent.map { Array($0.prefix(3)) } == [[0x61, 1, 0], [0x61, 2, 0]])
      #expect(
        kernel.sent.map { String(decoding: $0.dropFirst(3), as: UTF8.self) } == [
          "Permission denied", "Read-only file system",
        ])
    }
  }

  @Test func `a launcher that is gone stops Init before the maps`() {
    let kernel = makeKernel()
    kernel.launcherLives = false
    #expect(throws: SetupError.self) { try runInit(kernel) }
    #expect(kernel.calls == ["prctl PR_SET_PDEATHSIG", "close_range", "poll control"])
  }

  @Test func `more ops than descriptors are refused by name`() throws {
    let kernel = makeKernel()
    kernel.hardLimit = 70
    do throws(SetupError) {
      try runInit(kernel)
      Issue.record("not refused")
    } catch {
      #expect(error.cause.reason.contains("hard limit of open files is 70"))
    }
  }

  @Test func `a source that was swapped since the plan was made is refused`() throws {
    for (identity, type) in [(UInt64(1), FileType.directory), (0, .file)] {
      let kernel = makeKernel()
      var plan = samplePlan()
      let source = Source(
        path: "/usr", written: "/usr", type: type,
        identity: FileIdentity(deviceMajor: 0, deviceMinor: 1, inode: kernel.inode("/usr") &+ identity))
      plan.ops[0].op = .bind(Bind(source: source, target: "/usr", access: .readOnly))
      do throws(SetupError) {
        try runInit(kernel, plan)
        Issue.record("not refused")
      } catch {
        #expect(error.step == .openSources && error.op == 0)
        #expect(!kernel.calls.contains { $0.hasPrefix("open_tree host:/usr") })
      }
    }
  }

  @Test func `a keyring quota is fatal only where no filter refuses key calls`() throws {
    let kernel = makeKernel()
    kernel.errors["keyctl join session"] = 122
    try runInit(kernel)
    let other = makeKernel()
    other.errors["keyctl join session"] = 13
    #expect(throws: SetupError.self) { try runInit(other) }
  }
}
