import SnugProfile

/// What will happen, in order, nothing left to decide. Printable, comparable, testable without privileges.
public struct Plan: Sendable {
  /// Namespaces that the one `clone3(2)` makes. Profiles: all, network by mode.
  public var namespaces: [Namespace]
  /// What builds the new root, in order.
  public var ops: [PlannedOp]
  /// Entries that were left out because what they name does not exist.
  public var skipped: [SkippedEntry]
  /// Places where one op hides another one: only a user's own `[[files.op]]` can bring that about.
  public var hidden: [HiddenOp]
  /// Host directories that the launcher makes before the start, mode 0700, for `if-missing = "create"` and private homes.
  public var creations: [Located<String>]
  /// The private home, a link-free host path, or nil: locked while the sandbox lives, so that no reset takes it away.
  public var privateHome: Located<String>?
  /// The filter.
  public var seccomp: SeccompPolicy
  /// The landlock rules.
  public var landlock: LandlockPolicy
  /// The whole environment of the app, sorted by name.
  public var environment: [PlannedVariable]
  /// Identity, life and limits.
  public var process: ProcessPolicy
  /// Path inside of what is executed, as PATH leads to it: a last link is not followed, because programs of many names go
  /// by their name. Empty where the profile names no program and only the plan was asked for.
  public var executable: String
  /// argv as the app sees it. Words need not be UTF-8.
  public var command: [[UInt8]]
  /// App id.
  public var id: String
  /// Profile name.
  public var profile: String
  /// Keys that the profile asks for, that cannot be had here, and that `optional` lets go.
  public var notEnforced: [String]
  /// Descriptors of the caller that the app gets besides 0, 1 and 2.
  public var passedDescriptors: [Int32]
  /// What is tried from inside before the app starts.
  public var asserts: [PlannedAssert]
  /// What passes on the message buses; nil: there is none inside.
  public var bus: BusPolicy?
  /// What connects the app's own network with others; nil: nothing does, or it has the host's.
  public var privateNetwork: PrivateNetwork?
  /// How the app reaches the Wayland compositor; nil: not at all, or over the compositor's own socket.
  public var wayland: WaylandPolicy?
  /// How the app reaches an X server; nil: not at all.
  public var x11: X11Policy?
  /// Whom portals take the app for; nil: it has nothing of them.
  public var portals: PortalPolicy?
  /// What stands before the sound server; nil: there is no filter.
  public var sound: SoundPolicy?
  /// Nil for a profile's plan.
  public var bubblewrap: BubblewrapPolicy?

  /// Makes a plan.
  public init(
    namespaces: [Namespace], ops: [PlannedOp], skipped: [SkippedEntry] = [], hidden: [HiddenOp] = [],
    creations: [Located<String>] = [], privateHome: Located<String>? = nil, seccomp: SeccompPolicy,
    landlock: LandlockPolicy,
    environment: [PlannedVariable], process: ProcessPolicy, executable: String, command: [[UInt8]], id: String,
    profile: String,
    notEnforced: [String] = [], passedDescriptors: [Int32] = [], asserts: [PlannedAssert] = [],
    bus: BusPolicy? = nil, privateNetwork: PrivateNetwork? = nil, wayland: WaylandPolicy? = nil, x11: X11Policy? = nil,
    portals: PortalPolicy? = nil, sound: SoundPolicy? = nil, bubblewrap: BubblewrapPolicy? = nil
  ) {
    self.namespaces = namespaces
    self.ops = ops
    self.skipped = skipped
    self.hidden = hidden
    self.creations = creations
    self.privateHome = privateHome
    self.seccomp = seccomp
    self.landlock = landlock
    self.environment = environment
    self.process = process
    self.executable = executable
    self.command = command
    self.id = id
    self.profile = profile
    self.notEnforced = notEnforced
    self.passedDescriptors = passedDescriptors
    self.asserts = asserts
    self.bus = bus
    self.privateNetwork = privateNetwork
    self.wayland = wayland
    self.x11 = x11
    self.portals = portals
    self.sound = sound
    self.bubblewrap = bubblewrap
  }
}

/// A Linux namespace, see `namespaces(7)`.
public enum Namespace: String, Hashable, Sendable, CaseIterable {
  case user, mount, pid, ipc, uts, cgroup, network
}

/// One line of a plan with the profile line that caused it.
public struct PlannedOp: Hashable, Sendable {
  /// What is done.
  public var op: Op
  /// The line that asked for it.
  public var origin: Origin

  /// Joins an op and its cause.
  public init(_ op: Op, from origin: Origin) {
    self.op = op
    self.origin = origin
  }
}

/// An entry left out, and why.
public struct SkippedEntry: Hashable, Sendable {
  /// As the person wrote it.
  public var path: String
  /// In plain words: `does not exist`, `xdg-music is not set`.
  public var reason: String
  /// The line that asked for it.
  public var origin: Origin
  /// It is a `hide` of a name that the app can make: what holds it is writable inside.
  public var leavesFree: Bool
  /// What would give it, where a person is told at the start that the app goes without.
  public var hint: String?

  /// Makes an entry.
  public init(path: String, reason: String, origin: Origin, leavesFree: Bool = false, hint: String? = nil) {
    self.path = path
    self.reason = reason
    self.origin = origin
    self.leavesFree = leavesFree
    self.hint = hint
  }
}

