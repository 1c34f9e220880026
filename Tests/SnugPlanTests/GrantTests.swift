import SnugPlan
import SnugProfile
import TestSupport
import Testing

struct GrantTests {
  @Test func grantsStandAtTheirWrittenPath() throws {
    let plan = try plan("[files]\nread = [\"xdg-pictures\"]\nwrite = [\"~/src/demo\"]")
    #expect(plan.lines(at: "/home/anna/Pictures") == ["bind /home/anna/Pictures read-only"])
    #expect(plan.lines(at: "/home/anna/src/demo") == ["bind /home/anna/src/demo writable"])
  }

  @Test func linkShowsWhatItLeadsToAtTheWrittenPathOnly() throws {
    let tree = debian()
    tree.directory("/data/music")
    tree.link("/home/anna/Music", "/data/music")
    let plan = try plan("[files]\nread = [\"~/Music\"]", on: tree)
    #expect(plan.lines(at: "/home/anna/Music") == ["bind /data/music read-only"])
    #expect(!plan.ops.contains { $0.op.target.hasPrefix("/data") })
  }

  @Test func linkOnTheWayInsideAGrantIsFollowed() throws {
    let tree = debian()
    tree.directory("/data/sub")
    tree.link("/home/anna/src/link", "/data")
    let plan = try plan("[files]\nread = [\"~/src\", \"~/src/link/sub\"]", on: tree)
    #expect(plan.lines(at: "/data/sub") == ["bind /data/sub read-only"])
  }

  @Test func at() throws {
    let plan = try plan("[files]\nread = [{ path = \"/opt/app\", at = \"/app\" }]")
    #expect(plan.lines(at: "/app") == ["bind /opt/app read-only"])
    #expect(plan.lines(at: "/opt/app") == [])
  }

  @Test func sameAccessBelowAGrantIsLeftOut() throws {
    let plan = try plan("[files]\nread = [\"~/src\", \"~/src/demo\", \"/usr/lib\"]")
    #expect(plan.lines(at: "/home/anna/src") == ["bind /home/anna/src read-only"])
    #expect(plan.lines(at: "/home/anna/src/demo") == [])
    #expect(plan.lines(at: "/usr/lib") == [])
  }

  @Test func longerRuleDecides() throws {
    let plan = try plan("[files]\nwrite = [\"~/src\"]\nread = [\"~/src/demo\"]")
    #expect(plan.lines(at: "/home/anna/src/demo") == ["bind /home/anna/src/demo read-only"])
  }

  @Test func readHoldsUnderEveryName() throws {
    let plan = try plan("[files]\nwrite = [{ path = \"~/src\", at = \"/work\" }]\nread = [\"~/src/demo\"]")
    #expect(plan.lines(at: "/work/demo") == ["bind /home/anna/src/demo read-only"])
    #expect(plan.lines(at: "/work") == ["bind /home/anna/src writable"])
  }

  @Test func aReadThatIsStoppedStillBoundsAndShowsNothing() throws {
    let tree = debian()
    tree.directory("/data/rw/sub/deep", "/data/box")
    tree.link("/data/box/m", "/data/rw/sub")
    tree.link("/data/box/n", "/data/rw/sub/deep")
    func plan(_ read: String, hide: String) throws -> Plan {
      let base = ["base": "version = 1\n[files]\nwrite = [\"/data/rw\"]\nread = [\"\(read)\"]"]
      return try SnugPlanTests.plan("extends = [\"base\"]\n[files]\nhide = [\(hide)]", on: tree, shipped: base)
    }
    #expect(try plan("/data/box/m", hide: "").lines(at: "/data/rw/sub") == ["bind /data/rw/sub read-only"])
    // Its own name is hidden now: what it names must not become writable for that.
    let stopped = try plan("/data/box/m", hide: "\"/data/box\"")
    #expect(stopped.lines(at: "/data/rw/sub") == ["bind /data/rw/sub read-only"])
    #expect(stopped.lines(at: "/data/box/m") == [])
    // Nor is anything put below what is hidden.
    let hidden = try plan("/data/box/n", hide: "\"/data/rw/sub\"")
    #expect(hidden.lines(at: "/data/rw/sub") == ["tmpfs read-only 0"])
    #expect(!hidden.ops.contains { $0.op.target.hasSuffix("/deep") || $0.op.target == "/data/box/n" })
  }

  @Test func laterLayerWinsOnTheSamePath() throws {
    let base = ["base": "version = 1\n[files]\nread = [\"~/src\"]"]
    let plan = try plan("extends = [\"base\"]\n[files]\nwrite = [\"~/src\"]", shipped: base)
    #expect(plan.lines(at: "/home/anna/src") == ["bind /home/anna/src writable"])
  }

