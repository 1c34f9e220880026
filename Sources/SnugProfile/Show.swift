/// The merged profile as TOML, each value with the place it comes from. The same reader reads it again to the same
/// values; what it cannot say is which layer a value is of, so that all of them become one.
public func showText(_ merged: MergedProfile) -> String {
  var out = merged.layers.map { "# layer: \(escaped($0.file))\n" }.joined()
  out += "version = 1\n"
  var tables: [String] = []
  for key in Key.all where key.kind != .table && tables.last != key.table { tables.append(key.table) }
  for table in tables {
    let presence = merged.values[table]
    // Writing a line of a bus that is not there would ask for the bus.
    if Key.named(table) != nil && presence == nil { continue }
    if !table.isEmpty { out += "\n[\(table)]" + (presence.map(comment) ?? "\n") }
    let keys = Key.all.filter { $0.table == table && $0.kind != .table && $0.name != "version" && $0.name != "extends" }
    // What opens a table of its own comes last: the table around it cannot be opened twice.
    for opensTable in [false, true] {
      for key in keys where key.opensTable == opensTable {
        if let item = merged.values[key.name] { out += show(key, item) }
      }
    }
  }
  return out
}

extension Key {
  /// The default as a profile would write it; nil where there is none.
  public var defaultText: String? {
    switch defaultValue {
    case .map(let items)? where items.isEmpty: "{}"
    case let value?: showValue(Item(value))
    case nil: nil
    }
  }

  fileprivate var opensTable: Bool {
    switch kind {
    case .map, .ops: true
    default: false
    }
  }

  fileprivate var isMode: Bool { if case .mode = kind { true } else { false } }
}

private func show(_ key: Key, _ item: Item) -> String {
  switch item.value {
  case .list(let items):
    if key.kind == .ops { return items.map(showOp).joined() }
    if items.isEmpty && key.defaultValue == item.value { return "" }
    var lines = absentDefaults(key, items).map { "  \(quoted("!" + $0.name)),\n" }
    lines += items.map { "  \(showValue($0)),\(comment($0))" }
    return lines.isEmpty ? "\(key.leaf) = []\(comment(item))" : "\(key.leaf) = [\n\(lines.joined())]\n"
  case .map(let items):
    if items.isEmpty { return "" }
    return "\n[\(key.name)]\n" + items.map { "\(showKey($0.name)) = \(showValue($0))\(comment($0))" }.joined()
  case .integer(let mode) where key.isMode: return "\(key.leaf) = \(showMode(UInt32(mode)))\(comment(item))"
  default: return "\(key.leaf) = \(showValue(item))\(comment(item))"
  }
}

/// Defaults of a list that a layer took out: without a line of their own they would come back.
private func absentDefaults(_ key: Key, _ items: [Item]) -> [Item] {
  guard case .list(let defaults)? = key.defaultValue else { return [] }
  return defaults.filter { wanted in !items.contains { $0.identity == wanted.identity } }
}

private func comment(_ item: Item) -> String { "  # \(escaped(item.origin.description))\n" }

private func showValue(_ item: Item) -> String {
  switch item.value {
  case .boolean(let on): return String(on)
  case .text(let text): return quoted(text)
  case .integer(let number): return String(number)
  case .size(let size): return showSize(size)
  case .wait(let wait): return quoted(showWait(wait))
  case .signal(let number):
    let name = signalNumbers.first { $0.value == number }?.key
    return quoted(name ?? "none")
  case .path(let path): return showPath(path, item.origin)
  case .entry(let entry):
    let path = showPath(entry.path, item.origin)
    if entry.at == nil && entry.ifMissing == nil { return path }
    let at = entry.at.map { ", at = \(showPath($0, item.origin))" } ?? ""
    let ifMissing = entry.ifMissing.map { ", if-missing = \(quoted($0.rawValue))" } ?? ""
    return "{ path = \(path)\(at)\(ifMissing) }"
  case .list(let items): return "[" + items.map(showValue).joined(separator: ", ") + "]"
  case .op, .map, .table: return ""
  }
}

