import SnugPlan
import SnugProfile

/// What a value of a kind has to look like.
///
/// Where a value may be of two types, both stand in one schema, and each keyword holds for its type alone: of `anyOf` an
/// editor says only that nothing fits, of the whole table.
func schema(of kind: Kind) -> JSON {
  switch kind {
  case .boolean: return .object([.init("type", .text("boolean"))])
  case .word(let words): return .object([.init("enum", .texts(words))])
  case .booleanOr(let words):
    return .object([.init("enum", .list([.boolean(true), .boolean(false)] + words.map { .text($0) }))])
  case .integer(let range) where range.count == 1: return .object([.init("const", .integer(range.lowerBound))])
  case .integer(let range): return integer(from: range.lowerBound, to: range.upperBound)
  case .size(_, let minimum): return integer(from: minimum, to: UInt64(Int64.max), or: pattern(of: kind))
  case .mode(let limit): return integer(from: 0, to: limit, or: pattern(of: kind))
  case .duration, .signal: return patterned(pattern(of: kind))
  case .text(.key): return .object([.init("enum", .texts(keyWords))])
  case .text(let text): return textSchema(text)
  case .path: return reference("path")
  case .entry: return reference("entry")
  case .list(let item): return .object([.init("type", .text("array")), .init("items", listItem(item))])
  case .replacedList(let item):
    var members: [JSON.Member] = [.init("type", .text("array")), .init("items", schema(of: item))]
    // The first word of a command is its program.
    if case .text(.argument) = item { members.append(.init("minItems", .integer(1))) }
    return .object(members)
  case .map(let names, let value):
    return .object([
      .init("type", .text("object")), .init("propertyNames", textSchema(names)),
      .init("additionalProperties", schema(of: value)),
    ])
  case .ops: return .object([.init("type", .text("array")), .init("items", reference("op"))])
  case .table: return .object([.init("type", .text("object"))])
  }
}

/// An item of a list that layers append to: `"!item"` takes one out.
private func listItem(_ kind: Kind) -> JSON {
  switch kind {
  case .word(let words): .object([.init("enum", .texts(words + words.map { "!" + $0 }))])
  case .text(.key): .object([.init("enum", .texts(keyWords + keyWords.map { "!" + $0 }))])
  case .integer(let range): integer(from: range.lowerBound, to: range.upperBound, or: "!" + pattern(of: kind))
  case .entry: reference("entry")
  default: patterned("!?(?:\(pattern(of: kind)))")
  }
}

/// The names that `optional` takes.
private let keyWords = Key.all.map(\.name) + Key.tables.sorted().filter { Key.named($0) == nil }

/// A schema that stands under `definitions`.
func reference(_ name: String) -> JSON { .object([.init("$ref", .text("#/definitions/" + name))]) }

/// A string that the pattern matches as a whole.
func patterned(_ pattern: String) -> JSON {
  .object([.init("type", .text("string")), .init("pattern", .text("^(?:\(pattern))$"))])
}

/// A path of a profile: absolute, or below `~`, `.` or an XDG name; no component `..`.
let pathPattern =
  #"(?!(?:[^\u0000]*/)?\.\.(?:/|$))(?:/|(?:~|\.|xdg-(?:"#
  + xdgNames.map { String($0.dropFirst("xdg-".count)) }.joined(separator: "|") + #"))(?:/|$))[^\u0000]*"#

private func integer(from lowest: some BinaryInteger, to highest: some BinaryInteger, or pattern: String? = nil) -> JSON
{
  let type: JSON = pattern == nil ? .text("integer") : .texts(["integer", "string"])
  let text = pattern.map { [JSON.Member("pattern", .text("^(?:\($0))$"))] } ?? []
  return .object(
    [.init("type", type), .init("minimum", .integer(lowest)), .init("maximum", .integer(highest))] + text)
}

private func textSchema(_ text: TextKind) -> JSON {
  switch text {
  case .argument, .environmentValue: .object([.init("type", .text("string"))])
  case .hostname:
    .object([
      .init("type", .text("string")), .init("maxLength", .integer(64)),
      .init("pattern", .text("^(?:\(pattern(of: text)))$")),
    ])
  default: patterned(pattern(of: text))
  }
}

/// The pattern of a kind where it is written as a string, without anchors: ECMA 262 as JSON Schema has it.
private func pattern(of kind: Kind) -> String {
  switch kind {
  case .word(let words), .booleanOr(let words): words.joined(separator: "|")
  case .integer: "[0-9]+"
  case .size(let allowsPercent, let minimum):
    (minimum > 0 ? "0*[1-9][0-9]*" : "[0-9]+") + "[KMGT]?" + (allowsPercent ? "|0*(?:[1-9][0-9]?|100)%" : "")
  case .duration: "none|forever|[0-9]+(?:ms|s|m|h)"
  case .signal: "none|(?:SIG)?(?:" + (1...31).map { signalText($0) }.joined(separator: "|") + ")"
  case .mode: "[0-7]{1,5}"
  case .text(let text): pattern(of: text)
  case .path, .entry: pathPattern
  case .boolean, .list, .replacedList, .map, .ops, .table: ""
  }
}

private func pattern(of text: TextKind) -> String {
  let element = "[A-Za-z_-][A-Za-z0-9_-]*"
  let label = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
  return switch text {
  case .line: #"[^\u0000-\u001f\u007f]*"#
  case .argument, .environmentValue: #"[^\u0000]*"#
  case .program: #"[^\u0000]*[^/\u0000]"#
  case .profileName: #"[^./\u0000-][^/\u0000]*"#
  case .appID: element + #"(?:\."# + element + ")+"
  case .hostname: label + #"(?:\."# + label + ")*"
  case .environmentName: #"[^=\u0000]+"#
  case .busName: element + #"(?:\."# + element + #")+(?:\.\*)?"#
  case .busRule: "[!-~]+"
  case .systemCall: "[a-z_][a-z0-9_]*"
  case .key: keyWords.map(escapedDots).joined(separator: "|")
  case .cpu: "0*[1-9][0-9]{0,5}%"
  }
}

private func escapedDots(_ name: String) -> String { name.split(separator: ".").joined(separator: #"\."#) }
