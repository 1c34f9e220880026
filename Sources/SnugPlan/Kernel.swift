/// The outside world as raw system calls. Init and the ops reach the kernel in no other way; one implementation is real
/// (`LinuxKernel`), one records and fails on demand.
///
/// Methods keep the system call's name in Swift case, so that a reader can go straight to the manual page. Flags that are
/// always the same are not parameters: every descriptor is born close-on-exec, no lookup follows magic links but
/// `OpenHow.magicLink`.
package protocol Kernel: AnyObject {
  // Files. See openat2(2), statx(2), mkdirat(2), symlinkat(2), unlinkat(2).
  /// The root directory as this process sees it, O_PATH.
  func openRoot() throws(KernelError) -> Descriptor
  /// Opens `path` with `root` as its root: no name leads out of it.
  func openat2(_ root: Descriptor, _ path: String, _ how: OpenHow) throws(KernelError) -> Descriptor
  /// Opens a path as any program would: from the process's own root, following links.
  func open(_ path: String, _ how: TrialHow) throws(KernelError) -> Descriptor
  /// Whether an open file holds no byte, or an open directory no name.
  func isEmpty(_ file: Descriptor) throws(KernelError) -> Bool
  /// Facts about an open file, without waiting for a network server (AT_STATX_DONT_SYNC).
  func statx(_ file: Descriptor) throws(KernelError) -> FileStatus
  /// Magic number of the file system that holds an open file, see statfs(2).
  func fstatfs(_ file: Descriptor) throws(KernelError) -> Int
  func mkdirat(_ parent: Descriptor, _ name: String, mode: UInt32) throws(KernelError)
  func symlinkat(_ to: String, _ parent: Descriptor, _ name: String) throws(KernelError)
  func unlinkat(_ parent: Descriptor, _ name: String) throws(KernelError)
  func rmdirat(_ parent: Descriptor, _ name: String) throws(KernelError)
  /// Permission bits of an open file, also of one opened O_PATH.
  func fchmod(_ file: Descriptor, mode: UInt32) throws(KernelError)
  /// Text of a link.
  func readlinkat(_ directory: Descriptor, _ path: String) throws(KernelError) -> String
  /// Writes all of `bytes`; a short write is an error.
  func write(_ file: Descriptor, _ bytes: [UInt8]) throws(KernelError)
  /// Reads to the end of the file, at most 16 MiB.
  func readAll(_ file: Descriptor) throws(KernelError) -> [UInt8]
  /// Copies what is left in `source`, of whatever length, to the end of `target`.
  func copy(_ source: Descriptor, to target: Descriptor) throws(KernelError)
  /// Numbers in an open `/proc/PID/fd`.
  func listDescriptors(_ directory: Descriptor) throws(KernelError) -> [Int32]
  func close(_ file: Descriptor)
  /// Closes everything from 3 on that is not kept.
  func closeAll(but kept: [Descriptor]) throws(KernelError)

  // Mounts. See open_tree(2), mount_setattr(2), move_mount(2), fsopen(2), pivot_root(2).
  /// A detached copy of the mount at an open file, with everything mounted below it when `recursive`.
  func openTree(_ file: Descriptor, recursive: Bool) throws(KernelError) -> Descriptor
  /// Sets attributes on a mount and, where it `isolates`, private propagation; never clears any: clearing one that the
  /// host locked fails.
  func mountSetattr(_ mount: Descriptor, _ attributes: MountAttributes, recursive: Bool, isolates: Bool)
    throws(KernelError)
  func moveMount(_ mount: Descriptor, to target: Descriptor) throws(KernelError)
  func fsopen(_ type: String) throws(KernelError) -> Descriptor
  func fsconfig(_ context: Descriptor, _ key: String, _ value: String) throws(KernelError)
  func fsconfig(_ context: Descriptor, flag: String) throws(KernelError)
  func fsconfig(_ context: Descriptor, _ key: String, _ value: Descriptor) throws(KernelError)
  /// Creates the file system.
  func fsconfigCreate(_ context: Descriptor) throws(KernelError)
  /// A detached mount of the created file system.
  func fsmount(_ context: Descriptor, _ attributes: MountAttributes) throws(KernelError) -> Descriptor
  /// Lazily detaches the mount on `name` in an open directory; moves the working directory there. See umount2(2).
  func detach(_ parent: Descriptor, _ name: String) throws(KernelError)
  /// Makes `/` and everything below it a slave: host mounts still arrive, nothing leaks out.
  func makeRootSlave() throws(KernelError)
  /// Puts the working directory's mount at `/` and the old root on top of it, as pivot_root(".", ".").
  func pivotRoot() throws(KernelError)
  /// Lazily detaches whatever is on top at `/`.
  func detachOldRoot() throws(KernelError)
  func fchdir(_ directory: Descriptor) throws(KernelError)
  func chdir(_ path: String) throws(KernelError)
  func getcwd() throws(KernelError) -> String

  // The process itself. See prctl(2), setrlimit(2), landlock(7), seccomp(2).
  /// SIGKILL for this process when the thread that made it ends.
  func setParentDeathSignal() throws(KernelError)
  /// Whether the other end of the control socket is gone, without waiting.
  func isHungUp(_ control: Descriptor) throws(KernelError) -> Bool
  /// Waits for the launcher's go; false at end of file.
  func awaitGo(_ control: Descriptor) throws(KernelError) -> Bool
  /// One packet to the launcher.
  func send(_ socket: Descriptor, _ bytes: [UInt8]) throws(KernelError)
  func setDumpable(_ on: Bool) throws(KernelError)
  func isDumpable() throws(KernelError) -> Bool
  func joinSessionKeyring() throws(KernelError)
  func sethostname(_ name: String) throws(KernelError)
  /// Raises the soft limit of open files to the hard one; returns the limit as it was, for the app.
  func raiseOpenFiles() throws(KernelError) -> OpenFileLimit
  func setrlimit(_ kind: ResourceLimit.Kind, soft: UInt64, hard: UInt64) throws(KernelError)
  func setpriority(_ nice: Int32) throws(KernelError)
  func setsid() throws(KernelError)
  func umask(_ mask: UInt32)
  func loopbackUp() throws(KernelError)
  /// Takes one capability out of the bounding set; false where the kernel does not know a capability of that number.
  func dropBounding(_ capability: Int32) throws(KernelError) -> Bool
  func clearAmbient() throws(KernelError)
  /// noroot, no setuid fixup, no keepcaps, no ambient raise, each locked.
  func lockSecurebits() throws(KernelError)
  /// Effective, permitted and inheritable sets to nothing.
  func clearCapabilities() throws(KernelError)
  func setNoNewPrivileges() throws(KernelError)
  func landlockCreateRuleset(_ handled: LandlockRights) throws(KernelError) -> Descriptor
  func landlockAddPath(_ ruleset: Descriptor, _ path: Descriptor, _ rights: UInt64) throws(KernelError)
  func landlockAddConnect(_ ruleset: Descriptor, port: UInt16) throws(KernelError)
  func landlockRestrict(_ ruleset: Descriptor) throws(KernelError)
  func seccomp(_ program: [UInt64]) throws(KernelError)

  // Terminals. See ioctl_tty(2), unix(7).
  /// Unlocks a new pseudoterminal and opens the end that programs use, without a name (TIOCGPTPEER).
  func openPeer(_ master: Descriptor) throws(KernelError) -> Descriptor
  /// Modes (struct termios2) and size (struct winsize) of a terminal.
  func setTerminal(_ terminal: Descriptor, modes: [UInt8], size: [UInt16]) throws(KernelError)
  /// One packet to the launcher, with a descriptor.
  func send(_ socket: Descriptor, _ bytes: [UInt8], with descriptor: Descriptor) throws(KernelError)

  // What only bubblewrap's options ask for. See setns(2), unshare(2), fcntl_locking(2), capabilities(7).
  /// Enters the user namespace that a descriptor stands for.
  func enterUserNamespace(_ namespace: Descriptor) throws(KernelError)
  /// A user namespace below the present one.
  func unshareUserNamespace() throws(KernelError)
  func setuid(_ uid: UInt32) throws(KernelError)
  func setgid(_ gid: UInt32) throws(KernelError)
  /// A read lock on a whole file, held until the descriptor is closed.
  func lock(_ file: Descriptor) throws(KernelError)
  /// Waits for one byte or the end.
  func awaitByte(_ file: Descriptor) throws(KernelError)
  /// Effective, permitted and inheritable sets to those of a mask, by number.
  func setCapabilities(_ mask: UInt64) throws(KernelError)
  func raiseAmbient(_ capability: Int32) throws(KernelError)
}

