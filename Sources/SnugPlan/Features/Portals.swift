import SnugProfile

/// Tells GTK, and Qt where it looks, to ask portals.
let portalVariable = "GTK_USE_PORTAL"

extension Draft {
  /// `desktop.portals`, `desktop.notifications` and `files.arguments = "portal"`; and by whose name portals know an app
  /// that has a bus for itself alone.
  mutating func addPortals(notEnforced: inout [String]) {
    let (asked, notifications) = (profile.desktop.portals, profile.desktop.notifications)
    let arguments = profile.files.arguments
    let key: String
    let origin: Origin
    if asked.value {
      (key, origin) = ("desktop.portals", asked.origin)
    } else if arguments.value == .portal {
      (key, origin) = ("files.arguments", arguments.origin)
    } else if notifications.value {
      (key, origin) = ("desktop.notifications", notifications.origin)
    } else if let table = profile.table(of: .session) {
      // Rules of the profile's own may name a portal, too.
      (key, origin) = (FilteredBus.Kind.session.key, table.origin)
    } else {
      return
    }
    judgeID(key, origin, &notEnforced)
    portals = PortalPolicy(
      id: profile.id.value, hasNetwork: profile.network.mode.value != .none, isForApp: asked.value, origin: origin)
    if notifications.value { addNotifications() }
    if asked.value { addPortalAccess(origin) }
    if asked.value || arguments.value == .portal { addDocuments(origin) }
  }

  /// Not `org.freedesktop.portal.*`: Flatpak's own portal of that name starts programs.
  private mutating func addPortalAccess(_ origin: Origin) {
    for name in ["org.freedesktop.portal.Desktop", "org.freedesktop.portal.Documents"] {
      addBusRule(.call, name, rule: "*", for: "desktop.portals", from: origin)
      addBusRule(.broadcast, name, rule: "@/org/freedesktop/portal/*", for: "desktop.portals", from: origin)
    }
    guard let policy = portals else { return }
    put(.file(policy.infoFile), from: origin)
    // By this name xdg-open of Debian 12 knows that it has to ask a portal.
    let name = joined(runtimeDirectory, "flatpak-info")
    if let target = destination(name, from: origin) {
      put(.symlink(Symlink(target: target, to: PortalPolicy.infoPlace)), from: origin)
    }
    set(portalVariable, "1", from: origin)
    addOpener(origin)
    // GLib opens a link by a program that it finds, in the box, and asks the portal only where it finds none.
    for entries in ["/usr/share/applications", "/usr/local/share/applications"] {
      guard case .exists(let real, .directory, _, _) = look(entries), resolve(entries).isHost(real) else { continue }
      put(.tmpfs(Tmpfs(target: entries, size: 4096, mode: 0o555, access: .readOnly)), from: origin)
    }
  }

  /// The script of that name in Debian 12 hands the portal links alone; `gio` hands it files too, as open descriptors.
  private mutating func addOpener(_ origin: Origin) {
    for program in ["/usr/bin/gio", "/usr/bin/xdg-open"] {
      guard case .host(let real, .file) = resolve(program).state, host.isExecutable(real) else { return }
    }
    let directory = "/run/snug/bin"
    guard let target = destination(joined(directory, "xdg-open"), from: origin) else { return }
    let script = "#!/bin/sh\nexec /usr/bin/gio open \"$1\"\n"
    put(.file(File(target: target, content: Array(script.utf8), mode: 0o555)), from: origin)
    set("PATH", "\(directory):\(Self.searchPath)", from: origin)
  }

  /// The server of notifications, and the portal before it. Where nobody serves, the call fails and the app goes on.
  private mutating func addNotifications() {
    let asked = profile.desktop.notifications
    let key = "desktop.notifications"
    addBusRule(.talk, "org.freedesktop.Notifications", for: key, from: asked.origin)
    if profile.desktop.portals.value { return }
    addBusRule(
      .call, "org.freedesktop.portal.Desktop", rule: "org.freedesktop.portal.Notification.*", for: key,
      from: asked.origin)
    addBusRule(
      .broadcast, "org.freedesktop.portal.Desktop", rule: "org.freedesktop.portal.Notification.*", for: key,
      from: asked.origin)
  }

  /// The document portal's files of this app: whatever it is given by a file chooser, or lent for this start. Whether the
  /// portal runs is seen when the start is prepared.
  private mutating func addDocuments(_ origin: Origin) {
    guard let runtime = host.runtimeDirectory else {
      if profile.files.arguments.value == .portal {
        fail(
          .cannotStartHere,
          "cannot lend files to the app: there is no XDG_RUNTIME_DIR of yours, in which the document "
            + "portal shows them", at: origin)
      }
      return
    }
    let path = joined(runtime, "doc/by-app/\(profile.id.value)")
    let source = Source(path: path, written: path, type: .directory, identity: nil)
    let place = joined(runtimeDirectory, "doc")
    // The portal names its files as they are called outside: where the runtime directory is another one there, both.
    for wanted in [place, joined(runtime, "doc")] {
      guard let target = destination(wanted, from: origin) else { return }
      put(.bind(Bind(source: source, target: target, access: .writable)), from: origin)
    }
    portals?.documents = place
    portals?.ownDocuments = path
  }

  /// An installed Flatpak of the same id would be the same app for portals: what one was given the other could use.
  private mutating func judgeID(_ key: String, _ origin: Origin, _ notEnforced: inout [String]) {
    let id = profile.id.value
    let places = ["/var/lib/flatpak/app", joined(host.dataHome, "flatpak/app")].map { joined($0, id) }
    guard
      let place = places.first(where: { path in
        if case .exists = look(path) { true } else { false }
      })
    else { return }
    if profile.mayGoUnenforced(key) { return notEnforced.append(key) }
    fail(
      .cannotStartHere,
      "cannot use portals as \(id): a Flatpak of that id is installed (\(place)), and portals would take one for the other",
      at: origin, hint: "give the profile an id of its own, or list \"\(key)\" in optional to share what that one may")
  }

  /// The words that the document portal is to lend; `count` words of the command are the caller's.
  mutating func lendFileWords(_ count: Int) {
    guard profile.files.arguments.value == .portal, portals?.documents != nil, !fileWords.isEmpty else { return }
    let decision = grantDecision()
    for index in fileWords.indices {
      let word = fileWords[index]
      switch look(word.path) {
      case .missing: continue
      case .unreadable(let code): skip(word.written, reason(code), at: .commandLine)
      case .exists(let real, let type, _, _):
        guard mayShow(word, real, type, decision) else { continue }
        if isSeen(real, for: word) {
          fileWords[index].place = insidePlace(word.path)
        } else if type == .file {
          portals?.lent.append(
            LentFile(path: real, written: word.written, fromEnd: count - word.index, isURI: word.form == .uri))
        } else {
          skip(word.written, "the document portal lends files, not directories", at: .commandLine)
        }
      }
    }
  }
}
