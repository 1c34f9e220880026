/// One key of a table inside a list: of a path entry, or of one `[[files.op]]`.
public struct Field: Hashable, Sendable {
  /// Its name: `if-missing`.
  public var name: String
  /// What it takes.
  public var kind: Kind
  /// Whether it must be there.
  public var isRequired: Bool

  init(_ name: String, _ kind: Kind, isRequired: Bool = false) {
    self.name = name
    self.kind = kind
    self.isRequired = isRequired
  }
}

/// Keys of a path entry that is a table.
public let pathEntryFields = [
  Field("path", .path, isRequired: true), Field("at", .path), Field("if-missing", ifMissingWords),
]

/// Keys of `[[files.op]]` by the word of `op`, in the order of the documentation. `op` itself is not listed.
public let exactOpFields: [(op: String, fields: [Field])] = [
  (
    "bind",
    [
      Field("host", .path, isRequired: true), target, access(.readOnly, .writable, .device),
      Field("if-missing", ifMissingWords),
    ]
  ),
  ("tmpfs", [target, size, mode, access(.readOnly, .writable)]),
  (
    "overlay",
    [
      target, Field("lower", .replacedList(.path), isRequired: true), Field("upper", .path), Field("work", .path), size,
      access(.readOnly, .writable),
    ]
  ),
  ("proc", [target]),
  ("dev", [target]),
  ("mqueue", [target]),
  ("directory", [target, mode]),
  ("file", [target, Field("text", .text(.argument)), Field("base64", .text(.argument)), mode]),
  ("symlink", [target, Field("to", .text(.argument), isRequired: true)]),
  ("remount", [target, access(.readOnly, .writable)]),
]

/// Most lower directories of an overlay: what the kernel takes.
let mostLowers = 500

private let target = Field("target", .path, isRequired: true)
private let size = Field("size", .size(allowsPercent: true, minimum: 1))
private let mode = Field("mode", .mode(0o7777))
private let ifMissingWords = Kind.word(IfMissing.allCases.map({ $0.rawValue }))
private func access(_ words: Access...) -> Field { Field("access", .word(words.map({ $0.rawValue }))) }

/// The checked fields of one table.
struct Fields {
  var values: [String: Value] = [:]
  var isComplete = true

  func path(_ name: String) -> PathValue? { if case .path(let path) = values[name] { path } else { nil } }
  func text(_ name: String) -> String? { if case .text(let text) = values[name] { text } else { nil } }
  func size(_ name: String) -> Size? { if case .size(let size) = values[name] { size } else { nil } }
  func mode(_ name: String) -> UInt32? { if case .integer(let mode) = values[name] { UInt32(mode) } else { nil } }
  func word<Word: RawRepresentable>(_ name: String) -> Word? where Word.RawValue == String {
    text(name).flatMap { Word(rawValue: $0) }
  }
  func paths(_ name: String) -> [PathValue] {
    guard case .list(let items) = values[name] else { return [] }
    return items.compactMap { if case .path(let path) = $0.value { path } else { nil } }
  }
}

extension Checker {
  /// Reads the keys of one table; what is wrong, missing or unknown is reported, and makes it incomplete.
  mutating func fields(_ entries: [TOMLEntry], _ fields: [Field], _ name: String, _ origin: Origin) -> Fields {
    var out = Fields()
    let before = diagnostics.count
    for entry in entries where !isFull {
      guard let field = fields.first(where: { $0.name == entry.key }) else {
        let near = Correction(entry.key, among: fields.map({ $0.name }))
        let hint = near == nil ? "the keys are " + quotedList(fields.map({ $0.name })) : nil
        let message = "unknown key \"\(entry.key)\" in \(name)"
        report(Problem(.unknownKey, message, hint: hint, correction: near), at: entry.keyOrigin)
        continue
      }
      out.values[entry.key] = value(entry.value, field.kind, "\(name): \(entry.key)")
    }
    for field in fields where field.isRequired && !entries.contains(where: { $0.key == field.name }) {
      report(Problem(.missingKey, "\(name): \"\(field.name)\" is missing"), at: origin)
    }
    out.isComplete = diagnostics.count == before
    return out
  }

