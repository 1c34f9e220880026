import SnugProfile

extension Draft {
  /// `desktop.fonts`: settings of fontconfig, its cache, and the fonts that the caller has installed, all read-only.
  mutating func addFonts() {
    guard profile.desktop.fonts.value else { return }
    let origin = profile.desktop.fonts.origin
    for path in [
      "/etc/fonts", "/var/cache/fontconfig", joined(host.home, ".fonts"),
      joined(host.home, ".config/fontconfig"), joined(host.dataHome, "fonts"),
    ] { show(path, from: origin) }
  }
}
