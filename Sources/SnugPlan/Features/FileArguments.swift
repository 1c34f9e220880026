import SnugProfile

extension Draft {
  /// `files.arguments`: what the command line names is shown at its own path, for this start.
  ///
  /// Only ever adds: what the profile shows already, and writable where that is asked for, stays as it is. What a `hide`
  /// of the profile covers is not shown, whoever names it. Called when the profile's own grants stand and before its masks
  /// do, which lie on what is shown here too.
  mutating func placeFileArguments() {
    let mode = profile.files.arguments.value
    guard mode != .none, mode != .portal, !fileWords.isEmpty else { return }
    let decision = grantDecision()
    // A word may stand there many times; empty: it is not shown.
    var done = PathTree<String>()
    for index in fileWords.indices {
      let path = fileWords[index].path
      let place = done[path] ?? show(fileWords[index], mode, decision) ?? ""
      done[path] = place
      if !place.isEmpty { fileWords[index].place = place }
    }
  }

  /// What the profile's grants say about a path.
  func grantDecision() -> GrantRules {
    GrantRules(
      profile.files.grants.compactMap { grant in
        GrantRule(grant, real: grant.path.absolute.flatMap { host.real($0) })
      })
  }

  /// Whether the app finds what a word names at its own path.
  mutating func isSeen(_ real: String, for word: FileWord) -> Bool {
    isVisible(real, at: insidePlace(word.path), .readOnly)
  }

  /// Shows what a word names; returns the path by which the app finds it, nil where it is not shown.
  private mutating func show(_ word: FileWord, _ mode: Files.Arguments, _ decision: GrantRules) -> String? {
    switch look(word.path) {
    case .missing(link: nil) where mode == .writeFolder || mode == .write: return showNew(word, mode, decision)
    case .missing: return nil
    case .unreadable(let code):
      skip(word.written, reason(code), at: .commandLine)
      return nil
    case .exists(let real, let type, let identity, _):
      guard mayShow(word, real, type, decision) else { return nil }
      let source = Source(path: real, written: word.written, type: type, identity: identity)
      let access: Access = mode == .read ? .readOnly : .writable
      if type == .file, mode == .writeFolder {
        let folder = splitPath(real).parent
        if let why = noFolder(folder, decision) {
          skip(
            host.tilde(folder), "\(why): \(word.written) is shown alone, and cannot be saved by a rename",
            at: .commandLine)
        } else {
          // A file that was named by a link is saved beside where it lies.
          return show(folder: folder, for: word).map { joined($0, splitPath(real).name) }
        }
      }
      return show(source, for: word, access)
    }
  }

  /// A file that is to be made: nothing of it can be shown, but its folder can.
  private mutating func showNew(_ word: FileWord, _ mode: Files.Arguments, _ decision: GrantRules) -> String? {
    let (parent, name) = splitPath(word.path)
    guard case .exists(let folder, .directory, _, _) = look(parent) else { return nil }
    // Of the box's own: `/tmp/x`, `/dev/null`.
    if isVisible(folder, at: insidePlace(parent), .writable) { return insidePlace(word.path) }
    guard mode == .writeFolder else {
      skip(word.written, "does not exist, and files.arguments = \"write\" shows only what is there", at: .commandLine)
      return nil
    }
    guard decision.decide([word.path, joined(folder, name)]).rule?.kind != .hide else { return hidden(word) }
    guard mayFollow(word, to: joined(folder, name)) else { return nil }
    if let why = noFolder(folder, decision) {
      skip(word.written, "would be made in \(host.tilde(folder)), and \(why)", at: .commandLine)
      return nil
    }
    return show(folder: folder, for: word).map { joined($0, name) }
  }

  private mutating func hidden(_ word: FileWord) -> String? {
    skip(word.written, "the profile hides it", at: .commandLine)
    return nil
  }

  // MARK: - Judging

  /// Whether the app gets what a word names, but for how.
  mutating func mayShow(_ word: FileWord, _ real: String, _ type: FileType, _ decision: GrantRules) -> Bool {
    // The box has its own, with other things behind the same names.
    if ["/proc", "/dev"].contains(where: { isAtOrBelow(word.path, $0) || isAtOrBelow(real, $0) }) { return false }
    if decision.decide([word.path, real]).rule?.kind == .hide {
      _ = hidden(word)
      return false
    }
    let isSeen = isVisible(real, at: insidePlace(word.path), .readOnly)
    let why: String?
    switch type {
    case .file:
      let registry = host.runtimeDirectory.flatMap { self.real(of: joined($0, "snug")) }
      if isAtOrBelow(real, "/sys") {
        why = "it is a part of the kernel"
      } else {
        why = registry.map { isAtOrBelow(real, $0) } == true ? "sandboxes are commanded through what lies there" : nil
      }
    case .directory: why = isSeen ? nil : noDirectory(real)
    case .socket, .fifo, .characterDevice, .blockDevice:
      if isSeen { return false }
      why = "it is a \(type.rawValue)"
    }
    if let why {
      let hint = why == Self.isHome ? "name a file or a directory in it; files.home = \"host\" grants all of it" : nil
      fail(.refusedGrant, "cannot show \(word.written) to the app: \(why)", at: .commandLine, hint: hint)
      return false
    }
    return mayFollow(word, to: real)
  }

