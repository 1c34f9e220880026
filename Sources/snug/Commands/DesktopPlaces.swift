import SnugDesktop
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// Where desktops look for what they start, and where Snug keeps what it replaces. See the XDG Base Directory
/// Specification.
struct Desktop {
  let session: Session
  /// The user's own first.
  let dataDirectories: [String]
  /// The user's own first.
  let configurations: [String]
  /// Files of the user's that ours stand in place of.
  let keptFolder: String

  var host: Host { session.host }
  var applications: String { host.dataHome + "/applications" }
  var services: String { host.dataHome + "/dbus-1/services" }
  var autostartFolder: String { configurations[0] + "/autostart" }

  init(_ session: Session) {
    let host = session.host
    self.session = session
    func own(_ variable: String, _ fallback: String) -> String {
      absolute(host.variable(variable) ?? "") ?? ProfileSearch.Directory(path: host.home + "/" + fallback).path
    }
    func shared(_ variable: String, _ fallback: String) -> [String] {
      let value = host.variable(variable).flatMap { $0.isEmpty ? nil : $0 } ?? fallback
      return value.split(separator: ":").compactMap { absolute(String($0)) }
    }
    dataDirectories = unique([host.dataHome] + shared("XDG_DATA_DIRS", "/usr/local/share:/usr/share"))
    configurations = unique([own("XDG_CONFIG_HOME", ".config")] + shared("XDG_CONFIG_DIRS", "/etc/xdg"))
    keptFolder = own("XDG_STATE_HOME", ".local/state") + "/snug/desktop"
  }

  /// Where the user's own file that has this path is kept while ours has its place; nil for paths that are not the user's.
  func keptPath(_ path: String) -> String? {
    let folders = [(applications, "applications"), (services, "services"), (autostartFolder, "autostart")]
    for (folder, name) in folders where path.hasPrefix(folder + "/") {
      return "\(keptFolder)/\(name)/\(path.dropFirst(folder.count + 1))"
    }
    return nil
  }

  func keptBytes(_ path: String) -> [UInt8]? { keptPath(path).flatMap(host.read) }

  func menu() -> Menu { Menu(dataDirectories, on: host) }
  /// What is started with the session.
  func autostart() -> Menu { Menu(configurations, folder: "autostart", on: host) }
  func bus() -> BusNames { BusNames(dataDirectories, on: host) }

  /// All profiles that can be read and name a program.
  func profiles() -> [BoxableProfile] {
    session.loader.listed().filter { $0.problem == nil }.compactMap { listed in
      (try? session.load(listed.name)).flatMap(boxable)
    }
  }

  /// What menus ask of a profile; nil where it names no program.
  func boxable(_ profile: Profile) -> BoxableProfile? {
    let found = BoxableProfile(
      name: profile.name, programs: profile.programs.map(\.value), command: profile.command?.value.first)
    return found.allPrograms.isEmpty ? nil : found
  }

  /// Has menus and the bus look again, where there is something that does that. What they cannot do is no failure of ours.
  func refresh() {
    func run(_ name: String, _ words: [String]) { _ = try? readOutput(of: name, words, environment: host.environment) }
    run("update-desktop-database", ["-q", applications])
    let cache = applications + "/mimeinfo.cache"
    // Where the last entry of the directory was ours, the list of its types was made for ours, too.
    if host.read(cache) == Array("[MIME Cache]\n".utf8) { try? UserFile.remove(cache, followsLink: false) }
    let hasBus = host.variable("DBUS_SESSION_BUS_ADDRESS") != nil
    if hasBus || host.runtimeDirectory.map({ !isMissing($0 + "/bus") }) == true {
      run(
        "dbus-send",
        [
          "--session", "--type=method_call", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus",
          "org.freedesktop.DBus.ReloadConfig",
        ])
    }
  }

  func isMissing(_ path: String) -> Bool {
    if case .missing(link: nil) = host.look(path) { true } else { false }
  }

  /// Shims that are there: their programs and profiles.
  func shims() -> [(program: String, path: String, profile: String)] {
    let directory = shimDirectory(host)
    return host.list(directory).compactMap { name in
      let path = "\(directory)/\(name)"
      return host.read(path).flatMap(shimProfile).map { (name, path, $0) }
    }
  }
}

private func absolute(_ path: String) -> String? {
  path.hasPrefix("/") ? ProfileSearch.Directory(path: path).path : nil
}

private func unique(_ paths: [String]) -> [String] {
  var seen: Set<String> = []
  return paths.filter { seen.insert($0).inserted }
}
