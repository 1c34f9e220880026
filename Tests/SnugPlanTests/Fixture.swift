import SnugPlan
import SnugProfile
import TestSupport

/// Profiles by name, read as if they stood in the user's own directory; `shipped` ones as if Snug brought them.
func profile(
  _ text: String, named name: String = "test", shipped: [String: String] = [:], options: [OptionSetting] = [],
  for host: Host
) throws(ProfileErrors) -> Profile {
  var files = ["/profiles/\(name).toml": text]
  for (name, text) in shipped { files["/shipped/\(name).toml"] = text }
  let found = files
  let loader = ProfileLoader(
    search: ProfileSearch(directories: [.init(path: "/profiles"), .init(path: "/shipped", isShipped: true)]),
    context: context(host), callerUID: 1000, callerGID: 1000,
    read: { path in
      found[path].map { .file(Array($0.utf8), uid: 1000, gid: 1000, mode: 0o644) }
        ?? .failed(2, "No such file or directory")
    })
  return try loader.load(name, options: options)
}

/// Compiles a profile's text without asking for a program.
func plan(
  _ text: String, on tree: FixtureTree = debian(), in directory: String? = "/home/anna", landlockABI: Int = 7,
  shipped: [String: String] = [:], _ request: ProgramRequest = ProgramRequest(needsProgram: false)
) throws -> Plan {
  let host = anna(tree, in: directory, landlockABI: landlockABI)
  return try compile(profile("version = 1\n" + text, shipped: shipped, for: host), for: host, request)
}

/// The error of compiling, as the person reads it; empty where it compiles.
func problem(
  _ text: String, on tree: FixtureTree = debian(), in directory: String? = "/home/anna", landlockABI: Int = 7,
  _ request: ProgramRequest = ProgramRequest(needsProgram: false)
) throws -> (text: String, status: Int32) {
  do {
    _ = try plan(text, on: tree, in: directory, landlockABI: landlockABI, request)
    return ("", 0)
  } catch let error as CompileError {
    return (error.diagnostics.map(\.text).joined(separator: "\n"), error.exitStatus)
  }
}

extension Plan {
  /// `bind /home/anna/x writable`, without the origins.
  func lines(at target: String) -> [String] {
    ops.filter { $0.op.target == target }.map { planned in
      switch planned.op {
      case .bind(let bind): "bind \(bind.source.path) \(bind.access.rawValue)"
      case .tmpfs(let tmpfs): "tmpfs \(tmpfs.access.rawValue) \(String(tmpfs.mode, radix: 8))"
      case .overlay(let overlay): "overlay \(overlay.lower.map(\.path).joined(separator: ":"))"
      case .file(let file): "file \(String(file.mode, radix: 8)) \(file.content.count)"
      case .symlink(let link): "symlink \(link.to)"
      default: planned.op.name
      }
    }
  }

  var variables: [String: String] {
    Dictionary(uniqueKeysWithValues: environment.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) })
  }

  var words: [String] { command.map { String(decoding: $0, as: UTF8.self) } }
}
