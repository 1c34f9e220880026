/// One key of the profile format: its name, what it takes, its help and its default.
///
/// The list of all of them (`Key.all`) is the one description of the format: reading, merging, `show`, the JSON schema,
/// the man page and completions come from it.
public struct Key: Hashable, Sendable {
  /// Dotted: `files.root`.
  public var name: String
  /// What it takes.
  public var kind: Kind
  /// One line, without a full stop.
  public var help: String
  /// What stands where no layer writes it; nil is nothing.
  public var defaultValue: Value?
  /// Whether layers that extend a profile get its value; not so for `version`, `id` and `summary`.
  public var isInherited: Bool
  /// What to write in its place, where it is only read for the sake of old profiles; nil where it is to be used.
  public var deprecated: String?

  init(
    _ name: String, _ kind: Kind, _ help: String, default value: Value? = nil, isInherited: Bool = true,
    deprecated: String? = nil
  ) {
    self.name = name
    self.kind = kind
    self.help = help
    self.defaultValue = value
    self.isInherited = isInherited
    self.deprecated = deprecated
  }

  /// The table it stands in, `files` of `files.root`; empty at the top.
  public var table: String { splitKey(name).table }
  /// The last name, `root` of `files.root`.
  public var leaf: String { splitKey(name).leaf }

  /// The key of a dotted name.
  public static func named(_ name: String) -> Key? { index[name] }
  /// Whether a dotted name is a table of the format.
  public static func isTable(_ name: String) -> Bool { tables.contains(name) }

  /// Dotted names of all tables.
  public static let tables: Set<String> = {
    var names: Set<String> = []
    for key in all {
      var table = key.table
      while !table.isEmpty {
        names.insert(table)
        table = splitKey(table).table
      }
    }
    return names
  }()

  private static let index: [String: Key] = {
    var index: [String: Key] = [:]
    for key in all where index[key.name] == nil { index[key.name] = key }
    return index
  }()
}

/// What a key takes.
public indirect enum Kind: Hashable, Sendable {
  case boolean
  case word([String])
  /// True, false or one of the words.
  case booleanOr([String])
  case integer(ClosedRange<Int64>)
  /// Bytes, as an integer or with K, M, G, T (powers of 1024).
  case size(allowsPercent: Bool, minimum: UInt64)
  /// A number with ms, s, m or h, or one of the words `none` and `forever`.
  case duration
  /// A signal's name with or without SIG, or `none`.
  case signal
  /// Octal: `"0755"` or `0o755`, up to the number given.
  case mode(UInt32)
  case text(TextKind)
  case path
  /// A path, or a table `{ path, at, if-missing }`.
  case entry
  /// A list whose items are appended over the layers.
  case list(Kind)
  /// A list that a later layer replaces.
  case replacedList(Kind)
  /// A table with names of the person's choice.
  case map(TextKind, Kind)
  /// `[[files.op]]`.
  case ops
  /// A table whose being there says something, like `[bus.session]`.
  case table

  /// What it takes, in words: the end of "expected ...".
  public var expected: String {
    switch self {
    case .boolean: "true or false"
    case .word(let words): "one of " + quotedList(words)
    case .booleanOr(let words): "true, false" + (words.count == 1 ? " or " : ", ") + quotedList(words)
    case .integer(let range) where range.count == 1: "the number \(range.lowerBound)"
    case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .size(true, _): "a size such as \"512M\", \"4G\" or \"10%\", or a number of bytes"
    case .size(false, _): "a size such as \"512M\" or \"4G\", or a number of bytes"
    case .duration: "a duration such as \"300ms\", \"5s\", \"2m\" or \"1h\", \"none\" or \"forever\""
    case .signal: "the name of a signal such as \"TERM\", or \"none\""
    case .mode: "an octal number such as \"0755\" or 0o755"
    case .text(let kind): kind.expected
    case .path: "a path"
    case .entry: "a path or a table { path, at, if-missing }"
    case .list(let item), .replacedList(let item): "a list, each item \(item.expected)"
    case .map(_, let value): "a table, each value \(value.expected)"
    case .ops: "a list of tables, written [[files.op]]"
    case .table: "a table, or false"
    }
  }
}

/// What a text has to look like.
public enum TextKind: Hashable, Sendable {
  case line, argument, program, profileName, appID, hostname, environmentName, environmentValue, busName, busRule
  case systemCall, key, cpu

  var expected: String {
    switch self {
    case .line: "one line of text"
    case .argument: "a string"
    case .program: "the name or path of a program"
    case .profileName: "the name of a profile"
    case .appID: "a reverse-DNS name such as \"org.example.App\""
    case .hostname: "a host name of at most 64 letters, digits, \"-\" and \".\""
    case .environmentName: "the name of a variable"
    case .environmentValue: "a string"
    case .busName: "a bus name such as \"org.example.App\" or \"org.example.App.*\""
    case .busRule: "a rule such as \"org.example.Interface.*@/path\""
    case .systemCall: "the name of a system call"
    case .key: "a key or table of the profile format such as \"landlock\""
    case .cpu: "a share of one processor such as \"50%\" or \"150%\""
    }
  }
}

extension TextKind {
  /// The trouble of a text that does not look like it.
  var cause: Cause {
    switch self {
    case .line, .argument, .program, .environmentValue: .badText
    case .profileName: .badProfileName
    case .appID: .badID
    case .hostname: .badHostname
    case .environmentName: .badVariableName
    case .busName: .badBusName
    case .busRule: .badBusRule
    case .systemCall: .unknownSystemCall
    case .key: .unknownKey
    case .cpu: .badNumber
    }
  }
}

func quotedList(_ words: [String]) -> String {
  let quoted = words.map { "\"\($0)\"" }
  guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
  return quoted.dropLast().joined(separator: ", ") + " or " + last
}

/// `files` and `root` of `files.root`.
func splitKey(_ name: String) -> (table: String, leaf: String) {
  guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return ("", name) }
  return (String(name[..<dot]), String(name[name.utf8.index(after: dot)...]))
}
