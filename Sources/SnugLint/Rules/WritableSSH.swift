extension Rule {
  static let writableSSH = Rule(
    "writable-ssh", .error,
    what: "Settings or keys of SSH can be changed",
    why: """
      A line in config runs a program with your next ssh (ProxyCommand), one in authorized_keys lets others log in \
      as you, and one in known_hosts lets another machine pass for yours.
      """,
    example: """
      [files]
      write = ["~/.ssh"]
      """,
    safer: """
      [files]
      read = [{ path = "~/.ssh/known_hosts", if-missing = "skip" }]
      """
  ) { subject in
    subject.changing(
      ["~/.ssh"], "a line there runs a program with your next ssh, or lets others log in as you",
      hint: "grant ~/.ssh/known_hosts in files.read, and the keys through an agent")
  }
}
