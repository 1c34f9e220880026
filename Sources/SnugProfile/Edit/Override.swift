/// The file that holds a user's lasting changes of a profile.
public struct Override: Sendable {
  /// What the file is to the profile.
  public enum Kind: Hashable, Sendable {
    /// There is none yet; another profile of the name is there to be changed.
    case none
    /// It extends the next profile of its own name.
    case change
    /// It is a whole profile of the user's own.
    case whole
  }

  /// The profile's name.
  public var name: String
  /// Absolute path of the file, whether it exists or not.
  public var path: String
  /// What the file is.
  public var kind: Kind
  /// Its text; empty where it does not exist.
  public var bytes: [UInt8]
  /// The profile that is changed, as it was found; nil where the file is a whole one.
  public var base: String?
}

extension ProfileLoader {
  /// Finds the file that lasting changes of a profile go into.
  ///
  /// - Parameters:
  ///   - name: a name, not a path.
  ///   - directory: the user's directory of profiles, one of the search order.
  /// - Throws: where no profile has the name, where one that stands before the user's own would hide every change, and
  ///   where a file cannot be used.
  public func override(_ name: String, in directory: String) throws(Diagnostic) -> Override {
    try requireName(name)
    let path = cleaned(directory) + "/" + name + ".toml"
    let place = search.directories.firstIndex { $0.path.utf8.elementsEqual(cleaned(directory).utf8) } ?? 0
    guard let found = try find(name, from: 0) else {
      throw Diagnostic("no profile is called \"\(name)\"", hint: "\(hint(forUnknown: name)); snug new writes one")
    }
    if let position = position(of: found.path, name), position < place {
      throw Diagnostic(
        "cannot change \"\(name)\" by a file of yours: \(found.path) stands before it",
        hint: "SNUG_PROFILE_PATH names its directory")
    }
    guard found.path.utf8.elementsEqual(path.utf8) else {
      return Override(name: name, path: path, kind: .none, bytes: [], base: found.path)
    }
    let next = try find(name, from: place + 1)
    let isChange = next != nil && extendsItself(found)
    return Override(
      name: name, path: path, kind: isChange ? .change : .whole, bytes: found.bytes, base: isChange ? next?.path : nil)
  }

  /// Whether a profile names itself in `extends`. One that cannot be read counts as a change: the next one is there.
  private func extendsItself(_ found: FoundProfile) -> Bool {
    let checked = checkFile(found.bytes, file: found.path, context)
    guard case .list(let items)? = checked.values["extends"]?.value else { return checked.values.isEmpty }
    return items.contains { $0.name == found.name }
  }

  /// Throws where a word cannot be the name of a profile.
  public func requireName(_ name: String) throws(Diagnostic) {
    if let problem = problem(ofProfileName: name) { throw Diagnostic(problem.message, hint: problem.hint) }
  }

  /// The app id that the name of a menu entry's file gives; nil where it is not reverse DNS.
  public func appID(ofMenuFile name: String) -> String? {
    let id = name.hasSuffix(".desktop") ? String(name.dropLast(8)) : name
    return (try? check(id, .appID)) == nil ? nil : id
  }

  /// The text of a file that changes nothing yet. `id` and `summary` are written again, because neither is inherited:
  /// without them portals would know the app by another name.
  public func emptyOverride(of base: MergedProfile) -> [UInt8] {
    var text = """
      # Your changes of the profile "\(escaped(base.name))". Everything that is not said here is as it says, after upgrades too.
      version = 1

      """
    for key in ["id", "summary"] {
      if case .text(let value)? = base.values[key]?.value { text += "\(key) = \(quoted(value))\n" }
    }
    return Array((text + "extends = [\(quoted(base.name))]\n").utf8)
  }

  /// The text of a profile with options of the command line written into it. What an option contradicts in that file
  /// is taken out: the last word about a path, a variable or a mode stands.
  ///
  /// - Parameters:
  ///   - bytes: the text as it is.
  ///   - file: its path.
  ///   - merged: the profile as it is now, with everything that it extends; its other files' rules are lifted with `"!P"`
  ///     where an option could not stand against them.
  public func writing(_ options: [OptionSetting], into bytes: [UInt8], file: String, over merged: MergedProfile)
    throws(Diagnostic) -> [UInt8]
  {
    var draft = OptionWriter(loader: self, file: file, merged: merged, bytes: bytes)
    for option in options {
      let value: Item
      do {
        value = try item(option)
      } catch {
        throw Diagnostic("\(option.option): \(error.message)", at: .option(option.option), hint: error.hint)
      }
      do {
        try draft.write(option, value)
      } catch {
        // What is wrong with the file has its place already.
        if error.origin != nil { throw error }
        throw Diagnostic(error.message, at: .option(option.option), hint: error.hint)
      }
    }
    return draft.bytes
  }
}

extension PathContext {
  /// What a path that a profile may hold stands for; nil where it stands for nothing or is none.
  public func absolute(_ written: String) -> String? { (try? expand(written, self))?.absolute }

  /// A path as a profile should name it, so that it holds for another home too: by the longest `xdg-` name that it
  /// stands at or below, by `~`, or as it is.
  public func portable(_ absolute: String) -> String {
    var best = (name: "", path: "")
    for name in xdgNames {
      guard case .absolute(let path) = meaning(ofXDG: name), isPath(absolute, atOrBelow: path) else { continue }
      if path.utf8.count > best.path.utf8.count { best = (name, path) }
    }
    if best.name.isEmpty, home != "/", isPath(absolute, atOrBelow: home) { best = ("~", home) }
    return best.name + String(Substring(absolute.utf8.dropFirst(best.path.utf8.count)))
  }
}

extension ProfileLoader {
  /// The same loader, for which a file has another text, or is there at all: so a change is tried before it is written,
  /// and told about afterwards.
  ///
  /// - Parameters:
  ///   - path: absolute, as the search order finds it.
  ///   - bytes: the text; nil: the file is not there.
  public func replacing(_ path: String, with bytes: [UInt8]?) -> ProfileLoader {
    let (uid, gid, read) = (callerUID, callerGID, read)
    return ProfileLoader(
      search: search, context: context, callerUID: uid, callerGID: gid, isProgram: isProgram, list: list
    ) { asked in
      guard asked.utf8.elementsEqual(path.utf8) else { return read(asked) }
      return bytes.map { .file($0, uid: uid, gid: gid, mode: 0o600) } ?? .failed(noEntry, "")
    }
  }
}
