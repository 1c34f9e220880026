import SnugLint
import SnugProfile
import TestSupport
import Testing

/// What rules about ways out say of profiles as a whole.
@Suite struct WaysOutTests {
  /// Every rule whose name says that something can be changed.
  private let writable = Set(Rule.all.map(\.name).filter { $0.hasPrefix("writable-") })

  @Test func `a home that can be changed is one finding, not thirty`() {
    for text in ["home = \"host\"", "write = [\"~\"]"] {
      let report = linted("version = 1\n[files]\n\(text)\n")
      let found = report.findings.filter { writable.contains($0.rule) }
      #expect(found.map(\.rule) == ["writable-home"], "\(text)")
    }
  }

  @Test(arguments: [
    "home = \"private\"", "home = \"temporary\"", "home = \"overlay\"", "home = \"none\"", "root = \"host\"",
  ])
  func `what is thrown away, kept apart or read-only is no way to write out`(files: String) {
    #expect(linted("version = 1\n[files]\n\(files)\n").rules.isDisjoint(with: writable))
  }

  @Test func `a hide below a grant lifts what it covers, and nothing else`() {
    let grant = "version = 1\n[files]\nwrite = [\"xdg-config\"]\n"
    #expect(linted(grant).rules.isSuperset(of: ["writable-git-settings", "writable-autostart"]))
    let hidden = linted(grant + "hide = [\"xdg-config/git\"]\n").rules
    #expect(!hidden.contains("writable-git-settings") && hidden.contains("writable-autostart"))
    let narrowed = linted(grant + "read = [\"xdg-config/git\"]\n").rules
    #expect(!narrowed.contains("writable-git-settings") && narrowed.contains("writable-autostart"))
  }

  @Test func `an overlay counts by what is kept of it`() {
    let overlay = "version = 1\n[[files.op]]\nop = \"overlay\"\ntarget = \"/o\"\n"
    let thrownAway = linted(overlay + "lower = [\"~/.config\"]\nsize = \"10%\"\n")
    #expect(thrownAway.rules.isDisjoint(with: writable) && !thrownAway.hasErrors)
    let kept = linted(overlay + "lower = [\"/srv\"]\nupper = \"~/.config\"\nwork = \"~/notes\"\n")
    #expect(kept.rules.contains("writable-autostart"))
  }

  @Test func `a later remount takes the writing away`() {
    let bind = """
      version = 1
      [[files.op]]
      op = "bind"
      host = "~/.config"
      target = "/c"
      access = "writable"

      """
    #expect(linted(bind).rules.contains("writable-autostart"))
    let sealed = bind + "[[files.op]]\nop = \"remount\"\ntarget = \"/c\"\naccess = \"read-only\"\n"
    #expect(linted(sealed).rules.isDisjoint(with: writable))
  }

  @Test func `what a base lets out is told where it comes in`() {
    let base = ["open-base": "version = 1\nsummary = \"x\"\n[files]\nwrite = [\"~/.bashrc\"]\n"]
    let report = linted("version = 1\nextends = [\"open-base\"]\n", shipped: base)
    #expect(report.places.contains("2:12 writable-shell-start"))
  }

  /// Where a command is started is not known to a profile: the finding, and so its allow, hang on nothing there.
  @Test(arguments: ["/home/anna/src/demo", "/home/anna/notes", "/home/anna"])
  func `the directory that it is started in is always a work tree`(directory: String) {
    let text = "version = 1\nsummary = \"x\"\n[files]\n# snug: allow writable-work-tree meant\nwrite = [\".\"]\n"
    let host = anna(machine(), in: directory)
    let file = FoundProfile(path: "/profiles/test.toml", name: "test", bytes: Array(text.utf8))
    let rules = lint([Subject(file, loader(["test": text], host), host)])[0].rules
    #expect(rules.isDisjoint(with: ["unused-allow", "writable-work-tree", "writable-code-cache"]))
  }

  @Test func `a wide bus name is one finding`() {
    let report = linted("version = 1\n[bus.session]\ntalk = [\"org.freedesktop.*\"]\n")
    let found = report.findings.filter { $0.rule.hasSuffix("-bus") }
    #expect(found.map(\.rule) == ["unfiltered-bus"])
  }
}
