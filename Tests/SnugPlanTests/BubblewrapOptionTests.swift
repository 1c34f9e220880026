import Testing

@testable import SnugPlan

/// An option in its good form, and what it makes of an empty request.
private struct Row: Sendable, CustomTestStringConvertible {
  var line: String
  var change: @Sendable (inout BubblewrapRequest) -> Void
  var testDescription: String { line }

  init(_ line: String, _ change: @escaping @Sendable (inout BubblewrapRequest) -> Void) {
    self.line = line
    self.change = change
  }

  init(_ line: String, makes operations: BubblewrapRequest.Operation...) {
    self.init(line) { $0.operations = operations }
  }
}

private let rows: [Row] = [
  Row("--") { _ in },
  Row("--args 7") { $0.newSession = true },
  Row("--argv0 -sh") { $0.argumentZero = Array("-sh".utf8) },
  Row("--level-prefix") { $0.usesLevelPrefix = true },
  Row("--unshare-all") {
    $0.userNamespace = .ifPossible
    $0.unshareIPC = true
    $0.unsharePID = true
    $0.unshareNetwork = true
    $0.unshareUTS = true
    $0.unshareCgroupIfPossible = true
  },
  Row("--unshare-net --share-net") { _ in },
  Row("--share-net --unshare-net") { $0.unshareNetwork = true },
  Row("--unshare-user") { $0.userNamespace = .always },
  Row("--unshare-user-try") { $0.userNamespace = .ifPossible },
  Row("--unshare-user --unshare-user-try") { $0.userNamespace = .always },
  Row("--unshare-user-try --unshare-user") { $0.userNamespace = .always },
  Row("--unshare-ipc") { $0.unshareIPC = true },
  Row("--unshare-pid") { $0.unsharePID = true },
  Row("--unshare-net") { $0.unshareNetwork = true },
  Row("--unshare-uts") { $0.unshareUTS = true },
  Row("--unshare-cgroup") { $0.unshareCgroup = true },
  Row("--unshare-cgroup-try") { $0.unshareCgroupIfPossible = true },
  Row("--userns 0") { $0.userNamespaceDescriptor = 0 },
  Row("--userns2 0") { $0.secondUserNamespaceDescriptor = 0 },
  Row("--disable-userns --unshare-user") {
    $0.disableUserNamespaces = true
    $0.userNamespace = .always
  },
  Row("--assert-userns-disabled") { $0.assertUserNamespacesDisabled = true },
  Row("--pidns 0") { $0.pidNamespaceDescriptor = 0 },
  Row("--uid 2147483647") { $0.uid = 2_147_483_647 },
  Row("--gid 0") { $0.gid = 0 },
  Row("--hostname box --unshare-uts") {
    $0.hostname = "box"
    $0.unshareUTS = true
  },
  Row("--chdir rel") { $0.directory = "rel" },
  Row("--clearenv") { $0.environment = [] },
  Row("--setenv B 2") { $0.environment = [Array("A=1".utf8), Array("B=2".utf8)] },
  Row("--unsetenv A") { $0.environment = [] },
  Row("--lock-file /a --lock-file /b") { $0.lockFiles = ["/a", "/b"] },
  Row("--sync-fd 3") { $0.syncDescriptor = 3 },
  Row("--bind a b", makes: .bind(source: "a", target: "b", access: .writable, skipsMissing: false)),
  Row("--bind-try a b", makes: .bind(source: "a", target: "b", access: .writable, skipsMissing: true)),
  Row("--dev-bind a b", makes: .bind(source: "a", target: "b", access: .device, skipsMissing: false)),
  Row("--dev-bind-try a b", makes: .bind(source: "a", target: "b", access: .device, skipsMissing: true)),
  Row("--ro-bind a b", makes: .bind(source: "a", target: "b", access: .readOnly, skipsMissing: false)),
  Row("--ro-bind-try a b", makes: .bind(source: "a", target: "b", access: .readOnly, skipsMissing: true)),
  Row("--bind-fd 3 /d", makes: .bindDescriptor(3, target: "/d", access: .writable)),
  Row("--ro-bind-fd 3 /d", makes: .bindDescriptor(3, target: "/d", access: .readOnly)),
  Row("--remount-ro /", makes: .remountReadOnly(target: "/")),
  Row(
    "--overlay-src a --overlay-src b --overlay c d /e",
    makes: .overlay(sources: ["a", "b"], upper: "c", work: "d", target: "/e")),
  Row("--overlay-src a --tmp-overlay /e", makes: .temporaryOverlay(sources: ["a"], target: "/e")),
  Row(
    "--overlay-src a --overlay-src b --ro-overlay /e", makes: .readOnlyOverlay(sources: ["a", "b"], target: "/e")),
  Row(
    "--overlay-src a --tmp-overlay /b --overlay-src c --tmp-overlay /d",
    makes: .temporaryOverlay(sources: ["a"], target: "/b"), .temporaryOverlay(sources: ["c"], target: "/d")),
  Row("--proc /proc", makes: .proc(target: "/proc")),
  Row("--dev /dev", makes: .dev(target: "/dev")),
  Row("--mqueue /q", makes: .mqueue(target: "/q")),
  Row("--tmpfs /t", makes: .tmpfs(target: "/t", mode: 0o755, size: nil)),
  Row("--perms 1777 --tmpfs /t", makes: .tmpfs(target: "/t", mode: 0o1777, size: nil)),
  Row("--size 4096 --tmpfs /t", makes: .tmpfs(target: "/t", mode: 0o755, size: 4096)),
  Row("--size 010 --perms 7 --tmpfs /t", makes: .tmpfs(target: "/t", mode: 7, size: 8)),
  Row("--perms 7 --size 0xfF --tmpfs /t", makes: .tmpfs(target: "/t", mode: 7, size: 255)),
  Row(
    "--size 9223372036854775807 --tmpfs /t --tmpfs /u",
    makes: .tmpfs(target: "/t", mode: 0o755, size: 9_223_372_036_854_775_807),
    .tmpfs(target: "/u", mode: 0o755, size: nil)),
  Row("--dir /d", makes: .directory(target: "/d", mode: 0o755)),
  Row(
    "--perms 0700 --dir /d --dir /e", makes: .directory(target: "/d", mode: 0o700),
    .directory(target: "/e", mode: 0o755)),
  Row("--file 3 /f", makes: .file(descriptor: 3, target: "/f", mode: 0o666)),
  Row("--perms 07777 --file 3 /f", makes: .file(descriptor: 3, target: "/f", mode: 0o7777)),
  Row("--bind-data 3 /f", makes: .bindData(descriptor: 3, target: "/f", mode: 0o600, access: .writable)),
  Row("--perms 0 --bind-data 3 /f", makes: .bindData(descriptor: 3, target: "/f", mode: 0, access: .writable)),
  Row("--ro-bind-data 3 /f", makes: .bindData(descriptor: 3, target: "/f", mode: 0o600, access: .readOnly)),
  Row(
    "--perms 644 --ro-bind-data 3 /f",
    makes: .bindData(descriptor: 3, target: "/f", mode: 0o644, access: .readOnly)),
  Row("--symlink ../to /at", makes: .symlink(to: "../to", target: "/at")),
  Row("--chmod 0755 /d", makes: .changeMode(0o755, target: "/d")),
  Row("--seccomp 3") { $0.filterDescriptors = [3] },
  Row("--add-seccomp-fd 4 --add-seccomp-fd 3 --add-seccomp-fd 4") { $0.filterDescriptors = [4, 3, 4] },
  Row("--exec-label x") { $0.executionLabel = "x" },
  Row("--file-label x") { $0.fileLabel = "x" },
  Row("--block-fd 3") { $0.blockDescriptor = 3 },
  Row("--userns-block-fd 3 --unshare-user --info-fd 4") {
    $0.userNamespaceBlockDescriptor = 3
    $0.userNamespace = .always
    $0.infoDescriptor = 4
  },
  Row("--info-fd 3") { $0.infoDescriptor = 3 },
  Row("--json-status-fd 2147483647") { $0.statusDescriptor = 2_147_483_647 },
  Row("--new-session --new-session") { $0.newSession = true },
  Row("--die-with-parent") { $0.diesWithParent = true },
  Row("--as-pid-1 --unshare-pid") {
    $0.isFirstProcess = true
    $0.unsharePID = true
  },
  Row("--cap-add ALL --cap-drop all --cap-add CAP_CHOWN --cap-drop cap_Checkpoint_Restore") {
    $0.capabilityChanges = [.addAll, .dropAll, .add(0), .drop(40)]
  },
  Row("--cap-add 5 --cap-drop 0x3f --cap-add 010") { $0.capabilityChanges = [.add(5), .drop(63), .add(8)] },
  Row("--close-fds") { $0.closesDescriptors = true },
]

