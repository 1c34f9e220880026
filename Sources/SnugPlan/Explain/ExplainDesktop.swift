import SnugProfile

extension Explainer {
  /// Device nodes: the harmless ones and those asked for.
  var devices: [Fact] {
    var facts: [Fact] = []
    let kinds = deviceKinds
    for (_, standing) in standing {
      switch standing.op {
      case .bind(let bind) where kinds.contains { $0.origin == standing.origin } && bind.source.type != .file: continue
      case .bind(let bind) where bind.source.type == .characterDevice:
        facts.append(Fact("\(shown(bind.source.path)): the device itself", standing.origin))
      case .dev(let dev):
        let names = Dev.nodes.map({ $0.name }).joined(separator: ", ")
        facts.append(
          Fact(
            "a \(shown(dev.target)) of its own with what every program needs (\(names)), and with terminals and shared "
              + "memory that nobody outside sees", standing.origin))
      default: continue
      }
    }
    facts += kinds.map { Fact($0.words, $0.origin) }
    return facts.isEmpty ? [Fact("none at all, not even /dev/null")] : facts
  }

  /// The keys of `[devices]` that came to something on this machine, in words.
  private var deviceKinds: [(origin: Origin, words: String)] {
    let devices = profile.devices
    let all: [(Located<Bool>, String)] = [
      (devices.gpu, "the graphics card, for drawing and computing"),
      (devices.camera, "your cameras"), (devices.input, "your game controllers; no keyboard, no mouse"),
      (devices.kvm, "/dev/kvm: virtual machines of its own"),
      (devices.usb, "every USB device, also those that you plug in later"),
    ]
    return all.filter { $0.0.value && hasOps(from: $0.0.origin) }.map { ($0.0.origin, $0.1) }
  }

  /// Whether a line came to anything inside. That the place for it is closed again says nothing.
  func hasOps(from origin: Origin) -> Bool {
    plan.ops.contains { planned in
      if case .remount = planned.op { return false }
      return planned.origin == origin
    }
  }

  /// The screen and the loudspeakers.
  var windows: [Fact] {
    let desktop = profile.desktop
    var facts: [Fact] = []
    switch desktop.x11.value {
    case .plain:
      facts.append(
        Fact(
          (desktop.wayland.value ? "in sessions without Wayland: " : "")
            + "windows through your X server, which it shares with all your other programs", desktop.x11.origin))
    case .untrusted:
      facts.append(
        Fact(
          "windows through your X server, which does not trust it: it steers no other program, but sees their windows' "
            + "names and places", desktop.x11.origin))
    case .isolated: facts.append(Fact("windows through an X server of its own", desktop.x11.origin))
    case .off: break
    }
    if desktop.wayland.value {
      facts.append(
        Fact("windows through Wayland, where a program sees its own windows alone", desktop.wayland.origin))
      if profile.mayGoUnenforced(WaylandPolicy.key) {
        let optional = profile.optional.map({ $0.origin })
        facts.append(
          Fact(
            "where your compositor cannot tell it from other programs: all that the compositor offers to any program",
            [desktop.wayland.origin] + optional))
      }
    }
    if facts.isEmpty {
      facts.append(Fact("no windows: no X server, no Wayland", [desktop.x11.origin, desktop.wayland.origin]))
    }
    switch desktop.audio.value {
    case .off: facts.append(Fact("no sound, no microphone", desktop.audio.origin))
    case _ where !hasOps(from: desktop.audio.origin):
      facts.append(Fact("no sound: no sound server runs", desktop.audio.origin))
    case .playback where plan.sound != nil:
      facts.append(Fact("it can play sound, not record", desktop.audio.origin))
    case .playback, .full: facts.append(Fact("it can play sound and record from the microphone", desktop.audio.origin))
    }
    if desktop.inputMethod.value {
      facts.append(Fact("it gets what you type through your input method (IBus, Fcitx)", desktop.inputMethod.origin))
    }
    if desktop.accessibility.value {
      facts.append(
        Fact("screen readers see and steer its windows; it does not see other programs'", desktop.accessibility.origin))
    }
    if desktop.portals.value {
      facts.append(
        Fact(
          "it can ask the desktop's portals, as a program in a box: for files that you choose, to open links, to print, for "
            + "the screen; most of it is asked of you", desktop.portals.origin))
    }
    if desktop.notifications.value {
      facts.append(Fact("it can show notifications", desktop.notifications.origin))
    }
    if desktop.fonts.value {
      facts.append(Fact("it can read the fonts that you have installed", desktop.fonts.origin))
    }
    if desktop.themes.value {
      facts.append(Fact("it can read your themes, icons and cursors, and which you have chosen", desktop.themes.origin))
    }
    if desktop.printing.value, hasOps(from: desktop.printing.origin) {
      facts.append(Fact("it can print", desktop.printing.origin))
    }
    return facts
  }

  /// The session bus and the system bus.
  var bus: [Fact] {
    let kinds = FilteredBus.Kind.allCases.filter { plan.bus($0, of: profile) != nil }
    return kinds.flatMap { kind -> [Fact] in
      guard let bus = plan.bus(kind, of: profile) else { return [] }
      let name = kind.rawValue
      func fact(_ words: String, _ names: [Located<String>]) -> [Fact] {
        if names.isEmpty { return [] }
        return grouped(names, by: { $0.origin.line }).map { _, names in
          let list = names.map { escaped($0.value) }.joined(separator: ", ")
          return Fact("\(name) bus: it \(words) \(list)", names.map({ $0.origin }))
        }
      }
      let rules = bus.value.call.map { Located($0.value.name, at: $0.origin) }
      let signals = bus.value.broadcast.map { Located($0.value.name, at: $0.origin) }
      let facts =
        fact("may call everything of", bus.value.talk) + fact("may answer under the name", bus.value.own)
        + fact("may make some calls to", rules) + fact("hears some signals of", signals)
        + fact("sees whether there is", bus.value.see)
      return facts.isEmpty ? [Fact("\(name) bus: it is there, but no program on it", bus.origin)] : facts
    } + (kinds.isEmpty ? [Fact("none, neither session nor system")] : [])
  }
}
