import SnugPlan
import SnugProfile
import SnugSandbox

/// A profile's text before it is written: tried first, told about afterwards.
struct ProfileDraft {
  var name: String
  /// Where it is to stand.
  var path: String
  /// What stands there now; nil where nothing does.
  var old: [UInt8]?
  var new: [UInt8]
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
      if !merged.unsupported.isEmpty { return merged.unsupported }
      do throws(CompileError) {
        _ = try compile(merged.profile, for: host, ProgramRequest(needsProgram: false))
        return []
      } catch {
        return error.diagnostics
      }
    } catch {
      return error.diagnostics
    }
  }

  /// What a person is told after a profile was changed: what it says now and did not say before, and the other way
  /// round.
  func report(_ draft: ProfileDraft) -> String {
    var out = "\(escaped(draft.path)) \(draft.old == nil ? "is new" : draft.new.isEmpty ? "is gone" : "is changed")\n"
    let changes = lines(draft.new).difference(from: lines(draft.old ?? []))
    let told = (changes.removals.map { ("-", $0) } + changes.insertions.map { ("+", $0) })
    for (sign, change) in told.prefix(longestReport) {
      switch change {
      case .insert(_, let line, _), .remove(_, let line, _): out += "  \(sign) \(escaped(line))\n"
      }
    }
    if told.count > longestReport { out += "  and \(told.count - longestReport) more lines\n" }
    return out
  }

  /// The lines that say something: no comments, no blank ones.
  private func lines(_ text: [UInt8]) -> [String] {
    text.split(separator: 0x0A).map { line in
      String(decoding: line.drop { $0 == 0x20 || $0 == 0x09 }.filter { $0 != 0x0D }, as: UTF8.self)
    }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
  }
}

private let longestReport = 40

/// Writes a user's file; the diagnostic where that fails.
func writeProfile(_ bytes: [UInt8], to path: String, mustBeNew: Bool = false) throws(Diagnostic) {
  do {
    try UserFile.write(bytes, to: path, mustBeNew: mustBeNew)
  } catch {
    throw Diagnostic("cannot write \(path): \(error.reason)", hint: error.isThere ? "snug override changes it" : nil)
  }
}
