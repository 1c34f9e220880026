import Testing

@testable import SnugProfile

@Suite struct MergeTests {
  private func grants(_ profile: Profile, _ kind: Grant.Kind) -> [String] {
    profile.files.grants.filter { $0.kind == kind }.map(\.path.written)
  }

  @Test func nothingWrittenIsTheDefaults() throws {
    let profile = try merged("").profile
    #expect(profile.id.value == "snug.p0")
    #expect(profile.summary == nil && profile.command == nil && profile.programs.isEmpty)
    #expect(profile.optional.map(\.value) == ["landlock"])
    #expect(profile.files.root == Located(.system) && profile.files.home == Located(.temporary))
    #expect(profile.files.arguments == Located(.none))
    #expect(profile.files.grants.isEmpty && profile.files.ops.isEmpty)
    #expect(profile.desktop.wayland == Located(false) && profile.desktop.x11 == Located(.off))
    #expect(profile.desktop.audio == Located(.off))
    #expect(profile.sessionBus == nil && profile.systemBus == nil)
    #expect(profile.network.mode == Located(.none))
    #expect(profile.process.adoptWait == Located(.milliseconds(5_000)))
    #expect(profile.process.stopWait == Located(.milliseconds(10_000)))
    #expect(profile.process.cancelSignal == Located(15))
    #expect(profile.process.terminal == Located(.auto) && profile.process.user == Located(.caller))
    #expect(profile.process.hostname == Located("snug") && profile.process.nice == Located(0))
    #expect(profile.process.workingDirectory == nil && profile.process.umask == nil)
    #expect(profile.limits.core == Located(0) && profile.limits.memory == nil && profile.limits.openFiles == nil)
    #expect(profile.seccomp.preset == Located(.desktop) && profile.seccomp.multiarch == Located(false))
    #expect(profile.landlock.scope.map(\.value) == [.signal, .abstractUnixSocket])
    #expect(profile.landlock.files == nil && profile.landlock.connectTCP == nil)
    #expect(profile.assertions.network == nil && profile.assertions.hidden.isEmpty)
  }

  @Test func everyKeyArrivesInItsPlace() throws {
    let profile = try merged(everything).profile
    #expect(profile.id.value == "org.example.App" && profile.summary?.value == "All of it")
    #expect(profile.programs.map(\.value) == ["a", "b"] && profile.command?.value == ["a", "-x"])
    #expect(profile.optional.map(\.value) == ["landlock", "desktop.wayland"])
    #expect(profile.mayGoUnenforced("landlock.files") && !profile.mayGoUnenforced("desktop.x11"))
    #expect(profile.files.root.value == .host && profile.files.home.value == .kept)
    #expect(profile.files.arguments.value == .writeFolder)
    #expect(grants(profile, .read) == ["/r"] && grants(profile, .hide) == ["/h"])
    let write = profile.files.grants.first { $0.kind == .write }
    #expect(write?.at?.absolute == "/in" && write?.ifMissing == .create && write?.isShipped == false)
    #expect(profile.files.ops.count == 11)
    #expect(profile.desktop.wayland.value && profile.desktop.x11.value == .isolated)
    #expect(profile.desktop.audio.value == .playback && profile.desktop.gpgAgent.value)
    #expect(profile.devices.gpu.value && profile.devices.nodes.map(\.value.absolute) == ["/dev/fuse"])
    #expect(profile.sessionBus?.value.talk.map(\.value) == ["org.a.B"])
    #expect(profile.sessionBus?.value.call.map(\.value) == [BusRule(name: "org.a.C", rules: ["x", "y"])])
    #expect(profile.sessionBus?.value.log.value == true && profile.systemBus != nil)
    #expect(profile.network.mode.value == .userMode)
    #expect(profile.environment.keep.map(\.value) == ["LANG"] && profile.environment.unset.map(\.value) == ["X"])
    #expect(profile.environment.set.map(\.value) == [EnvironmentVariable(name: "K", value: "V")])
    #expect(profile.process.adoptWait.value == .forever && profile.process.stopWait.value == .milliseconds(300))
    #expect(profile.process.cancelSignal.value == nil && profile.process.terminal.value == .shared)
    #expect(profile.process.single.value && profile.process.hostname.value == "box")
    #expect(profile.process.user.value == .nobody && profile.process.workingDirectory?.value.absolute == "/w")
    #expect(profile.process.umask?.value == 0o27 && profile.process.nice.value == 5)
    #expect(profile.limits.memory?.value == .percent(10) && profile.limits.tasks?.value == 100)
    #expect(profile.limits.cpu?.value == "150%" && profile.limits.openFiles?.value == 1024)
    #expect(profile.limits.core.value == 1 << 20 && profile.limits.fileSize?.value == .bytes(1 << 30))
    #expect(profile.limits.processes?.value == 50)
    #expect(profile.seccomp.preset.value == .nested && profile.seccomp.allow.map(\.value) == ["ptrace"])
    #expect(profile.seccomp.deny.map(\.value) == ["chmod"] && profile.seccomp.multiarch.value)
    #expect(profile.landlock.scope.map(\.value) == [.abstractUnixSocket, .signal])
    #expect(profile.landlock.files?.value == false && profile.landlock.connectTCP?.value == [443, 0])
    #expect(profile.assertions.hidden.map(\.value.absolute) == ["/home/ada/.ssh"])
    #expect(profile.assertions.network?.value == false)
    #expect(profile.files.root.origin.description == "\(userDirectory)/p0.toml:10:8")
  }

