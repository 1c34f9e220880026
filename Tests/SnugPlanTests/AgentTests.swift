import TestSupport
import Testing

@testable import SnugPlan

struct AgentTests {
  static let ssh = "[desktop]\nssh-agent = true"
  static let gpg = "[desktop]\ngpg-agent = true"

  private func machine() -> FixtureTree {
    let tree = debian()
    tree.special("/tmp/ssh-abc/agent.7", .socket)
    tree.special("/tmp/ssh-abc/other", .socket)
    return tree
  }

  @Test func theSocketOfTheVariableAlone() throws {
    let plan = try plan(Self.ssh, on: machine(), [("SSH_AUTH_SOCK", "/tmp/ssh-abc/agent.7")])
    #expect(plan.lines(at: "/run/snug/ssh-agent") == ["bind /tmp/ssh-abc/agent.7 read-only"])
    #expect(plan.variables["SSH_AUTH_SOCK"] == "/run/snug/ssh-agent")
    #expect(!plan.ops.contains { $0.op.shown.contains("/tmp/ssh-abc") || $0.op.shown.contains("/tmp/ssh-abc/other") })
    #expect(plan.services.map(\.words) == ["the SSH agent"])
  }

  @Test func aKeptVariableDoesNotLeadOutside() throws {
    let text = Self.ssh + "\n[environment]\nkeep = [\"SSH_AUTH_SOCK\"]"
    let plan = try plan(text, on: machine(), [("SSH_AUTH_SOCK", "/tmp/ssh-abc/agent.7")])
    #expect(plan.variables["SSH_AUTH_SOCK"] == "/run/snug/ssh-agent")
  }

  @Test(
    arguments: [
      (nil, "SSH_AUTH_SOCK is not set"), ("", "SSH_AUTH_SOCK is not set"), ("agent", "not an absolute path"),
      ("/tmp/../x", "not an absolute path"), ("/tmp/gone", "/tmp/gone, which does not exist"),
      ("/etc/hosts", "is a file, not a socket"),
    ] as [(String?, String)])
  func theVariableIsJudged(value: String?, why: String) throws {
    let refused = try refusal(Self.ssh, on: machine(), value.map { [("SSH_AUTH_SOCK", $0)] } ?? [])
    #expect(refused.contains("cannot reach the SSH agent: ") && refused.contains(why), "\(refused)")
  }

  @Test func anotherUsersAgentIsRefused() throws {
    let variables = [("SSH_AUTH_SOCK", "/tmp/ssh-abc/agent.7")]
    #expect(try refusal(Self.ssh, on: machine(), variables, owner: 1001).contains("belongs to user 1001"))
  }

  @Test(arguments: ["/run/user/1000/gnupg", "/home/anna/.gnupg"]) func gnuPGsRestrictedSocket(folder: String) throws {
    let tree = debian()
    tree.special(folder + "/S.gpg-agent", .socket)
    tree.special(folder + "/S.gpg-agent.extra", .socket)
    let plan = try plan(Self.gpg, on: tree)
    #expect(plan.lines(at: "/run/user/1000/gnupg/S.gpg-agent") == ["bind \(folder)/S.gpg-agent.extra read-only"])
    #expect(plan.lines(at: "/run/user/1000/gnupg") == ["directory"])
    #expect(plan.notEnforced == [])
  }

  @Test func theFullSocketOnlyWhereItMay() throws {
    let tree = debian()
    tree.special("/run/user/1000/gnupg/S.gpg-agent", .socket)
    #expect(try problem(Self.gpg, on: tree).text.contains("S.gpg-agent is not restricted"))
    let plan = try plan("optional = [\"desktop.gpg-agent\"]\n" + Self.gpg, on: tree)
    #expect(plan.lines(at: "/run/user/1000/gnupg/S.gpg-agent") == ["bind /run/user/1000/gnupg/S.gpg-agent read-only"])
    #expect(plan.notEnforced == ["desktop.gpg-agent"])
    #expect(try problem(Self.gpg).text.contains("hint: start it: gpgconf --launch gpg-agent"))
  }

  @Test func aHomeOfGnuPGsOwn() throws {
    let tree = debian()
    tree.special("/run/user/1000/gnupg/S.gpg-agent.extra", .socket)
    let variables = [("GNUPGHOME", "/srv/keys")]
    let refused = try refusal(Self.gpg, on: tree, variables)
    #expect(refused.contains("there is no /srv/keys/S.gpg-agent.extra") && refused.contains("unset GNUPGHOME"))
    tree.special("/srv/keys/S.gpg-agent.extra", .socket)
    let plan = try plan(Self.gpg, on: tree, variables)
    #expect(plan.lines(at: "/run/user/1000/gnupg/S.gpg-agent") == ["bind /srv/keys/S.gpg-agent.extra read-only"])
  }
}

