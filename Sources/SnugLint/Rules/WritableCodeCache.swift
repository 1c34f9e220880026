import SnugPlan
import SnugProfile

extension Rule {
  static let writableCodeCache = Rule(
    "writable-code-cache", .warning,
    what: "Code that tools outside load or run can be changed",
    why: """
      Packages, plug-ins and compiled copies that a tool keeps in the home are run by it without another look: what \
      the app writes into ~/.cargo/bin or ~/.local/lib/python3 runs as you with the next cargo or python. A private \
      home has caches of its own.
      """,
    example: """
      [files]
      write = [{ path = "~/.npm", if-missing = "create" }]
      """,
    safer: """
      [files]
      home = "private"
      """
  ) { subject in
    let hint = "give it a private home, which has caches of its own"
    var found = subject.changing(
      Subject.codeCachePlaces + subject.pythonPlaces, "tools outside run what it puts there", hint: hint)
    // The directory it is started in has a rule of its own, which does not hang on what is in it today.
    let here = Set(subject.workingDirectoryGrants.map(\.origin))
    for writer in subject.writers.prefix(lookedInto) where writer.type == .directory && !here.contains(writer.origin) {
      let code = codeInTrees.map { joined(writer.source, $0) }.first { path in
        subject.host.look(path).isThere && subject.exposure.sights(of: subject.real(path)).contains(where: \.isWritable)
      }
      guard let code else { continue }
      let message = "the app can change \(subject.context.portable(code)): tools outside run what it puts there"
      found.append(Finding(message, at: writer.origin, hint: "grant it in files.read"))
    }
    return found
  }
}

/// What a directory of a project may hold.
private let codeInTrees = ["node_modules/.bin", ".venv/bin", "venv/bin", "__pycache__"]

extension Subject {
  /// Where tools and editors keep what they run.
  static let codeCachePlaces = [
    "xdg-cache/pip", "xdg-cache/uv", "xdg-cache/pypoetry", "xdg-data/uv", "xdg-data/pipx", "~/.local/pipx", "~/.pyenv",
    "~/.ipython", "~/.jupyter", "~/.conda", "~/miniconda3", "~/.npm", "~/.npmrc", "~/.npm-global", "~/.nvm", "~/.yarn",
    "~/.yarnrc", "xdg-cache/yarn", "xdg-data/pnpm", "~/.pnpm-store", "~/.bun", "~/.deno", "xdg-cache/deno", "~/.cargo",
    "~/.rustup", "~/go", "xdg-cache/go-build", "~/.m2", "~/.gradle", "~/.ivy2", "~/.sbt", "~/.gem", "~/.bundle",
    "~/.rbenv", "~/.rvm", "~/perl5", "~/.cpan", "~/.R", "~/.cabal", "~/.ghcup", "~/.stack", "~/.opam", "~/.composer",
    "~/.nuget", "~/.dotnet", "~/.julia", "~/.ccache", "xdg-cache/ccache", "~/.vim", "~/.vimrc", "xdg-config/nvim",
    "xdg-data/nvim", "~/.emacs", "~/.emacs.d", "xdg-config/emacs", "~/.vscode",
  ]

  /// `~/.local/lib/python3.11` and its like as they are there, else the name that one will have.
  fileprivate var pythonPlaces: [String] {
    let found = context.absolute("~/.local/lib").map(host.list) ?? []
    let places = found.filter { $0.hasPrefix("python") }.map { "~/.local/lib/" + $0 }
    return places.isEmpty ? ["~/.local/lib/python3"] : places
  }
}
