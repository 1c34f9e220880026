extension Rule {
  static let writableAutostart = Rule(
    "writable-autostart", .error,
    what: "What the desktop starts by itself can be changed",
    why: """
      What the app puts there runs as you when you log in, outside of the sandbox. Settings of window managers \
      count: they name programs to start.
      """,
    example: """
      [files]
      write = [{ path = "xdg-config/autostart", if-missing = "create" }]
      """,
    safer: """
      [files]
      home = "private"
      """
  ) { subject in
    subject.changing(Subject.autostartPlaces, "what it puts there runs as you at the next login")
  }
}

extension Subject {
  /// The directory of the Desktop Application Autostart Specification, and settings of desktops that name programs.
  static let autostartPlaces = [
    "xdg-config/autostart", "xdg-config/autostart-scripts", "xdg-config/plasma-workspace", "xdg-config/sway",
    "xdg-config/i3", "xdg-config/hypr", "xdg-config/labwc", "xdg-config/river", "xdg-config/niri",
    "xdg-config/openbox", "xdg-config/bspwm", "xdg-config/sxhkd", "xdg-config/awesome", "xdg-config/xfce4",
    "xdg-config/lxsession", "~/.i3", "~/.fluxbox", "~/.xmonad",
  ]
}
