/// A file of the file system that is there by then, written from a descriptor of the caller: it can be changed like any
/// other. One that exists is emptied.
public struct WrittenFile: Step {
  package static let name = "written-file"
  /// The caller's descriptor.
  public var descriptor: Int32
  /// Where it lands inside.
  public var target: String
  /// Permission bits of a new file.
  public var mode: UInt32
  /// Permission bits of parents that have to be made.
  public var parents: UInt32

  /// Makes a file.
  public init(descriptor: Int32, target: String, mode: UInt32, parents: UInt32 = 0o755) {
    self.descriptor = descriptor
    self.target = target
    self.mode = mode
    self.parents = parents
  }

  package var action: String { "write file \(target)" }

  package func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    // Beneath the new root and by descriptor of the parent: a link in a writable bind that points to the host leads to
    // that name inside (CVE-2026-87766).
    site.kernel.close(try site.reach(splitPath(target).parent, .directory, mode: parents, parents: parents))
    let file = try site.kernel.openat2(site.newRoot, target, .replace(mode: mode))
    try site.kernel.copy(Descriptor(descriptor), to: file)
    site.kernel.close(file)
    site.kernel.close(Descriptor(descriptor))
  }
}
