/// A symbolic link; its text is not interpreted. The same link is left as it is.
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
    do {
      try site.kernel.symlinkat(to, parent, name)
    } catch  where error.code == ErrorNumber.exists {
      try judgeExisting(parent, name, site)
    }
    site.kernel.close(parent)
  }

  private func judgeExisting(_ parent: Descriptor, _ name: String, _ site: Site) throws(KernelError) {
    let present: String
    do {
      present = try site.kernel.readlinkat(parent, name)
    } catch  where error.code == ErrorNumber.invalid {
      throw KernelError(refused: "symlink", target, because: "destination exists and is not a symlink")
    }
    if !samePath(present, to) {
      throw KernelError(refused: "symlink", target, because: "existing destination is \(present)")
    }
  }
}
