/// One profile, checked: what it says for each key, and everything wrong with it.
package struct CheckedFile: Sendable {
  package var source: SourceText
  /// As written, in source order; empty where the text is no TOML.
  package var entries: [TOMLEntry] = []
  /// By dotted name. `false` in place of a table stands at the table's name.
  package var values: [String: Item]
  package var diagnostics: [Diagnostic]
}

/// Most problems of one file that are told.
private let mostDiagnostics = 100

/// Most entries of one list.
let longestList = 10_000

/// Reads one profile against the list of keys. Everything wrong is collected, each with its place and its line.
func checkFile(_ bytes: [UInt8], file: String, _ context: PathContext) -> CheckedFile {
  let source = SourceText(file: file, bytes: bytes.count > longestFile ? [] : bytes)
  var checker = Checker(context: context, file: file)
  var entries: [TOMLEntry] = []
  do {
    entries = try parseTOML(bytes, file: file)
    checker.check(entries)
  } catch {
    checker.diagnostics.append(error)
  }
  let diagnostics = checker.diagnostics.map { diagnostic in
    var diagnostic = diagnostic
    diagnostic.sourceLine = source.line(at: diagnostic.origin)
    return diagnostic
  }
  return CheckedFile(source: source, entries: entries, values: checker.values, diagnostics: diagnostics)
}

/// Walks the tree of one file.
struct Checker {
  let context: PathContext
  let file: String
  var values: [String: Item] = [:]
  var diagnostics: [Diagnostic] = []

  mutating func check(_ entries: [TOMLEntry]) {
    guard let version = entries.first(where: { $0.key == "version" }) else {
      let start = Origin(file: file, line: 1, column: 1)
      let hint = "begin the profile with version = 1"
      diagnostics.append(Diagnostic("\"version\" is missing", .badVersion, at: start, hint: hint))
      return check(table: entries, prefix: "")
    }
    // The keys of another version are not known here: its other lines would be called wrong for no reason.
    if case .integer(let number, _) = version.value.content, number != 1 {
      let hint = number > 1 ? "this profile needs a newer Snug" : "write version = 1"
      report(Problem(.badVersion, "version \(number) is not known, only 1", hint: hint), at: version.value.origin)
      return
    }
    check(table: entries, prefix: "")
  }

  private mutating func check(table entries: [TOMLEntry], prefix: String) {
    // Nothing more is told, and looking for the nearest of all keys 100,000 times takes a minute.
    for entry in entries where !isFull {
      let name = prefix + entry.key
      // A quoted "files.read" is one name with a dot in it, and none of ours.
      if entry.key.utf8.contains(UInt8(ascii: ".")) {
        report(unknown(entry.key, prefix), at: entry.keyOrigin)
      } else if let key = Key.named(name), key.kind != .table {
        if let value = value(entry.value, key.kind, name) {
          values[name] = Item(value, origin: entry.value.origin)
        }
      } else if Key.isTable(name) {
        checkTable(entry, name)
      } else {
        report(unknown(entry.key, prefix), at: entry.keyOrigin)
      }
    }
  }

  private mutating func checkTable(_ entry: TOMLEntry, _ name: String) {
    switch entry.value.content {
    case .table(let entries):
      if Key.named(name) != nil { values[name] = Item(.table, origin: entry.value.origin) }
      check(table: entries, prefix: name + ".")
    case .boolean(false): values[name] = Item(.table, origin: entry.value.origin, takesOut: true)
    default:
      report(
        Problem(.wrongType, "\(name): expected a table, or false, found \(entry.value.kind)"), at: entry.value.origin)
    }
  }

  private func unknown(_ key: String, _ prefix: String) -> Problem {
    let table = String(prefix.dropLast())
    let place = table.isEmpty ? "" : " in [\(table)]"
    let names = Key.all.map({ $0.name }) + Key.tables.sorted()
    let near = Correction(key, among: names.filter { splitKey($0).table == table }.map { splitKey($0).leaf })
    // No correction: the line would have to move to another table.
    let elsewhere = near == nil ? names.first { splitKey($0).leaf == key && $0 != prefix + key } : nil
    return Problem(
      .unknownKey, "unknown key \"\(key)\"\(place)", hint: elsewhere.map { "did you mean \"\($0)\"?" }, correction: near
    )
  }

