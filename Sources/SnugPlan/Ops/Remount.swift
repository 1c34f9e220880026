import SnugProfile

/// Makes a mount of the sandbox read-only, after everything below it has been put there. That mount alone: those below
/// keep their own access. The other direction does not exist, because a flag is never cleared.
public struct Remount: Step {
  package static let name = "remount"
  /// Where it lands inside.
  public var target: String

  /// Makes a remount.
  public init(target: String) { self.target = target }

  package var action: String { "remount \(target) read-only" }

  package func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    let mount = target == "/" ? site.newRoot : try site.kernel.openat2(site.newRoot, target, .path)
    do {
      try site.restrict(mount, [.readOnly])
    } catch  where error.code == ErrorNumber.invalid {
      throw KernelError(refused: "mount_setattr", target, because: "nothing is mounted there")
    }
    if target != "/" { site.kernel.close(mount) }
  }
}
