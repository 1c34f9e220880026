import SnugPlan
import SnugProfile

/// The JSON Schema of the profile format, draft-07: what taplo and the TOML extensions of editors read.
///
/// It says what one value has to look like. What needs more than one value, the machine or the other layers is for
/// `snug lint`.
public func profileSchema() -> JSON {
  .object([
    .init("$schema", .text("http://json-schema.org/draft-07/schema#")),
    .init("title", .text("Snug profile")),
    .init("description", .text("What an app may see, change and reach; see snug-profile(5).")),
    .init("type", .text("object")),
    .init("required", .texts(["version"])),
    .init("additionalProperties", .boolean(false)),
    .init("properties", .object(properties(of: ""))),
    .init(
      "definitions",
      .object([
        .init("path", patterned(pathPattern)),
        .init("entry", entrySchema(pathEntryFields)),
        .init("hidden", entrySchema(hiddenEntryFields)),
        .init("op", opSchema()),
      ])),
  ])
}

/// Nothing is made for a hidden path, and it stands at its own place.
private let hiddenEntryFields = pathEntryFields.compactMap { field -> Field? in
  var field = field
  if field.name == "at" { return nil }
  if case .word(let words) = field.kind { field.kind = .word(words.filter { $0 != IfMissing.create.rawValue }) }
  return field
}

private func properties(of table: String) -> [JSON.Member] {
  var members: [JSON.Member] = []
  var done: Set<String> = []
  for key in Key.all {
    guard let name = child(of: table, in: key.name), done.insert(name).inserted else { continue }
    let dotted = table.isEmpty ? name : table + "." + name
    if Key.isTable(dotted) {
      members.append(.init(name, tableSchema(dotted)))
    } else {
      members.append(.init(name, keySchema(key)))
    }
  }
  return members
}

/// `root` of `files.root` in `files`; nil where the key is not in the table.
private func child(of table: String, in key: String) -> String? {
  let prefix = table.isEmpty ? "" : table + "."
  guard key.hasPrefix(prefix), key != table else { return nil }
  return key.dropFirst(prefix.count).split(separator: ".").first.map(String.init)
}

/// A table, or `false`, which takes out what layers below say in it.
private func tableSchema(_ name: String) -> JSON {
  var help = Key.named(name).map(sentence) ?? (tableHelp[name] ?? "")
  help += " Write false in place of the table to take out what extended profiles say in it."
  return .object([
    .init("description", .text(help)),
    .init("type", .texts(["object", "boolean"])),
    .init("not", .object([.init("const", .boolean(true))])),
    .init("additionalProperties", .boolean(false)),
    .init("properties", .object(properties(of: name))),
  ])
}

private func keySchema(_ key: Key) -> JSON {
  var members: [JSON.Member] = [.init("description", .text(sentence(key)))]
  if let value = key.defaultValue { members.append(.init("default", json(value))) }
  let hidden = JSON.object([.init("type", .text("array")), .init("items", reference("hidden"))])
  let kind = key.name == "files.hide" ? hidden : schema(of: key.kind)
  // draft-07 passes over what stands beside a $ref.
  if case .object(let own) = kind, !own.contains(where: { $0.key == "$ref" }) {
    members += own
  } else {
    members.append(.init("allOf", .list([kind])))
  }
  return .object(members)
}

/// A key's help as a sentence.
func sentence(_ key: Key) -> String { key.help + "." }

/// A path, `"!path"`, or a table.
private func entrySchema(_ fields: [Field]) -> JSON {
  .object([
    .init("type", .texts(["string", "object"])),
    .init("pattern", .text("^!?(?:\(pathPattern))$")),
    .init("additionalProperties", .boolean(false)),
    .init("required", .texts(fields.filter(\.isRequired).map(\.name))),
    .init("properties", .object(fields.map { .init($0.name, schema(of: $0.kind)) })),
  ])
}

/// `[[files.op]]`: all fields there are, for completion, and what each op takes of them.
private func opSchema() -> JSON {
  var all: [Field] = []
  for field in exactOpFields.flatMap(\.fields) {
    if let index = all.firstIndex(where: { $0.name == field.name }) {
      all[index].kind = joined(all[index].kind, field.kind)
    } else {
      all.append(field)
    }
  }
  let words = JSON.object([.init("enum", .texts(exactOpFields.map(\.op)))])
  return .object([
    .init("type", .text("object")),
    .init("additionalProperties", .boolean(false)),
    .init("required", .texts(["op", "target"])),
    .init("properties", .object([.init("op", words)] + all.map { .init($0.name, schema(of: $0.kind)) })),
    .init("allOf", .list(exactOpFields.map { condition($0.op, $0.fields) })),
  ])
}

/// One kind for a field whose words differ from op to op.
private func joined(_ one: Kind, _ other: Kind) -> Kind {
  guard case .word(let words) = one, case .word(let more) = other else { return one }
  return .word(words + more.filter { !words.contains($0) })
}

private func condition(_ op: String, _ fields: [Field]) -> JSON {
  let isOp = JSON.object([
    .init("required", .texts(["op"])),
    .init("properties", .object([.init("op", .object([.init("const", .text(op))]))])),
  ])
  let names = fields.map(\.name)
  var members: [JSON.Member] = [
    .init("required", .texts(fields.filter(\.isRequired).map(\.name))),
    .init("propertyNames", .object([.init("enum", .texts(["op"] + names))])),
    .init("properties", .object(fields.map { .init($0.name, schema(of: $0.kind)) })),
  ]
  if names.contains("text"), names.contains("base64") {
    let ways = ["text", "base64"].map { JSON.object([.init("required", .texts([$0]))]) }
    members.append(.init("oneOf", .list(ways)))
  }
  if names.contains("upper"), names.contains("work") {
    members.append(
      .init("dependencies", .object([.init("upper", .texts(["work"])), .init("work", .texts(["upper"]))])))
  }
  return .object([.init("if", isOp), .init("then", .object(members))])
}

private func json(_ value: Value) -> JSON {
  switch value {
  case .boolean(let on): .boolean(on)
  case .text(let text): .text(text)
  case .integer(let number): .integer(number)
  case .size(.bytes(let bytes)): .integer(bytes)
  case .size(.percent(let share)): .text("\(share)%")
  case .wait(let wait): .text(showWait(wait))
  case .signal(let number): .text(number.map(signalText) ?? "none")
  case .path(let path): .text(path.written)
  case .entry(let entry): .text(entry.path.written)
  case .list(let items): .list(items.map { json($0.value) })
  case .map, .op, .table: .object([])
  }
}
