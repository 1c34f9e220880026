import SnugProfile

extension Draft {
  /// `desktop.input-method`: what IBus and Fcitx offer to programs in sandboxes. Their own names take settings and
  /// programs to run, too, and are not there.
  mutating func addInputMethod() {
    let asked = profile.desktop.inputMethod
    guard asked.value else { return }
    for name in ["org.freedesktop.portal.IBus", "org.freedesktop.portal.Fcitx"] {
      addBusRule(.talk, name, for: "desktop.input-method", from: asked.origin)
    }
    for name in ["GTK_IM_MODULE", "QT_IM_MODULE", "QT_IM_MODULES", "XMODIFIERS"] {
      guard let value = host.environment.last(where: { $0.name == name })?.value, !value.isEmpty else { continue }
      environment[name] = PlannedVariable(name: name, value: value, origin: asked.origin)
    }
    // Without it IBus's modules look for the daemon's own bus.
    set("IBUS_USE_PORTAL", "1", from: asked.origin)
  }

  /// `desktop.accessibility`: the app shows itself to screen readers. It may call what a program needs for that and
  /// nothing else: who may listen to every event of that bus reads what is typed into every window.
  mutating func addAccessibility() {
    let asked = profile.desktop.accessibility
    guard asked.value else { return }
    let key = FilteredBus.Kind.accessibility.key
    for rule in registryCalls {
      addBusRule(
        .call, "org.a11y.atspi.Registry", rule: rule, on: .accessibility, for: key, from: asked.origin)
    }
    // Qt asks whether anybody reads before it tells anything.
    addBusRule(
      .call, "org.a11y.Bus", rule: "org.freedesktop.DBus.Properties.Get@/org/a11y/bus", for: key, from: asked.origin)
  }

  /// What a program that is read calls, as Flatpak has it.
  private var registryCalls: [String] {
    let events = "org.a11y.atspi.DeviceEventController"
    let controller = "@/org/a11y/atspi/registry/deviceeventcontroller"
    return [
      "org.a11y.atspi.Socket.Embed@/org/a11y/atspi/accessible/root",
      "org.a11y.atspi.Socket.Unembed@/org/a11y/atspi/accessible/root",
      "org.a11y.atspi.Registry.GetRegisteredEvents@/org/a11y/atspi/registry",
      "\(events).GetKeystrokeListeners\(controller)", "\(events).GetDeviceEventListeners\(controller)",
      "\(events).NotifyListenersSync\(controller)", "\(events).NotifyListenersAsync\(controller)",
    ]
  }
}

extension Plan {
  /// Puts in where the accessibility bus listens, as the session bus has told it.
  ///
  /// - Throws: where that is no socket of the caller's, or one that the app would reach past every rule.
  public mutating func setAccessibilityBus(_ address: [UInt8], on host: Host) throws(Diagnostic) {
    guard let index = bus?.buses.firstIndex(where: { $0.kind == .accessibility }) else { return }
    let origin = bus?.buses[index].origin
    func refuse(_ reason: String) -> Diagnostic {
      Diagnostic("cannot filter the accessibility bus: \(reason)", at: origin)
    }
    let parsed: BusAddress
    do throws(BusAddressProblem) {
      parsed = try BusAddress(address)
    } catch {
      throw refuse("the session bus says it is at \(escaped(address)): \(error.reason)")
    }
    switch parsed {
    case .runtime: throw refuse("the session bus says it is at \(escaped(address))")
    case .abstract(let name):
      if !namespaces.contains(.network), !landlock.scope.contains(.abstractUnixSocket) {
        throw refuse("the app reaches its socket @\(escaped(name)) over the host's network, past every filter")
      }
      bus?.buses[index].upstream = .abstract(name)
    case .path(let path):
      guard case .exists(let real, .socket, let identity, _) = host.look(path) else {
        throw refuse("\(path) is no socket")
      }
      guard let owner = host.owner(real), owner == host.uid || owner == 0 else {
        throw refuse("\(path) belongs neither to you nor to root")
      }
      if ops.contains(where: { planned in planned.op.shown.contains { isAtOrBelow(real, $0) } }) {
        throw refuse("its own socket \(path) is shown inside")
      }
      bus?.buses[index].upstream = .socket(Source(path: real, written: path, type: .socket, identity: identity))
    }
  }
}
