extension StartLine {
  /// What a line starts, as far as its words tell.
  public enum Started: Hashable, Sendable {
    /// A program: a name that PATH is searched for, or a path.
    case program(String)
    /// Something that another program decides; the reason, and the last names of the words that may say what.
    case unclear(String, names: [String])
  }

  /// How many words at the beginning are `env` and settings of variables.
  var environmentCount: Int {
    guard let first = words.first?.name, first == "env" || first == "/usr/bin/env" || first == "/bin/env" else {
      return 0
    }
    return 1 + words.dropFirst().prefix { $0.name?.contains("=") == true && $0.name?.hasPrefix("-") == false }.count
  }

  /// The program behind `env` and its settings.
  public var started: Started {
    let rest = words[environmentCount...]
    guard let word = rest.first else { return .unclear("env has no program", names: []) }
    guard let program = word.name else { return .unclear("a field code stands for the program", names: []) }
    let operands = rest.dropFirst()
    func unclear(_ reason: String) -> Started {
      .unclear(reason, names: operands.flatMap { $0.name.map(namesIn) ?? [] })
    }
    if environmentCount > 0, program.hasPrefix("-") { return unclear("env has options") }
    let name = lastName(program)
    // What these start is in a sandbox already, and none of this machine's own programs.
    if boxed.contains(name) { return .unclear("\(name) has a sandbox of its own", names: []) }
    if changesUser.contains(name) { return unclear("\(name) starts it as another user") }
    if runsWords.contains(name), !operands.isEmpty { return unclear("\(name) starts what its words name") }
    let isInterpreter = interpreters.contains { name.hasPrefix($0) && isVersion(name.dropFirst($0.count)) }
    if isInterpreter, operands.contains(where: { $0.name != nil }) {
      return unclear("\(name) runs what its words name")
    }
    if terminals.contains(name), operands.contains(where: { $0.name.map { commandOptions.contains($0) } ?? false }) {
      return unclear("\(name) runs what its words name")
    }
    return .program(program)
  }
}

extension StartLine.Word {
  /// What the program gets as text; nil where a launcher puts something in.
  fileprivate var name: String? { text.map { String(decoding: $0, as: UTF8.self) } }
}

/// Last names of everything in a word that could be a program: a line of shell is one word.
func namesIn(_ word: String) -> [String] { wordsIn(word).map(lastName) }

/// Everything in a text that could be a program's name or path.
func wordsIn(_ text: String) -> [String] {
  text.unicodeScalars.split { scalar in
    !(scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "._+-/".unicodeScalars.contains(scalar))
  }.map { String(Substring($0)) }
}

/// `3.11` of `python3.11`.
private func isVersion(_ text: Substring) -> Bool { text.utf8.allSatisfy { (0x2E...0x39).contains($0) && $0 != 0x2F } }

private let boxed: Set = ["flatpak", "snap"]
private let changesUser: Set = [
  "doas", "gksu", "gksudo", "kdesu", "kdesudo", "lxqt-sudo", "pkexec", "run0", "su", "sudo", "xdg-su",
]
private let runsWords: Set = [
  "bwrap", "chroot", "dbus-launch", "dbus-run-session", "distrobox", "docker", "exo-open", "firejail", "gamemoderun",
  "gapplication", "gio", "gtk-launch", "ionice", "mangohud", "nice", "nohup", "optirun", "podman", "prime-run",
  "primusrun", "setsid", "stdbuf", "systemd-run", "time", "timeout", "toolbox", "unshare", "uwsm", "xdg-open",
  "xvfb-run",
]
private let interpreters = [
  "ash", "bash", "dash", "fish", "gjs", "java", "ksh", "lua", "mono", "node", "nodejs", "perl", "php", "python", "ruby",
  "sh", "wine", "wine64", "zsh",
]
private let terminals: Set = [
  "alacritty", "foot", "gnome-terminal", "kitty", "konsole", "lxterminal", "mate-terminal", "qterminal", "rxvt",
  "sakura", "terminator", "tilix", "urxvt", "uxterm", "wezterm", "x-terminal-emulator", "xfce4-terminal", "xterm",
]
private let commandOptions: Set = ["-e", "-x", "--", "--command", "--execute", "start"]
