import SnugProfile

extension Draft {
  /// `desktop.fonts`: settings of fontconfig, its caches, and the fonts that the caller has installed, all read-only. See
  /// fonts-conf(5).
  mutating func addFonts() {
    guard profile.desktop.fonts.value else { return }
    let origin = profile.desktop.fonts.origin
    for path in [
      "/etc/fonts", "/var/cache/fontconfig", joined(host.home, ".fonts"), joined(host.home, ".fonts.conf"),
      joined(host.home, ".fonts.conf.d"),
    ] { show(path, from: origin) }
    let config = host.variable("XDG_CONFIG_HOME").flatMap(absolutePath) ?? joined(host.home, ".config")
    let cache = host.variable("XDG_CACHE_HOME").flatMap(absolutePath) ?? joined(host.home, ".cache")
    // Inside, the directories of XDG are where they usually are.
    for (path, place) in [
      (joined(config, "fontconfig"), ".config/fontconfig"), (joined(cache, "fontconfig"), ".cache/fontconfig"),
      (joined(host.dataHome, "fonts"), ".local/share/fonts"),
    ] { show(path, at: joined(host.home, place), from: origin) }
  }
}
