import SnugPlan
import SnugProfile
import SnugSandbox
import TestSupport
import Testing

/// A machine with what the sample asks for; `uid` 0 is root.
private func makeHost(uid: UInt32 = 1000) -> BubblewrapHost {
  let directories: Set<String> = ["/usr", "/proc", "/home/u", "/opt/a", "/opt/b", "/opt/up", "/opt/work", "/dev/pts/3"]
  let identity = FileIdentity(deviceMajor: 0, deviceMinor: 1, inode: 0)
  return BubblewrapHost(
    uid: uid, gid: uid, umask: 0o22, workingDirectory: "/home/u", memory: 1 << 30, capabilities: { 0xff },
    allowsUserNamespaces: { true }, hasCgroupNamespaces: { true }, terminal: { nil },
    look: { path in
      // What its link says is no path.
      if path == "/proc/self/ns/user" { return .unreadable(84) }
      guard directories.contains(path) else { return .missing(link: nil) }
      let inode = path.utf8.reduce(UInt64(5381)) { ($0 &* 33) ^ UInt64($1) }
      return .exists(
        real: path, type: .directory, identity: FileIdentity(deviceMajor: 0, deviceMinor: 1, inode: inode), link: nil)
    },
    descriptor: { number in number == 9 ? .open(path: "/usr", type: .directory, identity: identity) : .unusable(9) })
}

/// Every operation and every step that options bring.
private func sampleRequest() -> BubblewrapRequest {
  var request = BubblewrapRequest()
  request.operations = [
    .bind(source: "/usr", target: "/usr", access: .readOnly, skipsMissing: false),
    .bind(source: "/missing", target: "/missing", access: .writable, skipsMissing: true),
    .bind(source: "/proc/self/ns/user", target: "/run/.userns", access: .readOnly, skipsMissing: true),
    .symlink(to: "usr/bin", target: "/bin"), .proc(target: "/proc"), .dev(target: "/dev"),
    .tmpfs(target: "/tmp", mode: 0o1777, size: 1 << 20), .mqueue(target: "/mq"),
    .directory(target: "/run/user/1000", mode: 0o700), .file(descriptor: 5, target: "/etc/hosts", mode: 0o644),
    .bindData(descriptor: 6, target: "/etc/passwd", mode: 0o600, access: .readOnly),
    .changeMode(0o600, target: "/etc/hosts"),
    .overlay(sources: ["/opt/a", "/opt/b"], upper: "/opt/up", work: "/opt/work", target: "/kept"),
    .temporaryOverlay(sources: ["/opt/a"], target: "/thrown"),
    .readOnlyOverlay(sources: ["/opt/a", "/opt/b"], target: "/both"), .remountReadOnly(target: "/"),
  ]
  request.userNamespace = .always
  request.unsharePID = true
  request.unshareNetwork = true
  request.unshareUTS = true
  request.hostname = "box"
  request.disableUserNamespaces = true
  request.secondUserNamespaceDescriptor = 7
  request.blockDescriptor = 8
  request.lockFiles = ["/etc/hosts"]
  request.capabilityChanges = [.add(3)]
  request.newSession = true
  request.diesWithParent = true
  request.environment = [Array("A=b".utf8), Array("PWD=/elsewhere".utf8)]
  request.command = [Array("true".utf8)]
  return request
}

private let hostFiles: [String: FileType] = [
  "/usr": .directory, "/opt/a": .directory, "/opt/b": .directory, "/opt/up": .directory, "/opt/work": .directory,
  "/proc/sys/user/max_user_namespaces": .file, "/proc/self/ns": .directory, "/proc/self/ns/user": .file,
]

private func runInit(_ kernel: RecordingKernel, _ request: BubblewrapRequest = sampleRequest()) throws -> [[UInt8]] {
  // A second namespace cannot be made: that is what is checked.
  let plan = try compile(request, for: makeHost())
  let policy = try #require(plan.bubblewrap)
  let initProcess = BubblewrapInit(
    plan, policy, filters: [], control: Descriptor(3), callerUID: 1000, callerGID: 1000, on: kernel)
  return try initProcess.setUp()
}

private func makeKernel() -> RecordingKernel {
  let kernel = RecordingKernel(host: hostFiles)
  kernel.userNamespacesLeft = 1
  return kernel
}

@Suite struct BubblewrapInitTests {
  @Test func `a whole run makes exactly these calls in this order`() throws {
    let kernel = makeKernel()
    let environment = try runInit(kernel)
    #expect(environment == [Array("A=b".utf8), Array("PWD=/home/u".utf8)])
    let difference = compareGolden(kernel.calls.joined(separator: "\n") + "\n", "bubblewrap.calls", beside: #filePath)
    #expect(difference == nil)
    #expect(kernel.openDescriptors == ["tmpfs1", "tmpfs1:/etc/hosts"], "the lock's, and the root's until the exec")
  }

  @Test func `each call failing in turn stops it, and nothing is done after it`() throws {
    let whole = makeKernel()
    _ = try runInit(whole)
    #expect(whole.calls.count > 150)
    let inside = ["chdir /home/u", "unshare user"]
    for index in whole.calls.indices {
      // Looks for a way in: the caller's directory need not exist inside, and the last namespace must not be had.
      if whole.calls[index] == inside[0] || (whole.calls[index] == inside[1] && index > whole.calls.count / 2) {
        continue
      }
      let kernel = makeKernel()
      kernel.failing = (index, 5)
      #expect(throws: BubblewrapFailure.self, "call \(index) failed unnoticed: \(whole.calls[index])") {
        try runInit(kernel)
      }
      #expect(kernel.calls == Array(whole.calls[...index]), "nothing after call \(index)")
    }
  }

  @Test func `a user namespace that can be made although it must not stops it`() throws {
    let kernel = makeKernel()
    kernel.userNamespacesLeft = 2
    #expect(throws: BubblewrapFailure("creation of new user namespaces was not disabled as requested")) {
      try runInit(kernel)
    }
  }

  @Test func `a launcher that died before the death signal was armed is noticed`() throws {
    let kernel = makeKernel()
    kernel.launcherLives = false
    #expect(throws: BubblewrapFailure.self) { try runInit(kernel) }
    #expect(kernel.calls == ["prctl PR_SET_PDEATHSIG", "poll control"])
  }

  @Test func `each bind costs the same few calls, however many there are`() throws {
    func calls(_ count: Int) throws -> Int {
      var request = BubblewrapRequest()
      request.operations = (0..<count).map {
        .bind(source: "/usr", target: "/binds/\($0)", access: .readOnly, skipsMissing: false)
      }
      request.command = [Array("true".utf8)]
      let kernel = makeKernel()
      _ = try runInit(kernel, request)
      return kernel.calls.count
    }
    let (one, two, thousand) = (try calls(1), try calls(2), try calls(1001))
    #expect(thousand - one == (two - one) * 1000)
    #expect(two - one <= 14, "\(two - one)")
  }
}
