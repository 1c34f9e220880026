/// Writes options of the command line into a profile's text, one after the other.
struct OptionWriter {
  let loader: ProfileLoader
  let file: String
  let merged: MergedProfile
  var bytes: [UInt8]

  /// Writes one option with its checked value.
  mutating func write(_ option: OptionSetting, _ item: Item) throws(Diagnostic) {
    let path = option.key.split(separator: ".").map(String.init)
    switch item.value {
    case .list(let items):
      for item in items {
        if case .entry(let entry) = item.value { try write(entry, option.key) } else { try keep(item.name) }
      }
    case .map(let items):
      for item in items {
        if case .text(let text) = item.value { try set(path + [item.name], text) }
        try admit(variable: item.name)
      }
    case .text(let word): try set(path, word)
    default: throw Diagnostic("\(option.option) cannot be written into a profile")
    }
  }

  // MARK: - Paths

  private mutating func write(_ entry: PathEntry, _ key: String) throws(Diagnostic) {
    guard case .absolute(let absolute) = entry.path.meaning else {
      if case .refused(let reason) = entry.path.meaning {
        throw Diagnostic("cannot grant or hide \(entry.path.written): \(reason)")
      }
      throw Diagnostic("cannot grant or hide \(entry.path.written): it stands for nothing on this machine")
    }
    let name = loader.context.portable(absolute)
    let wanted = identity(of: .entry(entry))
    // `read`, `write` and `hide` say three things about a path, and a person means the last one said.
    for other in ["files.read", "files.write", "files.hide"] where other != key { try takeOut(wanted, of: other) }
    if key != "files.hide" { try lift("!" + name, wanted, in: "files.hide") }
    let value = written(name, entry.at)
    let there = try items(of: key).enumerated().filter { $0.element.identity == wanted }
    guard let first = there.first(where: { !$0.element.takesOut }) else {
      try takeOut(wanted, of: key, withLifts: true)
      return try edit(.add(["files", String(key.dropFirst(6))], value))
    }
    guard case .entry(let old) = first.element.value, old.at?.absolute != entry.at?.absolute else { return }
    try edit(.replaceItem(["files", String(key.dropFirst(6))], index: first.offset, value))
  }

  private func written(_ name: String, _ at: PathValue?) -> EditValue {
    guard let at else { return .text(name) }
    return .table([.init("path", .text(name)), .init("at", .text(at.written))])
  }

  // MARK: - Variables

  private mutating func keep(_ name: String) throws(Diagnostic) {
    // A value that is set stands above the caller's.
    let isSet = try mapNames(of: "environment.set").contains(Array(name.utf8))
    if isSet { try edit(.remove(["environment", "set", name])) }
    try admit(variable: name)
    let wanted = Array(name.utf8)
    if try items(of: "environment.keep").contains(where: { $0.identity == wanted && !$0.takesOut }) { return }
    try takeOut(wanted, of: "environment.keep")
    try edit(.add(["environment", "keep"], .text(name)))
  }

  /// What `unset` names does not enter, whatever else is said.
  private mutating func admit(variable name: String) throws(Diagnostic) {
    try takeOut(Array(name.utf8), of: "environment.unset")
    try lift("!" + name, Array(name.utf8), in: "environment.unset")
  }

  // MARK: - Steps

  private mutating func set(_ path: [String], _ text: String) throws(Diagnostic) { try edit(.set(path, .text(text))) }

  /// Takes out what a list of this file says about a path or name, but for what lifts another file's word on it.
  private mutating func takeOut(_ wanted: [UInt8], of key: String, withLifts: Bool = false) throws(Diagnostic) {
    let path = key.split(separator: ".").map(String.init)
    var isChanged = false
    let staysLifted = !withLifts && (key == "files.hide" || key == "environment.unset")
    while let index = try items(of: key).firstIndex(where: {
      $0.identity == wanted && !($0.takesOut && staysLifted)
    }) {
      try edit(.removeItem(path, index: index))
      isChanged = true
    }
    // An empty list says nothing; one that was empty before is a person's own.
    if isChanged, !withLifts, try items(of: key).isEmpty { try edit(.remove(path)) }
  }

  /// Writes `"!item"` where another file's list says it and this one's does not lift it yet.
  private mutating func lift(_ text: String, _ wanted: [UInt8], in key: String) throws(Diagnostic) {
    guard case .list(let all)? = merged.values[key]?.value,
      all.contains(where: { $0.identity == wanted && $0.origin.file != file }),
      try !items(of: key).contains(where: { $0.identity == wanted && $0.takesOut })
    else { return }
    try edit(.add(key.split(separator: ".").map(String.init), .text(text)))
  }

  /// The items of a list as this file has them, in the order of its text.
  private func items(of key: String) throws(Diagnostic) -> [Item] {
    let checked = checkFile(bytes, file: file, loader.context)
    // Wrong items are left out of a list: the others would be counted wrongly.
    if let first = checked.diagnostics.first { throw first }
    guard case .list(let items)? = checked.values[key]?.value else { return [] }
    return items
  }

  private func mapNames(of key: String) throws(Diagnostic) -> [[UInt8]] {
    guard case .map(let items)? = checkFile(bytes, file: file, loader.context).values[key]?.value else { return [] }
    return items.map({ $0.identity })
  }

  private mutating func edit(_ edit: ProfileEdit) throws(Diagnostic) {
    bytes = try edited(bytes, file: file, edit)
  }
}
