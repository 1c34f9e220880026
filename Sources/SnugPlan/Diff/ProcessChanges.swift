import SnugProfile

extension Changes {
  /// Who the app is inside and by which name others know it.
  mutating func addIdentity(_ a: DiffSide, _ b: DiffSide) {
    let (id, process) = ((a.profile.id, b.profile.id), (a.profile.process, b.profile.process))
    if id.0.value != id.1.value {
      // A default id follows the name of the file.
      let isNamed = id.1.origin != .defaults
      let why = isNamed ? ": what portals have granted under that name cannot be weighed" : ""
      add(
        isNamed ? .gain : .neutral, .identity, "is known as \(id.1.value) (was: \(id.0.value))\(why)", at: id.1.origin,
        id.0.origin)
    }
    rank(
      .identity, process.0.user.value.rank, process.1.user.value.rank, (process.0.user.origin, process.1.user.origin),
      gain: "\(process.1.user.value.words) (was: \(process.0.user.value.rawValue))",
      loss: "\(process.1.user.value.words) (was: \(process.0.user.value.rawValue))")
    if process.0.hostname.value != process.1.hostname.value {
      let text = "the machine is called \(process.1.hostname.value) (was: \(process.0.hostname.value))"
      add(.neutral, .identity, text, at: process.1.hostname.origin, process.0.hostname.origin)
    }
    let mask = (a.plan.process.umask, b.plan.process.umask)
    let origins = (process.0.umask?.origin, process.1.umask?.origin)
    let text = "umask \(octal(mask.1)) (was: \(octal(mask.0)))"
    if mask.0 & ~mask.1 != 0 {
      add(.gain, .identity, "files it makes are open to more users: \(text)", at: origins.1, origins.0)
    } else if mask.1 & ~mask.0 != 0 {
      add(.loss, .identity, "files it makes are open to fewer users: \(text)", at: origins.0, origins.1)
    }
    rank(
      .windows, process.0.terminal.value.rank, process.1.terminal.value.rank,
      (process.0.terminal.origin, process.1.terminal.origin), gain: process.1.terminal.value.words,
      loss: process.1.terminal.value.words)
  }

  /// What the app may leave behind, and how it is ended.
  mutating func addLifetime(_ a: Process, _ b: Process) {
    rank(
      .lifetime, a.adoptWait.value.rank, b.adoptWait.value.rank, (a.adoptWait.origin, b.adoptWait.origin),
      gain: "what it leaves running may go on for \(waitText(b.adoptWait.value)) (was: \(waitText(a.adoptWait.value)))",
      loss: "what it leaves running ends after \(waitText(b.adoptWait.value)) (was: \(waitText(a.adoptWait.value)))")
    rank(
      .lifetime, a.stopWait.value.rank, b.stopWait.value.rank, (a.stopWait.origin, b.stopWait.origin),
      gain: "may take \(waitText(b.stopWait.value)) to stop (was: \(waitText(a.stopWait.value)))",
      loss: "may take only \(waitText(b.stopWait.value)) to stop (was: \(waitText(a.stopWait.value)))")
    let (before, after) = (a.cancelSignal, b.cancelSignal)
    flag(
      .lifetime, before.value != nil, after.value != nil, (before.origin, after.origin),
      gain: "is asked to stop before it is ended", loss: "is ended at once, without being asked")
    if let one = before.value, let other = after.value, one != other {
      add(
        .neutral, .lifetime, "is asked to stop by signal \(signalText(other)) (was: \(signalText(one)))",
        at: after.origin, before.origin)
    }
    flag(
      .lifetime, a.single.value, b.single.value, (a.single.origin, b.single.origin),
      gain: "a second start hands its arguments to the one that runs",
      loss: "a second start is a sandbox of its own")
  }

  /// What is run. Another program can use what is granted in another way, which nobody can weigh.
  mutating func addCommand(_ a: DiffSide, _ b: DiffSide) {
    let (one, other) = (a.profile, b.profile)
    let commands = (one.command?.value, other.command?.value)
    let why = "what it does with what is granted cannot be weighed"
    if let command = commands.1, commands.0 != command {
      let was = commands.0.map { " (was: \(words($0)))" } ?? ""
      add(.gain, .command, "runs \(words(command))\(was): \(why)", at: other.command?.origin)
    } else if let command = commands.0, commands.1 == nil {
      let text = "no longer runs \(words(command))"
      let now = other.programs.isEmpty ? "" : ", but \(other.programs[0].value): \(why)"
      add(now.isEmpty ? .loss : .gain, .command, text + now, at: other.programs.first?.origin, one.command?.origin)
    }
    let programs = (one.programs.map({ $0.value }), other.programs.map({ $0.value }))
    for program in other.programs where !programs.0.contains(program.value) {
      add(.gain, .command, "is now for \(program.value): \(why)", at: program.origin)
    }
    for program in one.programs where !programs.1.contains(program.value) {
      add(.loss, .command, "is no longer for \(program.value)", at: program.origin)
    }
    if programs.0 != programs.1, programs.0.sorted() == programs.1.sorted() {
      add(.neutral, .command, "looks for \(enumerated(programs.1)) in this order", at: other.programs.first?.origin)
    }
    let directories = (one.process.workingDirectory, other.process.workingDirectory)
    if directories.0?.value.absolute != directories.1?.value.absolute {
      let place = directories.1?.value.written ?? "the directory of the caller where it is seen"
      add(.neutral, .command, "starts in \(place)", at: directories.1?.origin, directories.0?.origin)
    }
  }

  private func words(_ command: [String]) -> String { command.joined(separator: " ") }
}

extension Process.User {
  fileprivate var rank: Int {
    switch self {
    case .nobody: 0
    case .caller: 1
    case .root: 2
    }
  }

  fileprivate var words: String {
    switch self {
    case .nobody: "is nobody inside"
    case .caller: "is you inside, and knows your name"
    case .root: "is root inside, without its powers: some programs then do more than they should"
    }
  }
}

extension Process.Terminal {
  fileprivate var rank: Int {
    switch self {
    case .none: 0
    case .auto: 1
    case .shared: 2
    }
  }

  fileprivate var words: String {
    switch self {
    case .none: "has no terminal"
    case .auto: "has a terminal where it is run from one"
    case .shared: "has the terminal it is run from, not one of its own"
    }
  }
}

extension Wait {
  /// Milliseconds; for ever is the most there is.
  fileprivate var rank: Int {
    switch self {
    case .none: 0
    case .milliseconds(let count): count
    case .forever: .max
    }
  }
}
