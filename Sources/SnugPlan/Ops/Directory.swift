/// A directory in whatever file system is there by then. One that exists stays as it is.
public struct Directory: Step {
  public static let name = "directory"
  public var target: String
  public var mode: UInt32

  /// Makes a directory.
  public init(target: String, mode: UInt32 = 0o755) {
    self.target = target
    self.mode = mode
  }

  public var action: String { "make directory \(target)" }

  public func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    let directory = try site.reach(target, .directory, mode: mode)
    let status = try site.kernel.statx(directory)
    site.kernel.close(directory)
    if status.type != .directory { throw KernelError("mkdirat", target, code: ErrorNumber.notDirectory) }
  }
}