  /// Whether the links on the way to what a word names are the person's own for certain; a problem where they are not.
  private mutating func mayFollow(_ word: FileWord, to real: String) -> Bool {
    guard let changeable = linkOfTheApp(word.path, real) ?? linkOfALentFolder(word.path, real) else { return true }
    fail(
      .escapingLink,
      "cannot show \(word.written) to the app: it is a link out of \(changeable), which the app may change",
      at: .commandLine, hint: "name \(real) itself")
    return false
  }

  private static let isHome = "it is your home, or above it"

  /// Why a directory is not shown because somebody named it or a file in it.
  private mutating func noDirectory(_ directory: String) -> String? {
    let homes = [host.home, real(of: host.home)].compactMap { $0 }
    if homes.contains(where: { isAtOrBelow($0, directory) }) { return Self.isHome }
    if isSystemDirectory(directory) { return "it is a system directory" }
    // What other programs listen at lies there.
    let runtime = host.runtimeDirectory.flatMap { self.real(of: $0) } ?? "/run"
    let lent = ["/run/media", joined(runtime, "doc"), joined(runtime, "gvfs")]
    if lent.contains(where: { isAtOrBelow(directory, $0) && !samePath(directory, $0) }) { return nil }
    let doors = ["/run", runtime, "/tmp/.X11-unix", "/tmp/.ICE-unix"]
    return doors.contains { isAtOrBelow(directory, $0) || isAtOrBelow($0, directory) }
      ? "sockets of other programs lie there" : nil
  }

  /// The same for the folder of a file, which nobody has named.
  private mutating func noFolder(_ folder: String, _ decision: GrantRules) -> String? {
    if isVisible(folder, at: insidePlace(folder), .writable) { return nil }
    if decision.decide([folder]).rule?.kind == .hide { return "the profile hides it" }
    return noDirectory(folder) ?? (holdsSettings(folder) ? "programs keep their settings, keys or code there" : nil)
  }

  /// Whether programs find there what they run or trust, such as autostart entries, start files of shells, keys and
  /// Snug's own profiles. A whole folder of that kind is shown where somebody names the folder, not a file in it.
  private mutating func holdsSettings(_ folder: String) -> Bool {
    for home in [host.home, real(of: host.home)].compactMap({ $0 }) {
      guard let rest = remainder(of: folder, below: home) else { continue }
      if components(rest).contains(where: { $0.utf8.first == UInt8(ascii: ".") }) { return true }
    }
    for named in ["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"].map({ host.variable($0) }) + [host.dataHome] {
      guard let place = named.flatMap({ real(of: $0) }) else { continue }
      if isAtOrBelow(folder, place) || isAtOrBelow(place, folder) { return true }
    }
    return false
  }

  /// The directory that the app of an earlier start may have made a link in that leads out of it: then that app would
  /// choose what this one is shown (CVE-2024-42472).
  mutating func linkOfTheApp(_ path: String, _ real: String) -> String? {
    if samePath(path, real) { return nil }
    for folder in foldersOfLinks(path) {
      for (_, standing) in whereShown(folder) where standing.access == .writable {
        guard case .bind(let bind) = standing.op, !isAtOrBelow(real, bind.source.path) else { continue }
        return bind.source.written
      }
    }
    return nil
  }

  /// The same where folders are lent for files in them: the folder of a link that an earlier start may have lent.
  private mutating func linkOfALentFolder(_ path: String, _ real: String) -> String? {
    if profile.files.arguments.value != .writeFolder || samePath(path, real) { return nil }
    // It is nobody's choice what the app may write to anyway.
    if isVisible(real, at: insidePlace(real), .writable) { return nil }
    for folder in foldersOfLinks(path) where !isAtOrBelow(real, folder) && host.owner(folder) != 0 {
      if noDirectory(folder) == nil { return folder }
    }
    return nil
  }

  /// Where the links of a path lead; nil where nothing is there. Looked at once, unlike `Host.real`.
  private mutating func real(of path: String) -> String? {
    if case .exists(let real, _, _, _) = look(path) { real } else { nil }
  }

  // MARK: - Placing

  /// Where a host path stands inside: the runtime directory is another one there.
  func insidePlace(_ path: String) -> String {
    guard let outside = host.runtimeDirectory, let rest = remainder(of: path, below: outside) else { return path }
    return joined(runtimeDirectory, rest)
  }

  /// Whether a host path is seen at a place inside, with at least this access.
  private mutating func isVisible(_ real: String, at place: String, _ access: Access) -> Bool {
    let found = resolve(place)
    guard found.isHost(real) else { return false }
    if access == .readOnly { return true }
    guard case .bind(let bind)? = tree.nearest(found.path)?.value.op else { return false }
    return bind.access != .readOnly
  }

  /// Shows a file or directory where it lies, and under the name by which it was asked for.
  private mutating func show(_ source: Source, for word: FileWord, _ access: Access) -> String? {
    let named = insidePlace(word.path)
    for place in [insidePlace(source.path), named] where !isVisible(source.path, at: place, access) {
      guard let target = destination(place, from: .commandLine, written: word.written) else { return nil }
      put(.bind(Bind(source: source, target: target, access: access)), from: .commandLine)
    }
    return named
  }

  private mutating func show(folder: String, for word: FileWord) -> String? {
    let place = insidePlace(folder)
    if isVisible(folder, at: place, .writable) { return place }
    guard let source = source(folder), source.type == .directory,
      let target = destination(place, from: .commandLine, written: word.written)
    else { return nil }
    put(.bind(Bind(source: source, target: target, access: .writable)), from: .commandLine)
    return place
  }
}