  @Test func scalarsAndCommandAreReplaced() throws {
    let profile = try merged(
      "summary = 'low'\nid = 'a.b'\nprograms = ['x', 'y']\ncommand = ['x', '1']\nnetwork.mode = 'host'",
      "programs = ['z']\ncommand = ['z']\n[files]\nhome = 'host'"
    ).profile
    #expect(profile.programs.map(\.value) == ["z"] && profile.command?.value == ["z"])
    #expect(profile.network.mode.value == .host && profile.files.home.value == .host)
    #expect(profile.network.mode.origin.file == "\(userDirectory)/p0.toml")
    // Not inherited.
    #expect(profile.summary == nil && profile.id.value == "snug.p1")
  }

  @Test func listsAreAppendedAndTheLaterFormStands() throws {
    let profile = try merged(
      "files.read = ['~/a', '/b/', '/c']\nenvironment.keep = ['A', 'B']",
      "files.read = [{ path = '/home/ada/a', if-missing = 'skip' }, '/d', '/d']\nenvironment.keep = ['A']"
    ).profile
    #expect(grants(profile, .read) == ["/b/", "/c", "/home/ada/a", "/d"])
    #expect(profile.files.grants.map(\.layer) == [0, 0, 1, 1])
    #expect(profile.files.grants[2].ifMissing == .skip)
    #expect(profile.environment.keep.map(\.value) == ["B", "A"])
  }

  @Test func exclamationTakesOutWhatStandsBefore() throws {
    let profile = try merged(
      "optional = ['seccomp']\nfiles.read = [{ path = '~/a', at = '/x' }, '/b', '!/b', '/c']\nfiles.hide = ['/c']",
      "optional = ['!landlock']\nfiles.read = ['!/home/ada/a', '!/nothing', '!/c', '/c']",
      "landlock.scope = ['!signal']\nlandlock.connect-tcp = [80, 443, '!80']\ndevices.nodes = ['/dev/x', '!/dev/x']"
    ).profile
    #expect(grants(profile, .read) == ["/c"])
    #expect(profile.files.grants.first { $0.kind == .read }?.layer == 1)
    #expect(grants(profile, .hide) == ["/c"])
    #expect(profile.optional.map(\.value) == ["seccomp"])
    #expect(profile.landlock.scope.map(\.value) == [.abstractUnixSocket])
    #expect(profile.landlock.connectTCP?.value == [443])
    #expect(profile.devices.nodes.isEmpty)
  }

