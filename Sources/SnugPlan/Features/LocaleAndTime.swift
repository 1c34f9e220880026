import SnugProfile

extension Draft {
  /// Locale and time zone of the machine.
  mutating func addLocaleAndTime() {
    guard profile.files.root.value != .empty else { return }
    for name in ["localtime", "timezone", "locale.conf", "locale.alias"] { pick(name, from: profile.files.root.origin) }
  }
}
