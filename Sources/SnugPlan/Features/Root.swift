import SnugProfile

extension Draft {
  /// `files.root`: what `/` is made of.
  mutating func addRoot() {
    let origin = profile.files.root.origin
    switch profile.files.root.value {
    case .empty: return
    case .system: addSystemDirectories(from: origin)
    case .host: addHostDirectories(from: origin)
    }
    put(.proc(Proc(target: "/proc")), from: origin)
    put(.dev(Dev(target: "/dev", isOpen: profile.devices.needNodes)), from: origin)
    // Bounded: what is written there takes the machine's memory.
    put(.tmpfs(Tmpfs(target: "/tmp", size: memory(in: 4), mode: 0o1777)), from: origin)
    put(.tmpfs(Tmpfs(target: "/var/tmp", size: memory(in: 4), mode: 0o1777)), from: origin)
    put(.tmpfs(Tmpfs(target: "/run", size: min(64 << 20, memory(in: 10)), mode: 0o755)), from: origin)
    put(.tmpfs(Tmpfs(target: runtimeDirectory, size: memory(in: 10), mode: 0o700)), from: origin)
  }

  /// One of so many equal parts of the machine's memory, in whole MiB.
  func memory(in parts: UInt64) -> UInt64 { max(1 << 20, ((host.memory / parts) >> 20) << 20) }

  /// Where `XDG_RUNTIME_DIR` is inside.
  var runtimeDirectory: String { "/run/user/\(identity.uid)" }

  /// `/usr` and the names that a merged `/usr` gives it, see hier(7) and file-hierarchy(7).
  private mutating func addSystemDirectories(from origin: Origin) {
    show("/usr", from: origin)
    for name in ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] { showOrLink(name, from: origin) }
  }

  private mutating func addHostDirectories(from origin: Origin) {
    for name in host.list("/").map({ "/" + $0 }) where !neverFromHost.contains(name) {
      showOrLink(name, from: origin)
    }
    // Their names may be links into what is shown: `/home -> /var/home`.
    for name in neverFromHost + [host.home] where name != "/proc" && name != "/dev" {
      guard let hidden = source(name) else { continue }
      mask(hidden, from: origin)
    }
  }

  /// A link stays a link where what it leads to is seen inside, else what it leads to stands in its place.
  private mutating func showOrLink(_ path: String, from origin: Origin) {
    if case .exists(let real, _, _, .some(let text)) = look(path),
      profile.files.root.value == .host || resolve(real).isHost(real)
    {
      put(.symlink(Symlink(target: path, to: text)), from: origin)
    } else {
      show(path, from: origin)
    }
  }
}

extension InsidePlace {
  /// Whether exactly this host file is seen there.
  func isHost(_ real: String) -> Bool {
    if case .host(let seen, _) = state { samePath(seen, real) } else { false }
  }
}