private func showSize(_ size: Size) -> String {
  switch size {
  case .bytes(let bytes): String(bytes)
  case .percent(let share): quoted("\(share)%")
  }
}

package func showWait(_ wait: Wait) -> String {
  switch wait {
  case .none: "none"
  case .forever: "forever"
  case .milliseconds(let number): number % 1000 == 0 ? "\(number / 1000)s" : "\(number)ms"
  }
}

/// A path of the command line may be relative, which a profile may not hold: there what it stands for is shown.
private func showPath(_ path: PathValue, _ origin: Origin) -> String {
  quoted(origin.line == 0 ? path.absolute ?? path.written : path.written)
}

private func showMode(_ mode: UInt32) -> String { "0o" + String(mode, radix: 8) }

private func showOp(_ item: Item) -> String {
  guard case .op(let op) = item.value else { return "" }
  var lines: [(String, String)] = []
  func path(_ path: PathValue) -> String { showPath(path, item.origin) }
  switch op {
  case .bind(let host, let target, let access, let ifMissing):
    lines = [("op", quoted("bind")), ("host", path(host)), ("target", path(target))]
    lines += [("access", quoted(access.rawValue)), ("if-missing", quoted(ifMissing.rawValue))]
  case .tmpfs(let target, let size, let mode, let access):
    lines = [("op", quoted("tmpfs")), ("target", path(target))]
    if let size { lines.append(("size", showSize(size))) }
    lines += [("mode", showMode(mode)), ("access", quoted(access.rawValue))]
  case .overlay(let target, let lower, let upper, let work, let size, let access):
    lines = [("op", quoted("overlay")), ("target", path(target))]
    lines.append(("lower", "[" + lower.map(path).joined(separator: ", ") + "]"))
    if let upper { lines.append(("upper", path(upper))) }
    if let work { lines.append(("work", path(work))) }
    if let size { lines.append(("size", showSize(size))) }
    lines.append(("access", quoted(access.rawValue)))
  case .proc(let target): lines = [("op", quoted("proc")), ("target", path(target))]
  case .dev(let target): lines = [("op", quoted("dev")), ("target", path(target))]
  case .mqueue(let target): lines = [("op", quoted("mqueue")), ("target", path(target))]
  case .directory(let target, let mode):
    lines = [("op", quoted("directory")), ("target", path(target)), ("mode", showMode(mode))]
  case .file(let target, let content, let mode):
    lines = [("op", quoted("file")), ("target", path(target))]
    if let text = validText(content), !content.contains(0) {
      lines.append(("text", quoted(text)))
    } else {
      lines.append(("base64", quoted(encodeBase64(content))))
    }
    lines.append(("mode", showMode(mode)))
  case .symlink(let target, let to):
    lines = [("op", quoted("symlink")), ("target", path(target)), ("to", quoted(to))]
  case .remount(let target, let access):
    lines = [("op", quoted("remount")), ("target", path(target)), ("access", quoted(access.rawValue))]
  }
  return "\n[[files.op]]\(comment(item))" + lines.map { "\($0.0) = \($0.1)\n" }.joined()
}

func showKey(_ name: String) -> String {
  let isBare =
    !name.isEmpty
    && name.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
    }
  return isBare ? name : quoted(name)
}

/// A TOML basic string in which nothing reaches a terminal raw.
public func quoted(_ text: String) -> String {
  var out = "\""
  for scalar in text.unicodeScalars {
    if let escape = shortEscape(scalar) {
      out += escape
    } else if isUnsafe(scalar) {
      out += scalar.value < 0x1_0000 ? "\\u" + hex(scalar.value, 4) : "\\U" + hex(scalar.value, 8)
    } else {
      out.unicodeScalars.append(scalar)
    }
  }
  return out + "\""
}
