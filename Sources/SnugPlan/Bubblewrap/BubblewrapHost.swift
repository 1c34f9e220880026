/// The facts about the machine and the caller that bubblewrap's options need. Dear ones are asked for only when an option
/// needs them.
public struct BubblewrapHost: Sendable {
  /// Real ids of the caller.
  public var uid: UInt32
  /// See `uid`.
  public var gid: UInt32
  /// The caller's umask.
  public var umask: UInt32
  /// The directory that the command is started in, link-free; nil where it is gone.
  public var workingDirectory: String?
  /// Memory of the machine in bytes.
  public var memory: UInt64
  /// Effective capabilities of the caller, by number.
  public var capabilities: @Sendable () -> UInt64
  /// Whether the kernel's switches allow user namespaces.
  public var allowsUserNamespaces: @Sendable () -> Bool
  /// Whether the kernel has cgroup namespaces.
  public var hasCgroupNamespaces: @Sendable () -> Bool
  /// Path of the terminal at standard output; nil where it is none.
  public var terminal: @Sendable () -> String?
  /// Looks at one host path.
  public var look: @Sendable (String) -> PathFacts
  /// What an open descriptor stands for.
  public var descriptor: @Sendable (Int32) -> DescriptorFacts

  /// What is known about an open descriptor.
  public enum DescriptorFacts: Hashable, Sendable {
    /// Its path as proc gives it, and what it is.
    case open(path: String, type: FileType, identity: FileIdentity)
    /// The errno.
    case unusable(Int32)
  }

  /// Makes a host from its facts.
  public init(
    uid: UInt32, gid: UInt32, umask: UInt32, workingDirectory: String?, memory: UInt64,
    capabilities: @escaping @Sendable () -> UInt64, allowsUserNamespaces: @escaping @Sendable () -> Bool,
    hasCgroupNamespaces: @escaping @Sendable () -> Bool, terminal: @escaping @Sendable () -> String?,
    look: @escaping @Sendable (String) -> PathFacts, descriptor: @escaping @Sendable (Int32) -> DescriptorFacts
  ) {
    self.uid = uid
    self.gid = gid
    self.umask = umask
    self.workingDirectory = workingDirectory
    self.memory = memory
    self.capabilities = capabilities
    self.allowsUserNamespaces = allowsUserNamespaces
    self.hasCgroupNamespaces = hasCgroupNamespaces
    self.terminal = terminal
    self.look = look
    self.descriptor = descriptor
  }
}
