import TestSupport
import Testing

@testable import SnugProfile

/// What a generated profile says, told apart from how it is written.
private struct Model: Equatable {
  var lists: [String: [String]] = [:]
  var words: [String: String] = [:]
  var variables: [String: String] = [:]

  init() {}

  /// As the real reader understands a text.
  init(_ text: String) throws {
    let checked = checkFile(Array(text.utf8), file: "x.toml", context)
    try #require(checked.diagnostics.isEmpty, "\(checked.diagnostics.map(\.text))\n\(text)")
    for (name, item) in checked.values where name != "version" {
      switch item.value {
      case .list(let items): lists[name] = items.map { ($0.takesOut ? "!" : "") + $0.name }
      case .map(let items):
        for item in items { if case .text(let text) = item.value { variables[item.name] = text } }
      case .text(let text): words[name] = text
      default: Issue.record("\(name) is unexpected")
      }
    }
  }
}

/// Writes a model down in odd layouts, with a numbered comment wherever one may stand.
private struct Scribe {
  var random: Numbers
  var comments = 0
  var newline = "\n"

  mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

  mutating func comment() -> String {
    guard chance(3) else { return "" }
    comments += 1
    return ["  # ", " #", "\t# \"'[], "].randomElement(using: &random, or: " #") + "c\(comments)."
  }

  mutating func string(_ text: String) -> String {
    switch Int.random(in: 0..<5, using: &random) {
    case 0: "'\(text)'"
    case 1: "'''\(text)'''"
    case 2: "\"\"\"\(text)\"\"\""
    default: "\"\(text)\""
    }
  }

  mutating func item(_ text: String, _ key: String) -> String {
    key.hasPrefix("files.") && !text.hasPrefix("!") && chance(4) ? "{ path = \(string(text)) }" : string(text)
  }

  mutating func list(_ items: [String], _ key: String) -> String {
    let written = items.map { item($0, key) }
    let trailing = chance(2) && !items.isEmpty
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return "[" + written.joined(separator: ",") + (trailing ? "," : "") + "]"
    case 1: return "[ " + written.joined(separator: " , ") + (trailing ? ", " : "") + " ]"
    case 2:
      var out = "["
      for (index, item) in written.enumerated() {
        if chance(2) { out += comment() + newline + "   " }
        out += index == 0 ? item : ", " + item
      }
      return out + (trailing ? "," : "") + comment() + newline + "]"
    default:
      var out = "[" + comment() + newline
      for (index, item) in written.enumerated() {
        if chance(3) { out += "  " + comment() + newline }
        out += "    " + item + (index < written.count - 1 || trailing ? "," : "") + comment() + newline
      }
      return out + (chance(3) ? "  " + comment() + newline : "") + "  ]"
    }
  }

  /// The lines of one table below a prefix, for lines of their own.
  mutating func statements(_ table: String, _ model: Model) -> [String] {
    var out: [String] = []
    for (key, items) in model.lists.sorted(by: { $0.key < $1.key }) where splitKey(key).table == table {
      out.append("\(splitKey(key).leaf) = " + list(items, key))
    }
    for (key, word) in model.words.sorted(by: { $0.key < $1.key }) where splitKey(key).table == table {
      out.append("\(splitKey(key).leaf)=" + string(word))
    }
    if table == "environment", !model.variables.isEmpty {
      let pairs = model.variables.sorted { $0.key < $1.key }.map { (key: $0.key, value: string($0.value)) }
      if chance(2) {
        out.append("set = { " + pairs.map { "\($0.key) = \($0.value)" }.joined(separator: ", ") + " }")
      } else {
        out += pairs.map { "set . \"\($0.key)\" = \($0.value)" }
      }
    }
    return out.shuffled(using: &random)
  }

  mutating func text(_ model: Model) -> String {
    newline = chance(3) ? "\r\n" : "\n"
    var top = ["version = 1" + comment()]
    var sections: [String] = []
    for table in ["files", "environment", "network", "seccomp", "process"] {
      let shape = Int.random(in: 0..<3, using: &random)
      let lines = statements(table, model)
      if lines.isEmpty, shape != 2 { continue }
      switch shape {
      case 0: top.append("\(table) = { \(lines.joined(separator: ", ")) }" + comment())
      case 1: for line in lines { top.append((chance(2) ? "" : " ") + "\(table).\(line)" + comment()) }
      default:
        let indent = chance(3) ? "  " : ""
        var section = comment() + newline + "\(indent)[\(table)]" + comment() + newline
        for line in lines {
          if chance(4) { section += comment() + newline }
          section += indent + line + comment() + newline
        }
        sections.append(section)
      }
    }
    var out = chance(4) ? "\u{FEFF}" : ""
    out += top.shuffled(using: &random).map { $0 + newline }.joined() + sections.shuffled(using: &random).joined()
    if chance(4), out.hasSuffix(newline) { out.removeLast() }
    return out
  }
}

extension Array {
  fileprivate func randomElement(using random: inout Numbers, or other: Element) -> Element {
    randomElement(using: &random) ?? other
  }
}

