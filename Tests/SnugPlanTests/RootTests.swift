import SnugPlan
import SnugProfile
import TestSupport
import Testing

struct RootTests {
  @Test func systemRootHasUsrLinksAndTemporaryPlaces() throws {
    let plan = try plan("")
    #expect(plan.lines(at: "/usr") == ["bind /usr read-only"])
    #expect(plan.lines(at: "/bin") == ["symlink usr/bin"])
    #expect(plan.lines(at: "/lib64") == ["symlink usr/lib64"])
    #expect(plan.lines(at: "/proc") == ["proc"])
    #expect(plan.lines(at: "/dev") == ["dev"])
    #expect(plan.lines(at: "/tmp") == ["tmpfs writable 1777"])
    #expect(plan.lines(at: "/var/tmp") == ["tmpfs writable 1777"])
    #expect(plan.lines(at: "/run") == ["tmpfs writable 755"])
    #expect(plan.lines(at: "/run/user/1000") == ["tmpfs writable 700"])
    #expect(plan.lines(at: "/home/anna") == ["tmpfs writable 700"])
    for absent in ["/opt", "/srv", "/var/lib", "/root", "/home", "/sys"] { #expect(plan.lines(at: absent) == []) }
    #expect(plan.ops.last?.op == .remount(Remount(target: "/")))
    #expect(plan.hidden == [])
  }

  @Test func splitUsrIsBound() throws {
    let tree = debian()
    tree.directory("/lib32")
    #expect(try plan("", on: tree).lines(at: "/lib32") == ["bind /lib32 read-only"])
    // A link to where nothing is seen inside would dangle.
    tree.directory("/opt/libx32")
    tree.link("/libx32", "/opt/libx32")
    #expect(try plan("", on: tree).lines(at: "/libx32") == ["bind /opt/libx32 read-only"])
  }

  @Test func minimalEtcPicks() throws {
    let plan = try plan("")
    #expect(plan.lines(at: "/etc/alternatives") == ["bind /etc/alternatives read-only"])
    #expect(plan.lines(at: "/etc/localtime") == ["symlink /usr/share/zoneinfo/Europe/Berlin"])
    #expect(plan.lines(at: "/etc/os-release") == ["symlink ../usr/lib/os-release"])
    #expect(plan.lines(at: "/etc/mtab") == ["symlink /proc/self/mounts"])
    #expect(plan.lines(at: "/etc/python3.11") == ["bind /etc/python3.11 read-only"])
    for absent in ["machine-id", "shadow", "ssl", "resolv.conf", "ssh", "services", "fonts", "X11", "gitconfig"] {
      #expect(plan.lines(at: "/etc/" + absent) == [], "\(absent)")
    }
    let passwd = plan.ops.compactMap { op -> String? in
      if case .file(let file) = op.op, file.target == "/etc/passwd" {
        String(decoding: file.content, as: UTF8.self)
      } else {
        nil
      }
    }
    #expect(
      passwd == [
        "anna:x:1000:1000::/home/anna:/bin/bash\nroot:x:0:0:root:/root:/usr/sbin/nologin\n"
          + "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
      ])
  }

  @Test func networkBringsNamesAndCertificates() throws {
    let plan = try plan("[network]\nmode = \"host\"")
    #expect(plan.lines(at: "/etc/resolv.conf") == ["bind /run/systemd/resolve/stub-resolv.conf read-only"])
    #expect(plan.lines(at: "/etc/ssl") == ["bind /etc/ssl read-only"])
    #expect(plan.lines(at: "/etc/hosts") == ["bind /etc/hosts read-only"])
    #expect(plan.lines(at: "/etc/ssh/ssh_config") == ["bind /etc/ssh/ssh_config read-only"])
    #expect(plan.lines(at: "/etc/ssh") == [])
    #expect(!plan.namespaces.contains(.network))
    #expect(try SnugPlanTests.plan("").namespaces == Namespace.allCases)
  }

  @Test func hostRootShowsTheRestButNeverHomes() throws {
    let tree = debian()
    tree.file("/vmlinuz.config")
    let plan = try plan("[files]\nroot = \"host\"\n[network]\nmode = \"host\"", on: tree)
    for shown in ["/usr", "/etc", "/opt", "/srv", "/var", "/vmlinuz.config"] {
      #expect(plan.lines(at: shown) == ["bind \(shown) read-only"])
    }
    #expect(plan.lines(at: "/bin") == ["symlink usr/bin"])
    for never in ["/home", "/root", "/sys"] { #expect(plan.lines(at: never) == []) }
    #expect(plan.lines(at: "/var/tmp") == ["tmpfs writable 1777"])
    // The link in /etc leads into /run, where it has to stand.
    #expect(
      plan.lines(at: "/run/systemd/resolve/stub-resolv.conf")
        == ["bind /run/systemd/resolve/stub-resolv.conf read-only"])
  }

  @Test func hostRootHidesHomesBehindLinks() throws {
    let tree = debian()
    tree.directory("/var/home/anna", "/var/home/bert")
    tree.link("/home", "var/home")
    let plan = try plan("[files]\nroot = \"host\"\nhome = \"none\"", on: tree)
    #expect(plan.lines(at: "/var/home") == ["tmpfs read-only 0"])
  }

  @Test func emptyRootIsEmpty() throws {
    let plan = try plan(
      "[files]\nroot = \"empty\"\n[[files.op]]\nop = \"bind\"\nhost = \"/opt/app\"\ntarget = \"/app\"")
    #expect(plan.ops.map { $0.op.target } == ["/app", "/"])
  }

  @Test func identity() throws {
    let nobody = try plan("[process]\nuser = \"nobody\"")
    #expect(nobody.process.uid == 65534)
    #expect(nobody.variables["USER"] == "nobody")
    #expect(nobody.lines(at: "/run/user/65534") == ["tmpfs writable 700"])
    #expect(try plan("[process]\nuser = \"root\"").process.uid == 0)
  }
}
