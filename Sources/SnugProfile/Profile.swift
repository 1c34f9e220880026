/// What a person wrote, merged over its layers and typed: profile format version 1.
///
/// Every value knows the place it comes from. A value that no layer wrote stands at `Origin.defaults`.
public struct Profile: Sendable {
  /// The name it was asked for by; for a file its name without `.toml`.
  public var name: String
  /// The path of the top file, as it was found.
  public var file: String
  /// The flattened `extends` chain, lowest first, each file once; the top file is the last one, before the options.
  public var layers: [String]

  /// Reverse-DNS id that portals, Wayland and the bus are told; default `snug.<file name>`.
  public var id: Located<String>
  /// One line for `snug list`.
  public var summary: Located<String>?
  /// Executables this profile is for, the first one found is run.
  public var programs: [Located<String>]
  /// The argv to run where arguments are needed.
  public var command: Located<[String]>?
  /// Keys whose protection may go unenforced, for example `landlock`. An entry covers every key below it.
  public var optional: [Located<String>]

  /// `[files]`.
  public var files: Files
  /// `[desktop]`.
  public var desktop: Desktop
  /// `[devices]`.
  public var devices: Devices
  /// `[bus.session]`; nil is no bus.
  public var sessionBus: Located<Bus>?
  /// `[bus.system]`; nil is no bus.
  public var systemBus: Located<Bus>?
  /// `[network]`.
  public var network: Network
  /// `[environment]`.
  public var environment: Environment
  /// `[process]`.
  public var process: Process
  /// `[limits]`.
  public var limits: Limits
  /// `[seccomp]`.
  public var seccomp: Seccomp
  /// `[landlock]`.
  public var landlock: Landlock
  /// `[assert]`.
  public var assertions: Assertions

  /// Whether the protection named by a dotted key may go unenforced: the key itself or a table above it is listed.
  public func mayGoUnenforced(_ key: String) -> Bool {
    optional.contains { $0.value == key || key.hasPrefix($0.value + ".") }
  }
}

/// A path as written and what it stands for on this machine.
public struct PathValue: Hashable, Sendable {
  /// As the person wrote it: `~/Pictures`, `xdg-download/sub`, `./out`.
  public var written: String
  /// What it stands for.
  public var meaning: PathMeaning

  /// Joins the two.
  public init(written: String, meaning: PathMeaning) {
    self.written = written
    self.meaning = meaning
  }

  /// The absolute path, or nil where there is none.
  public var absolute: String? {
    if case .absolute(let path) = meaning { path } else { nil }
  }
}

/// What a written path stands for.
public enum PathMeaning: Hashable, Sendable {
  /// A clean absolute path: no `.`, `..`, empty or trailing component. Links are not followed.
  case absolute(String)
  /// Nothing on this machine, with the reason: an `xdg-` name that is not set, or that is the home or above it.
  /// It is treated like a path that does not exist.
  case missing(String)
  /// Never allowed, with the reason: `.` in the home or above it, or in a system directory.
  case refused(String)
}

/// What to do where a granted path does not exist. Decided when the plan is compiled.
public enum IfMissing: String, Hashable, Sendable, CaseIterable {
  /// The start fails.
  case fail
  /// The entry stands in the plan as skipped.
  case skip
  /// A directory is made, mode 0700.
  case create
}

/// What one entry of `files.read`, `files.write` or `files.hide` says.
public struct Grant: Hashable, Sendable {
  /// Which of the three lists it stands in.
  public enum Kind: String, Hashable, Sendable { case read, write, hide }
  /// Which list.
  public var kind: Kind
  /// The path on the host.
  public var path: PathValue
  /// Where it stands inside; nil is at its own path.
  public var at: PathValue?
  /// What to do where it is missing. Nil where the entry does not say.
  public var ifMissing: IfMissing?
  /// Index of the layer in the flattened chain, 0 is the lowest; later layers win.
  public var layer: Int
  /// Whether the layer is a profile that Snug ships: its grants skip what is missing, a user's own fail.
  public var isShipped: Bool
  /// Where it was written.
  public var origin: Origin

  /// Makes a grant.
  public init(
    kind: Kind, path: PathValue, at: PathValue? = nil, ifMissing: IfMissing? = nil, layer: Int,
    isShipped: Bool = false, origin: Origin
  ) {
    self.kind = kind
    self.path = path
    self.at = at
    self.ifMissing = ifMissing
    self.layer = layer
    self.isShipped = isShipped
    self.origin = origin
  }
}

