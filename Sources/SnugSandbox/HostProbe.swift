import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// Reads the facts about this machine and its caller that compiling needs. Nothing is changed and nothing is kept open.
///
/// Runs in the launcher, before it starts anything.
public enum HostProbe {
  /// The host as it is now.
  ///
  /// `SNUG_LANDLOCK_ABI` in the environment lowers the landlock ABI that is believed in, never raises it: so an older
  /// kernel can be imitated.
  ///
  /// - Parameter environment: the caller's environment; without one, that of this process as it was started with.
  public static func read(environment: [(name: String, value: [UInt8])]? = nil) -> Host {
    let environment = environment ?? initialEnvironment()
    func variable(_ name: String) -> String? {
      environment.last { $0.name == name }.flatMap { validText($0.value) }
    }
    let uid = geteuid()
    let gid = getegid()
    let account = account(uid)
    let home = home(variable("HOME"), account, uid)
    let runtimeDirectory = runtimeDirectory(variable("XDG_RUNTIME_DIR"), uid)
    let busAddress = variable("DBUS_SESSION_BUS_ADDRESS")
    return Host(
      uid: uid, gid: gid, userName: account?.name ?? String(uid), groupName: groupName(gid), hostName: hostName(),
      home: home, shell: account?.shell ?? variable("SHELL").flatMap(absolute) ?? "/bin/sh",
      runtimeDirectory: runtimeDirectory,
      dataHome: variable("XDG_DATA_HOME").flatMap(absolute) ?? below(home, ".local/share"),
      workingDirectory: currentDirectory(), environment: environment, umask: currentUmask(), memory: memory(),
      landlockABI: landlockABI(variable("SNUG_LANDLOCK_ABI")), look: HostFiles.look, list: HostFiles.list,
      read: { try? HostFiles.read($0).get() }, isExecutable: HostFiles.isExecutable,
      owner: { HostFiles.owner($0)?.uid },
      groups: {
        readGroupFacts(
          uid: uid, runtimeDirectory: runtimeDirectory, busAddress: busAddress, helper: helperPath(busHelperName))
      })
  }

  /// What written paths are expanded with on this host: the home, the `xdg-` names, the working directory.
  ///
  /// Names of the user's directories come from `user-dirs.dirs`, see user-dirs.dirs(5).
  public static func pathContext(_ host: Host) -> PathContext {
    let config = host.variable("XDG_CONFIG_HOME").flatMap(absolute) ?? below(host.home, ".config")
    var names = host.read(below(config, "user-dirs.dirs")).map { parseUserDirectories($0, home: host.home) } ?? [:]
    names["xdg-config"] = config
    names["xdg-cache"] = host.variable("XDG_CACHE_HOME").flatMap(absolute) ?? below(host.home, ".cache")
    names["xdg-data"] = host.dataHome
    var context = PathContext(
      home: host.home, realHome: real(host.home, host), xdg: names, runtimeDirectory: host.runtimeDirectory,
      workingDirectory: host.workingDirectory)
    // A name that is a link to the home, or to what is above it, means the home.
    for (name, path) in names where context.isAtOrAboveHome(real(path, host)) { context.xdg[name] = context.home }
    return context
  }

  /// Where the links of a path lead; the path itself where nothing is there.
  private static func real(_ path: String, _ host: Host) -> String {
    if case .exists(let real, _, _, _) = host.look(path) { real } else { path }
  }

  // MARK: - Account

  private struct Account {
    var name: String
    var home: String
    var shell: String
  }

  /// From /etc/passwd, see passwd(5). Not through the C library: in a static executable its name service needs the
  /// shared libraries of exactly its own version.
  private static func account(_ uid: UInt32) -> Account? {
    guard let fields = entry(of: uid, in: "/etc/passwd", fields: 7) else { return nil }
    return Account(name: fields[0], home: fields[5], shell: absolute(fields[6]) ?? "/bin/sh")
  }

  private static func groupName(_ gid: UInt32) -> String {
    entry(of: gid, in: "/etc/group", fields: 4)?[0] ?? String(gid)
  }