  @Test func missingFollowsIfMissing() throws {
    let failed = try problem("[files]\nread = [\"~/nowhere\"]")
    #expect(failed.status == 125)
    #expect(
      failed.text.hasPrefix("snug: cannot bind ~/nowhere on /home/anna/nowhere: No such file or directory\n  at "))
    #expect(failed.text.contains("hint: set if-missing = \"skip\""))

    let skipped = try plan("[files]\nread = [{ path = \"~/nowhere\", if-missing = \"skip\" }]")
    #expect(skipped.skipped.map(\.path) == ["~/nowhere"])
    #expect(skipped.lines(at: "/home/anna/nowhere") == [])

    let shipped = try plan(
      "extends = [\"base\"]", shipped: ["base": "version = 1\n[files]\nread = [\"~/nowhere\"]"])
    #expect(shipped.skipped.map(\.reason) == ["does not exist"])

    let created = try plan("[files]\nwrite = [{ path = \"~/new/deep\", if-missing = \"create\" }]")
    #expect(created.creations.map(\.value) == ["/home/anna/new/deep"])
    #expect(created.lines(at: "/home/anna/new/deep") == ["bind /home/anna/new/deep writable"])
  }

  @Test func nameThatIsTheHomeGrantsNothing() throws {
    let tree = debian()
    let host = anna(tree)
    let text = "version = 1\n[files]\nwrite = [{ path = \"xdg-download\", if-missing = \"skip\" }]"
    let loader = ProfileLoader(
      search: ProfileSearch(directories: [.init(path: "/p")]),
      context: PathContext(home: host.home, xdg: ["xdg-download": host.home]), callerUID: 1000, callerGID: 1000,
      read: { $0 == "/p/t.toml" ? .file(Array(text.utf8), uid: 1000, gid: 1000, mode: 0o644) : .failed(2, "") })
    let plan = try compile(loader.load("t"), for: host, ProgramRequest(needsProgram: false))
    #expect(plan.skipped.map(\.path) == ["xdg-download"])
    #expect(plan.lines(at: "/home/anna") == ["tmpfs writable 700"])
  }

  @Test(arguments: [
    ("\"~/pipe\"", "it is a fifo"),
    ("\"/dev/sda\"", "is the sandbox's own"),
    ("{ path = \"/dev/sda\", at = \"/x\" }", "it is a block device"),
    ("{ path = \"/dev/kvm\", at = \"/x\" }", "hint: name it in devices.nodes"),
    ("{ path = \"/proc\", at = \"/x\" }", "process table"),
    ("{ path = \"/opt/app\", at = \"/proc/self\" }", "/proc is the sandbox's own"),
    ("{ path = \"/opt/app\", at = \"/dev/x\" }", "/dev is the sandbox's own"),
    ("{ path = \"/opt/app\", at = \"/usr/nowhere\" }", "/usr is a directory of the host, in which nothing is made"),
    ("\"/\"", "cover everything"),
  ])
  func refused(entry: String, why: String) throws {
    let failed = try problem("[files]\nread = [\(entry)]")
    #expect(failed.status == 125)
    #expect(failed.text.contains(why), "\(failed.text)")
  }

  @Test func socketsAreGrantedExactly() throws {
    let plan = try plan("[files]\nread = [\"xdg-run/bus\"]")
    #expect(plan.lines(at: "/run/user/1000/bus") == ["bind /run/user/1000/bus read-only"])
  }

  @Test func runtimeDirectoryElsewhereIsShownWhereTheAppLooks() throws {
    let tree = debian()
    tree.special("/tmp/run-anna/bus", .socket)
    var host = anna(tree)
    host.runtimeDirectory = "/tmp/run-anna"
    let profile = try profile("version = 1\n[files]\nread = [\"xdg-run/bus\"]", for: host)
    let plan = try compile(profile, for: host, ProgramRequest(needsProgram: false))
    #expect(plan.lines(at: "/run/user/1000/bus") == ["bind /tmp/run-anna/bus read-only"])
  }

  @Test func twoGrantsAtOnePlaceAreRefused() throws {
    let failed = try problem(
      "[files]\nread = [{ path = \"/opt/app\", at = \"/x\" }, { path = \"/srv\", at = \"/x\" }]")
    #expect(failed.text.contains("cannot place /srv at /x: /opt/app stands there"))
  }

  @Test func allTroubleIsToldAtOnce() throws {
    let failed = try problem("[files]\nread = [\"~/one\", \"~/two\"]")
    #expect(failed.text.contains("~/one") && failed.text.contains("~/two"))
  }

  @Test func nothingIsMadeInAHostDirectory() throws {
    let failed = try problem("[files]\nwrite = [\"~/src\"]\nread = [{ path = \"/opt/app\", at = \"~/src/app\" }]")
    #expect(failed.text.contains("cannot place ~/src/app inside"))
  }
}

