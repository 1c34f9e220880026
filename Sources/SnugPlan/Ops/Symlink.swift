/// A symbolic link; its text is not interpreted.
public struct Symlink: Step {
  public static let name = "symlink"
  public var target: String
  public var to: String

  /// Makes a link.
  public init(target: String, to: String) {
    self.target = target
    self.to = to
  }

  public var action: String { "make symlink \(target)" }

  public func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    let (parentPath, name) = splitPath(target)
    let parent = try site.reach(parentPath, .directory)
    try site.kernel.symlinkat(to, parent, name)
    site.kernel.close(parent)
  }
}
