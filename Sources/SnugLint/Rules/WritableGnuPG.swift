extension Rule {
  static let writableGnuPG = Rule(
    "writable-gnupg", .error,
    what: "Settings or keys of GnuPG can be changed",
    why: """
      gpg-agent.conf names the program that asks for your passphrase, and the key ring says whom you trust.
      """,
    example: """
      [files]
      write = [{ path = "~/.gnupg", if-missing = "create" }]
      """,
    safer: """
      [files]
      read = [{ path = "~/.gnupg/pubring.kbx", if-missing = "skip" }]
      """
  ) { subject in
    subject.changing(
      ["~/.gnupg"], "it can name the program that gets your passphrase, and change whom you trust",
      hint: "grant ~/.gnupg/pubring.kbx in files.read, and the keys through the agent")
  }
}
