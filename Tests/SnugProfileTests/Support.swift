@testable import SnugProfile

/// A caller whose home is /home/ada, started in ~/work.
let context = PathContext(
  home: "/home/ada", xdg: ["xdg-download": "/home/ada/Downloads", "xdg-desktop": "/home/ada", "xdg-music": "/home"],
  runtimeDirectory: "/run/user/1000", workingDirectory: "/home/ada/work")

/// A file of the tree in memory.
struct TestFile: Sendable {
  var text: String
  var uid: UInt32 = 1000
  var gid: UInt32 = 1000
  var mode: UInt32 = 0o644
}

let userDirectory = "/home/ada/.config/snug/profiles"
let systemDirectory = "/etc/snug/profiles"
let shippedDirectory = "/usr/share/snug/profiles"

/// A loader over a tree in memory. Bare names stand in the shipped directory.
func loader(_ files: [String: TestFile], context: PathContext = context, programs: Set<String> = []) -> ProfileLoader {
  let tree = Dictionary(
    files.map { ($0.key.contains("/") ? $0.key : "\(shippedDirectory)/\($0.key)", $0.value) },
    uniquingKeysWith: { first, _ in first })
  return ProfileLoader(
    search: ProfileSearch(directories: [
      .init(path: userDirectory), .init(path: systemDirectory), .init(path: shippedDirectory, isShipped: true),
    ]),
    context: context, callerUID: 1000, callerGID: 1000, isProgram: { programs.contains($0) },
    list: { directory in
      tree.keys.filter { $0.hasPrefix(directory + "/") }.map { String($0.dropFirst(directory.count + 1)) }.sorted()
    },
    read: { path in
      if let file = tree[path] { return .file(Array(file.text.utf8), uid: file.uid, gid: file.gid, mode: file.mode) }
      let isDirectory = tree.keys.contains { $0.hasPrefix(path + "/") }
      return isDirectory ? .failed(21, "Is a directory") : .failed(2, "No such file or directory")
    })
}

/// A loader of user's profiles by name, each with its `version` line put before.
func userLoader(_ texts: [String: String]) -> ProfileLoader {
  loader(
    Dictionary(
      uniqueKeysWithValues: texts.map {
        ("\(userDirectory)/\($0.key).toml", TestFile(text: "version = 1\n" + $0.value))
      }))
}

/// The merged profile of layers of which each extends the one before; the last one is asked for.
func merged(_ layers: String..., options: [OptionSetting] = []) throws -> MergedProfile {
  var texts: [String: String] = [:]
  for (index, layer) in layers.enumerated() {
    texts["p\(index)"] = (index > 0 ? "extends = [\"p\(index - 1)\"]\n" : "") + layer
  }
  return try userLoader(texts).merge("p\(layers.count - 1)", options: options)
}

/// Everything wrong with one file, as a person reads it.
func problems(_ text: String) -> String {
  checkFile(Array(text.utf8), file: "x.toml", context).diagnostics.map(\.text).joined(separator: "\n")
}