/// `[files]`: what the app sees of the file system.
public struct Files: Sendable {
  /// What `/` is made of.
  public enum Root: String, Sendable, CaseIterable { case system, host, empty }
  /// What the home is made of; `private_` is written `private`.
  public enum Home: String, Sendable, CaseIterable {
    case none, temporary
    case kept = "private"
    case overlay, host
  }
  /// What happens with files named on the command line.
  public enum Arguments: String, Sendable, CaseIterable {
    case none, read, write
    case writeFolder = "write-folder"
    case portal
  }
  /// What `/` is made of.
  public var root: Located<Root>
  /// What the home is made of.
  public var home: Located<Home>
  /// `read`, `write` and `hide` of every layer, lowest layer first; taken-out entries are gone.
  public var grants: [Grant]
  /// What happens with files named on the command line.
  public var arguments: Located<Arguments>
  /// `[[files.op]]`, in the order written, lowest layer first.
  public var ops: [Located<ExactOp>]
}

/// Access of a bind or overlay.
public enum Access: String, Hashable, Sendable, CaseIterable {
  case readOnly = "read-only"
  case writable
  /// Writable, and device nodes work.
  case device
}

/// A size as written: bytes, or a share of the machine's memory.
public enum Size: Hashable, Sendable {
  /// Bytes.
  case bytes(UInt64)
  /// Percent of the machine's memory, 1 to 100.
  case percent(Int)
}

/// One `[[files.op]]`.
public enum ExactOp: Hashable, Sendable {
  case bind(host: PathValue, target: PathValue, access: Access, ifMissing: IfMissing)
  case tmpfs(target: PathValue, size: Size?, mode: UInt32, access: Access)
  case overlay(
    target: PathValue, lower: [PathValue], upper: PathValue?, work: PathValue?, size: Size?, access: Access)
  case proc(target: PathValue)
  case dev(target: PathValue)
  case mqueue(target: PathValue)
  case directory(target: PathValue, mode: UInt32)
  case file(target: PathValue, content: [UInt8], mode: UInt32)
  /// `to` is not interpreted.
  case symlink(target: PathValue, to: String)
  case remount(target: PathValue, access: Access)
}

/// `[desktop]`: each need off unless asked for.
public struct Desktop: Sendable {
  /// X11 access.
  public enum X11: String, Sendable { case off, plain, untrusted, isolated }
  /// Sound access.
  public enum Audio: String, Sendable { case off, playback, full }
  /// The Wayland socket, with a security context.
  public var wayland: Located<Bool>
  /// The X server.
  public var x11: Located<X11>
  /// Sound; `playback` is without recording.
  public var audio: Located<Audio>
  /// Portals.
  public var portals: Located<Bool>
  /// Notifications.
  public var notifications: Located<Bool>
  /// The caller's fonts.
  public var fonts: Located<Bool>
  /// Themes and icons.
  public var themes: Located<Bool>
  /// Printing.
  public var printing: Located<Bool>
  /// The accessibility bus.
  public var accessibility: Located<Bool>
  /// Input methods.
  public var inputMethod: Located<Bool>
  /// The socket of ssh-agent.
  public var sshAgent: Located<Bool>
  /// The socket of gpg-agent.
  public var gpgAgent: Located<Bool>
}

/// `[devices]`.
public struct Devices: Sendable {
  /// Render nodes and what belongs to them.
  public var gpu: Located<Bool>
  /// Cameras.
  public var camera: Located<Bool>
  /// Game controllers.
  public var input: Located<Bool>
  /// Hardware virtualisation.
  public var kvm: Located<Bool>
  /// USB devices.
  public var usb: Located<Bool>
  /// Device nodes by path.
  public var nodes: [Located<PathValue>]
}

/// `[bus.session]` or `[bus.system]`.
public struct Bus: Sendable {
  /// Names that are visible.
  public var see: [Located<String>]
  /// Names that may be called.
  public var talk: [Located<String>]
  /// Names that may be owned.
  public var own: [Located<String>]
  /// Name to rules.
  public var call: [Located<BusRule>]
  /// Name to rules.
  public var broadcast: [Located<BusRule>]
  /// Whether refused calls are logged.
  public var log: Located<Bool>

  /// Makes a bus of its rules.
  public init(
    see: [Located<String>], talk: [Located<String>], own: [Located<String>], call: [Located<BusRule>],
    broadcast: [Located<BusRule>], log: Located<Bool>
  ) {
    self.see = see
    self.talk = talk
    self.own = own
    self.call = call
    self.broadcast = broadcast
    self.log = log
  }
}

