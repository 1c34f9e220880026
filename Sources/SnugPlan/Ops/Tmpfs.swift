import SnugProfile

/// An empty file system in memory.
public struct Tmpfs: Step {
  package static let name = "tmpfs"
  /// Where it lands inside.
  public var target: String
  /// Bytes; nil is the kernel's default, half of the memory.
  public var size: UInt64?
  /// Permission bits.
  public var mode: UInt32
  /// Read-only from the start: nothing can be put below it.
  public var access: Access
  /// Permission bits of parents that have to be made.
  public var parents: UInt32

  /// Makes a tmpfs.
  public init(
    target: String, size: UInt64? = nil, mode: UInt32 = 0o755, access: Access = .writable, parents: UInt32 = 0o755
  ) {
    self.target = target
    self.size = size
    self.mode = mode
    self.access = access
    self.parents = parents
  }

  package var action: String { "mount a tmpfs on \(target)" }

  package func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    try site.attach(
      try site.makeTmpfs(size: size, mode: mode, access.attributes), at: target, .directory, access.attributes,
      parents: parents)
  }
}

extension Site {
  /// A new detached tmpfs. Size is rounded up to pages by the kernel.
  public func makeTmpfs(size: UInt64?, mode: UInt32, _ attributes: MountAttributes) throws(KernelError) -> Descriptor {
    var options = [("source", tmpfsSource), ("mode", String(mode, radix: 8))]
    if let size { options.append(("size", String(size))) }
    return try makeFileSystem("tmpfs", options, attributes)
  }
}
