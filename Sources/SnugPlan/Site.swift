import SnugProfile

/// The building site: what the ops work on in PID 1 while the root is made, and the record of what they built, which the
/// self-check holds against the kernel's mount table.
package final class Site {
  /// The way to the kernel.
  package let kernel: any Kernel
  /// The old root. Valid until the new root is entered.
  package var hostRoot: Descriptor
  /// The root that destinations are resolved in; replaced when an op lands on `/`.
  package var newRoot: Descriptor
  /// The first new root: a tmpfs of ours, where files are staged.
  package var scratch: Descriptor
  /// What is attached, in order.
  package private(set) var attached: [AttachedMount] = []
  /// What the mount table calls a tmpfs of ours: whoever looks at it sees that it is none of the host's.
  package let tmpfsSource: String
  private let keepsRecord: Bool
  private var stagedCount = 0
  private var stagedNames: [Descriptor: String] = [:]

  /// Starts a site. The record costs a call for every mount: only who reads it asks for it.
  package init(
    kernel: any Kernel, hostRoot: Descriptor, newRoot: Descriptor, tmpfsSource: String = "snug",
    keepsRecord: Bool = true
  ) {
    self.kernel = kernel
    self.hostRoot = hostRoot
    self.newRoot = newRoot
    self.scratch = newRoot
    self.tmpfsSource = tmpfsSource
    self.keepsRecord = keepsRecord
  }

  // MARK: - Phase one

  /// Opens a host path that has no links and judges it: what was compiled is what is mounted, else a name was swapped.
  package func openSource(_ source: Source) throws(KernelError) -> Descriptor {
    if source.isMagicLink { return try openMagicLink(source.path) }
    let file = try kernel.openat2(hostRoot, source.path, .pathWithoutLinks)
    let status = try kernel.statx(file)
    if status.type != source.type {
      throw KernelError(
        refused: "statx", source.path, because: "it is a \(status.type.rawValue) now, not a \(source.type.rawValue)")
    }
    if let identity = source.identity, identity != status.identity {
      throw KernelError(refused: "statx", source.path, because: "it was replaced while the sandbox was being set up")
    }
    return file
  }

  private func openMagicLink(_ path: String) throws(KernelError) -> Descriptor {
    let (parent, name) = splitPath(path)
    let directory = try kernel.openat2(hostRoot, parent, .path)
    // Where proc is, a link of this name is the kernel's; anywhere else it may lead out of what was compiled.
    if try kernel.fstatfs(directory) != procMagic {
      throw KernelError(refused: "fstatfs", path, because: "/proc is not proc")
    }
    let file = try kernel.openat2(directory, name, .magicLink)
    kernel.close(directory)
    return file
  }

  /// A detached copy of a host path with its attributes already set: no instant at which it is attached without them.
  package func clone(_ source: Source, _ attributes: MountAttributes, isolates: Bool = true) throws(KernelError)
    -> Descriptor
  {
    let file = try openSource(source)
    let mount = try kernel.openTree(file, recursive: source.type == .directory)
    kernel.close(file)
    try kernel.mountSetattr(mount, attributes, recursive: true, isolates: isolates)
    return mount
  }

  /// A new detached file system.
  package func makeFileSystem(_ type: String, _ options: [(String, String)], _ attributes: MountAttributes)
    throws(KernelError) -> Descriptor
  {
    let context = try kernel.fsopen(type)
    for (key, value) in options {
      if value.isEmpty { try kernel.fsconfig(context, flag: key) } else { try kernel.fsconfig(context, key, value) }
    }
    try kernel.fsconfigCreate(context)
    let mount = try kernel.fsmount(context, attributes)
    kernel.close(context)
    return mount
  }

  /// A detached mount of a new file that `fill` writes. Only while the scratch tmpfs is attached: once an op has
  /// landed on `/` it is nowhere, and what is nowhere cannot be cloned.
  ///
  /// The file's name has to live until the mount has been moved (move_mount on a deleted file is ENOENT); `unstage`
  /// removes it then, and the inode cannot be replaced any more.
  package func stageFile(
    mode: UInt32, _ attributes: MountAttributes = Access.readOnly.attributes,
    _ fill: (Descriptor) throws(KernelError) -> Void = { _ throws(KernelError) in }
  ) throws(KernelError) -> Descriptor {
    let name = "staged-\(stagedCount)"
    stagedCount += 1
    let file = try kernel.openat2(scratch, name, .create(mode: mode))
    try fill(file)
    kernel.close(file)
    let path = try kernel.openat2(scratch, name, .pathWithoutLinks)
    let mount = try kernel.openTree(path, recursive: false)
    kernel.close(path)
    try kernel.mountSetattr(mount, attributes, recursive: false)
    stagedNames[mount] = name
    return mount
  }

  /// Moves a staged file to a place inside. Its name goes with `unstage`.
  package func attachStaged(
    _ mount: Descriptor, on destination: Descriptor, _ attributes: MountAttributes = Access.readOnly.attributes
  ) throws(KernelError) -> String {
    let name = stagedNames.removeValue(forKey: mount) ?? ""
    try attach(mount, on: destination, attributes)
    return name
  }

  /// Removes the name of a staged file.
  package func unstage(_ name: String) throws(KernelError) { try kernel.unlinkat(scratch, name) }

  /// Calls `prepare` and `stage` of all ops; between them the new root is put on top of `/`. `current` tells which op is
  /// at work.
  package func openSources(_ ops: [PlannedOp], _ attributes: MountAttributes, _ current: inout Int?)
    throws(KernelError) -> [[Descriptor]]
  {
    var mounts: [[Descriptor]] = []
    mounts.reserveCapacity(ops.count)
    for index in ops.indices {
      current = index
      mounts.append(try ops[index].op.prepare(self))
    }
    current = nil
    // On top of `/`: nothing is hidden by it, lookups start at the old root's own descriptor.
    try kernel.moveMount(newRoot, to: hostRoot)
    try record(newRoot, attributes)
    for index in ops.indices {
      current = index
      mounts[index] += try ops[index].op.stage(self)
    }
    current = nil
    return mounts
  }

  // MARK: - Phase two

  /// Calls `place` of all ops with what `openSources` returned.
  package func place(_ ops: [PlannedOp], _ mounts: [[Descriptor]], _ current: inout Int?) throws(KernelError) {
    for index in ops.indices {
      current = index
      try ops[index].op.place(mounts[index], self)
    }
    current = nil
  }

  /// Opens a destination beneath the new root, making what is missing: parents as `parents` says, and for a file an
  /// empty file.
  ///
  /// Links are followed as a process inside would follow them (`/var/run -> /run` works), never out of the new root.
  /// Parents are opened O_PATH: one that may be searched but not read is enough.
  package func reach(_ path: String, _ type: FileType, mode: UInt32 = 0o755, parents: UInt32 = 0o755)
    throws(KernelError) -> Descriptor
  {
    do {
      return try kernel.openat2(newRoot, path, .path)
    } catch  where error.code == ErrorNumber.noEntry {
    }
    let (parentPath, name) = splitPath(path)
    let parent = try reach(parentPath, .directory, mode: parents, parents: parents)
    // A dangling link at `name` makes both calls fail with EEXIST, and the open below with ENOENT: never followed.
    do {
      if type == .directory {
        try kernel.mkdirat(parent, name, mode: mode)
      } else {
        kernel.close(try kernel.openat2(parent, name, .create(mode: 0o444)))
      }
    } catch  where error.code == ErrorNumber.exists {
    }
    kernel.close(parent)
    return try kernel.openat2(newRoot, path, .path)
  }

  /// Moves a detached mount to a place inside and takes it into the record. On `/` it becomes the new root.
  package func attach(
    _ mount: Descriptor, at path: String, _ type: FileType, _ attributes: MountAttributes, carriesTree: Bool = false,
    parents: UInt32 = 0o755
  ) throws(KernelError) {
    if path == "/" { return try enter(mount, attributes, carriesTree: carriesTree) }
    let destination = try reach(path, type, parents: parents)
    try attach(mount, on: destination, attributes, carriesTree: carriesTree)
    kernel.close(destination)
  }

  /// Moves a detached mount onto an open destination and takes it into the record.
  package func attach(
    _ mount: Descriptor, on destination: Descriptor, _ attributes: MountAttributes, carriesTree: Bool = false
  ) throws(KernelError) {
    try kernel.moveMount(mount, to: destination)
    try record(mount, attributes, carriesTree: carriesTree)
    kernel.close(mount)
  }

  /// Makes an attached mount more restricted and notes it in the record.
  package func restrict(_ mount: Descriptor, _ attributes: MountAttributes) throws(KernelError) {
    try kernel.mountSetattr(mount, attributes, recursive: false)
    guard keepsRecord else { return }
    let id = try kernel.statx(mount).mountID
    for index in attached.indices where attached[index].id == id { attached[index].attributes.formUnion(attributes) }
  }

  /// Puts a detached mount on top of the present root, goes into it and drops the root beneath.
  ///
  /// pivot_root(".", ".") stacks the old root on the new one at `/`, so the lazy unmount of `/` takes away the old one;
  /// no directory for the old root is needed. See pivot_root(2).
  package func enter(_ mount: Descriptor, _ attributes: MountAttributes, carriesTree: Bool = false) throws(KernelError)
  {
    let root = try kernel.openat2(newRoot, "/", .path)
    try kernel.moveMount(mount, to: root)
    kernel.close(root)
    attached.removeAll()
    try record(mount, attributes, carriesTree: carriesTree)
    try dropRootBeneath(mount)
  }

  /// The second half of `enter`, for a mount that is on top of `/` already.
  package func dropRootBeneath(_ mount: Descriptor) throws(KernelError) {
    try kernel.fchdir(mount)
    try kernel.pivotRoot()
    try kernel.detachOldRoot()
    newRoot = mount
  }

  /// Notes an attached mount for the self-check.
  package func record(_ mount: Descriptor, _ attributes: MountAttributes, carriesTree: Bool = false) throws(KernelError)
  {
    guard keepsRecord else { return }
    attached.append(
      AttachedMount(id: try kernel.statx(mount).mountID, attributes: attributes, carriesTree: carriesTree))
  }
}

