extension Rule {
  static let systemdOverBus = Rule(
    "systemd-over-bus", .error,
    what: "systemd can be asked over the message bus",
    why: """
      It starts any program for whoever asks, as a service of yours, outside of the sandbox (StartTransientUnit). \
      login1 opens sessions and powers the machine off.
      """,
    example: """
      [bus.session]
      talk = ["org.freedesktop.systemd1"]
      """,
    safer: """
      [bus.session]
      see = ["org.freedesktop.systemd1"]
      """
  ) { subject in
    subject.talking(
      to: systemdOverBusNames, "who is asked there starts programs outside",
      hint: "take it out, or allow single calls in [bus.session.call]")
  }
}

private let systemdOverBusNames = [
  "org.freedesktop.systemd1", "org.freedesktop.login1",
]
