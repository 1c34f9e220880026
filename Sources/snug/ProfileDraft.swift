import SnugLint
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// A profile's text before it is written: tried first, told about afterwards.
struct ProfileDraft {
  var name: String
  /// Where it is to stand.
  var path: String
  /// What stands there before; nil where nothing does.
  var old: [UInt8]?
  /// What stands there then; nil where the file is taken away.
  var new: [UInt8]?
}

extension Session {
  /// What stops a start of the profile once the draft is written and did not stop it before: a change is not refused for
  /// what was wrong already. All of it where the text cannot be read.
  func problems(_ draft: ProfileDraft) -> [Diagnostic] {
    let fresh = loader.replacing(draft.path, with: draft.new)
    let after = problems(draft.name, fresh)
    if after.isEmpty || (try? fresh.merge(draft.name)) == nil { return after }
    return new(after, draft.name)
  }

  /// The same for options of the command line, before they are written anywhere: what is wrong is told of the option.
  func problems(_ name: String, with options: [OptionSetting]) -> [Diagnostic] {
    new(problems(name, loader, options), name)
  }

  private func new(_ after: [Diagnostic], _ name: String) -> [Diagnostic] {
    if after.isEmpty { return [] }
    let before = Set(problems(name, loader).map(\.message))
    return after.filter { !before.contains($0.message) }
  }

  private func problems(_ name: String, _ loader: ProfileLoader, _ options: [OptionSetting] = []) -> [Diagnostic] {
    do throws(ProfileErrors) {
      let merged = try loader.merge(name, options: options)
      _ = try compiled { () throws(CompileError) in
        try compile(merged.profile, for: host, ProgramRequest(needsProgram: false))
      }
      return []
    } catch {
      return error.diagnostics
    }
  }

  /// What a person is told after a profile was changed: what it says now and did not say before, and the other way
  /// round; what its app gains and loses by that; and what lint finds in it that it did not find before.
  func report(_ draft: ProfileDraft) -> String {
    var out = "\(escaped(draft.path)) \(draft.old == nil ? "is new" : draft.new == nil ? "is gone" : "is changed")\n"
    let changes = lines(draft.new ?? []).difference(from: lines(draft.old ?? []))
    let told = (changes.removals.map { ("-", $0) } + changes.insertions.map { ("+", $0) })
    for (sign, change) in told.prefix(longestReport) {
      switch change {
      case .insert(_, let line, _), .remove(_, let line, _): out += "  \(sign) \(escaped(line))\n"
      }
    }
    if told.count > longestReport { out += "  and \(told.count - longestReport) more lines\n" }
    return out + changesText(draft) + findingsText(draft)
  }

  /// What the app gains and loses, where both can be compiled.
  private func changesText(_ draft: ProfileDraft) -> String {
    guard let before = try? loader.replacing(draft.path, with: draft.old).merge(draft.name),
      let after = try? loader.replacing(draft.path, with: draft.new).merge(draft.name),
      let all = try? compare(before.profile, after.profile, on: host)
    else { return "" }
    let changes = all.filter { $0.kind != .neutral }
    if changes.isEmpty { return "  its app gains and loses nothing\n" }
    let lines = changes.prefix(longestList).map { "  \($0.kind.rawValue): \(escaped($0.text))\n" }
    let more = changes.count - lines.count
    return lines.joined()
      + (more > 0 ? "  and \(more) more; snug explain \(escaped(draft.name)) tells what it can do\n" : "")
  }

  /// The errors and warnings of lint that the draft brings along, but for those whose message is told already.
  func findingsText(_ draft: ProfileDraft, told: [Diagnostic] = []) -> String {
    guard draft.new != nil, let after = subject(draft, draft.new) else { return "" }
    let before = subject(draft, draft.old)
    // What is wrong with the profile that is extended is told at that one: it came with no change.
    let reports = lint([after] + [before].compactMap { $0 })
    guard var report = reports.first else { return "" }
    let known = Set(reports.dropFirst().flatMap(\.findings).map { Known(rule: $0.rule, message: $0.message) })
    let messages = Set(told.map(\.message))
    report.findings.removeAll { finding in
      finding.level == .hint || messages.contains(finding.message)
        || known.contains(Known(rule: finding.rule, message: finding.message))
    }
    let more = report.findings.count - longestList
    report.findings = Array(report.findings.prefix(longestList))
    return lintText([report]) + (more > 0 ? "and \(more) more: snug lint \(escaped(draft.name)) shows all\n" : "")
  }

  private struct Known: Hashable {
    var rule: String
    var message: String
  }

  private func subject(_ draft: ProfileDraft, _ text: [UInt8]?) -> Subject? {
    let loader = loader.replacing(draft.path, with: text)
    return (try? loader.find(draft.name)).map { Subject($0, loader, host) }
  }

  /// The lines that say something: no comments, no blank ones.
  private func lines(_ text: [UInt8]) -> [String] {
    text.split(separator: 0x0A).map { line in
      String(decoding: line.drop { $0 == 0x20 || $0 == 0x09 }.filter { $0 != 0x0D }, as: UTF8.self)
    }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
  }
}

private let longestReport = 40
/// Of gains and losses, and of findings: what a person reads at once.
private let longestList = 10

/// Writes a user's file; the diagnostic where that fails.
func writeProfile(_ bytes: [UInt8], to path: String, mustBeNew: Bool = false) throws(Diagnostic) {
  do {
    try UserFile.write(bytes, to: path, mustBeNew: mustBeNew)
  } catch {
    throw Diagnostic("cannot write \(path): \(error.reason)", hint: error.isThere ? "snug override changes it" : nil)
  }
}