/// A mount that an op attached.
package struct AttachedMount: Hashable, Sendable {
  /// Mount id as in /proc/self/mountinfo.
  package var id: UInt64
  /// What it must carry.
  package var attributes: MountAttributes
  /// Whether mounts below it came with it: a bind of a directory.
  package var carriesTree: Bool

  /// Makes a record.
  package init(id: UInt64, attributes: MountAttributes, carriesTree: Bool) {
    self.id = id
    self.attributes = attributes
    self.carriesTree = carriesTree
  }
}

/// A host path without links and what it was when the plan was compiled.
public struct Source: Hashable, Sendable {
  /// Link-free.
  public var path: String
  /// As the person wrote it.
  public var written: String
  /// What it was.
  public var type: FileType
  /// Nil for a directory that the launcher makes just before the start, and for a magic link.
  public var identity: FileIdentity?
  /// Whether `path` is a magic link of proc whose meaning hangs on who follows it: PID 1 does.
  public var isMagicLink: Bool

  /// Makes a source.
  public init(path: String, written: String, type: FileType, identity: FileIdentity?, isMagicLink: Bool = false) {
    self.path = path
    self.written = written
    self.type = type
    self.identity = identity
    self.isMagicLink = isMagicLink
  }
}

/// Errno values that decisions hang on; the same on every Linux architecture that Swift runs on.
public enum ErrorNumber {
  /// EPERM.
  public static let notPermitted: Int32 = 1
  /// ENOENT.
  public static let noEntry: Int32 = 2
  /// EBADF.
  public static let badDescriptor: Int32 = 9
  /// ECHILD.
  public static let noChild: Int32 = 10
  /// EAGAIN.
  public static let wouldBlock: Int32 = 11
  /// EACCES.
  public static let accessDenied: Int32 = 13
  /// EEXIST.
  public static let exists: Int32 = 17
  /// EMFILE.
  public static let tooManyFiles: Int32 = 24
  /// EILSEQ: a name that is not UTF-8.
  public static let invalidBytes: Int32 = 84
  /// EMSGSIZE.
  public static let messageSize: Int32 = 90
  /// ENOPROTOOPT.
  public static let noProtocolOption: Int32 = 92
  /// ENOTDIR.
  public static let notDirectory: Int32 = 20
  /// EISDIR.
  public static let isDirectory: Int32 = 21
  /// EINVAL.
  public static let invalid: Int32 = 22
  /// ENOSPC.
  public static let noSpace: Int32 = 28
  /// EPIPE.
  public static let brokenPipe: Int32 = 32
  /// ECONNRESET.
  public static let connectionReset: Int32 = 104
  /// EROFS.
  public static let readOnlyFileSystem: Int32 = 30
  /// EOPNOTSUPP.
  public static let noOperation: Int32 = 95
  /// ENOSYS.
  public static let notSupported: Int32 = 38
  /// ELOOP.
  public static let tooManyLinks: Int32 = 40
}

/// Parent and last component of a clean absolute path other than `/`.
func splitPath(_ path: String) -> (parent: String, name: String) {
  let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex
  let parent = String(path[..<slash])
  return (parent.isEmpty ? "/" : parent, String(path[path.utf8.index(after: slash)...]))
}
