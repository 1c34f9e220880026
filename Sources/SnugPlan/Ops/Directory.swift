/// A directory in whatever file system is there by then. One that exists stays as it is.
public struct Directory: Step {
  package static let name = "directory"
  /// Where it lands inside.
  public var target: String
  /// Permission bits.
  public var mode: UInt32
  /// Permission bits of parents that have to be made.
  public var parents: UInt32

  /// Makes a directory.
  public init(target: String, mode: UInt32 = 0o755, parents: UInt32 = 0o755) {
    self.target = target
    self.mode = mode
    self.parents = parents
  }

  package var action: String { "make directory \(target)" }

  package func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    let directory = try site.reach(target, .directory, mode: mode, parents: parents)
    let status = try site.kernel.statx(directory)
    site.kernel.close(directory)
    if status.type != .directory { throw KernelError("mkdirat", target, code: ErrorNumber.notDirectory) }
  }
}
