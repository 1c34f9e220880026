extension Rule {
  static let filesOverBus = Rule(
    "files-over-bus", .warning,
    what: "Services that open files for others can be asked over the message bus",
    why: """
      gvfs and its like open and mount with your rights: what no grant shows the app can have opened, copied or \
      searched for it.
      """,
    example: """
      [bus.session]
      talk = ["org.gtk.vfs.*"]
      """,
    safer: """
      [desktop]
      portals = true
      """
  ) { subject in
    subject.talking(
      to: filesOverBusNames, "it opens files outside for whoever asks",
      hint: "for a file chooser set desktop.portals = true")
  }
}

private let filesOverBusNames = [
  "org.gtk.vfs.*", "org.gtk.Private.*", "org.freedesktop.FileManager1", "org.freedesktop.Tracker3.*",
  "org.kde.kiod5", "org.kde.kiod6", "org.kde.kioexecd",
]