extension Kernel {
  /// With private propagation, as all that a profile shows: nothing that is mounted on the host later arrives inside.
  func mountSetattr(_ mount: Descriptor, _ attributes: MountAttributes, recursive: Bool) throws(KernelError) {
    try mountSetattr(mount, attributes, recursive: recursive, isolates: true)
  }
}

/// A file descriptor by number. Copies are the same descriptor; whoever is told to, closes it.
public struct Descriptor: Hashable, Sendable {
  /// Its number in this process.
  public var number: Int32

  /// Names a descriptor.
  public init(_ number: Int32) { self.number = number }
}

/// What `Kernel.fstatfs` says of proc, see statfs(2).
package let procMagic = 0x9fa0
/// The same of devpts.
package let devptsMagic = 0x1cd1

/// How `openat2` opens. All of them close-on-exec.
public enum OpenHow: Hashable, Sendable {
  /// O_PATH, following links inside the root.
  case path
  /// O_PATH, no link anywhere in the path (RESOLVE_NO_SYMLINKS).
  case pathWithoutLinks
  /// O_RDONLY, following links inside the root.
  case read
  /// O_WRONLY, following links inside the root.
  case write
  /// O_WRONLY, made now with this mode (O_CREAT, O_EXCL, O_NOFOLLOW).
  case create(mode: UInt32)
  /// O_WRONLY, emptied, or made with this mode, following links inside the root (O_CREAT, O_TRUNC).
  case replace(mode: UInt32)
  /// O_PATH, what a magic link leads to, see `symlink(7)`. The path is one name, the root a directory known to be proc's.
  case magicLink
  /// O_RDWR, O_NOCTTY, O_NONBLOCK.
  case terminal
}

