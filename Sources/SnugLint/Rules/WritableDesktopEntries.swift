extension Rule {
  static let writableDesktopEntries = Rule(
    "writable-desktop-entries", .error,
    what: "Entries of the menu, or what opens files of a kind, can be changed",
    why: """
      An entry names a command: what the app puts there is run as you by the next click in the menu, or when you \
      open a file of a kind that it has claimed. An entry of the same name replaces the one of the system.
      """,
    example: """
      [files]
      write = [{ path = "xdg-data/applications", if-missing = "create" }]
      """,
    safer: """
      [files]
      home = "private"
      """
  ) { subject in
    subject.changing(Subject.desktopEntryPlaces, "what it puts there runs as you when you click on it or open a file")
  }
}

extension Subject {
  /// Desktop entries, what decides about them, and the scripts that file managers and shells load.
  static let desktopEntryPlaces = [
    "xdg-data/applications", "xdg-config/mimeapps.list", "xdg-config/menus", "xdg-data/kio", "xdg-data/kservices5",
    "xdg-data/nautilus", "xdg-data/nautilus-python", "xdg-data/nemo", "xdg-data/caja", "xdg-data/file-manager",
    "xdg-data/thumbnailers", "xdg-data/gnome-shell", "xdg-data/plasma", "xdg-data/cinnamon",
  ]
}