struct HideTests {
  @Test func directoriesAndFilesAreMasked() throws {
    let plan = try plan("[files]\nhome = \"host\"\nhide = [\"~/.ssh\", \"~/.bashrc\"]")
    #expect(plan.lines(at: "/home/anna") == ["bind /home/anna writable"])
    #expect(plan.lines(at: "/home/anna/.ssh") == ["tmpfs read-only 0"])
    #expect(plan.lines(at: "/home/anna/.bashrc") == ["file 0 0"])
  }

  @Test func hiddenUnderEveryName() throws {
    let tree = debian()
    tree.directory("/data/secret", "/data/open")
    tree.link("/home/anna/secret", "/data/secret")
    // By its link, by its place below another name, and by both.
    let plan = try plan(
      "[files]\nread = [\"/data\", { path = \"/data\", at = \"/d\" }, { path = \"~/secret\", at = \"/s\" }]\nhide = [\"~/secret\"]",
      on: tree)
    #expect(plan.lines(at: "/d/secret") == ["tmpfs read-only 0"])
    #expect(plan.lines(at: "/s") == [])
  }

  @Test func linkIntoWhatIsHiddenLiftsNothing() throws {
    let tree = debian()
    tree.directory("/data/secret/below")
    tree.link("/home/anna/changed", "/data/secret/below")
    let hidden = try plan("[files]\nread = [\"~/changed\"]\nhide = [\"/data/secret\"]", on: tree)
    #expect(hidden.lines(at: "/home/anna/changed") == [])
    let lifted = try plan(
      "[files]\nread = [\"/data/secret/below\"]\nhide = [\"/data/secret\"]", on: tree)
    #expect(lifted.lines(at: "/data/secret/below") == ["bind /data/secret/below read-only"])
  }

  @Test func linkOutOfWhatTheAppMayChangeIsNotFollowed() throws {
    let tree = debian()
    tree.directory("/home/anna/work", "/home/anna/.ssh", "/home/anna/work/real")
    tree.link("/home/anna/work/made-by-app", "/home/anna/.ssh")
    tree.link("/home/anna/work/inside", "/home/anna/work/real")
    let grants = "write = [\"~/work\"]\nread ="
    #expect(throws: CompileError.self) { try plan("[files]\n\(grants) [\"~/work/made-by-app\"]", on: tree) }
    let skipped = try plan(
      "[files]\n\(grants) [{ path = \"~/work/made-by-app\", if-missing = \"skip\" }]", on: tree)
    #expect(skipped.skipped.map(\.path) == ["~/work/made-by-app"])
    #expect(!skipped.ops.contains { $0.op.action.contains(".ssh") })
    // A link that stays inside shows nothing that the app could not reach.
    #expect(try plan("[files]\n\(grants) [\"~/work/inside\"]", on: tree).skipped.isEmpty)
    // Without the writable grant nobody inside could have made the link.
    let own = try plan("[files]\nread = [\"~/work/made-by-app\"]", on: tree)
    #expect(own.lines(at: "/home/anna/work/made-by-app") == ["bind /home/anna/.ssh read-only"])
  }

  @Test func whatNobodyShowsNeedsNoMask() throws {
    let plan = try plan("[files]\nhide = [\"~/.ssh\", \"/opt\"]")
    #expect(plan.lines(at: "/home/anna/.ssh") == [])
    #expect(plan.lines(at: "/opt") == [])
  }

  @Test func longerLaterGrantOpensTheMask() throws {
    let plan = try plan("[files]\nread = [\"~/Pictures\"]\nhide = [\"~\"]\nwrite = [\"~/Pictures/private\"]")
    #expect(plan.lines(at: "/home/anna/Pictures") == ["bind /home/anna/Pictures read-only"])
    let masked = try SnugPlanTests.plan("[files]\nhome = \"host\"\nhide = [\"~/src\"]\nread = [\"~/src/demo\"]")
    #expect(masked.lines(at: "/home/anna/src") == ["tmpfs writable 555", "remount"])
    #expect(masked.lines(at: "/home/anna/src/demo") == ["bind /home/anna/src/demo read-only"])
    let order = masked.ops.map { $0.op.target }
    #expect(order.suffix(2) == ["/home/anna/src", "/"])
  }