  @Test func mapsAreMergedByName() throws {
    let merged = try merged(
      "[environment.set]\nA = '1'\nB = '2'\n[bus.session.call]\n'org.a.B' = ['x', 'y']",
      "[environment.set]\nA = '3'\n[bus.session.call]\n'org.a.B' = ['!x', 'z']\n'org.c.D' = []")
    #expect(
      merged.profile.environment.set.map(\.value) == [
        EnvironmentVariable(name: "B", value: "2"), EnvironmentVariable(name: "A", value: "3"),
      ])
    #expect(
      merged.profile.sessionBus?.value.call.map(\.value) == [
        BusRule(name: "org.a.B", rules: ["y", "z"]), BusRule(name: "org.c.D", rules: []),
      ])
  }

  @Test func falseTakesATableOutWhole() throws {
    let profile = try merged(
      "bus.session.talk = ['org.a.B']\nbus.system.talk = ['org.a.B']\nlandlock.connect-tcp = [1]\n[environment.set]\nA = '1'",
      "bus.session = false\nlandlock = false\nfiles = false", "bus.session.see = ['org.c.D']"
    ).profile
    #expect(profile.sessionBus?.value.talk.isEmpty == true)
    #expect(profile.sessionBus?.value.see.map(\.value) == ["org.c.D"])
    #expect(profile.systemBus?.value.talk.count == 1)
    // The defaults are the lowest layer: they remain.
    #expect(profile.landlock.connectTCP == nil && profile.landlock.scope.count == 2)
    #expect(try merged("bus.session.talk = ['org.a.B']", "bus = false").profile.sessionBus == nil)
  }

  @Test func opsAreAppended() throws {
    let op = "[[files.op]]\nop = 'proc'\ntarget = '/proc'\n"
    let profile = try merged(op + op, "[[files.op]]\nop = 'dev'\ntarget = '/dev'").profile
    #expect(profile.files.ops.count == 3)
    guard case .dev = profile.files.ops[2].value else {
      Issue.record("the last op is not dev")
      return
    }
    #expect(profile.files.ops.map(\.origin.line) == [2, 5, 3])
  }

  @Test func optionsAreTheHighestLayer() throws {
    let settings = [
      OptionSetting(key: "files.read", text: "x", option: "--read"),
      OptionSetting(key: "files.write", text: "/a:/b", option: "--write"),
      OptionSetting(key: "files.hide", text: "~/.ssh", option: "--hide"),
      OptionSetting(key: "network.mode", text: "host", option: "--network"),
      OptionSetting(key: "files.home", text: "none", option: "--home"),
      OptionSetting(key: "environment.set", text: "A=b=c", option: "--setenv"),
      OptionSetting(key: "environment.set", text: "A=d", option: "--setenv"),
      OptionSetting(key: "environment.keep", text: "TERM", option: "--keep-env"),
    ]
    let profile = try merged("files.read = ['/r']\nnetwork.mode = 'none'", options: settings).profile
    #expect(profile.files.grants.map(\.path.absolute) == ["/r", "/home/ada/work/x", "/a", "/home/ada/.ssh"])
    #expect(profile.files.grants.map(\.layer) == [0, 1, 1, 1])
    #expect(profile.files.grants[2].at?.absolute == "/b")
    #expect(profile.files.grants[1].origin == .option("--read"))
    #expect(profile.network.mode == Located(.host, at: .option("--network")))
    #expect(profile.files.home.value == .none)
    #expect(profile.environment.set.map(\.value) == [EnvironmentVariable(name: "A", value: "d")])
    #expect(profile.layers.count == 1)
  }

  @Test(arguments: [
    (
      "network.mode", "hots", "--network",
      "--network: expected one of \"none\", \"host\" or \"private\", found \"hots\""
    ),
    ("environment.set", "A", "--setenv", "--setenv: expected NAME=VALUE, found \"A\""),
    ("environment.set", "=x", "--setenv", "--setenv: expected the name of a variable, found \"\""),
    ("files.hide", "/a:/b", "--hide", "--hide: a hidden path has no place inside"),
    ("files.read", "", "--read", "--read: the path is empty"),
  ])
  func wrongOptions(key: String, text: String, option: String, message: String) {
    let setting = OptionSetting(key: key, text: text, option: option)
    let error = #expect(throws: ProfileErrors.self) { try merged("", options: [setting]) }
    #expect(error?.diagnostics.map(\.message) == [message])
  }

  @Test func longListsMergeInLinearSteps() throws {
    // A list of 10,000 that is replaced item by item: with a search for each it would take 10^8 comparisons.
    let items = (0..<10_000).map { "'/d/\($0)'" }.joined(separator: ",")
    let profile = try merged("files.read = [\(items)]", "files.read = [\(items)]").profile
    #expect(profile.files.grants.count == 10_000)
    #expect(profile.files.grants.allSatisfy { $0.layer == 1 })
  }
}

