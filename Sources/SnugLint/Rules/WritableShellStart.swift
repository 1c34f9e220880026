extension Rule {
  static let writableShellStart = Rule(
    "writable-shell-start", .error,
    what: "Start files of a shell or of the session can be changed",
    why: """
      What the app writes there is run as you when you open a terminal or log in, outside of the sandbox.
      """,
    example: """
      [files]
      write = ["~/.bashrc"]
      """,
    safer: """
      [files]
      read = ["~/.bashrc"]
      """
  ) { subject in
    subject.changing(
      Subject.shellStartPlaces, "what it writes there runs as you with the next terminal or login",
      hint: "grant it in files.read")
  }
}

extension Subject {
  /// See the FILES sections of bash(1), zsh(1), fish(1) and csh(1), pam_env(8) and environment.d(5).
  static let shellStartPlaces = [
    "~/.bashrc", "~/.bash_profile", "~/.bash_login", "~/.bash_logout", "~/.bash_aliases", "~/.profile", "~/.kshrc",
    "~/.mkshrc", "~/.zshrc", "~/.zshenv", "~/.zprofile", "~/.zlogin", "~/.zlogout", "~/.oh-my-zsh", "~/.cshrc",
    "~/.tcshrc", "~/.login", "~/.logout", "xdg-config/zsh", "xdg-config/fish", "xdg-config/nushell", "~/.xprofile",
    "~/.xinitrc", "~/.xsession", "~/.xsessionrc", "~/.pam_environment", "xdg-config/environment.d",
  ]
}
