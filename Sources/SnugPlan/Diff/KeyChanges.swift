import SnugProfile

extension Changes {
  /// Needs of the desktop and devices that one key asks for: what the key says counts, whatever it is made of.
  ///
  /// - Returns: the lines whose ops and variables are told of by this.
  mutating func addKeys(_ a: Profile, _ b: Profile) -> Set<Origin> {
    addFlags(a, b)
    let sound = (a.desktop.audio, b.desktop.audio)
    rank(
      .windows, sound.0.value.rank, sound.1.value.rank, (sound.0.origin, sound.1.origin),
      gain: sound.1.value == .full ? "can now play and record sound" : "can now play sound",
      loss: sound.1.value == .playback ? "can no longer record sound" : "can no longer play sound")
    addArguments(a.files.arguments, b.files.arguments)
    let screen = (a.desktop.x11, b.desktop.x11)
    rank(
      .windows, screen.0.value.rank, screen.1.value.rank, (screen.0.origin, screen.1.origin),
      gain: screen.1.value.gain,
      loss: screen.1.value.loss)
    var told: Set<Origin> = flagOrigins(a, b)
    if screen.0.value.rank != screen.1.value.rank {
      for side in [screen.0, screen.1] where side.value != .off { told.insert(side.origin) }
    }
    if (a.files.arguments.value == .portal) != (b.files.arguments.value == .portal) {
      told.formUnion([a.files.arguments, b.files.arguments].filter { $0.value == .portal }.map({ $0.origin }))
    }
    if sound.0.value.rank != sound.1.value.rank {
      told.formUnion([sound.0, sound.1].filter { $0.value != .off }.map({ $0.origin }))
    }
    return told
  }

  private mutating func addFlags(_ a: Profile, _ b: Profile) {
    func flag(_ area: Change.Area, _ what: String, _ key: (Profile) -> Located<Bool>) {
      let (before, after) = (key(a), key(b))
      self.flag(
        area, before.value, after.value, (before.origin, after.origin), gain: "can now \(what)",
        loss: "can no longer \(what)")
    }
    flag(.windows, "show windows through Wayland") { $0.desktop.wayland }
    flag(.windows, "ask the desktop's portals, for files and screenshots among others") { $0.desktop.portals }
    flag(.windows, "show notifications") { $0.desktop.notifications }
    flag(.windows, "use input methods") { $0.desktop.inputMethod }
    flag(.windows, "be read and steered by screen readers through the accessibility bus") { $0.desktop.accessibility }
    flag(.files, "see your themes and icons") { $0.desktop.themes }
    flag(.devices, "print") { $0.desktop.printing }
    flag(.identity, "use the keys that your SSH agent holds") { $0.desktop.sshAgent }
    flag(.identity, "use the keys that your GnuPG agent holds") { $0.desktop.gpgAgent }
    flag(.devices, "use the graphics card") { $0.devices.gpu }
    flag(.devices, "use cameras") { $0.devices.camera }
    flag(.devices, "use game controllers") { $0.devices.input }
    flag(.devices, "start virtual machines (/dev/kvm)") { $0.devices.kvm }
    flag(.devices, "use USB devices") { $0.devices.usb }
  }

  /// The lines of keys that only one of the two has: what they are made of is told by what they are for.
  private func flagOrigins(_ a: Profile, _ b: Profile) -> Set<Origin> {
    let pairs = zip(a.flagsMadeOfOps, b.flagsMadeOfOps).filter { $0.value != $1.value }
    return Set(pairs.map { $0.value ? $0.origin : $1.origin })
  }

  private mutating func addArguments(_ a: Located<Files.Arguments>, _ b: Located<Files.Arguments>) {
    if a.value == b.value { return }
    let isPortal = a.value == .portal || b.value == .portal
    if isPortal, a.value != .none, b.value != .none {
      return add(
        .gain, .files,
        "files named on the command line: \(b.value.rawValue) (was: \(a.value.rawValue)), which cannot be compared",
        at: b.origin, a.origin)
    }
    let text = "\(b.value.words) files named on the command line (was: \(a.value.rawValue))"
    rank(
      .files, a.value.rank, b.value.rank, (a.origin, b.origin), gain: "can now \(text)",
      loss: b.value == .none ? "no longer sees files named on the command line" : "can now only \(text)")
  }
}

extension Profile {
  /// Keys of the desktop and of devices that come to ops and variables of their own.
  fileprivate var flagsMadeOfOps: [Located<Bool>] {
    [
      desktop.wayland, desktop.portals, desktop.notifications, desktop.themes, desktop.printing, desktop.sshAgent,
      desktop.gpgAgent,
    ] + devices.kinds
  }
}

extension Desktop.X11 {
  fileprivate var rank: Int {
    switch self {
    case .off: 0
    case .isolated: 1
    case .untrusted: 2
    case .plain: 3
    }
  }

  /// What somebody has who comes here from less.
  fileprivate var gain: String {
    switch self {
    case .off: ""
    case .isolated: "can now show windows on an X server of its own"
    case .untrusted: "can now show windows on your X server, which does not trust it"
    case .plain: "can now watch and steer all windows through X11"
    }
  }

  /// What somebody has lost who comes here from more.
  fileprivate var loss: String {
    switch self {
    case .off: "can no longer use X11"
    case .isolated: "no longer reaches other windows through X11"
    case .untrusted: "no longer steers other windows through X11"
    case .plain: ""
    }
  }
}

extension Desktop.Audio {
  fileprivate var rank: Int {
    switch self {
    case .off: 0
    case .playback: 1
    case .full: 2
    }
  }
}

extension Files.Arguments {
  fileprivate var rank: Int {
    switch self {
    case .none: 0
    case .portal, .read: 1
    case .write: 2
    case .writeFolder: 3
    }
  }

  fileprivate var words: String {
    switch self {
    case .none: "not see"
    case .portal: "reach through a portal"
    case .read: "read"
    case .write: "change"
    case .writeFolder: "change all in the folders of"
    }
  }
}
