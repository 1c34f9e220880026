import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// A profile as a revision of its repository has it: `git:REV:path`.
struct GitVersion {
  /// As the person wrote it.
  let word: String
  /// As git(1) takes it, see gitrevisions(7).
  let revision: String
  /// The file; relative to the current directory, or absolute.
  let path: String

  /// Reads a word; nil where it does not begin with `git:`.
  init?(_ word: String) throws(Diagnostic) {
    guard word.hasPrefix("git:") else { return nil }
    let rest = word.utf8.dropFirst(4)
    let colon = rest.firstIndex(of: UInt8(ascii: ":"))
    self.word = word
    revision = String(Substring(rest[..<(colon ?? rest.endIndex)]))
    path = colon.map { String(Substring(rest[rest.index(after: $0)...])) } ?? ""
    let form = "write git:REV:path, for example git:HEAD~1:firefox.toml"
    if revision.isEmpty || path.isEmpty {
      throw Diagnostic("\(word) names no \(revision.isEmpty ? "revision" : "file")", hint: form)
    }
    // git would take it for an option.
    if revision.hasPrefix("-") { throw Diagnostic("revision \(revision) begins with \"-\"", hint: form) }
    if path.hasSuffix("/") { throw Diagnostic("cannot read \(word): it is a directory, not a profile") }
  }

  /// The profile merged over what it extends today.
  func merge(_ session: Session) throws(ProfileErrors) -> MergedProfile {
    let content: [UInt8]
    do { content = try read(session.host) } catch { throw ProfileErrors(diagnostics: [error]) }
    return try session.loader.merge(content, named: word, versionOf: path)
  }

  /// The file itself, byte for byte: `git show` would list the names of a directory, which could be read as a profile.
  private func read(_ host: Host) throws(Diagnostic) -> [UInt8] {
    let (directory, name) = split(host)
    let arguments = ["-C", directory, "cat-file", "blob", "\(revision):./\(name)"]
    let result: ProgramOutput
    do throws(ProgramError) {
      result = try readOutput(of: "git", arguments, environment: host.environment)
    } catch {
      switch error {
      case .notFound: throw Diagnostic("cannot read \(word): git is not installed", hint: "install git")
      case .tooLong: throw Diagnostic("cannot read \(word): it is larger than 1 MiB")
      case .failed(let code): throw Diagnostic("cannot run git: \(errorText(code))")
      }
    }
    if result.status == 0 { return result.output }
    let said = String(decoding: result.errors, as: UTF8.self).split(separator: "\n").first { !$0.isEmpty }
    throw Diagnostic("cannot read \(word): \(said.map(String.init) ?? "git ended with status \(result.status)")")
  }

  /// A directory that is there, in which git looks for the repository, and the rest of the path: the file and its folder
  /// may be gone since that revision.
  private func split(_ host: Host) -> (directory: String, name: String) {
    var names = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    let start = path.hasPrefix("/") ? "/" : "./"
    var rest = [names.removeLast()]
    while !names.isEmpty {
      let directory = start + names.joined(separator: "/")
      if HostFiles.owner(directory)?.type == .directory { return (directory, rest.joined(separator: "/")) }
      rest.insert(names.removeLast(), at: 0)
    }
    return (start, rest.joined(separator: "/"))
  }
}
