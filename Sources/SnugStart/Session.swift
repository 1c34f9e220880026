import CSnug
import SnugPlan
import SnugProfile
import SnugSandbox

/// What every command starts from: the machine, the caller, and where profiles are.
package struct Session {
  package let host: Host
  package let loader: ProfileLoader

  /// Reads the machine and the caller once.
  package init() {
    let host = HostProbe.read()
    self.host = host
    loader = ProfileLoader(
      search: Session.search(host), context: HostProbe.pathContext(host), callerUID: host.uid, callerGID: host.gid,
      isProgram: { isProgram($0, host) }, list: host.list, read: readProfileFile)
  }

  /// `$SNUG_PROFILE_PATH`, the user's, the machine's, those that came with this executable.
  private static func search(_ host: Host) -> ProfileSearch {
    var directories: [ProfileSearch.Directory] = []
    for path in (host.variable("SNUG_PROFILE_PATH") ?? "").split(separator: ":") where path.hasPrefix("/") {
      directories.append(.init(path: String(path)))
    }
    directories.append(.init(path: userProfiles(host)))
    directories.append(.init(path: "/etc/snug/profiles"))
    if let prefix = installationPrefix() {
      directories.append(.init(path: prefix + "/share/snug/profiles", isShipped: true))
    }
    return ProfileSearch(directories: directories)
  }

  /// The directory of the caller's own profiles.
  package var userProfiles: String { Session.userProfiles(host) }

  private static func userProfiles(_ host: Host) -> String {
    let configuration =
      host.variable("XDG_CONFIG_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil } ?? host.home + "/.config"
    return ProfileSearch.Directory(path: configuration + "/snug/profiles").path
  }

  /// A profile of a name or file with options on top.
  package func load(_ name: String, _ settings: [RunRequest.Setting] = []) throws(ProfileErrors) -> Profile {
    try merge(name, settings).profile
  }

  /// The layers of a profile of a name or file with options on top.
  package func merge(_ name: String, _ settings: [RunRequest.Setting] = []) throws(ProfileErrors) -> MergedProfile {
    try loader.merge(name, options: Session.options(settings))
  }

  /// A plan of a profile, or what else is compiled of it; what is wrong with it is told as what is wrong with its text.
  package func compiled<Result>(_ body: () throws(CompileError) -> Result) throws(ProfileErrors) -> Result {
    do { return try body() } catch { throw ProfileErrors(diagnostics: error.diagnostics) }
  }

  /// Options of the command line as the loader takes them.
  package static func options(_ settings: [RunRequest.Setting]) throws(ProfileErrors) -> [OptionSetting] {
    var options: [OptionSetting] = []
    for setting in settings {
      guard let text = validText(setting.value) else {
        throw ProfileErrors(diagnostics: [
          Diagnostic(
            "cannot use \(escaped(setting.value)) with \(setting.option): it is not valid UTF-8",
            at: .option(setting.option))
        ])
      }
      options.append(OptionSetting(key: Session.key(of: setting.option), text: text, option: setting.option))
    }
    return options
  }

  private static func key(of option: String) -> String {
    switch option {
    case "--read": "files.read"
    case "--write": "files.write"
    case "--hide": "files.hide"
    case "--network": "network.mode"
    case "--setenv": "environment.set"
    case "--keep-env": "environment.keep"
    default: "files.home"
    }
  }

  /// The hint for a profile that names no program and was run by its name alone.
  package func hint(withoutProgram name: String) -> String {
    if name == "default" { return "snug run -- COMMAND runs one in it" }
    if isProgram(name, host) { return "for the program itself: snug run -- \(name)" }
    return "snug run -p \(name) -- COMMAND runs one in it"
  }

  /// The hint for a program asked for as if it were a profile's name, or the other way round; nil where there is none.
  package func hint(forProgram word: String) -> String? {
    let name = String(word.split(separator: "/").last ?? "")
    for listed in loader.listed() where listed.problem == nil {
      guard let profile = try? loader.load(listed.name) else { continue }
      if profile.programs.contains(where: { $0.value == name }) { return "snug run \(listed.name)" }
    }
    return nil
  }
}

/// Whether a bare word is something that the caller's shell would run.
private func isProgram(_ word: String, _ host: Host) -> Bool {
  (host.variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").contains {
    host.isExecutable("\($0)/\(word)")
  }
}

/// Reads a profile with owner and mode of the very file that was read.
private func readProfileFile(_ path: String) -> ReadResult {
  let file = Int32(csnug_open(path, false, true))
  if file < 0 { return .failed(-file, errorText(-file)) }
  defer { _ = csnug_close(file) }
  var facts = csnug_statx()
  let looked = csnug_statx(file, "", true, &facts)
  if looked < 0 { return .failed(Int32(-looked), errorText(Int32(-looked))) }
  switch FileStatus(facts).type {
  case .file: break
  case .directory: return .failed(21, errorText(21))
  // A FIFO would wait for ever, a device never end.
  case let other: return .failed(ErrorNumber.invalid, "it is a \(other.rawValue), not a file")
  }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 64 << 10)
  // One byte more than a profile may have, so that the reader sees that it is too long.
  while bytes.count <= 1 << 20 {
    let count = csnug_read(file, &chunk, chunk.count)
    if count < 0 { return .failed(Int32(-count), errorText(Int32(-count))) }
    if count == 0 { break }
    bytes += chunk[..<count]
  }
  return .file(bytes, uid: facts.uid, gid: facts.gid, mode: facts.mode & 0o7777)
}