struct PrintingTests {
  private static let asked = "[desktop]\nprinting = true"

  @Test func theSocketAlone() throws {
    let tree = debian()
    tree.special("/run/cups/cups.sock", .socket)
    tree.file("/home/anna/.cups/lpoptions")
    tree.file("/etc/papersize")
    let plan = try plan(Self.asked, on: tree)
    #expect(plan.lines(at: "/run/cups/cups.sock") == ["bind /run/cups/cups.sock read-only"])
    #expect(plan.lines(at: "/home/anna/.cups/lpoptions") == ["bind /home/anna/.cups/lpoptions read-only"])
    #expect(plan.lines(at: "/etc/papersize") == ["bind /etc/papersize read-only"])
    #expect(plan.variables["CUPS_SERVER"] == "/run/cups/cups.sock")
  }

  @Test func whereItIsMissingTheAppGoesWithout() throws {
    let plan = try plan(Self.asked)
    #expect(plan.skipped.map(\.path) == ["printers"] && plan.variables["CUPS_SERVER"] == nil)
    #expect(plan.skipped.first?.hint?.contains("cups") == true)
  }

  @Test func theVariableIsJudged() throws {
    let tree = debian()
    tree.special("/srv/cups.sock", .socket)
    let plan = try plan(Self.asked, on: tree, [("CUPS_SERVER", "/srv/cups.sock")])
    #expect(plan.lines(at: "/run/cups/cups.sock") == ["bind /srv/cups.sock read-only"])
    #expect(try refusal(Self.asked, on: tree, [("CUPS_SERVER", "far:631")]).contains("names no socket"))
    #expect(try refusal(Self.asked, on: tree, [("CUPS_SERVER", "/gone")]).contains("/gone, which does not exist"))
  }
}

struct ThemeTests {
  @Test func filesAndVariables() throws {
    let tree = debian()
    tree.directory("/home/anna/.themes/Blue", "/home/anna/.local/share/icons", "/home/anna/.config/dconf")
    tree.directory("/data/icons")
    for name in ["gtk-3.0/settings.ini", "gtk-3.0/bookmarks", "kdeglobals", "qt5ct/qt5ct.conf"] {
      tree.file("/home/anna/.config/" + name)
    }
    let variables = [
      ("XCURSOR_THEME", "Big"), ("XCURSOR_SIZE", "48"), ("XCURSOR_PATH", "~/.icons:/usr/share:/data/icons:~/.themes"),
      ("GTK_THEME", "Blue"),
    ]
    let plan = try plan("[desktop]\nthemes = true", on: tree, variables)
    for path in [".themes", ".local/share/icons", ".config/gtk-3.0/settings.ini", ".config/kdeglobals"] {
      #expect(plan.lines(at: "/home/anna/" + path) == ["bind /home/anna/\(path) read-only"])
    }
    for path in [".config/gtk-3.0/bookmarks", ".config/gtk-3.0", ".config/dconf", ".config", ".icons"] {
      #expect(plan.lines(at: "/home/anna/" + path) == [])
    }
    #expect(plan.variables["XCURSOR_THEME"] == "Big" && plan.variables["XCURSOR_SIZE"] == "48")
    #expect(plan.variables["XCURSOR_PATH"] == "/usr/share:~/.themes")
    #expect(try SnugPlanTests.plan("", on: tree, variables).variables["XCURSOR_THEME"] == nil)
  }

  /// Inside, the directories of XDG are where they usually are.
  @Test func movedDirectories() throws {
    let tree = debian()
    tree.directory("/srv/config/fontconfig", "/srv/cache/fontconfig")
    tree.file("/srv/config/gtk-4.0/settings.ini")
    let plan = try plan(
      "[desktop]\nthemes = true\nfonts = true", on: tree,
      [("XDG_CONFIG_HOME", "/srv/config"), ("XDG_CACHE_HOME", "/srv/cache")])
    #expect(
      plan.lines(at: "/home/anna/.config/gtk-4.0/settings.ini") == ["bind /srv/config/gtk-4.0/settings.ini read-only"])
    #expect(plan.lines(at: "/home/anna/.config/fontconfig") == ["bind /srv/config/fontconfig read-only"])
    #expect(plan.lines(at: "/home/anna/.cache/fontconfig") == ["bind /srv/cache/fontconfig read-only"])
  }
}
