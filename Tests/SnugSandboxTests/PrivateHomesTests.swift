import Glibc
import SnugPlan
import SnugProfile
import TestSupport
import Testing

@testable import SnugSandbox

/// The private homes of a data directory of the test's own.
@Suite struct PrivateHomesTests {
  private func withHomes(_ body: (PrivateHomes, _ folder: String) throws -> Void) throws {
    let data = try String(Stage.shell("mktemp -d -p /var/tmp").dropLast())
    defer { _ = try? Stage.shell("rm -rf '\(data)'") }
    let homes = PrivateHomes(dataHome: data)
    #expect(homes.path == "\(data)/snug/homes")
    #expect(try homes.list() == [] && homes.reset("a") == nil, "no directory of homes is no error")
    try Stage.shell("mkdir -p '\(homes.path)'")
    try body(homes, homes.path)
  }

  private func hold(_ path: String) throws -> HeldHome {
    let held = HeldHome()
    try held.hold(Located(path, at: .defaults))
    return held
  }

  @Test func aHeldHomeIsNotReset() throws {
    try withHomes { homes, folder in
      try Stage.shell("mkdir \(folder)/a; echo x >\(folder)/a/f; touch -d 2001-02-03 \(folder)/a")
      var first: HeldHome? = try hold("\(folder)/a")
      var second: HeldHome? = try hold("\(folder)/a")
      #expect(try homes.list().map(\.isUsed) == [true])
      #expect(try homes.list().map { $0.lastUse > 1_700_000_000 } == [true], "a start is a use")
      #expect(throws: Diagnostic.self) { try homes.reset("a") }
      withExtendedLifetime(first) {}
      first = nil
      #expect(throws: Diagnostic.self) { try homes.reset("a") }
      withExtendedLifetime(second) {}
      second = nil
      // Another test of this process may be starting a command: until its exec the child has all of our descriptors.
      #expect(eventually { (try? homes.list().map(\.isUsed)) == [false] })
      var removal: TreeRemoval?
      #expect(
        eventually {
          removal = try? homes.reset("a"); return removal != nil
        })
      #expect(removal?.entries == 1 && removal?.failureCount == 0 && removal?.rest == nil)
      #expect(throws: Sandbox.Failure.self) { try hold("\(folder)/a") }
    }
  }

  @Test func aHomeThatIsBeingResetIsNotUsed() throws {
    try withHomes { _, folder in
      try Stage.shell("mkdir \(folder)/a")
      let reset = try OpenFile("\(folder)/a")
      #expect(lock(reset.number, exclusive: true) == .had)
      let failure = #expect(throws: Sandbox.Failure.self) { try hold("\(folder)/a") }
      #expect(failure?.status == 125 && failure?.diagnostic?.message.hasSuffix("it is being reset") == true)
    }
  }

  @Test func leftoversGoWithTheNextResetUnlessAnotherOneIsAtWork() throws {
    try withHomes { homes, folder in
      try Stage.shell("cd \(folder); mkdir -p a .reset-1-0/0/deep .reset-1-0/1 .reset-2-0/0; touch .reset-2-0/0/f")
      let other = try OpenFile("\(folder)/.reset-2-0")
      #expect(lock(other.number, exclusive: true) == .had)
      #expect(try homes.list().map(\.profile) == ["a"])
      #expect(try homes.reset("a")?.failureCount == 0)
      #expect(try Stage.shell("cd \(folder); find . | sort") == ".\n./.reset-2-0\n./.reset-2-0/0\n./.reset-2-0/0/f\n")
      #expect(try homes.reset(".reset-2-0") == nil, "no profile has such a name")
    }
  }

  @Test func spaceIsCountedOnceAndOnlyWhatIsGivenBack() throws {
    try withHomes { homes, folder in
      try Stage.shell(
        "cd \(folder); mkdir -p a/b/c; head -c 100000 /dev/zero >a/f; ln a/f a/b/f; head -c 50000 /dev/zero >a/kept; "
          + "ln a/kept ../kept; truncate -s 1T a/b/c/sparse; ln -s / a/b/way")
      let used = try Stage.shell("du -sB1 \(folder)/a | cut -f1")
      let size = try homes.list(only: "a").first?.size
      #expect(size.map { "\($0.bytes)\n" } == used)
      #expect(size?.entries == 7 && size?.unreadable == 0)
      let kept = try Stage.shell("echo $(($(stat -c %b \(folder)/a/kept) * 512))")
      let removal = try homes.reset("a")
      #expect(removal?.entries == 7)
      #expect(UInt64(used.dropLast()) == removal.map { $0.bytes + (UInt64(kept.dropLast()) ?? 0) })
      #expect(try Stage.shell("stat -c %s \(folder)/../kept") == "50000\n")
    }
  }

  @Test func namesOfAnyBytesGo() throws {
    try withHomes { homes, folder in
      try Stage.shell(
        "mkdir \(folder)/a; cd \(folder)/a; touch \"$(printf '\\377\\376')\" \"$(printf 'a\\nb')\" -- -rf; mkdir '*' ' '"
      )
      #expect(try homes.list().first?.size.entries == 5)
      #expect(try homes.reset("a")?.entries == 5)
      #expect(names(in: folder) == [])
    }
  }

  @Test func onlyADirectoryOfTheCallersOwnIsReset() throws {
    try withHomes { homes, folder in
      try Stage.shell("cd \(folder); touch file; mkdir real; ln -s real way; touch real/f")
      for name in ["file", "way"] { #expect(throws: Diagnostic.self) { try homes.reset(name) } }
      for name in ["", ".", "..", "../homes/real", "real/", "none"] { #expect(try homes.reset(name) == nil, "\(name)") }
      #expect(try homes.list().map(\.profile) == ["real"])
      #expect(try Stage.shell("ls \(folder)") == "file\nreal\nway\n")
    }
  }

  @Test func timesReadAsThisMachinesClock() {
    setenv("TZ", "UTC", 1)
    tzset()
    #expect(timeText(1_000_000_000) == "2001-09-09 01:46")
    #expect(timeText(0) == "1970-01-01 00:00")
    unsetenv("TZ")
    tzset()
  }
}