  @Test func laterHideTakesAwayEarlierGrants() throws {
    let base = ["base": "version = 1\n[files]\nread = [\"~/src/demo\"]\nwrite = [\"~/Pictures\"]"]
    let plan = try plan("extends = [\"base\"]\n[files]\nhide = [\"~/src\", \"~/Pictures\"]", shipped: base)
    #expect(plan.lines(at: "/home/anna/src/demo") == [])
    #expect(plan.lines(at: "/home/anna/Pictures") == [])
  }

  @Test func missingHideBelowAWritableGrantStops() throws {
    let failed = try problem("[files]\nwrite = [\"~/src\"]\nhide = [\"~/src/keys\"]")
    #expect(failed.text.contains("cannot hide ~/src/keys: it does not exist"))
    let free = try plan("[files]\nwrite = [\"~/src\"]\nhide = [{ path = \"~/src/keys\", if-missing = \"skip\" }]")
    #expect(free.skipped.map(\.path) == ["~/src/keys"])
    let harmless = try plan("[files]\nread = [\"~/src\"]\nhide = [\"~/src/keys\", \"~/nothing\"]")
    #expect(harmless.skipped.count == 2)
  }

  @Test func hideOfRootIsRefused() throws {
    #expect(try problem("[files]\nhide = [\"/\"]").text.contains("cannot hide /"))
  }
}

struct HomeTests {
  @Test func modes() throws {
    func home(_ mode: String) throws -> Plan { try plan("[files]\nhome = \"\(mode)\"") }
    #expect(try home("none").lines(at: "/home/anna") == [])
    #expect(try home("host").lines(at: "/home/anna") == ["bind /home/anna writable"])
    #expect(try home("overlay").lines(at: "/home/anna") == ["overlay /home/anna"])
    let kept = try home("private")
    #expect(kept.lines(at: "/home/anna") == ["bind /home/anna/.local/share/snug/homes/test writable"])
    #expect(kept.creations.map(\.value) == ["/home/anna/.local/share/snug/homes/test"])
    #expect(kept.process.workingDirectory == "/home/anna")
  }

  @Test func privateHomeIsNeverALink() throws {
    for name in ["snug", "snug/homes", "snug/homes/test"] {
      let tree = debian()
      tree.directory("/srv/elsewhere/homes/test", "/srv/elsewhere/test")
      tree.link("/home/anna/.local/share/" + name, "/srv/elsewhere")
      let failed = try problem("[files]\nhome = \"private\"", on: tree)
      #expect(failed.text.contains("/home/anna/.local/share/\(name): it is a link"))
    }
  }

  @Test func linkMadeInAPrivateHomeIsNotFollowed() throws {
    let tree = debian()
    tree.link("/home/anna/.local/share/snug/homes/test/.gitconfig", "/etc/passwd")
    let failed = try problem("[files]\nhome = \"private\"\nread = [\"~/.gitconfig\"]", on: tree)
    #expect(failed.text.contains("homes/test/.gitconfig is a link that was made inside"))
  }

  @Test func homeOfAServiceIsRefused() throws {
    let tree = debian()
    for home in ["/", "/usr/sbin", "/run"] {
      var host = anna(tree)
      host.home = home
      let profile = try profile("version = 1", for: host)
      #expect(throws: CompileError.self) { try compile(profile, for: host, ProgramRequest(needsProgram: false)) }
    }
  }

  @Test func workingDirectory() throws {
    let inside = "[files]\nwrite = [\".\"]"
    #expect(try plan(inside, in: "/home/anna/src/demo").process.workingDirectory == "/home/anna/src/demo")
    #expect(try plan("", in: "/home/anna/src/demo").process.workingDirectory == "/home/anna")
    // /tmp inside is another directory than the caller's.
    #expect(try plan("", in: "/tmp").process.workingDirectory == "/home/anna")
    #expect(try plan("[files]\nhome = \"none\"", in: nil).process.workingDirectory == "/")
    #expect(
      try plan("[files]\nhome = \"host\"\nhide = [\"~/src\"]", in: "/home/anna/src").process.workingDirectory
        == "/home/anna")
    #expect(try plan("[process]\nworking-directory = \"/usr\"").process.workingDirectory == "/usr")
    #expect(try problem("[process]\nworking-directory = \"/srv\"").text.contains("no such directory inside"))
  }
}
