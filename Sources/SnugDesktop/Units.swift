import SnugPlan

/// What a unit of systemd's user manager starts, as far as its text tells: the words behind every `ExecStart` and its like,
/// also those of files that change it. Nil where there is no such unit.
///
/// - Parameter directories: absolute, those that count first.
func unitCommands(_ unit: String, in directories: [String], on host: Host) -> [String]? {
  if unit.isEmpty || unit.contains("/") { return nil }
  guard let file = directories.lazy.compactMap({ host.read("\($0)/\(unit)") }).first else { return nil }
  let changes = directories.flatMap { directory in
    host.list("\(directory)/\(unit).d").filter { $0.hasSuffix(".conf") }.compactMap {
      host.read("\(directory)/\(unit).d/\($0)")
    }
  }
  return ([file] + changes).flatMap(commands)
}

/// Where the units of a user's manager are looked for, see systemd.unit(5).
///
/// - Parameters:
///   - configuration: the user's own directory of settings.
///   - data: that of data.
public func unitDirectories(configuration: String, data: String, runtime: String?) -> [String] {
  ["\(configuration)/systemd/user", "/etc/systemd/user"] + (runtime.map { ["\($0)/systemd/user"] } ?? [])
    + [
      "/run/systemd/user", "\(data)/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user",
      "/lib/systemd/user",
    ]
}

private func commands(_ bytes: [UInt8]) -> [String] {
  var found: [String] = []
  var isContinued = false
  for line in bytes.split(separator: 0x0A) {
    var text = line.drop(while: isBlank)
    let goesOn = text.last == UInt8(ascii: "\\")
    if goesOn { text = text.dropLast() }
    if isContinued, !found.isEmpty {
      found[found.count - 1] += " " + String(decoding: text, as: UTF8.self)
      isContinued = goesOn
    } else if text.starts(with: "Exec".utf8), let equals = text.firstIndex(of: UInt8(ascii: "=")) {
      // Signs before the program say how it is started.
      let value = text[(equals + 1)...].drop { isBlank($0) || "@-:+!|".utf8.contains($0) }
      found.append(String(decoding: value, as: UTF8.self))
      isContinued = goesOn
    } else {
      isContinued = false
    }
  }
  return found.filter { !$0.isEmpty }
}
