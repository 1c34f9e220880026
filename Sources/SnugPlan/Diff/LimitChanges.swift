import SnugProfile

extension Changes {
  /// Limits; one that is not set is above every other.
  mutating func addLimits(_ a: Limits, _ b: Limits, memory: UInt64) {
    func bytes(_ size: Located<Size>?) -> Located<UInt64>? {
      size.map { size in
        switch size.value {
        case .bytes(let count): Located(count, at: size.origin)
        case .percent(let share): Located(memory / 100 * UInt64(max(0, share)), at: size.origin)
        }
      }
    }
    addLimit("memory", bytes(a.memory), bytes(b.memory), sizeText)
    addLimit("processes and threads", a.tasks, b.tasks) { String($0) }
    addLimit("open files of a process", a.openFiles, b.openFiles) { String($0) }
    addLimit("processes of the caller", a.processes, b.processes) { String($0) }
    addLimit("size of a core dump", a.core, b.core, sizeText)
    addLimit("size of a file", bytes(a.fileSize), bytes(b.fileSize), sizeText)
    addProcessor(a.cpu, b.cpu)
  }

  /// Priority beside the limits: it takes from the rest of the machine as they do.
  mutating func addPriority(_ a: Located<Int32>, _ b: Located<Int32>) {
    rank(
      .limits, -a.value, -b.value, (a.origin, b.origin),
      gain: "goes before other programs more often: nice \(b.value) (was: \(a.value))",
      loss: "goes before other programs less often: nice \(b.value) (was: \(a.value))")
  }

  private mutating func addLimit(
    _ what: String, _ a: Located<UInt64>?, _ b: Located<UInt64>?, _ words: (UInt64) -> String
  ) {
    let was = a.map { words($0.value) } ?? "no limit"
    let gain = b.map { "may use more: \(what) up to \(words($0.value))" } ?? "has no limit on \(what)"
    // No limit can be set to the largest number, so that no limit is above all of them.
    rank(
      .limits, a?.value ?? .max, b?.value ?? .max, (a?.origin, b?.origin), gain: "\(gain) (was: \(was))",
      loss: "may use less: \(what) up to \(b.map { words($0.value) } ?? "") (was: \(was))")
  }

  private mutating func addProcessor(_ a: Located<String>?, _ b: Located<String>?) {
    if a?.value == b?.value { return }
    let text = "processor time \(b?.value ?? "without a limit") (was: \(a?.value ?? "no limit"))"
    guard let before = share(a), let after = share(b) else {
      return add(.gain, .limits, "\(text), which cannot be compared", at: b?.origin, a?.origin)
    }
    rank(
      .limits, before, after, (a?.origin, b?.origin), gain: "may use more: \(text)", loss: "may use less: \(text)")
  }

  /// Percent of one processor, `150%`; nil where it is written in another way.
  private func share(_ limit: Located<String>?) -> Int? {
    guard let limit else { return .max }
    return limit.value.hasSuffix("%") ? Int(limit.value.dropLast()) : nil
  }

  /// Protections that may be missing: one more is a gain wherever the machine lacks it.
  mutating func addOptional(_ a: [Located<String>], _ b: [Located<String>]) {
    for entry in b where !a.contains(where: { covers($0.value, entry.value) }) {
      add(.gain, area(entry.value), "may start without the protection of \(entry.value)", at: entry.origin)
    }
    for entry in a where !b.contains(where: { covers($0.value, entry.value) }) {
      add(.loss, area(entry.value), "does not start without the protection of \(entry.value)", at: entry.origin)
    }
  }

  /// An entry covers every key below it.
  private func covers(_ entry: String, _ key: String) -> Bool { entry == key || key.hasPrefix(entry + ".") }

  /// Where a change of a key belongs, by its table.
  private func area(_ key: String) -> Change.Area {
    switch key.prefix(while: { $0 != "." }) {
    case "desktop": .windows
    case "devices": .devices
    case "bus": .bus
    case "network": .network
    case "environment": .environment
    case "process": .lifetime
    case "limits": .limits
    case "seccomp": .systemCalls
    case "landlock": .landlock
    default: .files
    }
  }

  /// Protections that are tried before the app starts: one that is not tried any more may be missing unnoticed. What the
  /// app must be able to do is no protection.
  mutating func addAssertions(_ a: Assertions, _ b: Assertions) {
    func paths(_ assertions: Assertions) -> [String?] { assertions.hidden.map({ $0.value.absolute }) }
    for path in b.hidden where !paths(a).contains(path.value.absolute) {
      add(.loss, .files, "does not start where \(path.value.written) is seen", at: path.origin)
    }
    for path in a.hidden where !paths(b).contains(path.value.absolute) {
      add(.gain, .files, "starts even where \(path.value.written) is seen", at: path.origin)
    }
    flag(
      .network, a.network?.value != false, b.network?.value != false, (a.network?.origin, b.network?.origin),
      gain: "starts even where other machines can be reached",
      loss: "does not start where other machines can be reached")
    let needs = (a.readable + a.writable, b.readable + b.writable)
    if Set(needs.0.map({ $0.value })) != Set(needs.1.map({ $0.value }))
      || (a.network?.value == true) != (b.network?.value == true)
    {
      add(
        .neutral, .files, "what must be readable, writable or reachable before it starts has changed",
        at: needs.1.first?.origin, needs.0.first?.origin)
    }
  }
}