@Suite struct BubblewrapOptionTests {
  @Test(arguments: rows) private func goodForm(_ row: Row) {
    var caller = ordinaryCaller
    caller.supportsLabels = true
    var expected = BubblewrapRequest()
    expected.environment = [Array("A=1".utf8)]
    expected.command = [Array("true".utf8)]
    row.change(&expected)
    let answer = requestOf(
      split(row.line), data: [7: "--new-session"], environment: ["A=1"], caller: caller)
    #expect(answer == expected)
  }

  @Test func everyOptionHasARow() {
    let met = Set(rows.flatMap { split($0.line) })
    let missing = Set(bubblewrapOptions.keys).subtracting(met).subtracting(["--help", "--version"])
    #expect(missing.isEmpty, "\(missing)")
    // 68 of bubblewrap and one of ours.
    #expect(bubblewrapOptions.count == 69)
    #expect(bubblewrapOptionGroups.flatMap(\.options).count == 69)
  }

  @Test func operationsKeepTheirOrder() {
    let request = requestOf(split("--dir /a --ro-bind b /a/b --chmod 700 /a --dir /a"))
    #expect(
      request?.operations == [
        .directory(target: "/a", mode: 0o755),
        .bind(source: "b", target: "/a/b", access: .readOnly, skipsMissing: false),
        .changeMode(0o700, target: "/a"), .directory(target: "/a", mode: 0o755),
      ])
  }

  @Test func optionsEndAtTheCommand() {
    func command(_ words: [String]) -> [String]? {
      guard case .run(let request, []) = parse(words) else { return nil }
      return request.command.map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(command(["sh", "--help", "-c"]) == ["sh", "--help", "-c"])
    #expect(command(["--", "--", "x"]) == ["--", "x"])
    #expect(command(["--", "-x"]) == ["-x"])
    #expect(command(["--unshare-ipc", "", "x"]) == ["", "x"])
    // Nothing follows these that they could be for; bubblewrap takes that too.
    #expect(command(["--perms", "0700", "x"]) == ["x"])
    #expect(command(["--size", "5", "--", "x"]) == ["x"])
  }

  @Test func helpAndVersionComeAtOnce() {
    #expect(parse(["--help", "--nonsense"]) == .help([]))
    #expect(parse(["--version"]) == .version([]))
    #expect(parse(["--args", "7", "true"], data: [7: "--version\0--nonsense"]) == .version([]))
    #expect(parse(["--args", "7", "true"], data: [7: "--help"]) == .help([]))
    let warning = "bwrap: Only the last --chdir option will take effect"
    #expect(parse(split("--chdir / --chdir / --version")) == .version([warning]))
    #expect(parse(split("--chdir / --chdir / --help")) == .help([warning]))
  }

  @Test func helpNamesEveryOption() {
    let lines = bubblewrapHelp.split(separator: "\n")
    #expect(lines.first?.hasPrefix("usage: bwrap ") == true)
    for (name, option) in bubblewrapOptions {
      let call = option.arguments.isEmpty ? name : name + " " + option.arguments
      let count = lines.count { $0.hasPrefix("  \(call)  ") && $0.hasSuffix("  " + option.summary) }
      #expect(count == 1, "\(name)")
    }
    #expect(lines.allSatisfy { $0.count <= 120 })
    #expect(bubblewrapHelp.hasSuffix("\n"))
  }

  @Test func versionBeginsAsCallersCompareIt() {
    #expect(
      bubblewrapVersionText(snug: "1.2.3")
        == "bubblewrap 0.11.1\nsnug 1.2.3, takes the options of bubblewrap 0.11.1\n")
  }

  @Test func everyCapabilityHasItsNumber() {
    #expect(capabilityNumber(Array("CAP_SYS_ADMIN".utf8)) == 21)
    #expect(capabilityNumber(Array("cap_setfcap".utf8)) == 31)
    #expect(capabilityNumber(Array("cap_mac_override".utf8)) == 32)
    #expect(capabilityNumber(Array("cap_bpf".utf8)) == 39)
    for word in ["", "chown", "cap_", "cap_chow", "cap_chown,cap_kill", "64", "5x", "08", "+5", "-1", " 5"] {
      #expect(capabilityNumber(Array(word.utf8)) == nil, "\(word)")
    }
  }

  /// Words, values and the environment are the caller's bytes.
  @Test func bytesAreKept() {
    let odd: [UInt8] = [0xff, 0x0a, 0x80]
    let words = [Array("--argv0".utf8), odd, Array("--setenv".utf8), Array("V".utf8), odd, odd, odd]
    guard case .run(let request, []) = parseBytes(words) else {
      Issue.record("refused")
      return
    }
    #expect(request.argumentZero == odd)
    #expect(request.environment == [Array("V=".utf8) + odd])
    #expect(request.command == [odd, odd])
  }
}
