import TestSupport
import Testing

// Shipped profiles that are the same for who starts them: what the launcher and PID 1 do hangs on the values below, and
// on how many paths are granted. Windows, sound and buses are taken out, as their other ends are not there; what they
// add is started in shapes of its own.

/// The values of a merged profile that decide which calls a start makes.
private func shapeKey(_ shown: String) -> String {
  var section = ""
  var values: [String: String] = [:]
  for line in shown.split(separator: "\n") {
    if line.hasPrefix("[") { section = String(line.dropFirst().prefix { $0 != "]" }) }
    let words = line.split(separator: " ")
    guard words.count > 2, words[1] == "=" else { continue }
    values["\(section).\(words[0])"] = String(words[2]).replacing("\"", with: "")
  }
  let network = values["network.mode"] ?? "none"
  let home = values["files.home"] ?? "temporary"
  let preset = values["seccomp.preset"] ?? "desktop"
  let work = shown.contains("\"./\"") || shown.contains("path = \".\"") || shown.contains("\".\"")
  let claims = shown.contains("[assert]") ? ", claims" : ""
  return "network \(network), home \(home), filter \(preset)\(work ? ", work tree" : "")\(claims)"
}

/// A profile that turns off what needs somebody else.
private func alone(_ name: String) -> String {
  """
  version = 1
  extends = ["\(name)"]
  optional = ["landlock", "!desktop.wayland", "!desktop.input-method", "!desktop.notifications", "!desktop.portals"]
  bus.session = false
  bus.system = false

  [desktop]
  wayland = false
  x11 = false
  audio = false
  portals = false
  notifications = false
  input-method = false

  [devices]
  gpu = false

  [process]
  single = false
  """
}

/// Everything that profiles can say about files, and limits, claims and ports: what no shipped profile has all of.
private let everything = """
  version = 1
  extends = ["default"]

  [files]
  home = "private"
  write = ["~/tree"]
  hide = ["~/tree/sub"]

  [[files.op]]
  op = "overlay"
  target = "/opt/two"
  lower = ["/usr/share/doc", "/usr/share/misc"]
  size = "1M"

  [[files.op]]
  op = "tmpfs"
  target = "/opt/room"
  size = "1M"

  [[files.op]]
  op = "file"
  target = "/opt/room/text"
  text = "text"

  [[files.op]]
  op = "symlink"
  target = "/opt/room/link"
  to = "text"

  [[files.op]]
  op = "directory"
  target = "/opt/room/directory"
  mode = 0o700

  [[files.op]]
  op = "bind"
  host = "/usr/share/doc"
  target = "/opt/bound"

  [[files.op]]
  op = "remount"
  target = "/opt/room"
  access = "read-only"

  [process]
  hostname = "box"
  nice = 1
  user = "root"

  [limits]
  open-files = 100
  file-size = "1M"
  processes = 1000

  [landlock]
  connect-tcp = [443]

  [assert]
  hidden = ["~/.ssh", "~/tree/sub"]
  readable = ["/usr"]
  writable = ["~/tree"]
  network = false
  """

/// The shapes of the shipped profiles, each with those that have it, and two that have more. Their profiles are written
/// for every bench.
func faultShapes(_ stage: Stage, _ benches: [FaultBench]) throws -> [FaultShape] {
  let names = try Stage.shell("ls \(stage.profiles)").split(separator: "\n").map { String($0.dropLast(5)) }
  var groups: [(key: String, names: [String])] = []
  for name in names {
    let shown = try stage.snug(["show", name])
    try #require(shown.status == 0, "\(name): \(shown.everything)")
    let key = shapeKey(shown.output)
    if let index = groups.firstIndex(where: { $0.key == key }) {
      groups[index].names.append(name)
    } else {
      groups.append((key, [name]))
    }
  }
  let probe = stage.probe
  func write(_ name: String, _ text: String) throws {
    for bench in benches { try stage.write(text + "\n", to: "\(bench.home)/.config/snug/profiles/\(name).toml") }
  }
  var shapes: [FaultShape] = []
  for group in groups {
    let name = "alone-\(group.names[0])"
    try write(name, alone(group.names[0]))
    shapes.append(
      FaultShape(
        name: group.key, profiles: group.names,
        words: ["run", "--read", probe, "-p", name, "--", probe, "fingerprint"],
        place: "/tree"))
  }
  try write("everything", everything)
  shapes.append(
    FaultShape(
      name: "everything a profile can say",
      words: ["run", "--read", probe, "-p", "everything", "--", probe, "fingerprint"],
      place: "/tree"))
  for bench in benches {
    try Stage.shell("chown -R \(stage.uid):\(stage.gid) \(bench.home)")
  }
  return shapes
}
