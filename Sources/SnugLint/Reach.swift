import SnugPlan
import SnugProfile

// What rules ask about sockets, devices, buses and system calls.

extension Subject {
  /// One finding for each line that shows some of the sockets, where they are there. Access makes no difference: a
  /// read-only mount does not keep anybody from connecting.
  ///
  /// - Parameters:
  ///   - sockets: as a profile would name them.
  ///   - consequence: what comes of it, in plain words.
  func seeing(_ sockets: [String], _ consequence: String, hint: String) -> [Finding] {
    var lines = LinesByOrigin()
    var seen: Set<String> = []
    for place in sockets {
      guard let path = context.absolute(place), case .exists(let real, .socket, _, _) = host.look(path),
        seen.insert(real).inserted
      else { continue }
      for sight in exposure.sights(of: real) { lines.add(place, at: sight.origin) }
    }
    return lines.findings { Finding("the app can connect to \($1): \(consequence)", at: $0, hint: hint) }
  }

  /// One finding for each line that shows a tree of the host's kernel, or a part of it.
  func kernelTree(_ top: String, _ what: String, hint: String) -> [Finding] {
    var lines = LinesByOrigin()
    let kinds = deviceKinds
    for sight in exposure.sights where isAtOrBelow(sight.source, top) || sight.source == "/" {
      if kinds.contains(sight.origin) { continue }
      lines.add(sight.source == "/" ? top : sight.source, at: sight.origin)
    }
    return lines.findings { Finding("the app sees \($1), \(what)", at: $0, hint: hint) }
  }

  /// The lines of the keys of [devices] that are on: what they show of a device is that device's own, and they have rules
  /// of their own.
  private var deviceKinds: [Origin] {
    let devices = profile.devices
    return [devices.gpu, devices.camera, devices.input, devices.kvm, devices.usb].filter(\.value).map(\.origin)
  }

  /// The devices of a kind that the profile asks for by their nodes, whether they are there or not, and those that it
  /// shows by other means.
  func devices(_ isMeant: (String) -> Bool) -> LinesByOrigin {
    var lines = LinesByOrigin()
    for node in profile.devices.nodes {
      if let path = node.value.absolute, isAtOrBelow(path, "/dev"), isMeant(path) { lines.add(path, at: node.origin) }
    }
    let known = Set(profile.devices.nodes.map(\.origin) + deviceKinds)
    for sight in exposure.sights where !known.contains(sight.origin) {
      // The whole machine has the devices in it, but a mount without access = "device" does not let them work.
      if isAtOrBelow(sight.source, "/dev"), isMeant(sight.source) { lines.add(sight.source, at: sight.origin) }
    }
    return lines
  }

  /// Those of some system calls that the profile takes out of its preset, or that the preset does not refuse, by line.
  /// A profile without a preset has a rule of its own.
  func lifted(_ calls: [String]) -> LinesByOrigin {
    var lines = LinesByOrigin()
    let preset = profile.seccomp.preset
    if preset.value == .none { return lines }
    let denied = Set(profile.seccomp.deny.map(\.value))
    let refused = Set(
      presetGroups(preset.value, multiarch: profile.seccomp.multiarch.value).flatMap(\.rules).map(\.call))
    for call in calls where !denied.contains(call) {
      if let allow = profile.seccomp.allow.first(where: { $0.value == call }) {
        if refused.contains(call) { lines.add(call, at: allow.origin) }
      } else if !refused.contains(call) {
        lines.add(call, at: preset.origin)
      }
    }
    return lines
  }

  /// The tables of buses that the profile has, by name.
  var buses: [(name: String, bus: Bus)] {
    [("session", profile.sessionBus?.value), ("system", profile.systemBus?.value)].compactMap { name, bus in
      bus.map { (name, $0) }
    }
  }

  /// One finding for each line that lets the app talk to some of the services without further rules. Names that are too
  /// wide as a whole have a rule of their own.
  func talking(to services: [String], _ consequence: String, hint: String) -> [Finding] {
    let services = services.map { BusPattern($0) }
    return buses.flatMap { _, bus in
      bus.reached.compactMap { name in
        let pattern = BusPattern(name.value)
        guard !pattern.isWide, services.contains(where: { $0.meets(pattern) }) else { return nil }
        return Finding("the app can talk to \(name.value): \(consequence)", at: name.origin, hint: hint)
      }
    }
  }
}

extension Bus {
  /// Names whose every call the app may make.
  var reached: [Located<String>] {
    talk
      + call.filter { $0.value.rules.contains { $0 == "*" || $0.hasPrefix("*@") } }.map {
        Located($0.value.name, at: $0.origin)
      }
  }
}

/// A name on a bus, or with `.*` all names below it and itself, as xdg-dbus-proxy(1) takes them.
struct BusPattern {
  /// Without `.*`.
  var base: String
  /// Whether it ends in `.*`.
  var isWild: Bool

  init(_ text: String) {
    isWild = text.hasSuffix(".*")
    base = isWild ? String(text.dropLast(2)) : text
  }

  /// Whether a name fits both.
  func meets(_ other: BusPattern) -> Bool {
    base == other.base || isWild && other.base.hasPrefix(base + ".") || other.isWild && base.hasPrefix(other.base + ".")
  }

  /// Whether it stands for all services of a desktop.
  var isWide: Bool {
    isWild
      && ["org.freedesktop", "org.gnome", "org.gtk", "org.kde", "org.mate", "org.xfce", "com.canonical"].contains(base)
  }
}
