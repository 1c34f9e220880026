extension Key {
  /// Every key of format version 1, in the order of the documentation.
  public static let all: [Key] =
    top + files + desktop + devices + bus + network + environment + process + limits + seccomp + landlock + assertions

  private static let top = [
    Key("version", .integer(1...1), "Version of the profile format, always 1", isInherited: false),
    Key("id", .text(.appID), "Reverse-DNS id that portals, Wayland and the bus are told", isInherited: false),
    Key("summary", .text(.line), "One line for snug list", isInherited: false),
    Key("extends", .replacedList(.text(.profileName)), "Profiles that this one changes", isInherited: false),
    Key("programs", .replacedList(.text(.program)), "Programs this profile is for; the first one found is run"),
    Key("command", .replacedList(.text(.argument)), "The program to run with its arguments"),
    Key("optional", .list(.text(.key)), "Keys whose protection may go unenforced", default: texts("landlock")),
  ]

  private static let files = [
    word("files.root", Files.Root.self, .system, "What / is made of"),
    word("files.home", Files.Home.self, .temporary, "What the home is made of"),
    Key("files.read", .list(.entry), "Paths the app may read", default: .list([])),
    Key("files.write", .list(.entry), "Paths the app may read and change", default: .list([])),
    Key("files.hide", .list(.entry), "Paths that are hidden under all of their names", default: .list([])),
    word(
      "files.arguments", Files.Arguments.self, .none, "What happens with files named on the command line"),
    Key("files.op", .ops, "Exact operations, in order, after everything above", default: .list([])),
  ]

  private static let desktop = [
    flag("desktop.wayland", "The Wayland socket, with a security context"),
    Key(
      "desktop.x11", .booleanOr(["untrusted", "isolated"]),
      "The X server: its socket and cookie, or a cookie that it does not trust, or a private nested server",
      default: .boolean(false)),
    Key(
      "desktop.audio", .booleanOr(["playback"]), "Sound; true is recording too", default: .boolean(false)),
    flag("desktop.portals", "File chooser, screenshots and other portals"),
    flag("desktop.notifications", "Notifications"),
    flag("desktop.fonts", "The caller's fonts and their settings"),
    flag("desktop.themes", "The caller's themes and icons"),
    flag("desktop.printing", "Printers"),
    flag("desktop.accessibility", "The accessibility bus"),
    flag("desktop.input-method", "Input methods"),
    flag("desktop.ssh-agent", "The SSH agent's socket"),
    flag("desktop.gpg-agent", "The GnuPG agent's restricted socket"),
  ]

  private static let devices = [
    flag("devices.gpu", "Graphics acceleration"),
    flag("devices.camera", "Cameras"),
    flag("devices.input", "Game controllers"),
    flag("devices.kvm", "Hardware virtualisation"),
    flag("devices.usb", "USB devices"),
    Key("devices.nodes", .list(.path), "Device nodes by path", default: .list([])),
  ]

  private static let bus = ["bus.session", "bus.system"].flatMap { table in
    [
      Key(table, .table, "Messages over this bus, filtered; no table, no bus"),
      Key(table + ".see", .list(.text(.busName)), "Names whose presence the app may see", default: .list([])),
      Key(table + ".talk", .list(.text(.busName)), "Names the app may talk to", default: .list([])),
      Key(table + ".own", .list(.text(.busName)), "Names the app may own", default: .list([])),
      Key(
        table + ".call", .map(.busName, .list(.text(.busRule))), "Calls the app may make, by name", default: .map([])),
      Key(
        table + ".broadcast", .map(.busName, .list(.text(.busRule))), "Broadcasts the app may receive, by name",
        default: .map([])),
      flag(table + ".log", "Show calls that are refused, and what would allow them"),
    ]
  }

  private static let network = [
    word("network.mode", Network.Mode.self, .none, "Which network the app sees")
  ]

  private static let environment = [
    Key(
      "environment.keep", .list(.text(.environmentName)), "Variables taken over from the caller", default: .list([])),
    Key("environment.set", .map(.environmentName, .text(.environmentValue)), "Variables set", default: .map([])),
    Key("environment.unset", .list(.text(.environmentName)), "Variables taken out", default: .list([])),
  ]

  private static let process = [
    Key(
      "process.adopt-wait", .duration, "How long lingering processes may go on after the app's own end",
      default: .wait(.milliseconds(5_000))),
    Key(
      "process.stop-wait", .duration, "How long the app may take after the cancel signal",
      default: .wait(.milliseconds(10_000))),
    Key(
      "process.cancel-signal", .signal, "Signal that cancellation sends to the app; none ends everything at once",
      default: .signal(15)),
    word("process.terminal", Process.Terminal.self, .auto, "Which terminal the app gets"),
    flag("process.single", "A second run hands its arguments to the running instance"),
    Key("process.hostname", .text(.hostname), "Host name inside", default: .text("snug")),
    word("process.user", Process.User.self, .caller, "Who the app is inside"),
    Key("process.working-directory", .path, "Directory the app starts in"),
    Key("process.umask", .mode(0o777), "File mode creation mask"),
    Key("process.nice", .integer(-20...19), "Scheduling priority", default: .integer(0)),
  ]

  private static let limits = [
    Key("limits.memory", .size(allowsPercent: true, minimum: 1), "Memory of all processes together"),
    Key("limits.tasks", .integer(1...4_194_304), "Processes and threads together"),
    Key("limits.cpu", .text(.cpu), "Share of processor time"),
    Key("limits.open-files", .integer(3...1_073_741_816), "Open files of one process"),
    Key("limits.core", .size(allowsPercent: false, minimum: 0), "Size of a core dump", default: .size(.bytes(0))),
    Key("limits.file-size", .size(allowsPercent: false, minimum: 0), "Size of a file the app writes"),
    Key("limits.processes", .integer(1...4_194_304), "Processes of the caller, see RLIMIT_NPROC"),
  ]

  private static let seccomp = [
    word("seccomp.preset", Seccomp.Preset.self, .desktop, "Which system calls the app may make"),
    Key("seccomp.allow", .list(.text(.systemCall)), "System calls taken out of the preset", default: .list([])),
    Key("seccomp.deny", .list(.text(.systemCall)), "System calls put to the preset", default: .list([])),
    flag("seccomp.multiarch", "Programs of the processor's other architectures too"),
  ]

  private static let landlock = [
    Key(
      "landlock.scope", .list(.word(Landlock.Scope.allCases.map({ $0.rawValue }))), "What is cut off from outside",
      default: texts("signal", "abstract-unix-socket")),
    Key("landlock.files", .boolean, "File rules from the grants as a second wall"),
    Key("landlock.connect-tcp", .list(.integer(0...65_535)), "Ports the app may connect to"),
  ]

  private static let assertions = [
    Key("assert.hidden", .list(.path), "Paths that must not be visible", default: .list([])),
    Key("assert.readable", .list(.path), "Paths that must be readable", default: .list([])),
    Key("assert.writable", .list(.path), "Paths that must be writable", default: .list([])),
    Key("assert.network", .boolean, "Whether there must be a way to other machines"),
  ]

  private static func flag(_ name: String, _ help: String) -> Key {
    Key(name, .boolean, help, default: .boolean(false))
  }

  private static func word<Word: RawRepresentable & CaseIterable>(
    _ name: String, _ type: Word.Type, _ standard: Word, _ help: String
  ) -> Key where Word.RawValue == String {
    Key(name, .word(type.allCases.map({ $0.rawValue })), help, default: .text(standard.rawValue))
  }

  private static func texts(_ words: String...) -> Value {
    .list(words.map { Item(.text($0), identity: Array($0.utf8)) })
  }
}
