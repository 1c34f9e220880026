import SnugProfile

/// What lint says about one profile.
public struct Report: Sendable {
  /// The linted file.
  public var file: String
  /// Sorted by place. Every finding is in the linted file.
  public var findings: [Finding]
  /// The text, for the line under a finding.
  package var source: SourceText

  /// Whether a finding is an error.
  public var hasErrors: Bool { findings.contains { $0.level == .error } }
}

/// Lints profiles, each on what it compiles to.
///
/// What a profile inherits is told at the entry of `extends` that brought it in, unless the file that wrote it is linted
/// too and says the same: nobody is told twice of one line.
public func lint(_ subjects: [Subject], rules: [Rule] = Rule.all) -> [Report] {
  let raw = subjects.map { subject in
    rules.filter { subject.isReadable || $0.tellsOfTrouble }.flatMap { $0.findings(in: subject) }
  }
  var told: Set<Place> = []
  for (subject, findings) in zip(subjects, raw) {
    for finding in findings where subject.isOwn(finding.origin) { told.insert(Place(finding)) }
  }
  return zip(subjects, raw).map { subject, findings in report(subject, findings, told) }
}

/// A rule and the line that it found something on.
private struct Place: Hashable {
  var rule: String
  var origin: Origin

  init(_ finding: Finding) {
    rule = finding.rule
    origin = finding.origin
  }
}

private func report(_ subject: Subject, _ findings: [Finding], _ told: Set<Place>) -> Report {
  var ledger = AllowLedger(subject)
  var kept: [Finding] = []
  for finding in findings {
    if ledger.takes(finding) { continue }
    if subject.isOwn(finding.origin) {
      kept.append(finding)
    } else if !told.contains(Place(finding)) {
      let moved = inherited(finding, subject)
      if !ledger.takes(moved) { kept.append(moved) }
    }
  }
  kept += ledger.unused
  var seen: Set<Finding> = []
  kept = kept.filter { seen.insert($0).inserted }
  let sorted = kept.enumerated().sorted { left, right in
    let (a, b) = (left.element.origin, right.element.origin)
    return (a.line, a.column, left.offset) < (b.line, b.column, right.offset)
  }
  return Report(file: subject.file.path, findings: shortened(sorted.map(\.element)), source: subject.source)
}

/// What a person reads of thousands is the beginning: the last one told of a rule says how many more there are.
private func shortened(_ findings: [Finding]) -> [Finding] {
  let most = 100
  let counts = findings.reduce(into: [:]) { counts, finding in counts[finding.rule, default: 0] += 1 }
  var told: [String: Int] = [:]
  return findings.compactMap { finding in
    let number = told[finding.rule, default: 0] + 1
    told[finding.rule] = number
    let left = counts[finding.rule, default: 0] - most
    if left <= 0 || number < most { return finding }
    if number > most { return nil }
    var last = finding
    last.message += ", and \(left) more of this rule"
    return last
  }
}

/// A finding of another layer, or of nothing that anybody wrote, at the place of the linted file that it comes from.
private func inherited(_ finding: Finding, _ subject: Subject) -> Finding {
  var moved = finding
  moved.fix = nil
  moved.origin = Origin(file: subject.file.path, line: 1, column: 1)
  guard let layer = subject.merged.layers.first(where: { $0.file == finding.origin.file }) else { return moved }
  if let entry = layer.entry { moved.origin = entry }
  moved.message += ", inherited from \(finding.origin)"
  return moved
}

/// The allows of a profile and of what it extends, and which of the profile's own were of use.
private struct AllowLedger {
  private let subject: Subject
  private let own: [Allow]
  private var used: Set<Allow> = []
  private var byFile: [String: [Key: Allow]] = [:]

  private struct Key: Hashable {
    var rule: String
    var line: Int
  }

  init(_ subject: Subject) {
    self.subject = subject
    own = subject.allows
    byFile[subject.file.path] = AllowLedger.index(own)
    for layer in subject.merged.layers where layer.file != subject.file.path {
      guard let source = subject.merged.source(of: layer.file) else { continue }
      byFile[layer.file] = AllowLedger.index(allows(in: source))
    }
  }

  private static func index(_ allows: [Allow]) -> [Key: Allow] {
    let usable = allows.filter { !$0.reason.isEmpty }
    return Dictionary(usable.map { (Key(rule: $0.rule, line: $0.line), $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Whether an allow speaks of a finding.
  mutating func takes(_ finding: Finding) -> Bool {
    // What cannot be read cannot be meant.
    if !subject.isReadable { return false }
    guard let allow = byFile[finding.origin.file]?[Key(rule: finding.rule, line: finding.origin.line)] else {
      return false
    }
    used.insert(allow)
    return true
  }

  /// The profile's own allows that no finding needed.
  var unused: [Finding] {
    // In a profile that cannot be read nothing was looked for. A shipped one is for machines of every kind, and what it
    // allows may be found on others alone.
    if !subject.isReadable || subject.file.isShipped { return [] }
    let idle = own.filter { !used.contains($0) && !$0.reason.isEmpty && Rule.named($0.rule) != nil }
    return Rule.unusedAllow.marked(idle.map { unusedFinding($0, subject) })
  }
}
