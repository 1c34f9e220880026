extension Rule {
  static let writableUserServices = Rule(
    "writable-user-services", .error,
    what: "Services of your systemd or of the message bus can be changed",
    why: """
      What the app puts there is run as you, at the next login or as soon as a program asks for the service on the \
      bus.
      """,
    example: """
      [files]
      write = [{ path = "xdg-config/systemd/user", if-missing = "create" }]
      """,
    safer: """
      [files]
      home = "private"
      """
  ) { subject in
    subject.changing(Subject.userServicePlaces, "what it puts there runs as a service of yours")
  }
}

extension Subject {
  /// See systemd.unit(5), and the section on service activation of the D-Bus specification.
  static let userServicePlaces = [
    "xdg-config/systemd", "xdg-data/systemd", "xdg-run/systemd", "xdg-data/dbus-1", "xdg-run/dbus-1",
  ]
}
