import CSnug
import Glibc
import SnugPlan
import SnugProfile
import TestSupport
import Testing

@testable import SnugSandbox

/// The directory of instances: taking names, showing, finding, reaching, giving back, and what dead launchers leave.
@Suite struct RegistryTests {
  @Test func `a claim is whole, shown when published, and gone when released`() throws {
    let folder = try RuntimeFolder()
    let registry = try folder.open()
    let claim = try registry.claim(try InstanceName("web"), profile: "firefox")
    #expect(folder.kept == ["web"])
    #expect((names(in: folder.path + "/snug/web") ?? []).sorted() == ["control", "lock"])
    for (name, mode) in [("", 0o700), ("/web", 0o700), ("/web/lock", 0o600), ("/web/control", 0o600)] {
      #expect(HostFiles.owner(folder.path + "/snug" + name)?.mode == UInt32(mode), "\(name)")
    }
    for descriptor in claim.descriptors { #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0) }
    // Somebody else looks.
    let other = try folder.open()
    #expect(other.entries().live == [])
    #expect(refusal { _ = try other.find("web") }?.message == "the instance web has not started yet")

    try claim.publishOwn(profile: "firefox")
    #expect(HostFiles.owner(folder.path + "/snug/web/entry.json")?.mode == 0o600)
    let found = other.entries()
    #expect(found.live.map(\.instance.text) == ["web"] && found.problems == [])
    #expect(found.live.first?.profile == "firefox" && found.live.first?.first == .own)
    var changed = try #require(found.live.first)
    changed.isPaused = true
    try claim.publish(changed)
    #expect(try other.find("web") == changed)

    claim.release()
    claim.release()
    #expect(folder.kept == [])
    #expect(other.entries().live == [])
    #expect(refusal { _ = try other.find("web") }?.message == "no instance named web is running")
  }

  @Test func `a name is held once, and free again at once`() throws {
    let folder = try RuntimeFolder()
    let registry = try folder.open()
    let name = try InstanceName("web")
    let claim = try registry.claim(name, profile: "x")
    let taken = try #require(refusal { _ = try folder.open().claim(name, profile: "x") })
    #expect(
      taken.text == """
        snug: an instance named web is running
          at --name
          hint: snug ps lists what runs, snug exec web enters it
        """)
    // The failed one has left nothing.
    #expect(folder.kept == ["web"])
    claim.release()
    try folder.open().claim(name, profile: "x").release()
    #expect(folder.kept == [])
  }

