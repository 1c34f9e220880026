/// Everything wrong with what was asked for; at least one.
public struct ProfileErrors: Error, Sendable {
  /// In the order of files and lines.
  public var diagnostics: [Diagnostic]

  /// Joins them.
  public init(diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  /// All of them as a person reads them.
  public var text: String { diagnostics.map({ $0.text }).joined(separator: "\n") }
}

/// One option of the command line that sets a key.
public struct OptionSetting: Hashable, Sendable {
  /// Dotted name of the key: `files.read`, `network.mode`, `environment.set`.
  public var key: String
  /// The option's word: `P` or `HOST:INSIDE`, a mode, `K=V`, a name.
  public var text: String
  /// What the person wrote: `--read`.
  public var option: String

  /// Makes a setting.
  public init(key: String, text: String, option: String) {
    self.key = key
    self.text = text
    self.option = option
  }
}

/// A profile that `snug list` shows.
public struct ListedProfile: Sendable {
  /// The name it is run by.
  public var name: String
  /// The file that stands for the name.
  public var file: String
  /// Its one line; nil where it has none.
  public var summary: String?
  /// argv, or the first program; empty where the profile has none.
  public var command: [String]
  /// Why it cannot be used; nil where it can.
  public var problem: Diagnostic?
}

/// Finds profiles, reads them with all that they extend, and lays the layers over each other.
public struct ProfileLoader: Sendable {
  let search: ProfileSearch
  /// What paths in profiles are expanded with.
  public let context: PathContext
  let callerUID: UInt32
  let callerGID: UInt32
  let isProgram: @Sendable (String) -> Bool
  let list: @Sendable (String) -> [String]
  let read: @Sendable (String) -> ReadResult

  /// Makes a loader.
  ///
  /// - Parameters:
  ///   - search: where names are looked up.
  ///   - context: what paths in profiles are expanded with.
  ///   - callerUID: the caller's user id; only its files and root's are used.
  ///   - callerGID: the caller's primary group.
  ///   - isProgram: whether a word is the name of a program, for a hint.
  ///   - list: the names in a directory; empty where it cannot be read.
  ///   - read: reads one file, at most 1 MiB and one byte of it; takes paths as the user wrote them.
  public init(
    search: ProfileSearch, context: PathContext, callerUID: UInt32, callerGID: UInt32,
    isProgram: @escaping @Sendable (String) -> Bool = { _ in false },
    list: @escaping @Sendable (String) -> [String] = { _ in [] }, read: @escaping @Sendable (String) -> ReadResult
  ) {
    self.search = search
    self.context = context
    self.callerUID = callerUID
    self.callerGID = callerGID
    self.isProgram = isProgram
    self.list = list
    self.read = read
  }

  /// The typed profile of a name or file.
  public func load(_ nameOrPath: String, options: [OptionSetting] = []) throws(ProfileErrors) -> Profile {
    try merge(nameOrPath, options: options).profile
  }

  /// The merged layers of a name or file with the options of the command line on top.
  public func merge(_ nameOrPath: String, options: [OptionSetting] = []) throws(ProfileErrors) -> MergedProfile {
    let found: FoundProfile
    do { found = try find(nameOrPath) } catch { throw ProfileErrors(diagnostics: [error]) }
    return try merge(found, at: position(of: found.path, found.name), options)
  }

  /// The merged layers of a text that is no file of its own: an earlier version of one, out of a repository. Nobody's
  /// ownership is judged.
  ///
  /// - Parameters:
  ///   - bytes: the text.
  ///   - file: what messages call it.
  ///   - path: where the file is that it is a version of; its name is the profile's, and where it extends that name the
  ///     search goes on behind it.
  public func merge(_ bytes: [UInt8], named file: String, versionOf path: String) throws(ProfileErrors) -> MergedProfile
  {
    let name = profileName(ofFile: path)
    if let problem = problem(ofProfileName: name) {
      throw ProfileErrors(diagnostics: [problem.diagnostic(at: nil)])
    }
    let place = position(of: path, name)
    let isShipped = place.map { search.directories[$0].isShipped } ?? false
    return try merge(FoundProfile(path: file, name: name, isShipped: isShipped, bytes: bytes), at: place, [])
  }

  private func merge(_ found: FoundProfile, at place: Int?, _ options: [OptionSetting]) throws(ProfileErrors)
    -> MergedProfile
  {
    let inspection = inspect(found, at: place)
    var merged = inspection.merged
    var diagnostics = inspection.diagnostics
    for option in options {
      do {
        merged.add(option.key, try item(option))
      } catch {
        diagnostics.append(error.diagnostic(at: .option(option.option), prefix: option.option + ": "))
      }
    }
    if !diagnostics.isEmpty { throw ProfileErrors(diagnostics: diagnostics) }
    return merged
  }

  /// Reads a profile with all that it extends, whatever is wrong with it: what is wrong is left out and told.
  package func inspect(_ found: FoundProfile) -> Inspection {
    inspect(found, at: position(of: found.path, found.name))
  }

  /// The same, `place` being the directory of the search order that it counts as standing in.
  private func inspect(_ found: FoundProfile, at place: Int?) -> Inspection {
    var chain = Chain(loader: self)
    chain.add(found, at: place)
    var below = MergedProfile(name: found.name, file: found.path)
    let top = chain.layers.removeLast()
    for layer in chain.layers {
      below.add(layer.file, isShipped: layer.isShipped, isTop: false, through: layer.entry)
    }
    var merged = below
    merged.add(top.file, isShipped: top.isShipped, isTop: true)
    return Inspection(top: top.file, below: below, merged: merged, diagnostics: chain.diagnostics)
  }

