import SnugProfile
import TestSupport

/// Profiles made of `Key.all`: each key is left out or given a value of its kind, now and then a wrong one.
struct RandomProfile {
  private var random: Numbers

  init(state: UInt64) { random = Numbers(state: state) }

  private mutating func pick<Item>(_ items: [Item]) -> Item { items[Int.random(in: 0..<items.count, using: &random)] }
  private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

  /// The text of the next one. One in three has slips.
  mutating func next() -> String {
    let slips = chance(3)
    var top = "version = 1\n"
    var tables: [String: String] = [:]
    for key in Key.all where key.name != "version" && key.kind != .table && key.kind != .ops && chance(4) {
      let value = slips && chance(8) ? pick(["1", "true", "\"x\"", "[]", "{}", "[1]", "1.5"]) : value(key.kind)
      if key.table.isEmpty {
        top += "\(key.leaf) = \(value)\n"
      } else {
        tables[key.table, default: ""] += "\(key.leaf) = \(value)\n"
      }
    }
    let ops = (0..<(chance(3) ? Int.random(in: 1...6, using: &random) : 0)).map { _ in op() }
    let named = tables.sorted { $0.key < $1.key }
    return top + named.map { "[\($0.key)]\n\($0.value)" }.joined() + ops.joined()
  }

  private mutating func op() -> String {
    let (word, fields) = pick(exactOpFields)
    var text = "[[files.op]]\nop = \"\(word)\"\n"
    for field in fields where field.isRequired || chance(3) { text += "\(field.name) = \(value(field.kind))\n" }
    return text
  }

  private mutating func value(_ kind: Kind) -> String {
    switch kind {
    case .boolean: pick(["true", "false"])
    case .word(let words): quoted(pick(words))
    case .booleanOr(let words): pick(["true", "false"] + words.map(quoted))
    case .integer(let range): String(pick([range.lowerBound, range.upperBound, range.lowerBound / 2 + 1]))
    case .size: pick(["\"4M\"", "4096", "\"1G\""])
    case .duration: pick(["\"5s\"", "\"none\"", "\"forever\"", "\"1h\""])
    case .signal: pick(["\"TERM\"", "\"none\"", "\"SIGINT\""])
    case .mode: pick(["\"0755\"", "0o700", "\"0\""])
    case .text(let kind): quoted(text(kind))
    case .path: quoted(path())
    case .entry: entry()
    case .list(let item):
      "[" + (0..<Int.random(in: 0...6, using: &random)).map { _ in negated(value(item)) }.joined(separator: ", ") + "]"
    case .replacedList(let item):
      "[" + (0..<Int.random(in: 1...3, using: &random)).map { _ in value(item) }.joined(separator: ", ") + "]"
    case .map(let names, let item):
      "{ "
        + Set((0..<2).map { _ in quoted(text(names)) }).sorted().map { "\($0) = \(value(item))" }
        .joined(separator: ", ") + " }"
    case .ops, .table: "[]"
    }
  }

  private mutating func negated(_ value: String) -> String {
    value.hasPrefix("\"") && chance(6) ? "\"!" + value.dropFirst() : value
  }

  private mutating func entry() -> String {
    if chance(2) { return quoted(path()) }
    let at = chance(2) ? ", at = " + quoted(path()) : ""
    let missing = chance(2) ? ", if-missing = " + pick(["\"fail\"", "\"skip\""]) : ""
    return "{ path = \(quoted(path()))\(at)\(missing) }"
  }

  private mutating func path() -> String {
    pick([
      "/srv", "/opt", "/opt/app", "~/src", "~/src/demo", "~/linked", "~/linked/out", "~/.ssh", "~/Pictures",
      "~/Pictures/private", "xdg-download", "xdg-pictures/private", "xdg-music", "./sub", ".", "/usr/share", "/tmp",
      "/tmp/x", "/", "/proc", "/dev/kvm", "/etc", "/nowhere", "~/notes/absent", "/data", "/data/a", "/data/a/b",
    ])
  }

  private mutating func text(_ kind: TextKind) -> String {
    switch kind {
    case .program: pick(["vim", "git", "no-such-program", "/usr/bin/true"])
    case .profileName: pick(["base", "loop", "absent"])
    case .appID: pick(["org.example.App", "org.example-x.App"])
    case .hostname: pick(["snug", "box-1"])
    case .environmentName: pick(["LANG", "TERM", "A", "LD_PRELOAD"])
    case .busName: pick(["org.example.App", "org.freedesktop.*"])
    case .busRule: pick(["*", "*@/org/example", "org.example.App.*"])
    case .systemCall: pick(["ptrace", "bpf", "read", "mount", "wait4"])
    case .key: pick(["landlock", "desktop.wayland", "limits.memory"])
    case .cpu: pick(["50%", "150%"])
    case .line, .argument, .environmentValue: pick(["a", "b c", "# no comment"])
    }
  }

  private func quoted(_ text: String) -> String { "\"\(text)\"" }
}
