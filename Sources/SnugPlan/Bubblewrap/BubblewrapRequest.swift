import SnugProfile

/// What bubblewrap's command line asks for. Nothing of the machine has been looked at yet; `compile` does.
public struct BubblewrapRequest: Hashable, Sendable {
  /// An ordered operation on the new root. Paths are as they were given: a source may be relative to the working
  /// directory, a target counts from the new root with or without a leading slash.
  public enum Operation: Hashable, Sendable {
    case bind(source: String, target: String, access: Access, skipsMissing: Bool)
    /// The file that a descriptor of the caller stands for; the descriptor is closed afterwards.
    case bindDescriptor(Int32, target: String, access: Access)
    case remountReadOnly(target: String)
    /// Sources with the bottom one first.
    case overlay(sources: [String], upper: String, work: String, target: String)
    /// Writes go to a tmpfs that nobody sees.
    case temporaryOverlay(sources: [String], target: String)
    case readOnlyOverlay(sources: [String], target: String)
    case proc(target: String)
    case dev(target: String)
    /// Size in bytes; nil is the kernel's default.
    case tmpfs(target: String, mode: UInt32, size: UInt64?)
    case mqueue(target: String)
    case directory(target: String, mode: UInt32)
    /// A file with what is read from a descriptor of the caller, which is closed afterwards.
    case file(descriptor: Int32, target: String, mode: UInt32)
    /// The same as a mount of its own.
    case bindData(descriptor: Int32, target: String, mode: UInt32, access: Access)
    case symlink(to: String, target: String)
    case changeMode(UInt32, target: String)
  }

  /// How a user namespace of the sandbox's own was asked for.
  public enum NewUserNamespace: Hashable, Sendable {
    /// Not asked for; an ordinary user gets one all the same.
    case asNeeded
    /// Where the kernel allows one.
    case ifPossible
    case always
  }

  /// One change of the capabilities that the command keeps.
  public enum CapabilityChange: Hashable, Sendable {
    /// By number, see `capabilities(7)`.
    case add(Int32)
    case drop(Int32)
    case addAll
    case dropAll
  }

  /// In the order of the command line.
  public var operations: [Operation] = []
  public var userNamespace = NewUserNamespace.asNeeded
  public var unshareIPC = false
  public var unsharePID = false
  public var unshareNetwork = false
  public var unshareUTS = false
  public var unshareCgroup = false
  /// A kernel without cgroup namespaces is no error.
  public var unshareCgroupIfPossible = false
  /// User namespace to enter before everything else.
  public var userNamespaceDescriptor: Int32?
  /// User namespace to enter when the root stands.
  public var secondUserNamespaceDescriptor: Int32?
  /// Pid namespace to start in, or to make the new one below.
  public var pidNamespaceDescriptor: Int32?
  /// No user namespace can be made inside.
  public var disableUserNamespaces = false
  /// Refuse to start where one could be made.
  public var assertUserNamespacesDisabled = false
  /// Ids inside; nil: the caller's.
  public var uid: UInt32?
  public var gid: UInt32?
  public var hostname: String?
  /// Working directory inside.
  public var directory: String?
  /// The whole environment as `environ(7)` has it, `NAME=value`, after every `--setenv`, `--unsetenv`, `--clearenv`.
  public var environment: [[UInt8]] = []
  /// Files inside on which a read lock is held as long as anything lives there, see fcntl_locking(2).
  public var lockFiles: [String] = []
  /// Held open by the first process as long as anything lives inside.
  public var syncDescriptor: Int32?
  /// A byte or the end is waited for before the command starts.
  public var blockDescriptor: Int32?
  /// Likewise before the maps are used, which somebody else writes meanwhile.
  public var userNamespaceBlockDescriptor: Int32?
  public var infoDescriptor: Int32?
  public var statusDescriptor: Int32?
  /// Classic BPF programs, in the order in which they are loaded.
  public var filterDescriptors: [Int32] = []
  public var capabilityChanges: [CapabilityChange] = []
  public var executionLabel: String?
  public var fileLabel: String?
  public var newSession = false
  public var diesWithParent = false
  /// The command itself is the first process of the pid namespace.
  public var isFirstProcess = false
  /// First word of the command's argv; nil: the command word.
  public var argumentZero: [UInt8]?
  /// Own: closes every descriptor that no option names.
  public var closesDescriptors = false
  /// The command and its arguments.
  public var command: [[UInt8]] = []

  /// Nothing asked for.
  public init() {}
}
