import SnugProfile

/// A profile in which every written path stands for one: a name that means nothing here, or that is refused where the
/// command was started, gets its usual place.
func imagined(_ profile: Profile, _ host: Host) -> Profile {
  var profile = profile
  func stand(_ path: PathValue) -> PathValue {
    if path.absolute != nil { return path }
    return PathValue(written: path.written, meaning: .absolute(usualPlace(path.written, host)))
  }
  for index in profile.files.grants.indices {
    profile.files.grants[index].path = stand(profile.files.grants[index].path)
    profile.files.grants[index].at = profile.files.grants[index].at.map(stand)
  }
  for index in profile.files.ops.indices {
    profile.files.ops[index].value = profile.files.ops[index].value.mapped(stand)
  }
  for index in profile.devices.nodes.indices {
    profile.devices.nodes[index].value = stand(profile.devices.nodes[index].value)
  }
  // A claim that something is hidden holds for what stands for nothing.
  profile.assertions.readable = profile.assertions.readable.map { Located(stand($0.value), at: $0.origin) }
  profile.assertions.writable = profile.assertions.writable.map { Located(stand($0.value), at: $0.origin) }
  profile.process.workingDirectory = profile.process.workingDirectory.map { Located(stand($0.value), at: $0.origin) }
  return profile
}

/// Stands for the directory that a command is started in, where the one at hand may not be granted.
let startDirectory = "/(the directory it is started in)"

/// Where the written path of a name without meaning usually is: as xdg-user-dirs(1) makes them, in English.
private func usualPlace(_ written: String, _ host: Host) -> String {
  let names = components(written)
  let rest = names.dropFirst().filter { $0 != "." }.joined(separator: "/")
  let base: String
  switch names.first ?? "." {
  case ".": base = startDirectory
  case "xdg-run": base = usualRuntimeDirectory(host)
  case "xdg-download": base = joined(host.home, "Downloads")
  case let name where name.hasPrefix("xdg-"):
    let folder = name.dropFirst(4)
    base = joined(host.home, folder.prefix(1).uppercased() + folder.dropFirst())
  default: base = startDirectory
  }
  return joined(base, rest)
}

private func usualRuntimeDirectory(_ host: Host) -> String { host.runtimeDirectory ?? "/run/user/\(host.uid)" }

/// The machine as it would be with everything that the profiles name: files, a display, the caller's variables, whoever
/// holds limits, and the newest landlock that Snug uses. A missing grant is a directory; what is there is as it is.
func imaginedHost(_ host: Host, for profiles: [Profile]) -> Host {
  var imagined = host
  imagined.landlockABI = max(host.landlockABI, newestLandlock)
  imagined.groups = { .complete }
  imagined.runtimeDirectory = usualRuntimeDirectory(host)
  // Where the caller has no bus, or one that cannot be filtered, there would be one at the usual place.
  imagined.environment.removeAll { variable in
    FilteredBus.Kind.allCases.contains { $0.variable == variable.name }
  }
  // Likewise for what says where services listen.
  let services: [(String, (Profile) -> Bool)] = [
    ("PULSE_SERVER", { $0.desktop.audio.value != .off }), ("PIPEWIRE_REMOTE", { $0.desktop.audio.value != .off }),
    ("PULSE_RUNTIME_PATH", { $0.desktop.audio.value != .off }), ("CUPS_SERVER", { $0.desktop.printing.value }),
    ("SSH_AUTH_SOCK", { $0.desktop.sshAgent.value }), ("GNUPGHOME", { $0.desktop.gpgAgent.value }),
  ]
  for (variable, asks) in services where profiles.contains(where: asks) {
    imagined.environment.removeAll { $0.name == variable }
  }
  if profiles.contains(where: { $0.desktop.sshAgent.value }) {
    imagined.environment.append(("SSH_AUTH_SOCK", Array(usualSSHAgent(host).utf8)))
  }
  var display = 0
  if let local = host.variable("DISPLAY").flatMap(localDisplay) {
    display = local.number
  } else {
    imagined.environment.append(("DISPLAY", Array(":0".utf8)))
  }
  let compositor = imaginedCompositor(&imagined)
  // Where X11 may stand in for it, only a compositor that is named is there.
  if profiles.contains(where: { $0.desktop.wayland.value }), imagined.variable("WAYLAND_DISPLAY") == nil {
    imagined.environment.append(("WAYLAND_DISPLAY", Array(compositor.utf8)))
  }
  for name in profiles.flatMap({ $0.environment.keep }).map({ $0.value }) where host.variable(name) == nil {
    if !imagined.environment.contains(where: { $0.name == name }) { imagined.environment.append((name, [])) }
  }

  var named = PathTree<FileType>()
  func name(_ path: String?, _ type: FileType) {
    guard let path else { return }
    for path in [path, realOfImagined(path, host)] where named[path] == nil { named[path] = type }
  }
  for profile in profiles {
    for node in profile.devices.nodes { name(node.value.absolute, .characterDevice) }
    for op in profile.files.ops.map({ $0.value }) { for source in op.sources { name(source.absolute, .directory) } }
    for grant in profile.files.grants {
      name(grant.path.absolute, .directory)
      name(grant.at?.absolute, .directory)
    }
    name(profile.process.workingDirectory?.value.absolute, .directory)
    if profile.asks(for: .session) { name(joined(usualRuntimeDirectory(host), "bus"), .socket) }
    if profile.asks(for: .system) { name("/run/dbus/system_bus_socket", .socket) }
    if FilteredBus.Kind.allCases.contains(where: { profile.asks(for: $0) }) { name(usualBusProxy, .file) }
    if profile.desktop.x11.value != .off { name(xSocket(display), .socket) }
    if profile.desktop.x11.value == .isolated { name(usualOwnServer, .file) }
    if profile.desktop.wayland.value { name(compositor, .socket) }
    if profile.desktop.audio.value != .off { name(joined(usualRuntimeDirectory(host), "pulse/native"), .socket) }
    if profile.desktop.sshAgent.value { name(usualSSHAgent(host), .socket) }
    if profile.desktop.gpgAgent.value { name("/run/user/\(host.uid)/gnupg/S.gpg-agent.extra", .socket) }
    if profile.desktop.printing.value { name("/run/cups/cups.sock", .socket) }
    if profile.devices.kvm.value { name("/dev/kvm", .characterDevice) }
  }
  name(host.home, .directory)
  let found = named
  imagined.owner = { host.owner($0) ?? (found.holds($0) ? host.uid : nil) }
  let programs = [usualBusProxy, usualOwnServer]
  imagined.isExecutable = { host.isExecutable($0) || programs.contains($0) && found.holds($0) }
  let hasUsualPath = host.variable("PATH")?.split(separator: ":").contains("/usr/bin") ?? true
  if !hasUsualPath, programs.contains(where: { found.holds($0) }) {
    imagined.environment.append(("PATH", Array("/usr/bin".utf8)))
  }
  imagined.look = { path in
    let facts = host.look(path)
    if case .exists = facts { return facts }
    guard found.holds(path) else { return facts }
    let isBelowDev = isAtOrBelow(path, "/dev") && path != "/dev"
    let type = found[path].map { $0 == .directory && isBelowDev ? .characterDevice : $0 } ?? .directory
    let identity = FileIdentity(deviceMajor: 0, deviceMinor: 0, inode: 0)
    return .exists(real: realOfImagined(path, host), type: type, identity: identity, link: nil)
  }
  return imagined
}

