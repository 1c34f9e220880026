import SnugProfile

/// The profiles that lines come from, by path, with the name that stands for each: its last component where no other one
/// has the same.
func shortFileNames(_ origins: [Origin]) -> [String: String] {
  let files = Set(origins.filter { $0.line > 0 }.map({ $0.file }))
  let byName = Dictionary(grouping: files) { String($0.split(separator: "/").last ?? "") }
  var names: [String: String] = [:]
  for (name, paths) in byName { for path in paths { names[path] = paths.count == 1 ? name : path } }
  return names
}

/// `firefox.toml:14`, or the option's name; escaped.
func shortText(_ origin: Origin, _ names: [String: String]) -> String {
  let name = escaped(names[origin.file] ?? origin.file)
  return origin.line == 0 ? name : "\(name):\(origin.line)"
}
