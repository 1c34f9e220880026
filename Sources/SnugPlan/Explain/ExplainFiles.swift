import SnugProfile

extension Explainer {
  /// What can be changed and what can only be read, each place once, the most telling kinds first.
  var files: (change: [Fact], read: [Fact]) {
    var change: [Entry] = []
    var read: [Entry] = []
    for (place, standing) in standing {
      guard !standing.isMask, !isToldElsewhere(place, standing) else { continue }
      let (access, isThrownAway) = tree.mountAccess(place)
      let kind: Kind
      switch standing.op {
      case .bind where tree.isPrivateHome(standing): kind = .privateHome
      case .bind(let bind) where bind.source.type == .socket: kind = .socket
      case .bind: kind = access == .readOnly ? .readable : .changeable
      case .overlay: kind = access == .readOnly ? .readable : isThrownAway ? .thrownAway : .layered
      case .tmpfs: kind = access == .readOnly ? .empty : .memory
      case .file, .data, .writtenFile: kind = .written
      case .proc: kind = .processes
      case .mqueue: kind = .queues
      case .dev, .directory, .symlink, .remount, .changeMode: continue
      }
      let entry = Entry(label: label(place, standing), place: place, kind: kind, origin: standing.origin)
      if kind.isChange { change.append(entry) } else { read.append(entry) }
    }
    let (named, isChange) = namedFiles
    return (told(change) + (isChange ? named : []), told(read) + (isChange ? [] : named))
  }

  /// What the command line of a start adds.
  private var namedFiles: (facts: [Fact], isChange: Bool) {
    let arguments = profile.files.arguments
    func fact(_ what: String) -> [Fact] { [Fact(what + " that a start names on its command line", arguments.origin)] }
    switch arguments.value {
    case .none: return ([], false)
    case .read: return (fact("the files and directories"), false)
    case .write: return (fact("the files and directories"), true)
    case .writeFolder: return (fact("the directories, and the whole folders of the files,"), true)
    case .portal: return (fact("through the document portal: the files"), true)
    }
  }

  /// One thing that stands somewhere inside.
  private struct Entry {
    var label: String
    var place: String
    var kind: Kind
    var origin: Origin
  }

  /// What a place is to a person.
  private enum Kind: Int, CaseIterable {
    case changeable, layered, thrownAway, privateHome, socket, memory, queues, readable, written, processes, empty

    var isChange: Bool {
      switch self {
      case .changeable, .layered, .thrownAway, .privateHome, .memory, .queues: true
      case .socket, .readable, .written, .processes, .empty: false
      }
    }

    var words: String {
      switch self {
      case .changeable: "yours; what it changes stays changed"
      case .layered: "several directories laid over each other; what it changes is kept in the topmost"
      case .thrownAway: "it reads yours and may change what it sees, but the changes are thrown away at the end"
      case .privateHome: "a home of this profile's own, kept from start to start; yours is not shown"
      case .socket: "a socket (a door to another program); it may talk to who listens there"
      case .memory: "empty at the start, in memory, gone at the end"
      case .queues: "message queues of its own"
      case .readable: "as it is on this machine; it cannot change it"
      case .written: "written by Snug for this start, not the machine's own file"
      case .processes: "the kernel's list of processes, those of this sandbox alone"
      case .empty: "an empty directory that stays empty"
      }
    }
  }

  private func told(_ entries: [Entry]) -> [Fact] {
    Kind.allCases.flatMap { kind in
      grouped(entries.filter { $0.kind == kind }, by: { $0.origin }).map { origin, entries in
        Fact("\(listed(entries)): \(kind.words)", origin)
      }
    }
  }

  /// The places one after the other; many in one directory stand together.
  private func listed(_ entries: [Entry]) -> String {
    var isCompacted = false
    let parts = grouped(entries) { splitPath($0.place == "/" ? "/." : $0.place).parent }.map { parent, entries in
      guard entries.count > 3, entries.allSatisfy({ $0.label == shown($0.place) }) else {
        return entries.map({ $0.label }).joined(separator: ", ")
      }
      isCompacted = true
      return "in \(shown(parent)): " + entries.map { escaped(splitPath($0.place).name) }.joined(separator: ", ")
    }
    return parts.joined(separator: isCompacted ? "; " : ", ")
  }

  /// The path as the person knows it, and where it is seen where that is somewhere else.
  private func label(_ place: String, _ standing: Draft.Standing) -> String {
    guard case .bind(let bind) = standing.op, !samePath(bind.source.path, place), !tree.isPrivateHome(standing) else {
      return shown(place)
    }
    return "\(shown(bind.source.path)) (seen at \(shown(place)))"
  }

  /// Devices, the buses and the X server have sections of their own.
  private func isToldElsewhere(_ place: String, _ standing: Draft.Standing) -> Bool {
    if case .bind(let bind) = standing.op, bind.source.type == .characterDevice { return true }
    if plan.isBusSocket(place) || plan.isWaylandSocket(place) { return true }
    return plan.x11 != nil && standing.origin == profile.desktop.x11.origin && !isAtOrBelow(place, "/etc")
  }

  /// What it does not see, whatever it tries.
  var hiddenFiles: [Fact] {
    var facts: [Fact] = []
    let masks = standing.filter { place, standing in
      standing.isMask && !(profile.files.root.value == .host && standing.origin == profile.files.root.origin)
    }
    for (origin, items) in grouped(masks, by: { $0.standing.origin }) {
      let paths = items.map { shown($0.place) }.joined(separator: ", ")
      facts.append(Fact("\(paths): hidden, under every name and whatever else is granted", origin))
    }
    let home = profile.files.home
    switch home.value {
    case .none: facts.append(Fact("your home \(escaped(host.home)): there is none inside\(exception)", home.origin))
    case .temporary, .kept:
      facts.append(Fact("your home \(escaped(host.home)): another one stands in its place\(exception)", home.origin))
    case .overlay, .host: break
    }
    let root = profile.files.root
    switch root.value {
    case .system:
      facts.append(
        Fact(
          "the rest of the machine: other homes, /opt, /srv, /mnt, most of /etc and /var, the host's /tmp and /run, "
            + "and whatever else is not listed above", root.origin))
    case .host:
      facts.append(
        Fact("the host's \(neverFromHost.joined(separator: ", ")), but for what is listed above", root.origin))
    case .empty: facts.append(Fact("whatever is not listed above", root.origin))
    }
    return facts
  }

  private var exception: String {
    let isGranted = standing.contains { place, standing in
      standing.access != nil && !samePath(place, realHome) && isAtOrBelow(place, realHome)
    }
    return isGranted ? ", in which only what is listed above is yours" : ""
  }
}