  /// All profiles by name, the ones that another one of the same name stands before left out; broken ones say why.
  public func listed() -> [ListedProfile] {
    names().sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { name in
      do throws(ProfileErrors) {
        let merged = try merge(name)
        let profile = merged.profile
        let command = profile.command?.value ?? profile.programs.prefix(1).map({ $0.value })
        return ListedProfile(name: name, file: merged.file, summary: profile.summary?.value, command: command)
      } catch {
        let file = search.directories.first { list($0.path).contains(name + ".toml") }
        let path = (file?.path ?? "") + "/" + name + ".toml"
        return ListedProfile(name: name, file: path, command: [], problem: error.diagnostics.first)
      }
    }
  }

  /// The value that an option gives its key.
  func item(_ option: OptionSetting) throws(Problem) -> Item {
    guard let key = Key.named(option.key) else { throw Problem(.unknownKey, "unknown key \"\(option.key)\"") }
    let origin = Origin.option(option.option)
    switch key.kind {
    case .list(.entry):
      let entry = try entryOnCommandLine(option.text, context)
      if option.key == "files.hide", entry.at != nil {
        throw Problem(.badOp, "a hidden path has no place inside", hint: "write \\: for a colon in a name")
      }
      return listed(.entry(entry), origin)
    case .list(.path): return listed(.path(try expandOnCommandLine(option.text, context)), origin)
    case .list(let kind), .replacedList(let kind):
      return listed(try parseScalar(option.text, as: kind, context), origin)
    case .map(let names, let kind):
      guard let equals = option.text.utf8.firstIndex(of: UInt8(ascii: "=")) else {
        throw Problem(.badText, "expected NAME=VALUE, found \"\(option.text)\"")
      }
      let name = String(option.text[..<equals])
      try check(name, names)
      let value = try parseScalar(String(option.text[option.text.utf8.index(after: equals)...]), as: kind, context)
      return Item(.map([Item(value, identity: Array(name.utf8), origin: origin)]), origin: origin)
    case .path: return Item(.path(try expandOnCommandLine(option.text, context)), origin: origin)
    case .boolean, .booleanOr:
      if option.text == "true" || option.text == "false" {
        return Item(.boolean(option.text == "true"), origin: origin)
      }
      throw Problem(.wrongType, "expected \(key.kind.expected), found \"\(option.text)\"")
    default: return Item(try parseScalar(option.text, as: key.kind, context), origin: origin)
    }
  }

  private func listed(_ value: Value, _ origin: Origin) -> Item {
    Item(.list([Item(value, identity: identity(of: value), origin: origin)]), origin: origin)
  }
}

/// A profile read as far as it can be.
package struct Inspection: Sendable {
  /// The file itself, as written.
  package var top: CheckedFile
  /// What it extends, merged, without the file itself.
  package var below: MergedProfile
  /// All layers merged.
  package var merged: MergedProfile
  /// Everything wrong with the file and with what it extends.
  package var diagnostics: [Diagnostic]
}

/// The `extends` chain while it is flattened: depth first, left to right, each file once, at its first place.
private struct Chain {
  let loader: ProfileLoader
  var layers: [(file: CheckedFile, isShipped: Bool, entry: Origin?)] = []
  var diagnostics: [Diagnostic] = []
  private var done: Set<[UInt8]> = []
  private var open: [(path: [UInt8], name: String)] = []
  /// The entry of the first file that is being followed.
  private var entry: Origin?

  init(loader: ProfileLoader) { self.loader = loader }

  /// Adds what a profile extends, then the profile. `position` is its directory in the search order.
  mutating func add(_ found: FoundProfile, at position: Int?) {
    let path = key(found, position)
    let checked = checkFile(found.bytes, file: found.path, loader.context)
    diagnostics += checked.diagnostics
    open.append((path, found.name))
    if case .list(let items)? = checked.values["extends"]?.value {
      for item in items {
        if open.count == 1 { entry = item.origin }
        extend(item, of: found, position, checked.source)
      }
    }
    open.removeLast()
    done.insert(path)
    layers.append((checked, found.isShipped, open.isEmpty ? nil : entry))
  }

  private mutating func extend(_ item: Item, of found: FoundProfile, _ position: Int?, _ source: SourceText) {
    func report(_ cause: Cause?, _ message: String, hint: String? = nil, correction: Correction? = nil) {
      let line = source.line(at: item.origin)
      diagnostics.append(
        Diagnostic(message, cause, at: item.origin, sourceLine: line, hint: hint, correction: correction))
    }
    let isOwnName = item.name == found.name
    do {
      // Its own name is the next file of that name, so that a changed profile keeps what it changes.
      guard let base = try loader.find(item.name, from: isOwnName ? position.map { $0 + 1 } ?? 0 : 0) else {
        if isOwnName { return report(.unknownProfile, "there is no other profile \"\(item.name)\" to extend") }
        return report(
          .unknownProfile, "no profile is called \"\(item.name)\"", hint: loader.hint(forUnknown: item.name),
          correction: Correction(item.name, among: loader.names()))
      }
      let place = loader.position(of: base.path, base.name)
      let path = key(base, place)
      if let start = open.firstIndex(where: { $0.path == path }) {
        let loop = (open[start...].map({ $0.name }) + [base.name]).joined(separator: " -> ")
        return report(.extendsLoop, "the profile extends itself in a loop: \(loop)")
      }
      if open.count == 64 { return report(.extendsLoop, "profiles extend each other more than 64 deep") }
      if !done.contains(path) { add(base, at: place) }
    } catch {
      report(error.cause, error.message, hint: error.hint)
    }
  }

  /// One file has one key, however it was asked for.
  private func key(_ found: FoundProfile, _ position: Int?) -> [UInt8] {
    let path = position.map { loader.search.directories[$0].path + "/" + found.name + ".toml" } ?? found.path
    return Array(path.utf8)
  }
}
