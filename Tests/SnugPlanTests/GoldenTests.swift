import Glibc
import SnugPlan
import SnugProfile
import TestSupport
import Testing

/// Every shipped profile, compiled on the fixture host, against a listing in `Golden`. `SNUG_RECORD=1` writes the
/// listings anew; one that is missing is written and fails, so that nobody passes without having read it.
struct GoldenTests {
  private static let here = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined()
  private static let profiles = here + "/../../profiles"

  @Test func everyProfileIsListed() {
    #expect(Set(directory(Self.profiles).map { String($0.dropLast(5)) }) == Set(Self.names))
  }

  static let names = ["default", "desktop", "terminal", "project", "git", "python3", "xterm", "mousepad"]

  @Test(arguments: names) func plan(name: String) throws {
    let tree = debian()
    tree.file("/home/anna/.Xauthority")
    tree.put("/home/anna/.Xauthority", .file(xauthority, isExecutable: false))
    tree.directory("/home/anna/Documents")
    let host = anna(tree, in: "/home/anna/src/demo")
    var context = context(host)
    context.xdg["xdg-documents"] = "/home/anna/Documents"
    let loader = ProfileLoader(
      search: ProfileSearch(directories: [.init(path: "/profiles", isShipped: true)]), context: context,
      callerUID: 1000, callerGID: 1000,
      read: { path in
        let file = Self.profiles + "/" + (path.split(separator: "/").last ?? "")
        return read(file).map { .file($0, uid: 0, gid: 0, mode: 0o644) } ?? .failed(2, "No such file or directory")
      })
    let merged = try loader.merge(name)
    #expect(merged.unsupported.isEmpty)
    let text = try compile(merged.profile, for: host, ProgramRequest(needsProgram: false)).text(instructions: 100)
    let golden = Self.here + "/Golden/\(name).plan"
    let expected = read(golden).map { String(decoding: $0, as: UTF8.self) }
    if expected == nil || getenv("SNUG_RECORD") != nil { write(text, to: golden) }
    #expect(text == expected, "see \(name).plan; SNUG_RECORD=1 writes it anew")
  }
}

/// A cookie for display 0 of the fixture's machine.
let xauthority = XauthorityEntry(
  family: XauthorityEntry.local, address: Array("mill".utf8), number: Array("0".utf8),
  name: Array("MIT-MAGIC-COOKIE-1".utf8), data: Array(repeating: 7, count: 16)
).bytes

private func read(_ path: String) -> [UInt8]? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var content: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { content += buffer[..<count] }
  return content
}

private func write(_ text: String, to path: String) {
  guard let file = fopen(path, "w") else { return }
  fputs(text, file)
  fclose(file)
}

private func directory(_ path: String) -> [String] {
  guard let directory = opendir(path) else { return [] }
  defer { closedir(directory) }
  var names: [String] = []
  while let entry = readdir(directory) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    if !name.hasPrefix(".") { names.append(name) }
  }
  return names
}
