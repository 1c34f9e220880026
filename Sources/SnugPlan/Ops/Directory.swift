/// A directory in whatever file system is there by then. One that exists stays as it is.
public struct Directory: Step {
  package static let name = "directory"
  /// Where it lands inside.
  public var target: String
  /// Permission bits.
  public var mode: UInt32

  /// Makes a directory.
  public init(target: String, mode: UInt32 = 0o755) {
    self.target = target
    self.mode = mode
  }

  package var action: String { "make directory \(target)" }

  package func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    let directory = try site.reach(target, .directory, mode: mode)
    let status = try site.kernel.statx(directory)
    site.kernel.close(directory)
    if status.type != .directory { throw KernelError("mkdirat", target, code: ErrorNumber.notDirectory) }
  }
}
