import SnugProfile

extension Draft {
  /// `desktop.themes`: the caller's themes, icons and cursors, and the files that say which of them are used; single
  /// files, since the directories of settings hold more. All read-only. Settings of dconf are not among them.
  mutating func addThemes() {
    guard profile.desktop.themes.value else { return }
    let origin = profile.desktop.themes.origin
    for name in [".themes", ".icons", ".gtkrc-2.0"] {
      show(joined(host.home, name), from: origin)
    }
    for name in ["themes", "icons", "color-schemes", "aurorae"] {
      // Inside, XDG_DATA_HOME is where it usually is.
      show(joined(host.dataHome, name), at: joined(host.home, ".local/share/" + name), from: origin)
    }
    let config = host.variable("XDG_CONFIG_HOME").flatMap(absolutePath) ?? joined(host.home, ".config")
    for name in Self.themeSettings {
      show(joined(config, name), at: joined(host.home, ".config/" + name), from: origin)
    }
    if profile.files.root.value == .system {
      for name in ["gtk-2.0", "gtk-3.0", "gtk-4.0", "xdg/kdeglobals", "xdg/Trolltech.conf"] { pick(name, from: origin) }
    }
    for name in Self.themeVariables {
      if let value = host.variable(name), !value.isEmpty { set(name, value, from: origin) }
    }
    addCursorPath(origin)
  }

  private static var themeSettings: [String] {
    [
      "gtk-3.0/settings.ini", "gtk-3.0/gtk.css", "gtk-3.0/colors.css", "gtk-4.0/settings.ini", "gtk-4.0/gtk.css",
      "gtk-4.0/colors.css", "kdeglobals", "kcminputrc", "Trolltech.conf", "qt5ct/qt5ct.conf", "qt5ct/colors",
      "qt5ct/qss", "qt6ct/qt6ct.conf", "qt6ct/colors", "qt6ct/qss", "Kvantum",
    ]
  }

  private static var themeVariables: [String] {
    ["GTK_THEME", "QT_QPA_PLATFORMTHEME", "QT_STYLE_OVERRIDE", "XCURSOR_THEME", "XCURSOR_SIZE"]
  }

  /// Directories of XCURSOR_PATH as far as they are seen inside, see Xcursor(3).
  private mutating func addCursorPath(_ origin: Origin) {
    guard let value = host.variable("XCURSOR_PATH"), !value.isEmpty else { return }
    var seen: [String] = []
    for entry in value.split(separator: ":") {
      let written = String(entry)
      let path = written.hasPrefix("~/") ? joined(host.home, String(written.dropFirst(2))) : written
      if let path = absolutePath(path), resolve(path).isDirectory { seen.append(written) }
    }
    if !seen.isEmpty { set("XCURSOR_PATH", seen.joined(separator: ":"), from: origin) }
  }
}
