import SnugProfile

extension Questioner {
  /// Does the app see this file of the host's, where, and may it change it?
  mutating func answer(path: String, _ asked: String) -> Answer {
    let here = tree.sight(path)
    var answer: Answer
    switch host.look(path) {
    case .exists(let real, let type, _, _): answer = existing(path, asked, real, type, here)
    case .missing(let link): answer = missing(path, asked, isLink: link != nil, here)
    case .unreadable(let code):
      answer = Answer(
        query: asked, word: .unknown, text: "you cannot look at it yourself: \(reason(code))", origins: [])
    }
    answer.inside = here.inside
    return answer
  }

  private mutating func existing(_ path: String, _ asked: String, _ real: String, _ type: FileType, _ here: Sight)
    -> Answer
  {
    let places = tree.places(of: real)
    let best = here.isHost(real) ? here : places.first(where: { $0.isKeptWritable }) ?? places.first
    guard let best else { return unseen(path, asked, real, type, here) }
    var answer = Answer(
      query: asked, word: best.isWritable ? .writable : .readOnly, text: best.canDo(type),
      origins: [best.standing?.origin ?? profile.files.root.origin])
    if !here.isHost(real) {
      answer.text += ", at \(shown(best.place))"
      answer.notes.append("At \(shown(path)) itself: \(found(here).words).")
    } else if !samePath(here.place, path) {
      answer.text += ", at \(shown(here.place)), where the path leads inside"
    }
    let others = places.filter { !samePath($0.place, best.place) }
    if !others.isEmpty {
      let list = others.prefix(4).map { shown($0.place) + ($0.isWritable ? " (writable)" : "") }
      answer.notes.append("It is also seen at \(list.joined(separator: ", ")).")
    }
    if type == .directory { answer.notes += exceptions(below: best.place) }
    if type == .file || type == .directory, !places.contains(where: { $0.isKeptWritable }), !best.isKeptWritable {
      answer.remedies = remedies(.write, path, real, type)
    }
    return answer
  }

  /// What stands below a directory with another access than its own.
  private func exceptions(below place: String) -> [String] {
    var notes: [String] = []
    let own = tree.mountAccess(place).access
    for (target, standing) in tree.standing where isAtOrBelow(target, place) && !samePath(target, place) {
      let what: String
      if standing.isMask {
        what = "hidden"
      } else {
        let (access, _) = tree.mountAccess(target)
        switch standing.op {
        case .symlink, .directory, .remount, .changeMode: continue
        case .bind, .overlay:
          if access == own { continue }
          what = access == .readOnly ? "read-only" : "writable"
        case .tmpfs, .file, .proc, .dev, .mqueue, .data, .writtenFile: what = "the sandbox's own"
        }
      }
      if notes.count == 6 { return notes + ["And more below it: snug plan shows all."] }
      notes.append("Below it \(shown(target)) is \(what)" + sourceText([standing.origin], [:]) + ".")
    }
    return notes
  }

  /// It exists, and nothing inside shows it.
  private mutating func unseen(_ path: String, _ asked: String, _ real: String, _ type: FileType, _ here: Sight)
    -> Answer
  {
    var answer = Answer(query: asked, word: .absent, text: "", origins: [])
    let (thing, isThere) = found(here)
    if case .unknown = here.thing {
      answer.word = .own
      answer.text = "not the host's: \(thing)"
      answer.origins = [here.standing?.origin].compactMap { $0 }
      return answer
    }
    // The file itself decides; by the name that was asked for it may be hidden all the same.
    let verdicts = [rules.decide(real), rules.decide(path)]
    let verdict = verdicts.first { $0.rule?.kind == .hide } ?? verdicts[0]
    if let rule = verdict.rule, rule.kind == .hide {
      answer.word = .hidden
      answer.text = "hidden"
      answer.origins = [rule.origin]
      if !samePath(path, real), !rule.names.contains(where: { isAtOrBelow(path, $0) }) {
        answer.notes.append(
          "It is \(shown(real)) by another name, and what is hidden under one name is hidden under all.")
      }
    } else {
      if isThere {
        answer.word = .own
        answer.text = "not the host's: \(thing)"
        answer.origins = [here.standing?.origin].compactMap { $0 }
      }
      explainAbsence(&answer, verdict.rule, isThere)
    }
    answer.remedies = remedies(.read, path, real, type)
    if isAtOrBelow(host.home, path) { answer.notes.append("That would show everything of yours.") }
    return answer
  }

