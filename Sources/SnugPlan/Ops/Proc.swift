import SnugProfile

/// The process table of the sandbox's own pid namespace. What would show or steer the host is masked or read-only.
public struct Proc: Step {
  package static let name = "proc"
  /// Where it lands inside.
  public var target: String
  /// How much of it is covered.
  public var cover: Cover
  /// The host's proc, shown instead of a new one where the sandbox shares the host's pid namespace: a user namespace that
  /// does not own the pid namespace may not mount its proc.
  public var shared: Source?

  /// How much of a proc mount is covered.
  public enum Cover: Hashable, Sendable {
    /// What shows the host is masked, what steers it is read-only.
    case all
    /// What steers the host is read-only.
    case steering
    /// For a caller whom the kernel lets steer nothing anyway.
    case nothing
  }

  /// Makes a proc mount.
  public init(target: String, cover: Cover = .all, shared: Source? = nil) {
    self.target = target
    self.cover = cover
    self.shared = shared
  }

  package var action: String { "mount proc on \(target)" }

  /// Steers the kernel: read-only.
  static let readOnlyParts = ["bus", "fs", "irq", "sys", "sysrq-trigger"]
  /// Shows memory, keys, timers or hardware of the host: empty. Not every kernel has each.
  static let masked = [
    "acpi", "asound", "interrupts", "kcore", "keys", "key-users", "latency_stats", "sched_debug", "scsi", "timer_list",
    "timer_stats",
  ]
  /// What every proc mount carries.
  public static let attributes: MountAttributes = [.noSetuid, .noDevices, .noExecute]

  /// While the host's proc is still in sight: without a fully visible one in this namespace the kernel refuses another.
  package func prepare(_ site: Site) throws(KernelError) -> [Descriptor] {
    if let shared { return [try site.clone(shared, Access.writable.attributes, isolates: false)] }
    return [try site.makeFileSystem("proc", [("source", "proc")], Self.attributes)]
  }

  package func stage(_ site: Site) throws(KernelError) -> [Descriptor] {
    cover == .all ? [try site.stageFile(mode: 0o444)] : []
  }

  package func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    let attributes = shared == nil ? Self.attributes : Access.writable.attributes
    try site.attach(mounts[0], at: target, .directory, attributes, carriesTree: shared != nil)
    if cover == .nothing { return }
    // A look-alike at this place would swallow the masks: CVE-2019-19921, CVE-2025-52881.
    let proc = try site.kernel.openat2(site.newRoot, target, .path)
    if try site.kernel.fstatfs(proc) != procMagic {
      throw KernelError(refused: "fstatfs", target, because: "what is there is not proc")
    }
    for name in Self.readOnlyParts {
      guard let part = try site.existing(proc, name) else { continue }
      let attributes = Self.attributes.union(.readOnly)
      let copy = try site.kernel.openTree(part, recursive: true)
      try site.kernel.mountSetattr(copy, attributes, recursive: true)
      try site.attach(copy, on: part, attributes)
      site.kernel.close(part)
    }
    if cover == .all { try mask(proc, with: mounts[1], site) }
    site.kernel.close(proc)
  }

  /// The mask is an empty file of ours, never a host's /dev/null that could be something else: CVE-2025-31133.
  private func mask(_ proc: Descriptor, with blank: Descriptor, _ site: Site) throws(KernelError) {
    let kernel = site.kernel
    var staged: (name: String, shown: Descriptor)?
    for name in Self.masked {
      guard let part = try site.existing(proc, name) else { continue }
      let attributes = Access.readOnly.attributes
      if try kernel.statx(part).type == .directory {
        try site.attach(try site.makeTmpfs(size: 4096, mode: 0o555, attributes), on: part, attributes)
      } else if let staged {
        // What is attached can be cloned.
        let copy = try kernel.openTree(staged.shown, recursive: false)
        try kernel.mountSetattr(copy, attributes, recursive: false)
        try site.attach(copy, on: part, attributes)
      } else {
        let stagedName = try site.attachStaged(blank, on: part)
        staged = (stagedName, try kernel.openat2(proc, name, .pathWithoutLinks))
      }
      kernel.close(part)
    }
    guard let staged else { return kernel.close(blank) }
    kernel.close(staged.shown)
    try site.unstage(staged.name)
  }
}

extension Site {
  /// Opens a name in a directory of the kernel's; nil where this kernel has none.
  func existing(_ directory: Descriptor, _ name: String) throws(KernelError) -> Descriptor? {
    do {
      return try kernel.openat2(directory, name, .pathWithoutLinks)
    } catch  where error.code == ErrorNumber.noEntry {
      return nil
    }
  }
}

extension Plan {
  /// Where the plan mounts proc; nil: nowhere.
  public var procTarget: String? {
    for planned in ops { if case .proc(let proc) = planned.op { return proc.target } }
    return nil
  }
}