  /// A file of which every machine lets everybody read its own: where it is there and cannot be read, the machine is broken.
  private static func present(_ path: String, limit: Int = 1 << 20) -> [UInt8]? {
    switch HostFiles.read(path, limit: limit) {
    case .success(let bytes): return bytes
    case .failure(let error):
      if error.code != ENOENT { HostTrouble.note(path, error.code, whatever: true) }
      return nil
    }
  }

  /// The first entry of a number, which is the third field: machines have hundreds that nobody asks for.
  private static func entry(of id: UInt32, in path: String, fields: Int) -> [String]? {
    guard let content = present(path) else { return nil }
    let wanted = Array(String(id).utf8)
    var colons: [Int] = []
    var start = 0
    for end in 0...content.count {
      if end < content.count, content[end] == UInt8(ascii: ":") { colons.append(end) }
      guard end == content.count || content[end] == UInt8(ascii: "\n") else { continue }
      defer {
        colons.removeAll(keepingCapacity: true)
        start = end + 1
      }
      guard colons.count == fields - 1, content[(colons[1] + 1)..<colons[2]].elementsEqual(wanted) else { continue }
      return content[start..<end].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
    }
    return nil
  }

  /// `$HOME` when that is an absolute directory of the caller, else the password entry.
  private static func home(_ variable: String?, _ account: Account?, _ uid: UInt32) -> String {
    if let path = variable.flatMap(absolute), let owner = HostFiles.owner(path), owner.type == .directory,
      owner.uid == uid
    {
      return path
    }
    return account.flatMap { absolute($0.home) } ?? "/"
  }

  /// `$XDG_RUNTIME_DIR` when it is what the specification of base directories asks for.
  private static func runtimeDirectory(_ variable: String?, _ uid: UInt32) -> String? {
    guard let path = variable.flatMap(absolute), let owner = HostFiles.owner(path) else { return nil }
    return owner.type == .directory && owner.uid == uid && owner.mode & 0o777 == 0o700 ? path : nil
  }

  // MARK: - Process and machine

  /// The environment this process was started with, from proc: a name and a value at the first `=`, see environ(7).
  /// Entries without one and names that are not UTF-8 are left out.
  private static func initialEnvironment() -> [(name: String, value: [UInt8])] {
    guard let content = present("/proc/self/environ", limit: 64 << 20) else { return [] }
    return content.split(separator: 0).compactMap { entry in
      guard let equals = entry.firstIndex(of: UInt8(ascii: "=")), equals > entry.startIndex else { return nil }
      guard let name = validText(entry[..<equals]) else { return nil }
      return (name, Array(entry[entry.index(after: equals)...]))
    }
  }

  private static func currentUmask() -> UInt32 {
    // It can only be read by being set; the stricter one holds for that instant.
    let mask = csnug_umask(0o077)
    _ = csnug_umask(mask)
    return mask
  }

  private static func memory() -> UInt64 { csnug_total_memory() }

  private static func hostName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard unsafe csnug_gethostname(&buffer, buffer.count) == 0 else { return "" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func landlockABI(_ believed: String?) -> Int {
    let told = Int(csnug_landlock_abi())
    // ENOSYS, EOPNOTSUPP, and EPERM of a filter that we run under: it is not to be had. Anything else tells nothing.
    if told < 0, told != -Int(ErrorNumber.notSupported) { HostTrouble.note("landlock's version", Int32(-told)) }
    let present = max(0, told)
    guard let wanted = believed.flatMap({ Int($0) }), wanted >= 0 else { return present }
    return min(present, wanted)
  }
}

/// A clean absolute path from a variable: no double or trailing slashes; nil where it is relative or has `.` or `..`.
private func absolute(_ text: String) -> String? {
  guard text.utf8.first == UInt8(ascii: "/") else { return nil }
  let names = text.utf8.split(separator: UInt8(ascii: "/")).map { Substring($0) }
  return names.contains(".") || names.contains("..") ? nil : "/" + names.joined(separator: "/")
}

private func below(_ directory: String, _ name: String) -> String {
  directory == "/" ? "/" + name : directory + "/" + name
}
