extension Rule {
  static let dconfOverBus = Rule(
    "dconf-over-bus", .warning,
    what: "Settings of the desktop can be changed through dconf",
    why: """
      dconf knows no apps: who may write one setting may write all of them, the command of a keyboard shortcut or \
      the proxy of every other program among them.
      """,
    example: """
      [bus.session]
      talk = ["ca.desrt.dconf"]
      """,
    safer: """
      [environment]
      set = { GSETTINGS_BACKEND = "keyfile" }
      """
  ) { subject in
    subject.talking(
      to: dconfOverBusNames, "it changes the settings of every app",
      hint: "set GSETTINGS_BACKEND = \"keyfile\" in [environment], which keeps them in the app's own home")
  }
}

private let dconfOverBusNames = [
  "ca.desrt.dconf"
]
