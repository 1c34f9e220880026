extension Rule {
  static let unfilteredBus = Rule(
    "unfiltered-bus", .error,
    what: "The message bus is open, or nearly so",
    why: """
      Services on the session bus start programs, open files and change settings for whoever asks. The bus itself by \
      its socket has no filter at all, and a name as wide as org.freedesktop.* has systemd, Flatpak's spawn and \
      whatever is installed next in it. Who owns a wide name answers in place of the desktop's own services.
      """,
    example: """
      [bus.session]
      talk = ["org.freedesktop.*"]
      """,
    safer: """
      [bus.session]
      talk = ["org.freedesktop.Notifications"]
      """
  ) { subject in
    var found = subject.seeing(
      ["xdg-run/bus", "/run/dbus/system_bus_socket"], "every service on that bus does what the app asks for",
      hint: "ask for the names that it needs in [bus.session] or [bus.system]")
    for (table, bus) in subject.buses {
      for name in bus.reached where BusPattern(name.value).isWide {
        found.append(
          Finding(
            "the app can talk to every service below \(name.value) on the \(table) bus", at: name.origin,
            hint: "write the names that it needs"))
      }
      for name in bus.own where BusPattern(name.value).isWide || subject.isWideOwn(name.value) {
        found.append(
          Finding(
            "the app can answer for every service below \(name.value) on the \(table) bus", at: name.origin,
            hint: "write the names that it owns, below its own id"))
      }
    }
    return found
  }
}

extension Subject {
  /// A wide name of two parts that is not the beginning of the app's own id.
  fileprivate func isWideOwn(_ name: String) -> Bool {
    let pattern = BusPattern(name)
    guard pattern.isWild, pattern.base.split(separator: ".").count <= 2 else { return false }
    return !profile.id.value.hasPrefix(pattern.base + ".")
  }
}