/// One name of `call` or `broadcast` with its rules.
public struct BusRule: Hashable, Sendable {
  /// The name.
  public var name: String
  /// Rules as xdg-dbus-proxy takes them.
  public var rules: [String]

  /// Joins a name and its rules.
  public init(name: String, rules: [String]) {
    self.name = name
    self.rules = rules
  }
}

/// `[network]`.
public struct Network: Sendable {
  /// Which network the app sees.
  public enum Mode: String, Sendable, CaseIterable {
    case none, host
    case userMode = "private"
  }
  /// Which network.
  public var mode: Located<Mode>
}

/// `[environment]`: nothing else enters.
public struct Environment: Sendable {
  /// Names taken over from the caller.
  public var keep: [Located<String>]
  /// Names set; the last one of a name stands.
  public var set: [Located<EnvironmentVariable>]
  /// Names taken out after all else.
  public var unset: [Located<String>]
}

/// A name with its value.
public struct EnvironmentVariable: Hashable, Sendable {
  /// The name.
  public var name: String
  /// The value.
  public var value: String
}

/// A time span or one of the words around it.
public enum Wait: Hashable, Sendable {
  /// Not at all.
  case none
  /// Milliseconds.
  case milliseconds(Int)
  case forever
}

/// `[process]`.
public struct Process: Sendable {
  /// Which terminal the app gets.
  public enum Terminal: String, Sendable, CaseIterable { case auto, shared, none }
  /// Who the app is inside.
  public enum User: String, Sendable, CaseIterable {
    case caller = "self"
    case nobody, root
  }
  /// How long lingering processes may go on after the app's own end.
  public var adoptWait: Located<Wait>
  /// How long the app may take after the cancel signal. Never `none` by default.
  public var stopWait: Located<Wait>
  /// Number of the signal that cancellation sends to the app; nil: everything ends at once (`none`).
  public var cancelSignal: Located<Int32?>
  /// Which terminal.
  public var terminal: Located<Terminal>
  /// Whether a second start hands over to the running one.
  public var single: Located<Bool>
  /// Name of the machine inside.
  public var hostname: Located<String>
  /// Who the app is inside.
  public var user: Located<User>
  /// Nil: the caller's directory if visible inside, else the home, else `/`.
  public var workingDirectory: Located<PathValue>?
  /// Nil: the caller's.
  public var umask: Located<UInt32>?
  /// Added to the caller's.
  public var nice: Located<Int32>
}

/// `[limits]`; nil is no limit.
public struct Limits: Sendable {
  /// Of all processes together.
  public var memory: Located<Size>?
  /// Processes and threads together.
  public var tasks: Located<UInt64>?
  /// As written, for example `150%`.
  public var cpu: Located<String>?
  /// Open descriptors of a process.
  public var openFiles: Located<UInt64>?
  /// Bytes; default 0.
  public var core: Located<UInt64>
  /// Largest file that can be written.
  public var fileSize: Located<Size>?
  /// Processes of the sandbox, PID 1 included.
  public var processes: Located<UInt64>?
}

/// `[seccomp]`.
public struct Seccomp: Sendable {
  /// The named filters.
  public enum Preset: String, Sendable, CaseIterable { case base, desktop, devel, nested, none }
  /// The named filter.
  public var preset: Located<Preset>
  /// System calls by name, taken out of the preset.
  public var allow: [Located<String>]
  /// System calls by name, put to the preset.
  public var deny: [Located<String>]
  /// Whether 32-bit programs work.
  public var multiarch: Located<Bool>
}

/// `[landlock]`.
public struct Landlock: Sendable {
  /// What a scope cuts off.
  public enum Scope: String, Sendable, CaseIterable {
    case signal
    case abstractUnixSocket = "abstract-unix-socket"
  }
  /// What is cut off from outside.
  public var scope: [Located<Scope>]
  /// File rules from the grants as a second wall. Nil: the default, which is true, but false under `nested`.
  public var files: Located<Bool>?
  /// Ports the app may connect to; nil is unrestricted, empty is none.
  public var connectTCP: Located<[UInt16]>?
}

/// `[assert]`: tried from inside after the last lock and before the app.
public struct Assertions: Sendable {
  /// Paths that must not be seen.
  public var hidden: [Located<PathValue>]
  /// Paths that must be readable.
  public var readable: [Located<PathValue>]
  /// Paths that must be writable.
  public var writable: [Located<PathValue>]
  /// Whether a route other than loopback must exist, or must not.
  public var network: Located<Bool>?
}