/// Every key with a value that is not its default.
let everything = """
  id = "org.example.App"
  summary = "All of it"
  programs = ["a", "b"]
  command = ["a", "-x"]
  optional = ["desktop.wayland"]
  bus.system.log = false

  [files]
  root = "host"
  home = "private"
  read = ["/r"]
  write = [{ path = "~/w", at = "/in", if-missing = "create" }]
  hide = ["/h"]
  arguments = "write-folder"
  [[files.op]]
  op = "bind"
  host = "/opt"
  target = "/opt"
  access = "device"
  [[files.op]]
  op = "tmpfs"
  target = "/t"
  size = "10%"
  mode = 0o1777
  [[files.op]]
  op = "overlay"
  target = "/o"
  lower = ["/l", "~/m"]
  upper = "/u"
  work = "/k"
  [[files.op]]
  op = "overlay"
  target = "/o2"
  lower = ["/l"]
  size = "1G"
  [[files.op]]
  op = "proc"
  target = "/proc"
  [[files.op]]
  op = "dev"
  target = "/dev"
  [[files.op]]
  op = "mqueue"
  target = "/dev/mqueue"
  [[files.op]]
  op = "directory"
  target = "/d"
  mode = "0700"
  [[files.op]]
  op = "file"
  target = "/f"
  base64 = "/wA="
  [[files.op]]
  op = "symlink"
  target = "/s"
  to = "../\\"x\\u202e"
  [[files.op]]
  op = "remount"
  target = "/d"

  [desktop]
  wayland = true
  x11 = "isolated"
  audio = "playback"
  portals = true
  notifications = true
  fonts = true
  themes = true
  printing = true
  accessibility = true
  input-method = true
  ssh-agent = true
  gpg-agent = true

  [devices]
  gpu = true
  camera = true
  input = true
  kvm = true
  usb = true
  nodes = ["/dev/fuse"]

  [bus.session]
  see = ["org.a.*"]
  talk = ["org.a.B"]
  own = ["org.example.App.*"]
  call = { "org.a.C" = ["x", "y"] }
  broadcast = { "org.a.D" = ["*"] }
  log = true

  [network]
  mode = "private"

  [environment]
  keep = ["LANG"]
  set = { K = "V" }
  unset = ["X"]

  [process]
  adopt-wait = "forever"
  stop-wait = "300ms"
  cancel-signal = "none"
  terminal = "shared"
  single = true
  hostname = "box"
  user = "nobody"
  working-directory = "/w"
  umask = "027"
  nice = 5

  [limits]
  memory = "10%"
  tasks = 100
  cpu = "150%"
  open-files = 1024
  core = "1M"
  file-size = "1G"
  processes = 50

  [seccomp]
  preset = "nested"
  allow = ["ptrace"]
  deny = ["chmod"]
  multiarch = true

  [landlock]
  scope = ["signal"]
  files = false
  connect-tcp = [443, 0]

  [assert]
  hidden = ["~/.ssh"]
  readable = ["/usr"]
  writable = ["xdg-download"]
  network = false
  """