/// `ops[by]` covers what `ops[index]` put there.
public struct HiddenOp: Hashable, Sendable {
  /// The op that is covered.
  public var index: Int
  /// The op that covers it.
  public var by: Int

  /// Makes a pair.
  public init(index: Int, by: Int) {
    self.index = index
    self.by = by
  }
}

/// Which filter the app runs under.
public struct SeccompPolicy: Hashable, Sendable {
  /// The named filter.
  public var preset: Seccomp.Preset
  /// System calls by name taken out of the preset.
  public var allow: [String]
  /// System calls by name put to the preset.
  public var deny: [String]
  /// Whether 32-bit programs work.
  public var multiarch: Bool
  /// Whether System V segments of shared memory are refused, see `FilterGroup.segments`.
  public var refusesSegments: Bool

  /// Makes a policy.
  public init(
    preset: Seccomp.Preset, allow: [String] = [], deny: [String] = [], multiarch: Bool = false,
    refusesSegments: Bool = false
  ) {
    self.preset = preset
    self.allow = allow
    self.deny = deny
    self.multiarch = multiarch
    self.refusesSegments = refusesSegments
  }
}

/// What landlock enforces, already cut to what the kernel can.
public struct LandlockPolicy: Hashable, Sendable {
  /// ABI that the rules are made for; 0: landlock is not used.
  public var abi: Int
  /// What is cut off from outside.
  public var scope: [Landlock.Scope]
  /// Whether file rules are enforced.
  public var files: Bool
  /// The file rules, on paths of the final tree, in order. Empty without `files`.
  public var rules: [LandlockRule]
  /// Ports that may be connected to; nil is unrestricted.
  public var connectTCP: [UInt16]?

  /// Makes a policy.
  public init(
    abi: Int, scope: [Landlock.Scope] = [], files: Bool = false, rules: [LandlockRule] = [],
    connectTCP: [UInt16]? = nil
  ) {
    self.abi = abi
    self.scope = scope
    self.files = files
    self.rules = rules
    self.connectTCP = connectTCP
  }
}

/// What landlock lets the app do beneath a path of the final tree.
public struct LandlockRule: Hashable, Sendable {
  /// Classes of rights, see `landlock(7)`.
  public enum Rights: String, Hashable, Sendable {
    /// Read files, list directories, execute.
    case read
    /// All of `read`, write, create, remove, truncate; no device nodes, no device ioctls.
    case write
    /// Write and truncate existing files: `/proc`.
    case modify
    /// `modify` and device ioctls: `/dev`.
    case device
  }
  /// A place of the final tree.
  public var path: String
  /// What is allowed there.
  public var rights: Rights

  /// Makes a rule.
  public init(path: String, rights: Rights) {
    self.path = path
    self.rights = rights
  }
}

/// One variable of the app's environment.
public struct PlannedVariable: Hashable, Sendable {
  /// Without `=`.
  public var name: String
  /// Need not be UTF-8.
  public var value: [UInt8]
  /// The line that asked for it.
  public var origin: Origin
  /// In place of `value` it gets the app's own pid as seen inside, which is not known before the app's process is there.
  public var isOwnPID: Bool

  /// Makes a variable.
  public init(name: String, value: [UInt8], origin: Origin, isOwnPID: Bool = false) {
    self.name = name
    self.value = value
    self.origin = origin
    self.isOwnPID = isOwnPID
  }
}

/// Identity, life and limits of the app.
public struct ProcessPolicy: Hashable, Sendable {
  /// Ids inside; the caller's own ids outside.
  public var uid: UInt32
  /// See `uid`.
  public var gid: UInt32
  /// Of the uts namespace.
  public var hostname: String
  /// Absolute path inside.
  public var workingDirectory: String
  /// Of the app.
  public var umask: UInt32
  /// Added to the caller's.
  public var nice: Int32
  /// Which terminal the app gets.
  public var terminal: Process.Terminal
  /// How long lingering processes may live after the app's own end.
  public var adoptWait: Wait
  /// How long the app may take after the cancel signal.
  public var stopWait: Wait
  /// Nil: cancellation ends everything at once.
  public var cancelSignal: Int32?
  /// Soft and hard at once.
  public var limits: [ResourceLimit]
  /// What all processes share; nil where nothing is limited so.
  public var group: GroupPolicy?

  /// Makes a policy.
  public init(
    uid: UInt32, gid: UInt32, hostname: String, workingDirectory: String, umask: UInt32, nice: Int32,
    terminal: Process.Terminal, adoptWait: Wait, stopWait: Wait, cancelSignal: Int32?, limits: [ResourceLimit],
    group: GroupPolicy? = nil
  ) {
    self.uid = uid
    self.gid = gid
    self.hostname = hostname
    self.workingDirectory = workingDirectory
    self.umask = umask
    self.nice = nice
    self.terminal = terminal
    self.adoptWait = adoptWait
    self.stopWait = stopWait
    self.cancelSignal = cancelSignal
    self.limits = limits
    self.group = group
  }
}

/// A soft and hard limit of `setrlimit(2)`.
public struct ResourceLimit: Hashable, Sendable {
  /// Which one.
  public enum Kind: String, Hashable, Sendable {
    case openFiles = "open-files"
    case core
    case fileSize = "file-size"
    case processes
  }
  /// Which limit.
  public var kind: Kind
  /// Bytes or a count.
  public var value: UInt64

  /// Makes a limit.
  public init(_ kind: Kind, _ value: UInt64) {
    self.kind = kind
    self.value = value
  }
}