/// How a claim is tried.
public enum TrialHow: Hashable, Sendable {
  /// O_PATH.
  case look
  /// O_RDONLY.
  case read
  /// O_WRONLY.
  case write
  /// O_WRONLY in a directory, without a name (O_TMPFILE).
  case unnamed
}

/// What `statx(2)` says about an open file.
public struct FileStatus: Hashable, Sendable {
  /// What it is.
  public var type: FileType
  /// True for a symbolic link opened itself; `type` is then `file`.
  public var isLink: Bool
  /// Which one it is.
  public var identity: FileIdentity
  /// Permission bits.
  public var mode: UInt32
  /// Major and minor of a device node.
  public var nodeMajor: UInt32
  /// See `nodeMajor`.
  public var nodeMinor: UInt32
  /// Mount id as /proc/self/mountinfo shows it (STATX_MNT_ID, Linux 5.8).
  public var mountID: UInt64

  /// Makes a status.
  public init(
    type: FileType, isLink: Bool = false, identity: FileIdentity, mode: UInt32, nodeMajor: UInt32 = 0,
    nodeMinor: UInt32 = 0, mountID: UInt64
  ) {
    self.type = type
    self.isLink = isLink
    self.identity = identity
    self.mode = mode
    self.nodeMajor = nodeMajor
    self.nodeMinor = nodeMinor
    self.mountID = mountID
  }
}

/// Attributes of a mount; they are only ever set.
public struct MountAttributes: OptionSet, Hashable, Sendable {
  /// The bits.
  public let rawValue: UInt64

  /// From the bits of `mount_setattr(2)`.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// `ro`.
  public static let readOnly = MountAttributes(rawValue: 0x1)
  /// `nosuid`.
  public static let noSetuid = MountAttributes(rawValue: 0x2)
  /// `nodev`.
  public static let noDevices = MountAttributes(rawValue: 0x4)
  /// `noexec`.
  public static let noExecute = MountAttributes(rawValue: 0x8)

  /// `ro,nosuid,nodev`, as mount options are written.
  public var text: String {
    var words: [String] = []
    if contains(.readOnly) { words.append("ro") }
    if contains(.noSetuid) { words.append("nosuid") }
    if contains(.noDevices) { words.append("nodev") }
    if contains(.noExecute) { words.append("noexec") }
    return words.joined(separator: ",")
  }
}

/// Soft and hard limit of open files.
public struct OpenFileLimit: Hashable, Sendable {
  /// What is enforced.
  public var soft: UInt64
  /// What the soft one may be raised to.
  public var hard: UInt64

  /// Makes a limit.
  public init(soft: UInt64, hard: UInt64) {
    self.soft = soft
    self.hard = hard
  }
}

/// The rights a landlock ruleset handles, see `landlock(7)`.
public struct LandlockRights: Hashable, Sendable {
  /// LANDLOCK_ACCESS_FS bits.
  public var files: UInt64
  /// LANDLOCK_ACCESS_NET bits.
  public var network: UInt64
  /// LANDLOCK_SCOPE bits.
  public var scope: UInt64

  /// Makes a set.
  public init(files: UInt64, network: UInt64, scope: UInt64) {
    self.files = files
    self.network = network
    self.scope = scope
  }
}

/// A system call that failed. `call` and `path` say which, `code` why.
public struct KernelError: Error, Hashable, Sendable {
  /// Name of the system call, or of the check that refused.
  public var call: String
  /// What it was made on; empty where that is nothing a person knows.
  public var path: String
  /// The errno; 0 where a check of ours refused, then `reason` says why.
  public var code: Int32
  /// Why a check of ours refused.
  public var reason: String

  /// A failed call.
  public init(_ call: String, _ path: String = "", code: Int32) {
    self.call = call
    self.path = path
    self.code = code
    self.reason = ""
  }

  /// A refusal by a check of ours.
  public init(refused call: String, _ path: String = "", because reason: String) {
    self.call = call
    self.path = path
    self.code = 0
    self.reason = reason
  }
}
