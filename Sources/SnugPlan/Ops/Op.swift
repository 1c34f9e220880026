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

  // One switch each and no existential: Embedded Swift has none of values.

  /// Where it lands inside.
  package var target: String {
    switch self {
    case .bind(let op): op.target
    case .tmpfs(let op): op.target
    case .overlay(let op): op.target
    case .proc(let op): op.target
    case .dev(let op): op.target
    case .mqueue(let op): op.target
    case .directory(let op): op.target
    case .file(let op): op.target
    case .symlink(let op): op.target
    case .remount(let op): op.target
    case .writtenFile(let op): op.target
    case .data(let op): op.target
    case .changeMode(let op): op.target
    }
  }
  /// What the person reads after "cannot": `bind /opt/app on /app`.
  package var action: String {
    switch self {
    case .bind(let op): op.action
    case .tmpfs(let op): op.action
    case .overlay(let op): op.action
    case .proc(let op): op.action
    case .dev(let op): op.action
    case .mqueue(let op): op.action
    case .directory(let op): op.action
    case .file(let op): op.action
    case .symlink(let op): op.action
    case .remount(let op): op.action
    case .writtenFile(let op): op.action
    case .data(let op): op.action
    case .changeMode(let op): op.action
    }
  }
  /// See `Step`, as the next two.
  package func prepare(_ site: Site) throws(KernelError) -> [Descriptor] {
    switch self {
    case .bind(let op): return try op.prepare(site)
    case .tmpfs(let op): return try op.prepare(site)
    case .overlay(let op): return try op.prepare(site)
    case .proc(let op): return try op.prepare(site)
    case .dev(let op): return try op.prepare(site)
    case .mqueue(let op): return try op.prepare(site)
    case .directory(let op): return try op.prepare(site)
    case .file(let op): return try op.prepare(site)
    case .symlink(let op): return try op.prepare(site)
    case .remount(let op): return try op.prepare(site)
    case .writtenFile(let op): return try op.prepare(site)
    case .data(let op): return try op.prepare(site)
    case .changeMode(let op): return try op.prepare(site)
    }
  }
  /// The second call.
  package func stage(_ site: Site) throws(KernelError) -> [Descriptor] {
    switch self {
    case .bind(let op): return try op.stage(site)
    case .tmpfs(let op): return try op.stage(site)
    case .overlay(let op): return try op.stage(site)
    case .proc(let op): return try op.stage(site)
    case .dev(let op): return try op.stage(site)
    case .mqueue(let op): return try op.stage(site)
    case .directory(let op): return try op.stage(site)
    case .file(let op): return try op.stage(site)
    case .symlink(let op): return try op.stage(site)
    case .remount(let op): return try op.stage(site)
    case .writtenFile(let op): return try op.stage(site)
    case .data(let op): return try op.stage(site)
    case .changeMode(let op): return try op.stage(site)
    }
  }
  /// The third call.
  package func place(_ mounts: [Descriptor], _ site: Site) throws(KernelError) {
    switch self {
    case .bind(let op): try op.place(mounts, site)
    case .tmpfs(let op): try op.place(mounts, site)
    case .overlay(let op): try op.place(mounts, site)
    case .proc(let op): try op.place(mounts, site)
    case .dev(let op): try op.place(mounts, site)
    case .mqueue(let op): try op.place(mounts, site)
    case .directory(let op): try op.place(mounts, site)
    case .file(let op): try op.place(mounts, site)
    case .symlink(let op): try op.place(mounts, site)
    case .remount(let op): try op.place(mounts, site)
    case .writtenFile(let op): try op.place(mounts, site)
    case .data(let op): try op.place(mounts, site)
    case .changeMode(let op): try op.place(mounts, site)
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
