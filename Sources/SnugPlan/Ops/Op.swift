/// One line of a plan. The full list: adding an op touches its own file and this one.
public enum Op: Hashable, Sendable {
  case bind(Bind)
  case tmpfs(Tmpfs)
  case overlay(Overlay)
  case proc(Proc)
  case dev(Dev)
  case mqueue(Mqueue)
  case directory(Directory)
  case file(File)
  case symlink(Symlink)
  case remount(Remount)
  case writtenFile(WrittenFile)
  case data(DataFile)
  case changeMode(ChangeMode)

  /// The op as the step it is.
  package var step: any Step {
    switch self {
    case .bind(let op): op
    case .tmpfs(let op): op
    case .overlay(let op): op
    case .proc(let op): op
    case .dev(let op): op
    case .mqueue(let op): op
    case .directory(let op): op
    case .file(let op): op
    case .symlink(let op): op
    case .remount(let op): op
    case .writtenFile(let op): op
    case .data(let op): op
    case .changeMode(let op): op
    }
  }
}

/// What every op implements: what it is and what it calls.
///
/// Init calls `prepare` of all ops, then `stage` of all ops, then enters the new root, then calls `place` of all ops,
/// each time in order.
package protocol Step: Hashable, Sendable {
  /// The word that stands in `plan`: `bind`.
  static var name: String { get }
  /// Where it lands inside.
  var target: String { get }
  /// What the person reads after "cannot": `bind /opt/app on /app`.
  var action: String { get }
  /// Opens, judges and clones host sources and makes file systems that need the host's view. Everything stays detached.
  /// The new root is not attached yet, so that a clone of `/` does not contain it.
  func prepare(_ site: Site) throws(KernelError) -> [Descriptor]
  /// Makes what has to be made in an attached file system of ours, while the old root is still reachable.
  func stage(_ site: Site) throws(KernelError) -> [Descriptor]
  /// Reaches or makes the destination beneath the new root and moves the mounts there. `mounts` holds what `prepare`
  /// and `stage` returned, in that order.
  func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError)
}

extension Step {
  /// Most ops have nothing to open on the host.
  package func prepare(_ site: Site) throws(KernelError) -> [Descriptor] { [] }
  /// Most ops need no attached file system.
  package func stage(_ site: Site) throws(KernelError) -> [Descriptor] { [] }
}
