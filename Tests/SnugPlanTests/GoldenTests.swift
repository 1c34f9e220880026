import Glibc
import SnugPlan
import SnugProfile
import TestSupport
import Testing

/// Every shipped profile, compiled on the fixture host, against a listing in `Golden`. `SNUG_RECORD=1` writes the
/// listings anew; one that is missing is written and fails, so that nobody passes without having read it.
struct GoldenTests {
  @Test func everyProfileIsListed() {
    #expect(Set(directory(shippedProfiles).map { String($0.dropLast(5)) }) == Set(shippedNames))
  }

  @Test(arguments: shippedNames) func plan(name: String) throws {
    let text = try shipped(name).plan.text(instructions: 100)
    if let difference = compareGolden(text, "\(name).plan", beside: #filePath) { Issue.record("\(difference)") }
  }

  @Test(arguments: shippedNames) func explanation(name: String) throws {
    let (profile, plan, host) = try shipped(name)
    let text = explain(Prospect(profile, plan, on: host)).text
    for line in text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    if let difference = compareGolden(text, "\(name).explanation", beside: #filePath) { Issue.record("\(difference)") }
  }
}

let shippedNames = [
  "agent", "application", "browser", "chromium", "curl", "default", "desktop", "eog", "evince", "feh", "firefox", "gcc",
  "gedit",
  "gimp", "git",
  "keepassxc", "libreoffice", "make", "mousepad", "mpv", "node", "pcmanfm", "project", "python3", "ssh", "terminal",
  "thunderbird", "vim", "vlc", "xterm", "zathura", "zenity",
]

private let shippedProfiles = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/profiles"

/// A shipped profile on the fixture's machine, started in a project.
private func shipped(_ name: String) throws -> (profile: Profile, plan: Plan, host: Host) {
  let tree = debian()
  tree.put("/home/anna/.Xauthority", .file(xauthority, isExecutable: false))
  tree.directory("/home/anna/Documents")
  let host = anna(tree, in: "/home/anna/src/demo")
  var context = context(host)
  context.xdg["xdg-documents"] = "/home/anna/Documents"
  let loader = ProfileLoader(
    search: ProfileSearch(directories: [.init(path: "/profiles", isShipped: true)]), context: context,
    callerUID: 1000, callerGID: 1000,
    read: { path in
      let file = shippedProfiles + "/" + (path.split(separator: "/").last ?? "")
      return read(file).map { .file($0, uid: 0, gid: 0, mode: 0o644) } ?? .failed(2, "No such file or directory")
    })
  let merged = try loader.merge(name)
  let plan = try compile(merged.profile, for: host, ProgramRequest(needsProgram: false))
  return (merged.profile, plan, host)
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
