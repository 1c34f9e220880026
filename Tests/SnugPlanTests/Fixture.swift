import SnugPlan
import SnugProfile

/// A Debian-like machine of one user.
func debian() -> FixtureTree {
  let tree = FixtureTree()
  tree.directory("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo/Europe", "/usr/local/bin")
  for (name, to) in [("bin", "usr/bin"), ("sbin", "usr/sbin"), ("lib", "usr/lib"), ("lib64", "usr/lib64")] {
    tree.link("/" + name, to)
  }
  for name in ["sh", "dash", "bash", "true", "make", "xterm", "mousepad", "git", "python3.11"] {
    tree.program("/usr/bin/" + name)
  }
  tree.link("/usr/bin/python3", "python3.11")
  tree.program("/usr/bin/vim.basic")
  tree.link("/usr/bin/vim", "/etc/alternatives/vim")
  tree.link("/etc/alternatives/vim", "/usr/bin/vim.basic")
  tree.file("/usr/bin/notes.txt")
  tree.file("/usr/lib/os-release")
  tree.file("/usr/share/zoneinfo/Europe/Berlin")
  tree.link("/etc/localtime", "/usr/share/zoneinfo/Europe/Berlin")
  tree.link("/etc/os-release", "../usr/lib/os-release")
  tree.link("/etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf")
  tree.file("/run/systemd/resolve/stub-resolv.conf")
  tree.link("/etc/mtab", "/proc/mounts")
  for name in [
    "passwd", "group", "hosts", "host.conf", "services", "protocols", "nsswitch.conf", "ld.so.cache", "ld.so.conf",
    "timezone", "machine-id", "shadow", "bash.bashrc", "gitconfig", "ssh/ssh_config", "ssh/ssh_host_key",
    "ca-certificates.conf", "mime.types",
  ] { tree.file("/etc/" + name) }
  tree.directory("/etc/fonts", "/etc/ssl/certs", "/etc/ld.so.conf.d", "/etc/python3", "/etc/python3.11", "/etc/X11")
  tree.directory("/etc/xdg", "/var/cache/fontconfig", "/var/tmp", "/var/lib", "/opt/app", "/srv", "/tmp", "/root")
  tree.directory("/home/anna/.ssh", "/home/anna/src/demo", "/home/anna/Pictures/private", "/home/anna/.config/git")
  tree.directory(
    "/home/anna/.local/share/fonts", "/home/anna/Downloads", "/home/bert", "/run/user/1000", "/sys", "/proc")
  tree.file("/home/anna/.gitconfig")
  tree.file("/home/anna/.bashrc")
  tree.file("/home/anna/.ssh/id_ed25519")
  tree.special("/dev/null", .characterDevice)
  tree.special("/dev/kvm", .characterDevice)
  tree.special("/dev/sda", .blockDevice)
  tree.special("/tmp/.X11-unix/X0", .socket)
  tree.special("/run/user/1000/bus", .socket)
  tree.special("/home/anna/pipe", .fifo)
  return tree
}

/// The user of that machine.
func anna(_ tree: FixtureTree, in directory: String? = "/home/anna", landlockABI: Int = 7) -> Host {
  Host(
    uid: 1000, gid: 1000, userName: "anna", groupName: "anna", hostName: "mill", home: "/home/anna", shell: "/bin/bash",
    runtimeDirectory: "/run/user/1000", dataHome: "/home/anna/.local/share", workingDirectory: directory,
    environment: [
      ("LANG", Array("de_DE.UTF-8".utf8)), ("TERM", Array("xterm-256color".utf8)), ("DISPLAY", Array(":0".utf8)),
      ("SECRET", Array("1234".utf8)), ("PATH", Array("/home/anna/bin:/usr/bin".utf8)), ("BYTES", [0x66, 0xff]),
    ],
    umask: 0o022, memory: 8 << 30, landlockABI: landlockABI, look: { tree.look($0) }, list: { tree.list($0) },
    read: { tree.read($0) }, isExecutable: { tree.isExecutable($0) })
}

func context(_ host: Host) -> PathContext {
  PathContext(
    home: host.home, xdg: ["xdg-download": "/home/anna/Downloads", "xdg-pictures": "/home/anna/Pictures"],
    runtimeDirectory: host.runtimeDirectory, workingDirectory: host.workingDirectory)
}

/// Profiles by name, read as if they stood in the user's own directory; `shipped` ones as if Snug brought them.
func profile(
  _ text: String, named name: String = "test", shipped: [String: String] = [:], options: [OptionSetting] = [],
  for host: Host
) throws(ProfileErrors) -> Profile {
  var files = ["/profiles/\(name).toml": text]
  for (name, text) in shipped { files["/shipped/\(name).toml"] = text }
  let found = files
  let loader = ProfileLoader(
    search: ProfileSearch(directories: [.init(path: "/profiles"), .init(path: "/shipped", isShipped: true)]),
    context: context(host), callerUID: 1000, callerGID: 1000,
    read: { path in
      found[path].map { .file(Array($0.utf8), uid: 1000, gid: 1000, mode: 0o644) }
        ?? .failed(2, "No such file or directory")
    })
  return try loader.load(name, options: options)
}

/// Compiles a profile's text without asking for a program.
func plan(
  _ text: String, on tree: FixtureTree = debian(), in directory: String? = "/home/anna", landlockABI: Int = 7,
  shipped: [String: String] = [:], _ request: ProgramRequest = ProgramRequest(needsProgram: false)
) throws -> Plan {
  let host = anna(tree, in: directory, landlockABI: landlockABI)
  return try compile(profile("version = 1\n" + text, shipped: shipped, for: host), for: host, request)
}

/// The error of compiling, as the person reads it; empty where it compiles.
func problem(
  _ text: String, on tree: FixtureTree = debian(), in directory: String? = "/home/anna", landlockABI: Int = 7,
  _ request: ProgramRequest = ProgramRequest(needsProgram: false)
) throws -> (text: String, status: Int32) {
  do {
    _ = try plan(text, on: tree, in: directory, landlockABI: landlockABI, request)
    return ("", 0)
  } catch let error as CompileError {
    return (error.diagnostics.map(\.text).joined(separator: "\n"), error.exitStatus)
  }
}

extension Plan {
  /// `bind /home/anna/x writable`, without the origins.
  func lines(at target: String) -> [String] {
    ops.filter { $0.op.step.target == target }.map { planned in
      switch planned.op {
      case .bind(let bind): "bind \(bind.source.path) \(bind.access.rawValue)"
      case .tmpfs(let tmpfs): "tmpfs \(tmpfs.access.rawValue) \(String(tmpfs.mode, radix: 8))"
      case .overlay(let overlay): "overlay \(overlay.lower.map(\.path).joined(separator: ":"))"
      case .file(let file): "file \(String(file.mode, radix: 8)) \(file.content.count)"
      case .symlink(let link): "symlink \(link.to)"
      default: planned.op.name
      }
    }
  }

  var variables: [String: String] {
    Dictionary(uniqueKeysWithValues: environment.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) })
  }

  var words: [String] { command.map { String(decoding: $0, as: UTF8.self) } }
}
