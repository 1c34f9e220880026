import SnugProfile

extension Draft {
  /// `files.home`: what the home is made of. It stands at the caller's own path.
  mutating func addHome() {
    let origin = profile.files.home.origin
    let mode = profile.files.home.value
    // An empty root is empty: a home comes only where someone wrote it down.
    if mode == .none || (profile.files.root.value == .empty && origin == .defaults) { return }
    if let why = noHome(host.home) {
      fail(
        .cannotStartHere, "cannot make a home at \(host.home): \(why)", at: origin,
        hint: "set files.home = \"none\", or HOME")
      return
    }
    guard let target = destination(host.home, from: origin) else { return }
    switch mode {
    case .none: return
    case .temporary:
      put(.tmpfs(Tmpfs(target: target, size: memory(in: 4), mode: 0o700)), from: origin)
    case .kept:
      guard let source = keptHome(origin) else { return }
      privateHome = Located(source.path, at: origin)
      put(.bind(Bind(source: source, target: target, access: .writable)), from: origin, isKept: true)
    case .overlay:
      guard let source = realHome(origin) else { return }
      put(.overlay(Overlay(target: target, lower: [source], size: memory(in: 4))), from: origin)
    case .host:
      guard let source = realHome(origin) else { return }
      put(.bind(Bind(source: source, target: target, access: .writable)), from: origin)
    }
  }

  /// Accounts of services have homes like `/` or `/usr/sbin`: a home there would cover the system.
  private func noHome(_ path: String) -> String? {
    if ["/", "/home", "/run", "/run/user", "/tmp", "/var", "/var/tmp"].contains(path) {
      return "it is a system directory"
    }
    let system = [
      "/usr", "/etc", "/proc", "/dev", "/sys", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/boot",
    ]
    return system.contains { isAtOrBelow(path, $0) } ? "it is below a system directory" : nil
  }

  private mutating func realHome(_ origin: Origin) -> Source? {
    guard let source = source(host.home), source.type == .directory else {
      fail(.cannotStartHere, "cannot bind \(host.home) on \(host.home): it is not a directory", at: origin)
      return nil
    }
    return source
  }

  /// The private home of this profile, made before the start where it is missing.
  private mutating func keptHome(_ origin: Origin) -> Source? {
    // One name, whatever the profile was asked for by: it must not lead out of the directory of homes.
    guard components(profile.name) == [Substring(profile.name)], profile.name != ".", profile.name != ".." else {
      fail(.cannotStartHere, "cannot keep a home for profile \(profile.name): its name is no file name", at: origin)
      return nil
    }
    var path = host.dataHome
    for name in ["snug", "homes", profile.name] {
      path = joined(path, name)
      switch look(path) {
      // A link here would lend another directory to the app: CVE-2024-42472.
      case .exists(_, _, _, .some), .missing(.some):
        fail(.cannotStartHere, "cannot use the private home \(path): it is a link", at: origin)
        return nil
      case .exists(_, .directory, _, nil), .missing(nil): continue
      case .exists(_, let type, _, nil):
        fail(.cannotStartHere, "cannot use the private home \(path): it is a \(type.rawValue)", at: origin)
        return nil
      case .unreadable(let code):
        fail(.cannotStartHere, "cannot use the private home \(path): \(reason(code))", at: origin)
        return nil
      }
    }
    if let source = source(path) { return source }
    guard let real = realOfMissing(path) else {
      fail(.cannotStartHere, "cannot make the private home \(path): a name on the way is no directory", at: origin)
      return nil
    }
    creations.append(Located(real, at: origin))
    return Source(path: real, written: path, type: .directory, identity: nil)
  }
}
