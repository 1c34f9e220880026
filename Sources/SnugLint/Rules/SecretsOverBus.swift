extension Rule {
  static let secretsOverBus = Rule(
    "secrets-over-bus", .warning,
    what: "The store of passwords can be asked over the message bus",
    why: """
      An unlocked key ring gives every password in it to whoever asks: it does not tell apps apart.
      """,
    example: """
      [bus.session]
      talk = ["org.freedesktop.secrets"]
      """,
    safer: """
      [bus.session]
      talk = ["org.freedesktop.portal.Desktop"]
      """
  ) { subject in
    subject.talking(
      to: secretsOverBusNames, "it gives every password to whoever asks",
      hint: "use the Secret portal, which keeps one key for each app")
  }
}

private let secretsOverBusNames = [
  "org.freedesktop.secrets", "org.gnome.keyring", "org.gnome.keyring.*", "org.kde.kwalletd5", "org.kde.kwalletd6",
  "org.kde.secretservicecompat", "org.keepassxc.KeePassXC.*",
]