  /// One `[[files.op]]`.
  mutating func op(_ node: TOMLNode) -> Item? {
    guard case .table(let entries) = node.content else {
      report(Problem(.wrongType, "files.op: expected a table, found \(node.kind)"), at: node.origin)
      return nil
    }
    guard let word = entries.first(where: { $0.key == "op" }) else {
      report(
        Problem(.missingKey, "files.op: \"op\" is missing", hint: "op = " + quotedList(exactOpFields.map({ $0.op }))),
        at: node.origin)
      return nil
    }
    let words = Kind.word(exactOpFields.map({ $0.op }))
    guard case .text(let name) = value(word.value, words, "files.op"),
      let fields = exactOpFields.first(where: { $0.op == name })?.fields
    else { return nil }
    let read = self.fields(entries.filter { $0.key != "op" }, fields, "files.op \(name)", node.origin)
    guard read.isComplete else { return nil }
    do {
      return Item(.op(try exactOp(name, read)), origin: node.origin)
    } catch {
      report(error, at: node.origin, prefix: "files.op \(name): ")
      return nil
    }
  }
}

/// The op that complete fields say.
private func exactOp(_ name: String, _ fields: Fields) throws(Problem) -> ExactOp {
  guard let target = fields.path("target") else { throw Problem(.missingKey, "\"target\" is missing") }
  switch name {
  case "bind":
    guard let host = fields.path("host") else { throw Problem(.missingKey, "\"host\" is missing") }
    return .bind(
      host: host, target: target, access: fields.word("access") ?? .readOnly,
      ifMissing: fields.word("if-missing") ?? .fail)
  case "tmpfs":
    return .tmpfs(
      target: target, size: fields.size("size"), mode: fields.mode("mode") ?? 0o755,
      access: fields.word("access") ?? .writable)
  case "overlay": return try overlay(target, fields)
  case "proc": return .proc(target: target)
  case "dev": return .dev(target: target)
  case "mqueue": return .mqueue(target: target)
  case "directory": return .directory(target: target, mode: fields.mode("mode") ?? 0o755)
  case "file":
    return .file(target: target, content: try content(fields), mode: fields.mode("mode") ?? 0o444)
  case "symlink":
    guard let to = fields.text("to"), !to.isEmpty else { throw Problem(.badPath, "\"to\" is empty") }
    if to.utf8.count > longestPath { throw Problem(.badPath, "\"to\" is longer than \(longestPath) bytes") }
    return .symlink(target: target, to: to)
  default: return .remount(target: target, access: fields.word("access") ?? .readOnly)
  }
}

private func overlay(_ target: PathValue, _ fields: Fields) throws(Problem) -> ExactOp {
  let lower = fields.paths("lower")
  let (upper, work, size) = (fields.path("upper"), fields.path("work"), fields.size("size"))
  let access: Access = fields.word("access") ?? .writable
  if lower.isEmpty { throw Problem(.badOp, "\"lower\" is empty") }
  if lower.count > mostLowers { throw Problem(.badOp, "\"lower\" has more than \(mostLowers) directories") }
  if (upper == nil) != (work == nil) {
    throw Problem(
      .badOp, "\"upper\" and \"work\" go together", hint: "leave both out for an overlay that is thrown away")
  }
  if access == .readOnly {
    if upper != nil { throw Problem(.badOp, "a read-only overlay has no \"upper\" and \"work\"") }
    if lower.count < 2 {
      throw Problem(.badOp, "a read-only overlay needs two or more \"lower\"", hint: "use op = \"bind\"")
    }
  }
  if size != nil, upper != nil || access == .readOnly {
    throw Problem(.badOp, "\"size\" is for an overlay that is thrown away")
  }
  return .overlay(target: target, lower: lower, upper: upper, work: work, size: size, access: access)
}

private func content(_ fields: Fields) throws(Problem) -> [UInt8] {
  switch (fields.text("text"), fields.text("base64")) {
  case (let text?, nil): return Array(text.utf8)
  case (nil, let encoded?):
    guard let bytes = decodeBase64(encoded) else { throw Problem(.badOp, "\"base64\" is not valid base64") }
    return bytes
  default: throw Problem(.badOp, "exactly one of \"text\" and \"base64\" is needed")
  }
}
