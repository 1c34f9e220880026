import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// `snug override NAME --edit`: the editor works on a copy, and only what reads and compiles is taken over.
struct EditSession {
  let place: Override
  let session: Session

  /// Hidden, so that it is never taken for a profile; with the ending by which editors know what it is.
  private var copy: String {
    let directory = place.path.split(separator: "/").dropLast().joined(separator: "/")
    return "/\(directory)/.\(place.name).edit.toml"
  }

  /// Runs the editor. What is refused is kept, and the next `--edit` goes on with it.
  func run() throws(Diagnostic) {
    let kept = try? HostFiles.read(copy).get()
    let start: [UInt8]
    if let kept {
      say("snug: going on with \(escaped(copy)), which was not taken over\n")
      start = kept
    } else {
      start = try initial()
      try writeProfile(start, to: copy)
    }
    let command = ["VISUAL", "EDITOR"].compactMap { session.host.variable($0) }.first { !$0.isEmpty } ?? "vi"
    let status = runEditor(command, on: copy, environment: session.host.environment)
    let text = try result()
    if status != 0 {
      if kept == nil, text == start { try discard() }
      let reason = status < 0 ? errorText(-status) : "it ended with status \(status)"
      throw Diagnostic("cannot edit with \(command): \(reason)", hint: "set VISUAL or EDITOR to an editor")
    }
    if text == start, kept == nil {
      try discard()
      return answer("nothing is changed\n")
    }
    try takeOver(text)
  }

  private func initial() throws(Diagnostic) -> [UInt8] {
    if place.kind != .none { return place.bytes }
    do {
      return session.loader.emptyOverride(of: try session.loader.merge(place.name))
    } catch {
      throw error.diagnostics.first ?? Diagnostic("cannot read profile \"\(place.name)\"")
    }
  }

  private func result() throws(Diagnostic) -> [UInt8] {
    do {
      return try HostFiles.read(copy).get()
    } catch {
      throw Diagnostic("cannot read \(copy): \(errorText(error.code))", hint: "nothing is changed")
    }
  }

  private func takeOver(_ text: [UInt8]) throws(Diagnostic) {
    let old = place.kind == .none ? nil : place.bytes
    let draft = ProfileDraft(name: place.name, path: place.path, old: old, new: text)
    let problems = session.problems(draft)
    for problem in problems { say(problem.text + "\n") }
    let hint = "the text is kept as \(copy); snug override \(place.name) --edit goes on with it"
    if !problems.isEmpty { throw Diagnostic("cannot take over what was edited: it does not work", hint: hint) }
    // Another editor or command may have been at work meanwhile.
    let now = try? HostFiles.read(place.path).get()
    if now != old {
      throw Diagnostic("cannot take over what was edited: \(place.path) was changed meanwhile", hint: hint)
    }
    try writeProfile(text, to: place.path)
    try discard()
    answer(session.report(draft))
  }

  private func discard() throws(Diagnostic) {
    do {
      try UserFile.remove(copy)
    } catch {
      throw Diagnostic("cannot remove \(copy): \(error.reason)")
    }
  }
}
