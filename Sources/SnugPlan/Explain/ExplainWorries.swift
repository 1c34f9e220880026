import SnugProfile

extension Explainer {
  /// What a person should know before all else, the worst first, each with its reason.
  var worries: [Fact] {
    homeWorries + kernelTreeWorries + placeWorries + networkWorries + windowWorries + filterWorries + socketWorries
      + deviceWorries + rootWorries
  }

  // MARK: - Files

  private var homeWorries: [Fact] {
    guard let home = tree.reach(of: realHome) else { return [] }
    if !home.isWritable {
      return [
        Fact(
          "it can read your whole home: keys, passwords that browsers keep, mail; with a network it can send them away",
          home.origins)
      ]
    }
    return [
      Fact(
        "it can change your whole home: what it writes into the start files of your shell or into autostart runs as you "
          + "the next time, outside the sandbox", home.origins)
    ]
  }

  /// Places in a home whose content is run outside, or that hold keys: by path below the home, with the reason. Told
  /// where the whole home is not open anyway.
  private static let places: [(path: String, whenRead: String?, whenChanged: String)] = [
    (".ssh", "it can take your SSH keys", "it can let others log in as you"),
    (".gnupg", "it can take your GnuPG keys", "it can replace your GnuPG keys"),
    (".bashrc", nil, "what it writes there runs when you open a terminal"),
    (".profile", nil, "what it writes there runs when you log in"),
    (".zshrc", nil, "what it writes there runs when you open a terminal"),
    (".local/bin", nil, "a program that it puts there is run in place of the one you mean"),
    (".config/autostart", nil, "what it puts there runs when you log in"),
    (".config/systemd/user", nil, "what it puts there runs as a service of yours"),
    (".local/share/applications", nil, "what it puts there runs when you click on it in the menu"),
    (".config/git", nil, "what it writes there runs with your next git command"),
    (".gitconfig", nil, "what it writes there runs with your next git command"),
    (".config/snug", nil, "it can widen the profiles of other programs, and its own"),
  ]

  private var placeWorries: [Fact] {
    if tree.reach(of: realHome) != nil { return [] }
    return Self.places.compactMap { item in
      guard let real = host.real(joined(realHome, item.path)), let reach = tree.reach(of: real) else { return nil }
      let path = "~/" + item.path
      if reach.isWritable {
        return Fact("it can change \(path): \(item.whenChanged)", reach.origins)
      }
      return item.whenRead.map { Fact("it can read \(path): \($0)", reach.origins) }
    }
  }

  /// Only exact ops can bring these in.
  private var kernelTreeWorries: [Fact] {
    standing.compactMap { place, standing in
      guard case .bind(let bind) = standing.op,
        let top = ["/proc", "/sys", "/dev"].first(where: { top in
          isAtOrBelow(bind.source.path, top) && bind.source.type == .directory
        }), !profile.devices.kinds.contains(where: { $0.value && $0.origin == standing.origin })
      else { return nil }
      let what =
        switch top {
        case "/proc": "the host's list of processes: it sees every program of yours with its arguments"
        case "/sys": "the host's hardware and kernel settings"
        default: "the host's devices"
        }
      return Fact("at \(shown(place)) it sees \(what)", standing.origin)
    }
  }

  private var rootWorries: [Fact] {
    guard profile.files.root.value == .host else { return [] }
    return [
      Fact(
        "it can read the machine's other top directories: settings, logs and mail in /etc and /var as far as you may",
        profile.files.root.origin)
    ]
  }

  private var socketWorries: [Fact] {
    let known = serviceWorries
    let told = [profile.desktop.x11.origin, profile.desktop.audio.origin] + known.flatMap({ $0.origins })
    return standing.compactMap { place, standing in
      guard case .bind(let bind) = standing.op, bind.source.type == .socket, !told.contains(standing.origin),
        !plan.isBusSocket(place), !plan.isWaylandSocket(place)
      else { return nil }
      if samePath(place, notifySocketPlace) {
        return Fact(
          "it can tell your service manager that it is ready, what state to show, and to keep descriptors for it",
          standing.origin)
      }
      return Fact(
        "it can talk to \(shown(bind.source.path)): who listens there acts outside the sandbox, on its word",
        standing.origin)
    } + known
  }

  /// Services that keys of `[desktop]` lead to.
  private var serviceWorries: [Fact] {
    let desktop = profile.desktop
    var facts: [Fact] = []
    if desktop.audio.value != .off, plan.sound == nil, hasOps(from: desktop.audio.origin) {
      facts.append(
        Fact(
          "it can record from your microphone and what other programs play, and have the sound server load modules, "
            + "which open files and connections as you", desktop.audio.origin))
    }
    if desktop.sshAgent.value {
      facts.append(Fact("it can log in wherever the keys of your SSH agent open", desktop.sshAgent.origin))
    }
    if desktop.gpgAgent.value {
      facts.append(
        Fact("it can sign as you and decrypt what is yours, through your GnuPG agent", desktop.gpgAgent.origin))
    }
    if desktop.printing.value, hasOps(from: desktop.printing.origin) {
      facts.append(
        Fact(
          "it can see the print jobs that you can see, and where you may manage printers it may, too",
          desktop.printing.origin))
    }
    return facts
  }

