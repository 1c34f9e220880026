extension Rule {
  static let flatpakSpawnOverBus = Rule(
    "flatpak-spawn-over-bus", .error,
    what: "Flatpak can be asked to start programs",
    why: """
      org.freedesktop.Flatpak runs any command on the host for whoever asks (HostCommand), and the Flatpak portal \
      starts sandboxes that its caller describes (CVE-2021-21261).
      """,
    example: """
      [bus.session]
      talk = ["org.freedesktop.Flatpak"]
      """,
    safer: """
      [desktop]
      portals = true
      """
  ) { subject in
    subject.talking(
      to: flatpakSpawnOverBusNames, "it runs commands outside for whoever asks",
      hint: "for portals set desktop.portals = true")
  }
}

private let flatpakSpawnOverBusNames = [
  "org.freedesktop.Flatpak", "org.freedesktop.portal.Flatpak",
]
