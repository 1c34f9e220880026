/// What only bubblewrap's command line asks of the processes; a profile's plan has none.
///
/// A plan that has one is run without what profiles always get: no lifeline unless `diesWithParent`, no filter, no
/// landlock, no signals passed on, every descriptor of the caller passed on. That is what bubblewrap's callers rely on.
public struct BubblewrapPolicy: Hashable, Sendable {
  /// What is done about capabilities before the command starts.
  public enum Capabilities: Hashable, Sendable {
    /// They are not touched: root, and no option names any. What a new user namespace gives beyond these is taken out of
    /// its bounding set.
    case unchanged(UInt64)
    /// These stay, by number, in every set; all others go.
    case keep(UInt64)
  }

  /// User namespace to enter before everything else.
  public var userNamespace: Int32?
  /// Pid namespace to start in.
  public var pidNamespace: Int32?
  /// User namespace to enter when the root stands.
  public var secondUserNamespace: Int32?
  /// Whether the sandbox writes its own id maps; else somebody outside does, while `mapsAwaited` is waited for.
  public var writesMaps = false
  /// Descriptor that is waited for before the maps are used.
  public var mapsAwaited: Int32?
  /// A second user namespace with the same ids once the root stands: the command owns no mount then.
  public var nestsUserNamespace = false
  /// No user namespace can be made inside.
  public var disablesUserNamespaces = false
  /// Refuse to start where one could be made.
  public var assertsUserNamespacesDisabled = false
  /// See `Capabilities`.
  public var capabilities = Capabilities.keep(0)
  /// Whether what the user namespace gave anew is taken out of the bounding set.
  public var dropsBounding = false
  /// Whether a first process stays beside the command, reaps, holds locks and descriptors.
  public var reaps = false
  /// Whether everything ends with the caller of the launcher.
  public var diesWithParent = false
  /// Whether the command leaves the caller's session.
  public var newSession = false
  /// Descriptor that the first process keeps open to its end.
  public var sync: Int32?
  /// Descriptor that is waited for before the command starts.
  public var block: Int32?
  /// Descriptor that gets one JSON object about the first process.
  public var info: Int32?
  /// Descriptor that gets JSON lines about start and end.
  public var status: Int32?
  /// Files inside that the first process holds a read lock on.
  public var lockFiles: [String] = []
  /// Descriptors of classic BPF programs, in the order in which they are loaded.
  public var filters: [Int32] = []
  /// Descriptors that the set-up has used up.
  public var usedDescriptors: [Int32] = []
  /// Whether the command gets 0, 1 and 2 alone; else every descriptor that the caller left open.
  public var closesDescriptors = false
  /// Whether the hostname is set.
  public var setsHostname = false
  /// `--chdir`; nil: the caller's directory if it exists inside, else `$HOME`, else `/`.
  public var directory: String?
  /// Where the command was started from, link-free; nil where it is gone.
  public var callerDirectory: String?
  /// The whole environment, `NAME=value`, but `PWD`, which the sandbox sets.
  public var environment: [[UInt8]] = []

  /// The command word: a path, or a name that is looked up in the `PATH` of `environment`. It need not be UTF-8.
  public var program: [UInt8] = []

  /// Whether messages begin with their level, `<3>`, as syslog(3) counts.
  public var usesLevelPrefix = false

  /// Nothing asked for.
  public init() {}
}