@Suite struct EditFuzzTests {
  private static let pools: [String: [String]] = [
    "files.read": ["/a", "/b", "/c", "/é", "/x#y", "/z[", "/w,"], "files.write": ["/a", "/m", "/n"],
    "files.hide": ["/h", "!/h2", "/k"], "environment.keep": ["A", "B", "C", "LANG"],
    "seccomp.deny": ["mount", "ptrace", "swapon"],
  ]
  private static let words = [
    "files.home": ["private", "host"], "network.mode": ["none", "host"], "seccomp.preset": ["base", "devel"],
    "process.hostname": ["one", "two"],
  ]

  private func model(_ random: inout Numbers) -> Model {
    var model = Model()
    for (key, pool) in Self.pools.sorted(by: { $0.key < $1.key }) where Bool.random(using: &random) {
      model.lists[key] = Array(pool.shuffled(using: &random).prefix(Int.random(in: 0...pool.count, using: &random)))
    }
    for (key, pool) in Self.words.sorted(by: { $0.key < $1.key }) where Bool.random(using: &random) {
      model.words[key] = pool.randomElement(using: &random, or: "")
    }
    for name in ["V1", "V2"] where Bool.random(using: &random) { model.variables[name] = "old" }
    return model
  }

  /// A random edit, and the model after it.
  private func edit(_ model: inout Model, _ random: inout Numbers) -> ProfileEdit {
    let key = Self.pools.keys.sorted().randomElement(using: &random, or: "")
    let word = Self.words.keys.sorted().randomElement(using: &random, or: "")
    func path(_ name: String) -> [String] { name.split(separator: ".").map(String.init) }
    let count = model.lists[key]?.count ?? 0
    switch Int.random(in: 0..<6, using: &random) {
    case 0, 1:
      let new = key == "seccomp.deny" ? "bpf" : key == "environment.keep" ? "BB" : "/bb"
      // In its place where the list was sorted.
      let old = model.lists[key] ?? []
      let isSorted = old == old.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      model.lists[key] = isSorted ? (old + [new]).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } : old + [new]
      return .add(path(key), .text(new))
    case 2 where count > 0:
      let index = Int.random(in: 0..<count, using: &random)
      model.lists[key]?.remove(at: index)
      return .removeItem(path(key), index: index)
    case 3 where model.lists[key] != nil:
      model.lists[key] = nil
      return .remove(path(key))
    case 3 where model.words[word] != nil:
      model.words[word] = nil
      return .remove(path(word))
    case 4:
      model.variables["V2"] = "new"
      return .set(["environment", "set", "V2"], .text("new"))
    default:
      model.words[word] = Self.words[word]?[1]
      return .set(path(word), .text(Self.words[word]?[1] ?? ""))
    }
  }

  /// The model has order only where a list keeps it; `takesOut` items are compared as they stand.
  @Test func anyEditOfAnyLayoutMeansTheProfileWithThatEditAndKeepsItsComments() throws {
    var random = Numbers(state: 11)
    var refused = 0
    let rounds = 4_000
    for round in 0..<rounds {
      var model = model(&random)
      var scribe = Scribe(random: Numbers(state: UInt64(round)))
      let text = scribe.text(model)
      try #require(try Model(text) == model, "the generator is wrong about \(text)")
      var bytes = Array(text.utf8)
      for _ in 0..<3 {
        var next = model
        let edit = edit(&next, &random)
        do {
          bytes = try edited(bytes, file: "x.toml", edit)
          model = next
        } catch {
          refused += 1
        }
        let now = String(decoding: bytes, as: UTF8.self)
        let isRight = try Model(now) == model
        let missing = (0..<scribe.comments).filter { !now.contains("c\($0 + 1).") }
        if !isRight || !missing.isEmpty {
          Issue.record("\(edit) in\n\(text)\ngave\n\(now)\nwithout comments \(missing)")
          return
        }
      }
    }
    // What is refused is what cannot be written: comments of a list inside an inline table that goes.
    #expect(refused * 100 < rounds * 3, "\(refused) refused")
  }

  /// Broken texts are refused or edited, never anything else.
  @Test func brokenTexts() {
    var random = Numbers(state: 12)
    let seed = Array("version = 1\n[files]\nread = [\n '/a', # c\n]\nenvironment = { set.A = 'x' }\n".utf8)
    let alphabet = Array("[]{}\"'=.,#\n\r\t \\a".utf8) + [0xFF, 0xC3, 0xEF]
    for _ in 0..<20_000 {
      var bytes = seed
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        bytes[at] = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
      }
      var model = Model()
      let edit = edit(&model, &random)
      guard let result = try? edited(bytes, file: "x.toml", edit) else { continue }
      #expect((try? parseTOML(result, file: "x.toml")) != nil)
    }
  }

  /// A file of 1 MiB with 60,000 items on one line is edited, not walked again for each of them.
  @Test func aLongLine() throws {
    let items = (10_000..<70_000).map { "'/a\($0)'" }.joined(separator: ",")
    let text = Array("version = 1\nfiles.read = [\(items)]\n".utf8)
    let result = try edited(text, file: "x.toml", .add(["files", "read"], .text("/a70000")))
    #expect(result.count == text.count + ", \"/a70000\"".utf8.count)
  }
}
