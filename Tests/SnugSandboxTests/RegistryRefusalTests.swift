import CSnug
import Glibc
import SnugPlan
import SnugProfile
import TestSupport
import Testing

@testable import SnugSandbox

/// Directories that are not what they should be, and disks that are full: one message each, nothing torn.
@Suite struct RegistryRefusalTests {
  private func open(_ path: String, creates: Bool = true) throws -> Registry? {
    try Registry.open(HostProbe.read(environment: [("XDG_RUNTIME_DIR", Array(path.utf8))]), creates: creates)
  }

  @Test func `a directory that is reached or owned by others is refused`() throws {
    let folder = try RuntimeFolder()
    let path = folder.path + "/snug"
    #expect(try open(folder.path) != nil)
    for mode in [0o770, 0o707, 0o710, 0o701, 0o740, 0o777, 0o1777] as [mode_t] {
      chmod(path, mode)
      let error = try #require(refusal { _ = try open(folder.path) })
      #expect(error.text == "snug: cannot keep instances in \(path): others can reach it\n  hint: chmod 700 \(path)")
    }
    chmod(path, 0o700)
    #expect(try open(folder.path) != nil)
    for mode in [0o720, 0o702, 0o777, 0o1777] as [mode_t] {
      chmod(folder.path, mode)
      let error = try #require(refusal { _ = try open(folder.path) })
      #expect(
        error.text == """
          snug: cannot use XDG_RUNTIME_DIR \(folder.path): others can write to it
            hint: chmod 700 \(folder.path)
          """)
    }
    chmod(folder.path, 0o700)
    guard geteuid() == 0 else { return skip("only root can give a directory away") }
    chown(path, 12345, 12345)
    let foreign = try #require(refusal { _ = try open(folder.path) })
    #expect(foreign.message == "cannot keep instances in \(path): it belongs to user 12345, and you are 0")
    #expect(foreign.hint == "take it away: snug makes one of your own")
    chown(path, 0, 0)
    chown(folder.path, 12345, 12345)
    let parent = try #require(refusal { _ = try open(folder.path) })
    #expect(parent.message == "cannot use XDG_RUNTIME_DIR \(folder.path): it belongs to user 12345, and you are 0")
    #expect(parent.hint == "set XDG_RUNTIME_DIR to a directory of your own, mode 0700")
  }

  @Test func `what is no directory is refused`() throws {
    let folder = try RuntimeFolder()
    let path = folder.path + "/snug"
    mkdir(folder.path + "/real", 0o700)
    let lay: [(String, () -> Void)] = [
      ("link", { symlink("real", path) }), ("link", { symlink("nowhere", path) }),
      ("file", { close(Glibc.open(path, O_WRONLY | O_CREAT, 0o600)) }), ("fifo", { mkfifo(path, 0o600) }),
    ]
    for (what, make) in lay {
      make()
      let error = try #require(refusal { _ = try open(folder.path) })
      #expect(error.message == "cannot keep instances in \(path): it is a \(what), not a directory")
      #expect(error.hint == "take it away: snug makes the directory itself")
      unlink(path)
    }
    #expect(names(in: folder.path) == ["real"] && names(in: folder.path + "/real") == [])
    for (parent, reason) in [
      ("/none", "No such file or directory"), ("/file", "Not a directory"),
      ("/" + String(repeating: "n", count: 300), "File name too long"),
    ] {
      close(Glibc.open(folder.path + "/file", O_WRONLY | O_CREAT, 0o600))
      let error = try #require(refusal { _ = try open(folder.path + parent) })
      #expect(error.message == "cannot use XDG_RUNTIME_DIR \(folder.path + parent): \(reason)")
    }
  }

  @Test func `without the variable the usual place is used, or none`() throws {
    let usual = HostFiles.owner("/run/user/\(geteuid())")
    let isOwn = usual.map { $0.type == .directory && $0.uid == geteuid() && $0.mode & 0o022 == 0 } ?? false
    for environment in [[], [("XDG_RUNTIME_DIR", [])], [("XDG_RUNTIME_DIR", Array("tmp".utf8))]]
      as [[(name: String, value: [UInt8])]]
    {
      let registry = try Registry.open(HostProbe.read(environment: environment), creates: false)
      #expect((registry != nil) == isOwn)
      #expect(registry.map(\.path) == (isOwn ? "/run/user/\(geteuid())/snug" : nil))
    }
  }

  @Test func `looking makes nothing`() throws {
    let folder = try RuntimeFolder()
    let registry = try #require(try open(folder.path, creates: false))
    #expect(registry.entries().live == [] && registry.entries().problems == [])
    #expect(refusal { _ = try registry.find("web") }?.message == "no instance named web is running")
    #expect(names(in: folder.path) == [])
  }

  @Test func `a socket on which another user listens is not trusted`() throws {
    guard geteuid() == 0 else { return skip("only root can become another user") }
    let folder = try RuntimeFolder()
    let registry = try folder.open()
    let claim = try registry.claim(nil, profile: "x")
    try claim.publishOwn()
    let entry = try registry.find(claim.name.text)
    close(try registry.connect(to: entry))
    let path = "\(folder.path)/snug/\(claim.name)/control"
    unlink(path)
    let listener = Int32(csnug_socket())
    #expect(csnug_bind(listener, path) == 0)
    onThreads(1) { _ in
      // The raw call: for this thread alone. Who listens is told by who calls listen(2).
      csnug_setuid(12345)
      csnug_listen(listener, 1)
    }
    // Another uid takes the process's memory from its owner, until told otherwise.
    csnug_prctl(4, 1, 0, 0, 0)
    let error = refusal { _ = try registry.connect(to: entry) }
    #expect(error?.message == "cannot trust the instance \(claim.name): user 12345 listens there, and you are 0")
    close(listener)
    claim.release()
  }

  // MARK: - Full disks

  /// Runs a body where a small file system of its own is mounted on a runtime directory. Mounted for one thread alone:
  /// it goes with it.
  private func onSmallDisk(_ options: String, _ body: @escaping @Sendable (RuntimeFolder, Findings) throws -> Void)
    throws
  {
    let folder = try RuntimeFolder()
    let findings = Findings()
    onThreads(1) { _ in
      guard csnug_unshare(0x20000) == 0, csnug_make_root_slave() == 0,
        mount("tmpfs", folder.path, "tmpfs", 0, "mode=0700," + options) == 0
      else { return findings.add("cannot mount: \(errno)") }
      do { try body(folder, findings) } catch { findings.add("\(error)") }
    }
    #expect(findings.all == [])
    #expect(names(in: folder.path) == [])
  }

  @Test func `a disk without room for another file makes one message and leaves nothing`() throws {
    guard geteuid() == 0 else { return skip("only root can mount a disk that is too small") }
    // Root directory, snug, NAME, lock, control: as many as a claim needs, and each number below. One more for the entry.
    for count in 1...6 {
      try onSmallDisk("nr_inodes=\(count)") { folder, findings in
        let error = refusal {
          guard let registry = try Registry.open(folder.host) else { return findings.add("no registry") }
          let claim = try registry.claim(InstanceName("web"), profile: "x")
          defer { claim.release() }
          try claim.publishOwn()
        }
        if (error == nil) != (count == 6) { findings.add("\(count): \(error?.text ?? "no error")") }
        if let error, !error.message.hasSuffix(": No space left on device") || error.hint != "free some space there" {
          findings.add("\(count): \(error.text)")
        }
        if folder.kept != [] { findings.add("\(count): \(folder.kept) is left") }
      }
    }
  }

  @Test func `a full disk keeps the old entry whole`() throws {
    guard geteuid() == 0 else { return skip("only root can mount a disk that is too small") }
    try onSmallDisk("size=8k") { folder, findings in
      guard let registry = try Registry.open(folder.host) else { return findings.add("no registry") }
      let claim = try registry.claim(InstanceName("web"), profile: "x")
      try claim.publishOwn()
      let filler = Glibc.open(folder.path + "/filler", O_WRONLY | O_CREAT, 0o600)
      while write(filler, [UInt8](repeating: 0, count: 4096), 4096) > 0 {}
      close(filler)
      let old = try registry.find("web")
      var new = old
      new.profile = "changed"
      let error = refusal { try claim.publish(new) }
      let expected =
        "cannot write the entry of the instance web in \(folder.path)/snug: No space left on device"
      if error?.message != expected { findings.add("\(error?.text ?? "no error")") }
      if (try? registry.find("web")) != old { findings.add("the old entry is gone") }
      if (names(in: folder.path + "/snug/web") ?? []).sorted() != ["control", "entry.json", "lock"] {
        findings.add("a draft is left")
      }
      unlink(folder.path + "/filler")
      try claim.publish(new)
      if (try? registry.find("web")) != new { findings.add("the new entry is not there") }
      claim.release()
      if folder.kept != [] { findings.add("\(folder.kept) is left") }
    }
  }

  @Test func `a read-only runtime directory makes one message`() throws {
    guard geteuid() == 0 else { return skip("only root can mount") }
    try onSmallDisk("size=64k") { folder, findings in
      if mount(nil, folder.path, nil, UInt(MS_REMOUNT | MS_RDONLY), nil) != 0 { findings.add("cannot remount") }
      let error = refusal { _ = try Registry.open(folder.host) }
      let expected = """
        snug: cannot keep instances in \(folder.path)/snug: Read-only file system
          hint: set XDG_RUNTIME_DIR to a directory that can be written to
        """
      if error?.text != expected { findings.add("\(error?.text ?? "no error")") }
    }
  }
}