  private func explainAbsence(_ answer: inout Answer, _ rule: GrantRule?, _ isThere: Bool) {
    let why: String
    switch rule?.kind {
    case .none: why = "nothing in the profile shows it"
    case .absent where rule?.layer == GrantRule.homeLayer: why = "your home is not shown"
    case .absent, .hide: why = "it is never shown from the host"
    case .read, .write:
      if let skipped = plan.skipped.first(where: { $0.origin == rule?.origin }) {
        why = "it is granted, but \(escaped(skipped.path)) was left out: it \(escaped(skipped.reason))"
      } else {
        why = "it is granted, but something else stands in its place"
      }
    }
    if isThere {
      if rule?.kind == .read || rule?.kind == .write { answer.notes.append("The host's own is not seen: \(why).") }
      return
    }
    answer.text = "not there inside: \(why)"
    answer.origins = [rule?.origin ?? profile.files.root.origin]
  }

  private mutating func missing(_ path: String, _ asked: String, isLink: Bool, _ here: Sight) -> Answer {
    let (thing, isThere) = found(here)
    let outside = isLink ? "a link that leads nowhere" : "does not exist on this machine"
    if isThere {
      let origins = [here.standing?.origin].compactMap { $0 }
      return Answer(query: asked, word: .own, text: "\(outside); inside: \(thing)", origins: origins)
    }
    if case .unknown = here.thing {
      return Answer(query: asked, word: .unknown, text: "\(outside); inside: \(thing)", origins: [])
    }
    var answer = Answer(query: asked, word: .missing, text: outside + ", and nothing is there inside", origins: [])
    let parent = tree.sight(path == "/" ? path : splitPath(path).parent)
    if case .nothing = here.thing, parent.inside.exists == true, parent.isWritable, parent.isDirectory {
      answer.notes.append(
        "The app may make it: \(shown(parent.place)) can be changed"
          + (parent.isThrownAway ? ", and is thrown away at the end." : "."))
      answer.origins = [parent.standing?.origin].compactMap { $0 }
    }
    return answer
  }

  /// What is found at a place, in words, and whether anything is.
  private func found(_ sight: Sight) -> (words: String, isThere: Bool) {
    switch sight.thing {
    case .host(let real, _):
      if let standing = sight.standing, tree.isPrivateHome(standing), samePath(standing.op.target, sight.place) {
        return ("a home of this profile's own stands there", true)
      }
      return ("\(shown(real)) is seen there", true)
    case .made(let type):
      guard let standing = sight.standing, samePath(standing.op.target, sight.place) else {
        let isDevice = type == .characterDevice
        return (
          isDevice ? "one of the harmless devices that every sandbox has" : "a directory for what is below it", true
        )
      }
      return (standing.op.found, true)
    case .masked(let isThere): return (isThere ? "something empty that cannot be opened" : "nothing", isThere)
    case .nothing: return ("nothing", false)
    case .unknown(let why): return (escaped(why), false)
    }
  }
}

extension Op {
  /// What a person finds where it stands.
  fileprivate var found: String {
    switch self {
    case .tmpfs: "an empty directory in memory"
    case .file, .data, .writtenFile: "a file that Snug writes"
    case .proc: "the kernel's list of the sandbox's own processes"
    case .dev: "a small directory of devices of the sandbox's own"
    case .mqueue: "message queues of the sandbox's own"
    case .overlay: "several directories laid over each other"
    case .bind: "a directory that is made for the start"
    case .directory, .symlink, .remount, .changeMode: "a directory for what is below it"
    }
  }
}

extension Sight {
  /// Writable, and what is written stays.
  var isKeptWritable: Bool { isWritable && !isThrownAway }

  /// Whether it is a directory.
  var isDirectory: Bool {
    switch thing {
    case .host(_, let type), .made(let type): type == .directory
    case .masked, .nothing, .unknown: false
    }
  }

  /// What the app may do with a host file that is seen.
  fileprivate func canDo(_ type: FileType) -> String {
    switch type {
    case .socket: return "a socket: the app may talk to who listens there"
    case .characterDevice, .blockDevice, .fifo:
      return isWritable ? "the app may use it" : "the app may read from it"
    case .file, .directory:
      if !isWritable { return "the app may read it, not change it" }
      return isThrownAway
        ? "the app may read it and change what it sees of it; changes are thrown away at the end"
        : "the app may read and change it"
    }
  }

  /// The same in the terms of a probe that tries.
  var inside: Answer.Inside {
    switch thing {
    case .host(let real, _): return .init(exists: true, isReadable: true, isWritable: isWritable, host: real)
    case .made(let type):
      return .init(exists: true, isReadable: isOpen, isWritable: isWritable && type != .file && isOpen)
    case .masked(let isThere): return .init(exists: isThere, isReadable: isThere && isOpen, isWritable: false)
    case .nothing: return .init(exists: false, isReadable: false, isWritable: false)
    case .unknown: return .init(exists: nil, isReadable: false, isWritable: false)
    }
  }

  /// Whether the permission bits of what Snug makes let its owner, the app, read it.
  private var isOpen: Bool {
    guard let standing, samePath(standing.op.target, place) else { return true }
    return switch standing.op {
    case .tmpfs(let tmpfs): tmpfs.mode & 0o400 != 0
    case .file(let file): file.mode & 0o400 != 0
    default: true
    }
  }
}
