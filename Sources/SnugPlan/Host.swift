import SnugProfile

/// The facts about the machine and the caller that compiling needs. Read once by `HostProbe`, replaced by a fixture in
/// tests; nothing in SnugPlan looks at the machine in any other way.
public struct Host: Sendable {
  /// Effective ids of the caller.
  public var uid: UInt32
  /// See `uid`.
  public var gid: UInt32
  /// Login name, or the uid in digits where the password database has none.
  public var userName: String
  /// Name of the primary group, or the gid in digits.
  public var groupName: String
  /// The machine's name, by which X11 cookies are kept.
  public var hostName: String
  /// The caller's home: `$HOME` when that is an absolute directory of the caller, else the password entry.
  public var home: String
  /// The login shell.
  public var shell: String
  /// `$XDG_RUNTIME_DIR` when it is an absolute directory of the caller, mode 0700; else nil.
  public var runtimeDirectory: String?
  /// Where private homes live: `$XDG_DATA_HOME` or `~/.local/share`.
  public var dataHome: String
  /// The directory that the command is started in, link-free; nil where it is gone or its name is not UTF-8.
  public var workingDirectory: String?
  /// The caller's environment, in order. Values are bytes: they need not be UTF-8.
  public var environment: [(name: String, value: [UInt8])]
  /// The caller's umask.
  public var umask: UInt32
  /// Memory of the machine in bytes, for sizes in percent.
  public var memory: UInt64
  /// Landlock ABI of the kernel, 0 without landlock.
  public var landlockABI: Int
  /// Looks at one host path.
  public var look: @Sendable (String) -> PathFacts
  /// Names in a host directory, sorted; empty where it cannot be read.
  public var list: @Sendable (String) -> [String]
  /// Content of a small host file (at most 1 MiB); nil where it cannot be read.
  public var read: @Sendable (String) -> [UInt8]?
  /// Whether the caller may execute a host file.
  public var isExecutable: @Sendable (String) -> Bool
  /// Owner of what a host path leads to; nil where it cannot be told.
  public var owner: @Sendable (String) -> UInt32?
  /// Who could hold limits that processes share; asked only where a profile sets one, for it costs a look at the mounts.
  public var groups: @Sendable () -> GroupFacts

  /// Makes a host from its facts.
  public init(
    uid: UInt32, gid: UInt32, userName: String, groupName: String, hostName: String, home: String,
    shell: String, runtimeDirectory: String?, dataHome: String, workingDirectory: String?,
    environment: [(name: String, value: [UInt8])], umask: UInt32, memory: UInt64, landlockABI: Int,
    look: @escaping @Sendable (String) -> PathFacts, list: @escaping @Sendable (String) -> [String],
    read: @escaping @Sendable (String) -> [UInt8]?, isExecutable: @escaping @Sendable (String) -> Bool,
    owner: @escaping @Sendable (String) -> UInt32? = { _ in nil },
    groups: @escaping @Sendable () -> GroupFacts
  ) {
    self.uid = uid
    self.gid = gid
    self.userName = userName
    self.groupName = groupName
    self.hostName = hostName
    self.home = home
    self.shell = shell
    self.runtimeDirectory = runtimeDirectory
    self.dataHome = dataHome
    self.workingDirectory = workingDirectory
    self.environment = environment
    self.umask = umask
    self.memory = memory
    self.landlockABI = landlockABI
    self.look = look
    self.list = list
    self.read = read
    self.isExecutable = isExecutable
    self.owner = owner
    self.groups = groups
  }

  /// The caller's value of an environment variable; nil where it is unset or not UTF-8.
  public func variable(_ name: String) -> String? {
    guard let value = environment.last(where: { $0.name == name })?.value else { return nil }
    return validText(value)
  }
}

/// What is known about a host path.
public enum PathFacts: Hashable, Sendable {
  /// It exists. `real` is the path with every link followed; type and identity are those of what it leads to.
  /// `link` is the text of the link where the path's last component is one.
  case exists(real: String, type: FileType, identity: FileIdentity, link: String?)
  /// It does not exist (ENOENT, ENOTDIR) or is a dangling link. `link` as above.
  case missing(link: String?)
  /// It cannot be judged: the errno.
  case unreadable(Int32)
}

/// Type of a file.
public enum FileType: String, Hashable, Sendable {
  case file, directory, socket, fifo
  case characterDevice = "character device"
  case blockDevice = "block device"
}

/// What makes a file itself: a name swapped between compiling and mounting has another identity.
public struct FileIdentity: Hashable, Sendable {
  /// Major and minor of the file system's device, as `statx(2)` gives them.
  public var deviceMajor: UInt32
  /// See `deviceMajor`.
  public var deviceMinor: UInt32
  /// Number within the file system.
  public var inode: UInt64

  /// Makes an identity.
  public init(deviceMajor: UInt32, deviceMinor: UInt32, inode: UInt64) {
    self.deviceMajor = deviceMajor
    self.deviceMinor = deviceMinor
    self.inode = inode
  }
}
