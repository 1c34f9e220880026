/// A symbolic link; its text is not interpreted.
public struct Symlink: Step {
  package static let name = "symlink"
  /// Where it lands inside.
  public var target: String
  /// Text of the link.
  public var to: String

  /// Makes a link.
  public init(target: String, to: String) {
    self.target = target
    self.to = to
  }

  package var action: String { "make symlink \(target)" }

  package func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    let (parentPath, name) = splitPath(target)
    let parent = try site.reach(parentPath, .directory)
    try site.kernel.symlinkat(to, parent, name)
    site.kernel.close(parent)
  }
}
