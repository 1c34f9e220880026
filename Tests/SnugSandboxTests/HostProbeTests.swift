import Glibc
import SnugPlan
import SnugProfile
import SnugSandbox
import Testing

/// A directory of this test's own, removed at its end.
private final class Scratch {
  let path: String

  init() throws {
    var name = Array(("/tmp/snug-probe-" + String(repeating: "X", count: 6)).utf8CString)
    let made = name.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } }
    try #require(made != nil)
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  func file(_ name: String, _ text: String = "", mode: mode_t = 0o644) {
    let file = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, mode)
    _ = text.withCString { write(file, $0, text.utf8.count) }
    close(file)
  }

  deinit {
    for name in HostFiles.list(path) {
      unlink(path + "/" + name)
      rmdir(path + "/" + name)
    }
    rmdir(path)
  }
}

struct HostProbeTests {
  @Test func looksFollowLinks() throws {
    let scratch = try Scratch()
    mkdir(scratch.path + "/real", 0o755)
    symlink("real", scratch.path + "/link")
    symlink("nowhere", scratch.path + "/dangling")
    symlink("loop", scratch.path + "/loop")
    mkfifo(scratch.path + "/pipe", 0o600)
    guard case .exists(let real, .directory, let identity, let link) = HostFiles.look(scratch.path + "/link") else {
      Issue.record("not found")
      return
    }
    #expect(real == scratch.path + "/real")
    #expect(link == "real")
    #expect(HostFiles.look(real) == .exists(real: real, type: .directory, identity: identity, link: nil))
    #expect(HostFiles.look(scratch.path + "/dangling") == .missing(link: "nowhere"))
    #expect(HostFiles.look(scratch.path + "/none") == .missing(link: nil))
    #expect(HostFiles.look(scratch.path + "/loop") == .unreadable(ELOOP))
    #expect(HostFiles.look(scratch.path + "/" + String(repeating: "n", count: 300)) == .unreadable(ENAMETOOLONG))
    // It does not wait for the other end.
    if case .exists(_, let type, _, _) = HostFiles.look(scratch.path + "/pipe") { #expect(type == .fifo) }
    #expect(throws: KernelError.self) { try HostFiles.read(scratch.path + "/pipe").get() }
  }

  @Test func readsAndLists() throws {
    let scratch = try Scratch()
    scratch.file("b", "text")
    scratch.file("a", "", mode: 0o755)
    #expect(HostFiles.list(scratch.path) == ["a", "b"])
    #expect(try HostFiles.read(scratch.path + "/b").get() == Array("text".utf8))
    #expect(throws: KernelError("read", scratch.path, code: EISDIR)) { try HostFiles.read(scratch.path).get() }
    #expect(throws: KernelError("read", scratch.path + "/b", code: EFBIG)) {
      try HostFiles.read(scratch.path + "/b", limit: 3).get()
    }
    #expect(HostFiles.isExecutable(scratch.path + "/a"))
    #expect(!HostFiles.isExecutable(scratch.path + "/b"))
    #expect(HostFiles.list(scratch.path + "/none") == [])
  }

  @Test func factsOfThisMachine() {
    let host = HostProbe.read()
    #expect(host.uid == geteuid())
    #expect(host.memory > 64 << 20)
    #expect(host.userName != "")
    #expect(host.hostName != "")
    #expect(host.workingDirectory?.first == "/")
    if case .exists(_, .directory, _, _) = host.look("/usr") {} else { Issue.record("no /usr") }
    // The mask was put back.
    let mask = umask(0o022)
    umask(mask)
    #expect(UInt32(mask) == host.umask)
  }

  @Test func homeAndRuntimeDirectoryAreTheCallersOwn() throws {
    let scratch = try Scratch()
    func probe(_ variables: (String, String)...) -> Host {
      HostProbe.read(environment: variables.map { ($0.0, Array($0.1.utf8)) })
    }
    #expect(probe(("HOME", scratch.path + "//")).home == scratch.path)
    #expect(probe(("HOME", scratch.path)).dataHome == scratch.path + "/.local/share")
    for wrong in ["relative", scratch.path + "/none", scratch.path + "/../x", "/dev/null"] {
      #expect(probe(("HOME", wrong)).home != wrong)
    }
    mkdir(scratch.path + "/run", 0o755)
    #expect(probe(("XDG_RUNTIME_DIR", scratch.path + "/run")).runtimeDirectory == nil)
    chmod(scratch.path + "/run", 0o700)
    #expect(probe(("XDG_RUNTIME_DIR", scratch.path + "/run")).runtimeDirectory == scratch.path + "/run")
  }

  @Test func believedLandlockIsNeverHigher() {
    let present = HostProbe.read(environment: []).landlockABI
    func believed(_ text: String) -> Int {
      HostProbe.read(environment: [("SNUG_LANDLOCK_ABI", Array(text.utf8))]).landlockABI
    }
    #expect(believed("0") == 0)
    #expect(believed("2") == min(2, present))
    #expect(believed("99") == present)
    #expect(believed("-1") == present)
    #expect(believed("x") == present)
  }

  @Test func userDirectories() throws {
    let scratch = try Scratch()
    scratch.file("user-dirs.dirs", "XDG_DOWNLOAD_DIR=\"$HOME/Fetched\"\n")
    let host = HostProbe.read(environment: [
      ("HOME", Array(scratch.path.utf8)), ("XDG_CONFIG_HOME", Array(scratch.path.utf8)),
    ])
    let context = HostProbe.pathContext(host)
    #expect(context.xdg["xdg-download"] == scratch.path + "/Fetched")
    #expect(context.xdg["xdg-config"] == scratch.path)
  }
}
