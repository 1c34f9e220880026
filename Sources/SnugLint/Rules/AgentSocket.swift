extension Rule {
  static let agentSocket = Rule(
    "agent-socket", .warning,
    what: "An agent that holds your keys can be asked",
    why: """
      The app cannot read the keys, but it can use them: log in where you can, sign what it likes, decrypt what is \
      yours, for as long as it runs.
      """,
    example: """
      [desktop]
      ssh-agent = true
      """,
    safer: """
      [desktop]
      ssh-agent = false
      """
  ) { subject in
    var found: [Finding] = []
    let desktop = subject.profile.desktop
    for (name, key) in [("ssh-agent", desktop.sshAgent), ("gpg-agent", desktop.gpgAgent)] where key.value {
      found.append(Finding("the app can use every key in \(name)", at: key.origin, hint: agentHint))
    }
    let own = subject.host.variable("SSH_AUTH_SOCK").flatMap { $0.hasPrefix("/") ? [$0] : nil } ?? []
    let told = found.map(\.origin)
    return found
      + subject.seeing(own + agentSockets, "it can use every key in the agent", hint: agentHint).filter {
        !told.contains($0.origin)
      }
  }
}

private let agentHint = "add keys so that each use is confirmed (ssh-add -c), or leave the agent out"

private let agentSockets = [
  "xdg-run/ssh-agent.socket", "xdg-run/ssh-agent", "xdg-run/openssh_agent", "xdg-run/keyring/ssh", "xdg-run/gcr/ssh",
  "xdg-run/gnupg/S.gpg-agent", "xdg-run/gnupg/S.gpg-agent.ssh", "xdg-run/gnupg/S.gpg-agent.extra",
  "~/.gnupg/S.gpg-agent", "~/.gnupg/S.gpg-agent.ssh", "~/.1password/agent.sock",
]