  /// The value of a node; nil where it is wrong, which is reported.
  mutating func value(_ node: TOMLNode, _ kind: Kind, _ name: String) -> Value? {
    switch (kind, node.content) {
    case (.boolean, .boolean(let on)), (.booleanOr, .boolean(let on)): return .boolean(on)
    case (.integer(let range), .integer(let number, _)) where range.contains(number): return .integer(number)
    case (.size(_, let minimum), .integer(let number, _)) where number >= 0 && UInt64(number) >= minimum:
      return .size(.bytes(UInt64(number)))
    case (.mode(let limit), .integer(let number, let isOctal)):
      if isOctal, (0...Int64(limit)).contains(number) { return .integer(number) }
      report(
        Problem(.badNumber, "\(name): expected \(kind.expected), found \(number)", hint: "write 0o\(number)"),
        at: node.origin)
      return nil
    case (.integer, .integer(let number, _)), (.size, .integer(let number, _)):
      let cause: Cause = if case .size = kind { .impossibleSize } else { .badNumber }
      report(Problem(cause, "\(name): expected \(kind.expected), found \(number)"), at: node.origin)
      return nil
    case (.list(let item), .array(let nodes)): return list(nodes, item, name, takesOut: true, node.origin)
    case (.replacedList(let item), .array(let nodes)): return list(nodes, item, name, takesOut: false, node.origin)
    case (.map(let names, let element), .table(let entries)): return map(entries, names, element, name)
    case (.ops, .array(let nodes)):
      if isTooLong(nodes.count, name, node.origin) { return nil }
      return .list(nodes.compactMap { op($0) })
    case (.entry, .table(let entries)): return self.entry(entries, name, node.origin)
    case (_, .string(let text)):
      do {
        return try parseScalar(text, as: kind, context)
      } catch {
        report(error, at: node.origin, prefix: name + ": ")
        return nil
      }
    default:
      report(Problem(.wrongType, "\(name): expected \(kind.expected), found \(node.kind)"), at: node.origin)
      return nil
    }
  }

  private mutating func isTooLong(_ count: Int, _ name: String, _ origin: Origin) -> Bool {
    if count <= longestList { return false }
    report(Problem(.longList, "\(name): the list has more than \(longestList) entries"), at: origin)
    return true
  }

  private mutating func list(_ nodes: [TOMLNode], _ kind: Kind, _ name: String, takesOut: Bool, _ origin: Origin)
    -> Value?
  {
    if isTooLong(nodes.count, name, origin) { return nil }
    if case .text(.program) = kind, nodes.isEmpty { return .list([]) }
    if case .text(.argument) = kind, nodes.isEmpty {
      report(Problem(.badText, "\(name): the list is empty", hint: "the first word is the program"), at: origin)
      return nil
    }
    var items: [Item] = []
    for node in nodes where !isFull {
      var node = node
      var negated = false
      if takesOut, case .string(let text) = node.content, text.hasPrefix("!") {
        negated = true
        let rest = String(text.dropFirst())
        node.content = .string(rest)
        if case .integer = kind, let number = Int64(rest) { node.content = .integer(number, isOctal: false) }
      }
      if let value = value(node, kind, name) {
        items.append(Item(value, identity: identity(of: value), origin: node.origin, takesOut: negated))
      }
    }
    return .list(items)
  }

  private mutating func map(_ entries: [TOMLEntry], _ names: TextKind, _ kind: Kind, _ name: String) -> Value? {
    var items: [Item] = []
    for entry in entries where !isFull {
      do {
        try SnugProfile.check(entry.key, names)
      } catch {
        report(error, at: entry.keyOrigin, prefix: name + ": ")
        continue
      }
      if let value = value(entry.value, kind, "\(name).\(entry.key)") {
        items.append(Item(value, identity: Array(entry.key.utf8), origin: entry.value.origin))
      }
    }
    return .map(items)
  }

  private mutating func entry(_ entries: [TOMLEntry], _ name: String, _ origin: Origin) -> Value? {
    let fields = fields(entries, pathEntryFields, name, origin)
    guard fields.isComplete, let path = fields.path("path") else { return nil }
    if name == "files.hide", fields.path("at") != nil || fields.word("if-missing") == IfMissing.create {
      report(
        Problem(.badOp, "\(name): nothing is made for a hidden path", hint: "only if-missing = \"skip\" or \"fail\""),
        at: origin)
      return nil
    }
    return .entry(PathEntry(path: path, at: fields.path("at"), ifMissing: fields.word("if-missing")))
  }

  /// What a person reads of hundreds is the beginning; a broken file of 1 MiB would give 100,000.
  var isFull: Bool { diagnostics.count > mostDiagnostics }

  mutating func report(_ problem: Problem, at origin: Origin, prefix: String = "") {
    if diagnostics.count == mostDiagnostics {
      diagnostics.append(Diagnostic("too many problems in \(file), the rest is not shown", .tooManyProblems))
    }
    if !isFull { diagnostics.append(problem.diagnostic(at: origin, prefix: prefix)) }
  }
}

/// What makes two items of a list the same.
func identity(of value: Value) -> [UInt8] {
  switch value {
  case .text(let text): Array(text.utf8)
  case .integer(let number): Array(String(number).utf8)
  case .path(let path): identity(of: path)
  case .entry(let entry): identity(of: entry.path)
  default: []
  }
}

private func identity(of path: PathValue) -> [UInt8] { Array((path.absolute ?? path.written).utf8) }
