import SnugPlan
import SnugProfile

extension Rule {
  static let writableWorkTree = Rule(
    "writable-work-tree", .warning,
    what: "A work tree can be changed with its git hooks and settings",
    why: """
      A hook, or core.fsmonitor in .git/config, is run by your next git command in there, outside of the sandbox. \
      The directory that the command is started in counts as a work tree, whatever it is today. You run Makefiles, \
      scripts and editor settings in there as well: look at what an app did before you do.
      """,
    example: """
      [files]
      write = ["."]
      """,
    safer: """
      [files]
      write = ["."]
      read = [
        { path = "./.git/hooks", if-missing = "skip" },
        { path = "./.git/config", if-missing = "skip" },
      ]
      """
  ) { subject in
    let here = Set(subject.workingDirectoryGrants.map(\.origin))
    var lines = LinesByOrigin()
    for grant in subject.workingDirectoryGrants where !subject.guardsHooks {
      guard grant.path.absolute.map({ subject.canChangeHooks(in: subject.real($0)) }) ?? true else { continue }
      lines.add("the git hooks of the work tree that it is started in", at: grant.origin)
    }
    for writer in subject.writers.prefix(lookedInto) where writer.type == .directory && !here.contains(writer.origin) {
      let isInside = components(writer.source).contains(".git")
      let isTree = subject.host.look(joined(writer.source, ".git")).isThere
      guard isInside || isTree && subject.canChangeHooks(in: writer.source) else { continue }
      lines.add("the git hooks in \(subject.context.portable(writer.source))", at: writer.origin)
    }
    return lines.findings {
      Finding(
        "the app can change \($1): they run with your next git command there", at: $0,
        hint: "grant .git/hooks and .git/config in files.read")
    }
  }
}

extension Subject {
  /// Grants of the directory that the command is started in: which one that is, is not known to the profile.
  var workingDirectoryGrants: [Grant] {
    profile.files.grants.filter { $0.kind == .write && $0.path.written == "." }
  }

  /// Whether the profile keeps the app from them in whatever directory it is started.
  fileprivate var guardsHooks: Bool {
    let guarded = Set(profile.files.grants.filter { $0.kind != .write }.map(\.path.written))
    return guarded.contains("./.git") || guarded.isSuperset(of: ["./.git/hooks", "./.git/config"])
  }

  fileprivate func canChangeHooks(in directory: String) -> Bool {
    ["hooks", "config"].contains { name in
      exposure.sights(of: joined(directory, ".git/" + name)).contains(where: \.isWritable)
    }
  }
}
