import SnugPlan
import SnugProfile

/// A Debian-like machine of one user.
package func debian() -> FixtureTree {
  let tree = FixtureTree()
  tree.directory("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo/Europe", "/usr/local/bin")
  for (name, to) in [("bin", "usr/bin"), ("sbin", "usr/sbin"), ("lib", "usr/lib"), ("lib64", "usr/lib64")] {
    tree.link("/" + name, to)
  }
  for name in [
    "sh", "dash", "bash", "true", "make", "xterm", "mousepad", "git", "python3.11", "xdg-dbus-proxy", "pasta",
    "firefox-esr", "chromium", "thunderbird", "gedit", "evince", "zathura", "eog", "feh", "mpv", "vlc", "gimp",
    "libreoffice", "keepassxc", "zenity", "pcmanfm", "ssh", "curl", "node", "gcc",
  ] {
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
  tree.file("/home/anna/.ssh/known_hosts")
  tree.special("/dev/null", .characterDevice)
  tree.special("/dev/kvm", .characterDevice)
  tree.special("/dev/sda", .blockDevice)
  tree.special("/tmp/.X11-unix/X0", .socket)
  tree.special("/run/user/1000/bus", .socket)
  tree.special("/run/dbus/system_bus_socket", .socket)
  tree.special("/home/anna/pipe", .fifo)
  return tree
}

/// The user of that machine.
package func anna(
  _ tree: FixtureTree, in directory: String? = "/home/anna", landlockABI: Int = 7, groups: GroupFacts = .complete
) -> Host {
  Host(
    uid: 1000, gid: 1000, userName: "anna", groupName: "anna", hostName: "mill", home: "/home/anna", shell: "/bin/bash",
    runtimeDirectory: "/run/user/1000", dataHome: "/home/anna/.local/share", workingDirectory: directory,
    environment: [
      ("LANG", Array("de_DE.UTF-8".utf8)), ("TERM", Array("xterm-256color".utf8)), ("DISPLAY", Array(":0".utf8)),
      ("SECRET", Array("1234".utf8)), ("PATH", Array("/home/anna/bin:/usr/bin".utf8)), ("BYTES", [0x66, 0xff]),
    ],
    umask: 0o022, memory: 8 << 30, landlockABI: landlockABI, look: { tree.look($0) }, list: { tree.list($0) },
    read: { tree.read($0) }, isExecutable: { tree.isExecutable($0) },
    owner: { _ in 1000 }, groups: { groups })
}

package func context(_ host: Host) -> PathContext {
  PathContext(
    home: host.home, xdg: ["xdg-download": "/home/anna/Downloads", "xdg-pictures": "/home/anna/Pictures"],
    runtimeDirectory: host.runtimeDirectory, workingDirectory: host.workingDirectory)
}