/// Where a compositor would listen. A connection that was made for one program, or a name that is none, is taken out.
private func imaginedCompositor(_ host: inout Host) -> String {
  host.environment.removeAll { $0.name == "WAYLAND_SOCKET" || $0.name == "SNUG_SCREEN" }
  let names = host.variable("WAYLAND_DISPLAY").map { components($0) } ?? []
  if names.isEmpty || names.contains(".") || names.contains("..") {
    host.environment.removeAll { $0.name == "WAYLAND_DISPLAY" }
  }
  let named = host.variable("WAYLAND_DISPLAY") ?? usualCompositor
  return compositorPath(named, host) ?? joined(usualRuntimeDirectory(host), usualCompositor)
}
private func usualSSHAgent(_ host: Host) -> String { joined(usualRuntimeDirectory(host), "ssh-agent.socket") }

/// Where distributions put it.
private let usualBusProxy = "/usr/bin/xdg-dbus-proxy"

/// Likewise, of all servers the one that needs an X server alone.
private let usualOwnServer = "/usr/bin/Xephyr"

/// Every part of `[landlock]` that Snug knows can be had from here on.
private let newestLandlock = 7

/// Where a missing path would be without links: below the real path of its nearest parent that is there.
private func realOfImagined(_ path: String, _ host: Host) -> String {
  var existing = path
  var rest = ""
  while existing != "/" {
    if case .exists(let real, _, _, _) = host.look(existing) { return joined(real, rest) }
    let (parent, name) = splitPath(existing)
    existing = parent
    rest = rest.isEmpty ? name : name + "/" + rest
  }
  return joined("/", rest)
}

extension ExactOp {
  /// The host paths that it needs.
  var sources: [PathValue] {
    switch self {
    case .bind(let host, _, _, _): [host]
    case .overlay(_, let lower, let upper, let work, _, _): lower + [upper, work].compactMap { $0 }
    default: []
    }
  }

  /// The same op with each path put through a function.
  func mapped(_ path: (PathValue) -> PathValue) -> ExactOp {
    switch self {
    case .bind(let host, let target, let access, let ifMissing):
      .bind(host: path(host), target: path(target), access: access, ifMissing: ifMissing)
    case .tmpfs(let target, let size, let mode, let access):
      .tmpfs(target: path(target), size: size, mode: mode, access: access)
    case .overlay(let target, let lower, let upper, let work, let size, let access):
      .overlay(
        target: path(target), lower: lower.map(path), upper: upper.map(path), work: work.map(path), size: size,
        access: access)
    case .proc(let target): .proc(target: path(target))
    case .dev(let target): .dev(target: path(target))
    case .mqueue(let target): .mqueue(target: path(target))
    case .directory(let target, let mode): .directory(target: path(target), mode: mode)
    case .file(let target, let content, let mode): .file(target: path(target), content: content, mode: mode)
    case .symlink(let target, let to): .symlink(target: path(target), to: to)
    case .remount(let target, let access): .remount(target: path(target), access: access)
    }
  }
}
