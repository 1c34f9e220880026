extension Rule {
  static let desktopShellOverBus = Rule(
    "desktop-shell-over-bus", .error,
    what: "The shell of the desktop, or a terminal, can be asked over the message bus",
    why: """
      Shells of GNOME and KDE run scripts, load extensions and type keys for whoever asks, and terminals run \
      commands: all of it outside of the sandbox.
      """,
    example: """
      [bus.session]
      talk = ["org.gnome.Shell"]
      """,
    safer: """
      [bus.session]
      talk = ["org.freedesktop.Notifications"]
      """
  ) { subject in
    subject.talking(
      to: desktopShellOverBusNames, "it runs scripts or commands outside for whoever asks",
      hint: "use portals and notifications, or allow single calls in [bus.session.call]")
  }
}

private let desktopShellOverBusNames = [
  "org.gnome.Shell", "org.gnome.Shell.Extensions", "org.gnome.Terminal", "org.gnome.Terminal.*",
  "org.gnome.Nautilus", "org.gnome.Mutter.*", "org.kde.KWin", "org.kde.plasmashell", "org.kde.krunner",
  "org.kde.klauncher5", "org.kde.klauncher6", "org.kde.kglobalaccel", "org.kde.konsole", "org.kde.konsole.*",
  "org.kde.yakuake", "org.Cinnamon", "org.xfce.Terminal5", "org.xfce.Xfconf", "org.cinnamon.*",
  "com.canonical.Unity",
]
