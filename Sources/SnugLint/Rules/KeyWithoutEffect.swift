import SnugPlan
import SnugProfile

extension Rule {
  static let keyWithoutEffect = Rule(
    "key-without-effect", .warning,
    what: "A key that does nothing together with the others",
    why: """
      Its reader takes it for a protection or a grant, and it is none. A port list says nothing where there is no \
      network, a waiting time nothing where nothing is waited for.
      """,
    example: """
      [network]
      mode = "none"
      [landlock]
      connect-tcp = [443]
      """,
    safer: """
      [network]
      mode = "host"
      [landlock]
      connect-tcp = [443]
      """
  ) { subject in
    pairs(subject) + variables(subject) + lettingGo(subject)
  }
}

/// Keys that another key makes empty.
private func pairs(_ subject: Subject) -> [Finding] {
  let profile = subject.profile
  var found: [Finding] = []
  func add(_ key: String, _ isEmpty: Bool, _ why: String) {
    guard isEmpty, let item = subject.merged.values[key], item.layer >= 0 else { return }
    found.append(Finding("\(key) has no effect: \(why)", at: item.origin, hint: "take one of the two out"))
  }
  add("landlock.connect-tcp", profile.network.mode.value == .none, "network.mode is \"none\"")
  add("process.stop-wait", profile.process.cancelSignal.value == nil, "process.cancel-signal is \"none\"")
  let isUnfiltered = profile.seccomp.preset.value == .none && profile.seccomp.deny.isEmpty
  add("seccomp.multiarch", isUnfiltered, "there is no filter")
  return found
}

/// Variables that are kept and then replaced or taken out.
private func variables(_ subject: Subject) -> [Finding] {
  let environment = subject.profile.environment
  let set = Dictionary(environment.set.map { ($0.value.name, $0.origin) }, uniquingKeysWith: { $1 })
  let unset = Dictionary(environment.unset.map { ($0.value, $0.origin) }, uniquingKeysWith: { $1 })
  // What a base keeps and this file sets otherwise is how one changes the other: only a file that contradicts itself is
  // told.
  func idle(_ key: String, _ name: String, _ origin: Origin, _ verb: String, by other: Origin?) -> Finding? {
    guard let other, other.file == origin.file else { return nil }
    return Finding("\(key): \"\(name)\" has no effect, it is \(verb) on line \(other.line)", at: origin)
  }
  let kept = environment.keep.compactMap { name in
    activation(name)
      ?? idle("environment.keep", name.value, name.origin, "taken out", by: unset[name.value])
      ?? idle("environment.keep", name.value, name.origin, "set", by: set[name.value])
  }
  let replaced = environment.set.compactMap { variable in
    idle("environment.set", variable.value.name, variable.origin, "taken out", by: unset[variable.value.name])
  }
  return kept + replaced
}

/// Variables that come with the sockets they tell of, or not at all.
private func activation(_ name: Located<String>) -> Finding? {
  guard Activation.variables.contains(name.value) else { return nil }
  return Finding(
    "environment.keep: \"\(name.value)\" has no effect, it comes with the sockets that snug is handed", at: name.origin,
    hint: "take it out")
}

/// Entries of `optional` for something that is not asked for.
private func lettingGo(_ subject: Subject) -> [Finding] {
  subject.profile.optional.compactMap { entry in
    guard entry.origin != .defaults, let key = Key.named(entry.value), key.kind != .table else { return nil }
    // What is on without being written.
    if key.table == "landlock", key.leaf != "connect-tcp" { return nil }
    let value = subject.merged.values[key.name]?.value
    if let value, value != key.defaultValue { return nil }
    return Finding("optional: \"\(entry.value)\" is not asked for", at: entry.origin)
  }
}
