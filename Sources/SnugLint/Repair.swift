import SnugPlan
import SnugProfile

/// A profile with its mechanical repairs made.
public struct Repair: Sendable {
  /// The new content.
  public var bytes: [UInt8]
  /// What was done, with the line it was done on as it stood then.
  public var changes: [Located<String>]
}

/// Applies the repairs of all findings until none is left. Every other byte stays as it is: comments, order, spaces.
public func repair(_ file: FoundProfile, _ loader: ProfileLoader, _ host: Host, rules: [Rule] = Rule.all) -> Repair {
  var file = file
  var changes: [Located<String>] = []
  // Each round takes a finding away; the bound is for repairs of two rules that undo each other.
  for _ in 0..<100 {
    let findings = lint([Subject(file, loader, host)], rules: rules)[0].findings
    let fixable = findings.compactMap { finding in finding.fix.map { Located($0, at: finding.origin) } }
    // A repair never breaks what could be read: two right names may make one table twice. Then each is tried alone.
    func isSound(_ bytes: [UInt8]) -> Bool { (try? parseTOML(bytes, file: file.path)) != nil }
    var (bytes, applied) = apply(fixable, to: file.bytes)
    if !isSound(bytes) {
      (bytes, applied) = fixable.lazy.map { apply([$0], to: file.bytes) }.first { isSound($0.bytes) } ?? ([], [])
    }
    if applied.isEmpty { break }
    file.bytes = bytes
    changes += applied.map { Located($0.value.summary, at: $0.origin) }
  }
  return Repair(bytes: file.bytes, changes: changes)
}

/// Puts the edits of repairs into a text, first come first served where they overlap. Returns those that took place.
func apply(_ fixes: [Located<Fix>], to bytes: [UInt8]) -> (bytes: [UInt8], applied: [Located<Fix>]) {
  let ordered = fixes.filter { !$0.value.edits.isEmpty }.sorted { left, right in
    left.value.edits[0].range.lowerBound < right.value.edits[0].range.lowerBound
  }
  var edits: [Fix.Edit] = []
  var applied: [Located<Fix>] = []
  var end = 0
  for fix in ordered {
    let first = fix.value.edits[0].range.lowerBound
    let last = fix.value.edits[fix.value.edits.count - 1].range.upperBound
    // Two that touch one place know nothing of each other: the second is looked at again in the next round.
    if first < end || last > bytes.count { continue }
    edits += fix.value.edits
    applied.append(fix)
    end = last
  }
  var out: [UInt8] = []
  var position = 0
  for edit in edits {
    out += bytes[position..<edit.range.lowerBound]
    out += Array(edit.text.utf8)
    position = edit.range.upperBound
  }
  return (out + bytes[position...], applied)
}