  @Test func `instances without a name get one that fits and differs`() throws {
    let folder = try RuntimeFolder()
    let registry = try folder.open()
    let claims = try (0..<50).map { _ in try registry.claim(nil, profile: "./my notes.toml") }
    #expect(Set(claims.map(\.name)).count == 50)
    for claim in claims { #expect(claim.name.text.hasPrefix("my_notes-") && claim.name.text.utf8.count == 13) }
    for claim in claims { claim.release() }
    #expect(folder.kept == [])
  }

  @Test(arguments: [0o000, 0o022, 0o177, 0o777] as [mode_t])
  func `no umask makes a claim less or more than it is`(mask: mode_t) throws {
    let folder = try RuntimeFolder()
    let findings = Findings()
    onThreads(1) { _ in
      // CLONE_FS: the umask is that of all threads else.
      if csnug_unshare(0x200) != 0 { findings.add("the umask is everybody's") }
      umask(mask)
      do {
        let registry = try folder.open()
        let claim = try registry.claim(nil, profile: "x")
        try claim.publishOwn()
        let path = "\(folder.path)/snug/\(claim.name)"
        for (name, mode) in [
          ("/..", 0o700), ("", 0o700), ("/lock", 0o600), ("/control", 0o600), ("/entry.json", 0o600),
        ]
        where HostFiles.owner(path + name)?.mode != UInt32(mode) {
          findings.add("\(name): \(HostFiles.owner(path + name)?.mode ?? 0)")
        }
        close(try registry.connect(to: try registry.find(claim.name.text)))
        claim.release()
      } catch { findings.add("\(error)") }
    }
    #expect(findings.all == [])
    #expect(folder.kept == [])
  }

  @Test func `a long runtime directory does`() throws {
    let folder = try RuntimeFolder()
    let deep = folder.path + "/" + String(repeating: "d", count: 200)
    mkdir(deep, 0o700)
    let host = HostProbe.read(environment: [("XDG_RUNTIME_DIR", Array(deep.utf8))])
    let registry = try #require(try Registry.open(host))
    let claim = try registry.claim(InstanceName(String(repeating: "n", count: 64)), profile: "x")
    try claim.publishOwn()
    let socket = try registry.connect(to: try registry.find(claim.name.text))
    close(socket)
    claim.release()
    #expect(names(in: deep + "/snug") == [])
  }

  // MARK: - Finding and reaching

  @Test func `an instance is found by its name or an only beginning of it`() throws {
    let folder = try RuntimeFolder()
    let registry = try folder.open()
    let claims = try ["web", "web-1", "web-2", "mail"].map {
      try registry.claim(try InstanceName($0), profile: "x")
    }
    for claim in claims { try claim.publishOwn() }
    #expect(try registry.find("web").instance.text == "web")
    #expect(try registry.find("m").instance.text == "mail")
    #expect(try registry.find("web-1").instance.text == "web-1")
    #expect(try registry.find(InstanceName("web")).instance.text == "web")
    let exact = refusal { _ = try registry.find(InstanceName("m")) }
    #expect(exact?.message == "no instance named m is running")
    let two = try #require(refusal { _ = try registry.find("web-") })
    #expect(two.message == "\"web-\" may mean 2 instances: web-1, web-2")
    #expect(two.hint == "give more of the name")
    for word in ["x", "web-3", "MAIL"] {
      let none = try #require(refusal { _ = try registry.find(word) })
      #expect(none.message == "no instance named \(word) is running" && none.hint == "snug ps lists what runs")
    }
    for word in ["", "a/b", "..", "../web", "-m", "web/", "*"] {
      #expect(refusal { _ = try registry.find(word) }?.message.hasPrefix("cannot name an instance") == true, "\(word)")
    }
    for claim in claims { claim.release() }
  }

  @Test func `an instance is reached on its socket`() throws {
    let folder = try RuntimeFolder()
    let registry = try folder.open()
    let claim = try registry.claim(nil, profile: "x")
    try claim.publishOwn()
    let entry = try registry.find(claim.name.text)
    let client = try registry.connect(to: entry)
    let server = Int32(csnug_accept(claim.listener))
    #expect(server >= 0)
    #expect(fcntl(client, F_GETFD) & FD_CLOEXEC != 0 && fcntl(server, F_GETFD) & FD_CLOEXEC != 0)
    var peer: (pid: Int32, uid: UInt32) = (0, 0)
    #expect(csnug_peer(server, &peer.pid, &peer.uid) == 0)
    #expect(peer.pid == getpid() && peer.uid == geteuid())
    #expect(csnug_send(client, [1, 2, 3] as [UInt8], 3) == 3)
    var bytes = [UInt8](repeating: 0, count: 8)
    var sender: Int32 = 0
    #expect(csnug_receive(server, &bytes, bytes.count, &sender) == 3 && Array(bytes[..<3]) == [1, 2, 3])
    close(client)
    close(server)

    // Ended in between, by hand and by death.
    let ended = "the instance \(claim.name) has just ended"
    csnug_close(claim.listener)
    #expect(refusal { _ = try registry.connect(to: entry) }?.message == ended)
    csnug_unlinkat(AT_FDCWD, "\(folder.path)/snug/\(claim.name)/control")
    #expect(refusal { _ = try registry.connect(to: entry) }?.message == ended)
    RuntimeFolder.remove("\(folder.path)/snug/\(claim.name)")
    #expect(refusal { _ = try registry.connect(to: entry) }?.message == ended)
  }

  // MARK: - What the dead leave

  @Test func `a dead launcher's instance is told as ended once and its name is free`() throws {
    let folder = try RuntimeFolder()
    let registry = try folder.open()
    for round in 0..<3 {
      let claim = try registry.claim(try InstanceName("web"), profile: "x")
      try claim.publishOwn()
      claim.die()
      #expect(folder.kept == ["web"])
      switch round {
      case 0:
        // PID 1 lives, its number at least: the lock alone tells.
        let found = registry.entries()
        #expect(found.live == [] && found.problems == [])
      case 1: #expect(refusal { _ = try registry.find("web") }?.message == "the instance web has just ended")
      default: try registry.claim(try InstanceName("web"), profile: "x").release()
      }
      #expect(folder.kept == [])
    }
  }

  @Test func `an instance whose first process is gone is none, and its launcher keeps the name`() throws {
    let folder = try RuntimeFolder()
    let registry = try folder.open()
    let claim = try registry.claim(try InstanceName("web"), profile: "x")
    let child = try Running(["/bin/cat"])
    try claim.publishOwn(pid: child.pid)
    #expect(registry.entries().live.count == 1)
    child.signal(SIGKILL)
    #expect(eventually { registry.entries().live == [] })
    #expect(refusal { _ = try registry.find("web") }?.message == "the instance web has just ended")
    _ = child.finish()
    // The same number, another process.
    var entry = Entry(claim.name, profile: "x", appID: "x", pid: getpid())
    entry.first.startTime += 1
    try claim.publish(entry)
    #expect(registry.entries().live == [])
    #expect(folder.kept == ["web"])
    #expect(refusal { _ = try registry.claim(claim.name, profile: "x") }?.message == "an instance named web is running")
    claim.release()
  }

  /// Everything that a launcher that is killed can leave, step by step.
  private static let leftovers: [(name: String, files: [String])] = [
    (".new:1:aaaaaaaa", []), (".new:1:bbbbbbbb", ["lock"]), (".new:1:cccccccc", ["lock", "control"]),
    ("web", ["lock", "control"]), ("web", ["lock", "control", "entry.new"]),
    ("web", ["lock", "control", "entry.new", "entry.json"]), ("web", ["lock", "control", "entry.json"]),
    (".new:1:dddddddd", ["lock", "control", "entry.json"]), (".new:1:eeeeeeee", ["lock", "entry.json"]),
    (".new:1:ffffffff", ["lock"]), ("web", []), ("web", ["entry.json"]), ("web", ["lock", "of a later version"]),
  ]

  @Test(arguments: leftovers.indices)
  func `what was left at any step looks alive to nobody and goes`(index: Int) throws {
    let folder = try RuntimeFolder()
    let registry = try folder.open()
    let (name, files) = Self.leftovers[index]
    func lay() {
      mkdir("\(folder.path)/snug/\(name)", 0o700)
      for file in files { close(open("\(folder.path)/snug/\(name)/\(file)", O_WRONLY | O_CREAT, 0o600)) }
    }
    lay()
    let found = registry.entries()
    #expect(found.live == [] && found.problems == [])
    #expect(folder.kept == [])
    lay()
    // A claim takes no notice of drafts.
    try registry.claim(try InstanceName("web"), profile: "x").release()
    #expect(folder.kept == (name == "web" ? [] : [name]))
  }

  @Test func `what is no instance is told and left alone`() throws {
    let folder = try RuntimeFolder()
    let registry = try folder.open()
    let path = folder.path + "/snug"
    close(open(path + "/file", O_WRONLY | O_CREAT, 0o600))
    symlink("/etc", path + "/link")
    mkdir(path + "/with space", 0o700)
    let broken = try registry.claim(try InstanceName("broken"), profile: "x")
    try broken.publishOwn()
    truncate(path + "/broken/entry.json", 10)
    let linked = try registry.claim(try InstanceName("linked"), profile: "x")
    symlink("/etc/hostname", path + "/linked/entry.json")
    let good = try registry.claim(try InstanceName("good"), profile: "x")
    try good.publishOwn()
    let found = registry.entries()
    #expect(found.live.map(\.instance.text) == ["good"])
    #expect(
      found.problems.map { $0.message.replacing(path, with: "DIR") } == [
        "cannot read the entry of the instance broken: byte 10: the text ends early",
        "cannot use DIR/file: it is not a directory", "cannot use DIR/link: it is not a directory",
        "cannot read the entry of the instance linked: Too many levels of symbolic links",
        "cannot use DIR/with space: it is no name of an instance",
      ])
    #expect(folder.kept == ["broken", "file", "good", "link", "linked", "with space"])
    for name in ["file", "link"] {
      let error = refusal { _ = try registry.claim(try InstanceName(name), profile: "x") }
      #expect(error?.message == "cannot use \(path)/\(name): it is not a directory")
      #expect(refusal { _ = try registry.find(name) }?.message == error?.message)
    }
    for claim in [broken, linked, good] { claim.release() }
    #expect(folder.kept == ["file", "link", "with space"])
    #expect(linkText(path + "/link") == "/etc" && names(in: "/etc")?.isEmpty == false)
  }

  @Test func `a release takes away nothing of somebody else's`() throws {
    let folder = try RuntimeFolder()
    let registry = try folder.open()
    let name = try InstanceName("web")
    let first = try registry.claim(name, profile: "x")
    RuntimeFolder.remove("\(folder.path)/snug/web")
    let second = try registry.claim(name, profile: "x")
    try second.publishOwn()
    first.release()
    #expect(try registry.find("web").instance == name)
    second.release()
    #expect(folder.kept == [])
  }
}
