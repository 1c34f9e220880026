import Glibc
import SnugLint
import SnugPlan
import SnugProfile
import TestSupport

/// Profiles that fixtures may extend, as if Snug shipped them.
private let shipped = [
  "base": """
  version = 1
  summary = "What fixtures extend"
  [files]
  read = ["/srv"]
  [environment]
  keep = ["LANG", "TERM"]
  """,
  "loop": """
  version = 1
  summary = "Comes back to the fixture"
  extends = ["test"]
  """,
  // Everybody can write it.
  "open": "version = 1",
]

/// The machine of the fixtures: a Debian of anna, with what rules look for.
func machine() -> FixtureTree {
  let tree = debian()
  tree.directory("/home/anna/linked/inside", "/home/anna/notes")
  tree.link("/home/anna/linked/out", "/media/disk")
  tree.link("/home/anna/linked/home", "/home/anna/src")
  tree.link("/home/anna/linked/near", "inside")
  tree.link("/home/anna/linked/usr", "/usr/bin/true")
  tree.directory("/media/disk")
  tree.directory("/home/anna/dotfiles", "/home/anna/more", "/home/anna/.local/lib/python3.11", "/home/anna/.aws")
  tree.file("/home/anna/dotfiles/bash_aliases")
  tree.link("/home/anna/.bash_aliases", "dotfiles/bash_aliases")
  tree.file("/home/anna/more/zshrc")
  tree.link("/home/anna/.zshrc", "more/zshrc")
  tree.directory("/home/anna/src/demo/.git/hooks", "/home/anna/src/safe/.git/hooks")
  tree.directory("/home/anna/web/node_modules/.bin", "/home/anna/safe-web/node_modules/.bin")
  tree.file("/home/anna/.ssh/id_ed25519.pub")
  tree.file("/home/anna/.ssh/known_hosts")
  tree.special("/run/docker.sock", .socket)
  tree.special("/run/user/1000/gnupg/S.gpg-agent", .socket)
  tree.special("/run/user/1000/keyring/ssh", .socket)
  tree.special("/srv/app/control", .socket)
  tree.special("/run/user/1000/pulse/native", .socket)
  tree.file("/run/user/1000/pulse/cookie")
  tree.file("/srv/app/data")
  for node in ["uinput", "dri/renderD128", "snd/seq", "kmsg"] { tree.special("/dev/" + node, .characterDevice) }
  tree.special("/run/user/1000/wayland-0", .socket)
  // No X server answers here.
  tree.file("/tmp/.X11-unix/X0")
  return tree
}

/// A loader of profiles in memory: by name, the user's own and shipped ones.
func loader(_ own: [String: String], shipped extra: [String: String] = [:], _ host: Host) -> ProfileLoader {
  var files: [String: [UInt8]] = [:]
  for (name, text) in own { files["/profiles/\(name).toml"] = Array(text.utf8) }
  for (name, text) in shipped.merging(extra, uniquingKeysWith: { $1 }) {
    files["/shipped/\(name).toml"] = Array(text.utf8)
  }
  let found = files
  return ProfileLoader(
    search: ProfileSearch(directories: [.init(path: "/profiles"), .init(path: "/shipped", isShipped: true)]),
    context: context(host), callerUID: 1000, callerGID: 1000,
    list: { directory in
      found.keys.filter { $0.hasPrefix(directory + "/") }.map { String($0.dropFirst(directory.count + 1)) }.sorted()
    },
    read: { path in
      let mode: UInt32 = path.hasSuffix("/open.toml") ? 0o646 : 0o644
      return found[path].map { .file($0, uid: 1000, gid: 1000, mode: mode) } ?? .failed(2, "No such file or directory")
    })
}

/// Lints a text as the user's profile `test` on the fixtures' machine.
func linted(_ text: String, shipped: [String: String] = [:], on tree: FixtureTree = machine()) -> Report {
  linted(Array(text.utf8), shipped: shipped, on: tree)
}

/// The same for bytes that need not be text.
func linted(_ bytes: [UInt8], shipped: [String: String] = [:], on tree: FixtureTree = machine()) -> Report {
  let host = anna(tree, in: "/home/anna/src/demo")
  let text = String(decoding: bytes, as: UTF8.self)
  let subject = Subject(
    FoundProfile(path: "/profiles/test.toml", name: "test", bytes: bytes),
    loader(["test": text], shipped: shipped, host), host)
  return lint([subject])[0]
}

/// Lints several profiles of the user's at once, in the order of the names given.
func lintAll(_ names: [String], _ own: [String: String], shipped: [String: String] = [:]) -> [Report] {
  let host = anna(machine(), in: "/home/anna/src/demo")
  let loader = loader(own, shipped: shipped, host)
  return lint(names.compactMap { name in (try? loader.find(name)).map { Subject($0, loader, host) } })
}

extension Report {
  /// `3:1 unknown-key`, in order.
  var places: [String] { findings.map { "\($0.origin.line):\($0.origin.column) \($0.rule)" } }
  /// Names of the rules that found something.
  var rules: Set<String> { Set(findings.map(\.rule)) }
}

/// The folder of this file.
let here = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined()

func readFile(_ path: String) -> String? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var content: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { content += buffer[..<count] }
  return String(decoding: content, as: UTF8.self)
}

/// Names in a folder, without `.` and `..`, sorted.
func names(in path: String) -> [String] {
  guard let directory = opendir(path) else { return [] }
  defer { closedir(directory) }
  var names: [String] = []
  while let entry = readdir(directory) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    if !name.hasPrefix(".") { names.append(name) }
  }
  return names.sorted()
}