  private var deviceWorries: [Fact] {
    let devices = profile.devices
    let kinds: [(Located<Bool>, String)] = [
      (devices.gpu, "it talks to the driver of the graphics card itself, one of the largest parts of the kernel"),
      (devices.camera, "it can film you whenever it runs, and nobody asks"),
      (devices.input, "it reads your game controllers also while another program is in front"),
      (devices.kvm, "it can make virtual machines: a part of the kernel in which holes have been found"),
      (
        devices.usb,
        "it drives every USB device past its driver: disks, keyboards, security keys, also those plugged in later"
      ),
    ]
    let asked = kinds.filter { $0.0.value && hasOps(from: $0.0.origin) }
    return asked.map { Fact($0.1, $0.0.origin) } + nodeWorries(asked.map({ $0.0.origin }))
  }

  private func nodeWorries(_ told: [Origin]) -> [Fact] {
    standing.compactMap { _, standing in
      guard case .bind(let bind) = standing.op, bind.source.type == .characterDevice, !told.contains(standing.origin)
      else { return nil }
      return Fact(
        "it drives the device \(shown(bind.source.path)) itself: no wall stands between it and the driver",
        standing.origin)
    }
  }

  // MARK: - Everything else

  private var networkWorries: [Fact] {
    guard !plan.namespaces.contains(.network) else { return [] }
    var facts: [Fact] = []
    if !plan.landlock.scope.contains(.abstractUnixSocket) {
      facts.append(
        Fact(
          "it reaches abstract sockets (doors to other programs that have no file) of everything that runs as you: the "
            + "X server, message buses, agents",
          profile.landlock.scope.first { $0.value == .abstractUnixSocket }?.origin ?? profile.network.mode.origin))
    }
    facts.append(
      Fact(
        "it uses your network: the internet, the machines around you, and services on this machine that trust whoever "
          + "reaches 127.0.0.1", profile.network.mode.origin))
    return facts
  }

  private var windowWorries: [Fact] {
    // Where the app has Wayland in its place there is no X server.
    guard profile.desktop.x11.value == .plain, plan.x11 != nil || plan.wayland == nil else { return [] }
    return [
      Fact(
        "it sees and steers every window (X11): it can read what you type elsewhere, take pictures of the screen, and "
          + "type into your terminals", profile.desktop.x11.origin)
    ]
  }

  private var filterWorries: [Fact] {
    let asked = profile.seccomp
    var facts: [Fact] = []
    switch asked.preset.value {
    case .none where asked.deny.isEmpty:
      facts.append(
        Fact("no system call is refused: every hole in the kernel is within its reach", asked.preset.origin))
    case .none:
      facts.append(
        Fact("hardly a system call is refused: nearly every hole in the kernel is in reach", asked.preset.origin))
    case .nested:
      facts.append(
        Fact(
          "it may build sandboxes of its own, as browsers do: that opens parts of the kernel in which holes are found "
            + "often", asked.preset.origin))
    case .base, .desktop, .devel: break
    }
    let lifted = presetGroups(asked.preset.value, multiarch: asked.multiarch.value).flatMap({ $0.rules }).map({
      $0.call
    })
    for (origin, calls) in grouped(asked.allow.filter { lifted.contains($0.value) }, by: { $0.origin }) {
      let names = calls.map { escaped($0.value) }.joined(separator: ", ")
      facts.append(
        Fact(
          "it may use \(names), which the preset refuses for a reason: snug explain tells it for "
            + "syscall:\(escaped(calls[0].value))", origin))
    }
    return facts
  }
}

/// How a host file can be reached from inside, all places together.
struct Reach {
  /// Where it is seen.
  var sights: [Sight]
  /// Whether it can be written to anywhere.
  var isWritable: Bool { sights.contains { $0.isWritable && !$0.isThrownAway } }
  /// The lines that ask for it, those of writable places alone where there are any.
  var origins: [Origin] {
    let telling = isWritable ? sights.filter { $0.isWritable && !$0.isThrownAway } : sights
    return telling.compactMap { $0.standing?.origin }
  }
}

extension FinalTree {
  /// How a link-free host path can be reached; nil: not at all.
  func reach(of real: String) -> Reach? {
    var tree = self
    let sights = tree.places(of: real)
    return sights.isEmpty ? nil : Reach(sights: sights)
  }
}
