import SnugProfile

/// Directories stacked on each other. With `upper` and `work` changes are kept there; without them and with a size they
/// go to memory and are thrown away; read-only with two lower directories or more.
public struct Overlay: Step {
  package static let name = "overlay"
  /// Where it lands inside.
  public var target: String
  /// First is topmost; at most 500, the kernel's own limit.
  public var lower: [Source]
  /// Where changes are kept; together with `work`.
  public var upper: Source?
  /// An empty directory on the same file system as `upper`.
  public var work: Source?
  /// Bytes for throw-away changes; nil: read-only, or kept where there is an upper.
  public var size: UInt64?
  /// Who may write, and whether devices work.
  public var access: Access

  /// Makes an overlay.
  public init(
    target: String, lower: [Source], upper: Source? = nil, work: Source? = nil, size: UInt64? = nil,
    access: Access = .writable
  ) {
    self.target = target
    self.lower = lower
    self.upper = upper
    self.work = work
    self.size = size
    self.access = access
  }

  package var action: String { "mount an overlay on \(target)" }

  /// Only now: an upper directory on a detached file system is refused before Linux 6.15, and the scratch tmpfs that
  /// it can be attached in is attached by now.
  package func stage(_ site: Site) throws(KernelError) -> [Descriptor] {
    let kernel = site.kernel
    var upperDirectory: Descriptor?
    var workDirectory: Descriptor?
    var opened: [Descriptor] = []
    let holder = "overlay"
    if let upper, let work {
      upperDirectory = try site.openSource(upper)
      workDirectory = try site.openSource(work)
    } else if let size {
      // The merged root takes the mode of the upper directory: copy it from the topmost lower one.
      let top = try site.openSource(lower[0])
      let mode = try kernel.statx(top).mode
      kernel.close(top)
      try kernel.mkdirat(site.scratch, holder, mode: 0o700)
      let place = try kernel.openat2(site.scratch, holder, .pathWithoutLinks)
      let memory = try site.makeTmpfs(size: size, mode: 0o700, [.noSetuid, .noDevices])
      try kernel.moveMount(memory, to: place)
      kernel.close(place)
      try kernel.mkdirat(memory, "upper", mode: mode)
      try kernel.mkdirat(memory, "work", mode: 0o700)
      upperDirectory = try kernel.openat2(memory, "upper", .pathWithoutLinks)
      workDirectory = try kernel.openat2(memory, "work", .pathWithoutLinks)
      opened.append(memory)
    }
    let context = try kernel.fsopen("overlay")
    try kernel.fsconfig(context, "source", "snug")
    // Without it the mount works in a user namespace, but removing a merged directory fails with EIO.
    try kernel.fsconfig(context, flag: "userxattr")
    for source in lower {
      let layer = try site.openSource(source)
      try give(context, "lowerdir+", layer, source.written, kernel)
      opened.append(layer)
    }
    if let upperDirectory, let workDirectory {
      try give(context, "upperdir", upperDirectory, upper?.written ?? target, kernel)
      try give(context, "workdir", workDirectory, work?.written ?? target, kernel)
      opened += [upperDirectory, workDirectory]
    }
    try kernel.fsconfigCreate(context)
    let mount = try kernel.fsmount(context, access.attributes)
    kernel.close(context)
    for descriptor in opened { kernel.close(descriptor) }
    if size != nil && upper == nil {
      // The overlay holds its own reference; the name must not stay in the new root.
      try kernel.detach(site.scratch, holder)
      try kernel.rmdirat(site.scratch, holder)
    }
    return [mount]
  }

  /// By descriptor (Linux 6.13); before that by the descriptor's name in the host's proc, which needs no escaping of
  /// `:`, `,` and `\` either (`lowerdir+`: Linux 6.7).
  private func give(
    _ context: Descriptor, _ key: String, _ directory: Descriptor, _ path: String, _ kernel: any Kernel
  ) throws(KernelError) {
    do {
      try kernel.fsconfig(context, key, directory)
    } catch  where error.code == ErrorNumber.invalid {
      do {
        try kernel.fsconfig(context, key, "/proc/self/fd/\(directory.number)")
      } catch {
        throw KernelError("fsconfig", path, code: error.code)
      }
    }
  }

  package func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    try site.attach(mounts[0], at: target, .directory, access.attributes)
  }
}
