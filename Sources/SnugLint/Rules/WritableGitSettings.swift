extension Rule {
  static let writableGitSettings = Rule(
    "writable-git-settings", .error,
    what: "Your own settings of git can be changed",
    why: """
      They name programs: an editor, a pager, a credential helper, an alias, a directory of hooks. Your next git \
      command runs them, in whatever repository.
      """,
    example: """
      [files]
      write = ["~/.gitconfig"]
      """,
    safer: """
      [files]
      read = ["~/.gitconfig"]
      """
  ) { subject in
    subject.changing(
      Subject.gitSettingsPlaces, "what it writes there runs with your next command", hint: "grant it in files.read")
  }
}

extension Subject {
  /// See the FILES section of git-config(1), and init.templateDir there.
  static let gitSettingsPlaces = [
    "~/.gitconfig", "xdg-config/git", "~/.git-templates", "~/.git_template", "~/.githooks",
  ]
}
