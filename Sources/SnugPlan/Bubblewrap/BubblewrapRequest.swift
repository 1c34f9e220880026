import SnugProfile

/// What bubblewrap's command line asks for. Nothing of the machine has been looked at yet; `compile` does.
public struct BubblewrapRequest: Hashable, Sendable {
  /// An ordered operation on the new root. Paths are as they were given: a source may be relative to the working
  /// directory, a target counts from the new root with or without a leading slash.
  public enum Operation: Hashable, Sendable {
    /// A recursive bind of a source of the host. `skipsMissing`: a source that is not there is no error.
    case bind(source: String, target: String, access: Access, skipsMissing: Bool)
    /// The file that a descriptor of the caller stands for; the descriptor is closed afterwards.
    case bindDescriptor(Int32, target: String, access: Access)
    /// Makes what is mounted at the target read-only, without what is mounted below it.
    case remountReadOnly(target: String)
    /// Sources with the bottom one first; writes go to `upper`, and `work` is the kernel's, see `mount(8)`.
    case overlay(sources: [String], upper: String, work: String, target: String)
    /// Sources as above; writes go to a tmpfs that nobody sees.
    case temporaryOverlay(sources: [String], target: String)
    /// Two sources or more, as above.
    case readOnlyOverlay(sources: [String], target: String)
    /// A procfs of the sandbox's own pid namespace.
    case proc(target: String)
    /// A small tree of devices with a devpts of its own.
    case dev(target: String)
    /// Size in bytes; nil is the kernel's default.
    case tmpfs(target: String, mode: UInt32, size: UInt64?)
    /// The message queues of the sandbox's own ipc namespace.
    case mqueue(target: String)
    /// A directory; one that is there keeps its mode.
    case directory(target: String, mode: UInt32)
    /// A file with what is read from a descriptor of the caller, which is closed afterwards.
    case file(descriptor: Int32, target: String, mode: UInt32)
    /// The same as a mount of its own.
    case bindData(descriptor: Int32, target: String, mode: UInt32, access: Access)
    /// A symbolic link with the text `to`.
    case symlink(to: String, target: String)
    /// Sets the mode of what must be there.
    case changeMode(UInt32, target: String)
  }

  /// How a user namespace of the sandbox's own was asked for.
  public enum NewUserNamespace: Hashable, Sendable {
    /// Not asked for; an ordinary user gets one all the same.
    case asNeeded
    /// Where the kernel allows one.
    case ifPossible
    /// Asked for by name: an error where there is none.
    case always
  }

  /// One change of the capabilities that the command keeps.
  public enum CapabilityChange: Hashable, Sendable {
    /// By number, 0 to 63, see `capabilities(7)`. Numbers that the kernel does not know are no error.
    case add(Int32)
    /// Likewise.
    case drop(Int32)
    /// Every one that the caller may give.
    case addAll
    /// Every one.
    case dropAll
  }

  /// In the order of the command line.
  public var operations: [Operation] = []
  /// Whether a user namespace of its own is wanted.
  public var userNamespace = NewUserNamespace.asNeeded
  /// Own message queues, semaphores and shared memory.
  public var unshareIPC = false
  /// Own process numbers.
  public var unsharePID = false
  /// Own network with nothing but loopback.
  public var unshareNetwork = false
  /// Own host name.
  public var unshareUTS = false
  /// Own cgroup root; an error on a kernel without cgroup namespaces.
  public var unshareCgroup = false
  /// The same, where a kernel without cgroup namespaces is no error.
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
  /// See `uid`.
  public var gid: UInt32?
  /// Host name inside; only with `unshareUTS`.
  public var hostname: String?
  /// Working directory inside; nil: the caller's where it exists inside, else `$HOME` of `environment`, else `/`.
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
  /// One JSON object about the sandbox is written here.
  public var infoDescriptor: Int32?
  /// JSON lines about the sandbox's start and end are written here.
  public var statusDescriptor: Int32?
  /// Classic BPF programs, in the order in which they are loaded.
  public var filterDescriptors: [Int32] = []
  /// In the order of the command line.
  public var capabilityChanges: [CapabilityChange] = []
  /// SELinux label of the command.
  public var executionLabel: String?
  /// SELinux label of what the sandbox makes on file systems of its own.
  public var fileLabel: String?
  /// The command leads a session of its own, away from the terminal, see `setsid(2)`.
  public var newSession = false
  /// Everything inside is killed when the caller ends.
  public var diesWithParent = false
  /// The command itself is the first process of the pid namespace.
  public var isFirstProcess = false
  /// First word of the command's argv; nil: the command word.
  public var argumentZero: [UInt8]?
  /// Own: closes every descriptor that no option names.
  public var closesDescriptors = false
  /// Diagnostics begin with their priority, see `BubblewrapMessage`.
  public var usesLevelPrefix = false
  /// The command and its arguments; at least one word.
  public var command: [[UInt8]] = []

  /// Nothing asked for.
  public init() {}
}
