import SnugProfile

/// Where the SSH agent's socket stands inside: a place of Snug's own, short enough for a socket's address.
let sshAgentPlace = "/run/snug/ssh-agent"

extension Draft {
  /// `desktop.ssh-agent`: the socket that SSH_AUTH_SOCK names, alone, and the variable set to where it is inside. See
  /// ssh-agent(1).
  mutating func addSSHAgent() {
    guard profile.desktop.sshAgent.value else { return }
    let origin = profile.desktop.sshAgent.origin
    func refuse(_ reason: String, hint: String? = nil) {
      fail(.cannotStartHere, "cannot reach the SSH agent: \(reason)", at: origin, hint: hint)
    }
    guard let named = host.variable("SSH_AUTH_SOCK"), !named.isEmpty else {
      return refuse("SSH_AUTH_SOCK is not set", hint: "start one: eval $(ssh-agent), then ssh-add -c")
    }
    guard let path = absolutePath(named) else {
      return refuse("SSH_AUTH_SOCK is \(escaped(named)), which is not an absolute path without . and ..")
    }
    switch hostSocket(path) {
    case .missing:
      refuse(
        "SSH_AUTH_SOCK is \(escaped(named)), which does not exist",
        hint: "start one: eval $(ssh-agent), then ssh-add -c")
    case .refused(let why): refuse(why)
    case .found(let source):
      guard let target = destination(sshAgentPlace, from: origin) else { return }
      put(.bind(Bind(source: source, target: target, access: .readOnly)), from: origin, isFeature: true)
      set("SSH_AUTH_SOCK", target, from: origin)
    }
  }

  /// `desktop.gpg-agent`: the agent's restricted socket, which signs and decrypts but neither makes keys, gives them away
  /// nor changes the agent, at the place where gpg looks for the agent. See gpg-agent(1), `--extra-socket`.
  mutating func addGPGAgent(notEnforced: inout [String]) {
    guard profile.desktop.gpgAgent.value else { return }
    let origin = profile.desktop.gpgAgent.origin
    let key = "desktop.gpg-agent"
    func refuse(_ reason: String, hint: String? = nil) {
      fail(.cannotStartHere, "cannot reach the GnuPG agent: \(reason)", at: origin, hint: hint)
    }
    let folders = gpgSocketFolders
    for name in ["S.gpg-agent.extra", "S.gpg-agent"] {
      for folder in folders {
        switch hostSocket(joined(folder, name)) {
        case .missing: continue
        case .refused(let why): return refuse(why)
        case .found(let source):
          if name == "S.gpg-agent" {
            if !profile.mayGoUnenforced(key) {
              return fail(
                .cannotStartHere, "cannot enforce \(key): \(source.written) is not restricted", at: origin,
                hint: "take extra-socket none out of gpg-agent.conf, or list \"\(key)\" in optional to go on without it"
              )
            }
            notEnforced.append(key)
          }
          return showGPGAgent(source, origin)
        }
      }
    }
    let usual = joined(folders[0], "S.gpg-agent.extra")
    refuse(
      "there is no \(usual)",
      hint: folders.count == 1
        ? "Snug finds the sockets of ~/.gnupg alone: unset GNUPGHOME"
        : "start it: gpgconf --launch gpg-agent (package gpg-agent)")
  }

  private mutating func showGPGAgent(_ source: Source, _ origin: Origin) {
    // A directory that others may look into is none that gpg uses.
    let folder = joined(runtimeDirectory, "gnupg")
    guard let place = destination(folder, from: origin) else { return }
    if tree[place] == nil { put(.directory(Directory(target: place, mode: 0o700)), from: origin) }
    guard let target = destination(joined(place, "S.gpg-agent"), from: origin) else { return }
    put(.bind(Bind(source: source, target: target, access: .readOnly)), from: origin, isFeature: true)
  }

  /// Where gpgconf(1) says the sockets are: in the user's part of /run, else in the GnuPG home. One that GNUPGHOME moves
  /// has a part of /run that is named by a digest; there only the home itself is looked at.
  private var gpgSocketFolders: [String] {
    let usual = joined(host.home, ".gnupg")
    let home = host.variable("GNUPGHOME").flatMap(absolutePath) ?? usual
    let runs = ["/run/user/\(host.uid)/gnupg", "/run/gnupg/user/\(host.uid)/gnupg"]
    return samePath(home, usual) ? runs + [usual] : [home]
  }
}
