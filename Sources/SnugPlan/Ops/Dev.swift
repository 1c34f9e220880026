/// A small `/dev` of the sandbox's own: six harmless nodes, terminals of its own, shared memory of its own, read-only.
public struct Dev: Step {
  package static let name = "dev"
  /// Where it lands inside.
  public var target: String
  /// Whether POSIX message queues stand at `mqueue`.
  public var mqueue: Bool
  /// Left writable, because device nodes are bound there next; a remount makes it read-only after them.
  public var isOpen: Bool
  /// Whether `shm` is a file system of its own; else it is a directory of this one, which has no limit of size then.
  public var limitsMemory: Bool
  /// The caller's terminal, shown as `console`.
  public var console: Source?

  /// Makes a dev.
  public init(
    target: String, mqueue: Bool = false, isOpen: Bool = false, limitsMemory: Bool = true, console: Source? = nil
  ) {
    self.target = target
    self.mqueue = mqueue
    self.isOpen = isOpen
    self.limitsMemory = limitsMemory
    self.console = console
  }

  package var action: String { "make the devices in \(target)" }

  /// Name, major and minor, see Documentation/admin-guide/devices.txt of the kernel. A node cannot be made in a user
  /// namespace, only bound; what is bound must be the node of that number, not a file of that name.
  static let nodes: [(name: String, major: UInt32, minor: UInt32)] = [
    ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0),
  ]
  static let links = [
    ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"), ("core", "/proc/kcore"), ("ptmx", "pts/ptmx"),
  ]
  static let nodeAttributes: MountAttributes = [.noSetuid, .noExecute]
  static let ownAttributes: MountAttributes = [.noSetuid, .noDevices]
  /// Of a devpts of our own. No gid=5: that group is not mapped.
  private static let terminalOptions = [
    ("source", "devpts"), ("newinstance", ""), ("ptmxmode", "0666"), ("mode", "620"),
  ]

  /// A devpts that is attached nowhere.
  package static func makeTerminals(_ site: Site) throws(KernelError) -> Descriptor {
    try site.makeFileSystem("devpts", terminalOptions, nodeAttributes)
  }

  package func prepare(_ site: Site) throws(KernelError) -> [Descriptor] {
    var mounts: [Descriptor] = []
    for node in Self.nodes {
      let path = "/dev/\(node.name)"
      let file = try site.kernel.openat2(site.hostRoot, path, .pathWithoutLinks)
      let status = try site.kernel.statx(file)
      if status.type != .characterDevice || status.nodeMajor != node.major || status.nodeMinor != node.minor {
        throw KernelError(
          refused: "statx", path, because: "\(path) is not the character device \(node.major):\(node.minor)")
      }
      let mount = try site.kernel.openTree(file, recursive: false)
      site.kernel.close(file)
      try site.kernel.mountSetattr(mount, Self.nodeAttributes, recursive: false)
      mounts.append(mount)
    }
    if let console { mounts.append(try site.clone(console, Self.nodeAttributes)) }
    return mounts
  }

  package func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    let kernel = site.kernel
    let own = try site.makeTmpfs(size: limitsMemory ? 64 << 10 : nil, mode: 0o755, Self.ownAttributes)
    try site.attach(own, at: target, .directory, Self.ownAttributes)
    // From here everything is reached through this descriptor: `target` may be a name that leads through links.
    let dev = try kernel.openat2(site.newRoot, target, .path)
    let names = Self.nodes.map({ $0.name }) + (console == nil ? [] : ["console"])
    for (index, name) in names.enumerated() {
      kernel.close(try kernel.openat2(dev, name, .create(mode: 0o444)))
      let file = try kernel.openat2(dev, name, .pathWithoutLinks)
      try site.attach(mounts[index], on: file, Self.nodeAttributes)
      kernel.close(file)
    }
    for (name, to) in Self.links { try kernel.symlinkat(to, dev, name) }
    // No nodev: terminals are devices.
    try add("pts", "devpts", Self.terminalOptions, Self.nodeAttributes, dev, site)
    if limitsMemory {
      try add("shm", "tmpfs", [("source", site.tmpfsSource), ("mode", "1777")], Self.ownAttributes, dev, site)
    } else {
      try kernel.mkdirat(dev, "shm", mode: 0o755)
    }
    if mqueue { try add("mqueue", "mqueue", [], Self.ownAttributes.union(.noExecute), dev, site) }
    if !isOpen { try site.restrict(dev, [.readOnly]) }
    kernel.close(dev)
  }

  private func add(
    _ name: String, _ type: String, _ options: [(String, String)], _ attributes: MountAttributes, _ dev: Descriptor,
    _ site: Site
  ) throws(KernelError) {
    try site.kernel.mkdirat(dev, name, mode: 0o755)
    let directory = try site.kernel.openat2(dev, name, .pathWithoutLinks)
    try site.attach(try site.makeFileSystem(type, options, attributes), on: directory, attributes)
    site.kernel.close(directory)
  }
}

extension Plan {
  /// Where the plan makes its devices; nil: nowhere.
  public var devTarget: String? {
    for planned in ops { if case .dev(let dev) = planned.op { return dev.target } }
    return nil
  }
}
