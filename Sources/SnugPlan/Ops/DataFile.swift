import SnugProfile

/// A file with what a descriptor of the caller gives, placed as the mount of an inode without a name.
public struct DataFile: Step {
  package static let name = "data"
  /// The caller's descriptor.
  public var descriptor: Int32
  /// Where it lands inside.
  public var target: String
  /// Permission bits.
  public var mode: UInt32
  /// Who may write.
  public var access: Access
  /// Permission bits of parents that have to be made.
  public var parents: UInt32

  /// Makes a file.
  public init(descriptor: Int32, target: String, mode: UInt32, access: Access, parents: UInt32 = 0o755) {
    self.descriptor = descriptor
    self.target = target
    self.mode = mode
    self.access = access
    self.parents = parents
  }

  package var action: String { "place data on \(target)" }

  package func stage(_ site: Site) throws(KernelError) -> [Descriptor] {
    let file = try site.stageFile(mode: mode, access.attributes) { file throws(KernelError) in
      try site.kernel.copy(Descriptor(descriptor), to: file)
    }
    site.kernel.close(Descriptor(descriptor))
    return [file]
  }

  package func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    let destination = try site.reach(target, .file, parents: parents)
    let name = try site.attachStaged(mounts[0], on: destination, access.attributes)
    site.kernel.close(destination)
    try site.unstage(name)
  }
}
