import SnugProfile

extension Draft {
  /// A small `/etc`: what programs look up, and nothing that says whose machine this is (no machine-id, no account
  /// database, no host keys, no service settings).
  mutating func addEtc() {
    guard profile.files.root.value == .system else { return }
    let origin = profile.files.root.origin
    addAccounts()
    for name in Self.always { pick(name, from: origin) }
    for name in host.list("/etc") where Self.families.contains(where: { name.hasPrefix($0) }) {
      pick(name, from: origin)
    }
    put(.symlink(Symlink(target: "/etc/mtab", to: "/proc/self/mounts")), from: origin)
  }

  /// The loader, name service switch, links of the alternatives system, shells, editors, types of files, terminals.
  private static let always = [
    "alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "nsswitch.conf", "os-release", "debian_version",
    "bash.bashrc", "bashrc", "profile", "profile.d", "inputrc", "vim", "vimrc", "virc", "terminfo", "mime.types",
    "magic", "magic.mime", "crypto-policies",
  ]

  /// `/usr` holds links to these: `sitecustomize.py`, the settings of a Java, Perl's own directory.
  private static let families = ["python", "java", "perl"]

  /// Shows one entry of `/etc`. A link stays a link where what it leads to is seen inside, else what it leads to stands
  /// in its place: `resolv.conf` often leads into `/run`.
  mutating func pick(_ name: String, from origin: Origin) {
    let path = "/etc/" + name
    if profile.files.root.value == .host {
      // The whole of /etc is there. Only what its links lead to may be missing.
      guard let source = source(path), case .free = resolve(path).state else { return }
      show(source.path, at: path, from: origin)
    } else if case .exists(let real, _, _, .some(let text)) = look(path), resolve(real).isHost(real) {
      put(.symlink(Symlink(target: path, to: text)), from: origin)
    } else {
      show(path, from: origin)
    }
  }
}
