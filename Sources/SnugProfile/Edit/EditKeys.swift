/// Keys: found, set, made and taken out.
extension Layout {
  /// What an edit changes in the text; nil where the layout has no place for it.
  func patches(for edit: ProfileEdit, at index: Int) -> [Patch]? {
    switch edit {
    case .set(let path, let value):
      guard let statement = statement(path) else { return creation(path, value.written) }
      return [Patch(statement.range, value.written)]
    case .add(let path, let value):
      guard let list = statement(path) else { return creation(path, "[\(value.written)]") }
      return insertion(of: value.written, in: list, at: index)
    case .replaceItem(let path, let index, let value):
      guard let list = statement(path), case .array(let items) = list.value.content, items.indices.contains(index)
      else {
        return nil
      }
      let range = range(of: items[index])
      return comments(in: range).isEmpty ? [Patch(range, value.written)] : nil
    case .removeItem(let path, let index): return statement(path).flatMap { removal(ofItem: index, in: $0) }
    case .remove(let path): return statement(path).map(removal)
    }
  }

  // MARK: - Out

  private func removal(_ statement: Statement) -> [Patch] {
    guard let table = statement.inline else {
      return [cut(start(of: statement)..<statement.range.upperBound)]
    }
    let inside = (table.lowerBound + 1)..<(table.upperBound - 1)
    let all = statements.filter { $0.inline == table }
    if all.count == 1, comments(in: inside).isEmpty { return [Patch(inside)] }
    let previous = all.last { $0.key < statement.key }
    return removal(
      start(of: statement)..<statement.range.upperBound, after: previous?.range, before: inside.upperBound)
  }

  /// First byte of a key with all of its names.
  private func start(of statement: Statement) -> Int {
    // The names of a key stand on one line, and nothing stands before them there.
    guard let table = statement.inline else { return skipBlanks(lineStart(statement.key)) }
    guard let previous = statements.last(where: { $0.inline == table && $0.key < statement.key }) else {
      return skipBlanks(table.lowerBound + 1)
    }
    let comma = comma(after: previous.range.upperBound, before: statement.key) ?? previous.range.upperBound
    return skipBlanks(comma + 1)
  }

  // MARK: - New

  /// Makes a key, with the tables that are missing, beside what is there of them.
  private func creation(_ path: [String], _ text: String) -> [Patch]? {
    var known = path.count - 1
    while known > 0, node(Array(path[..<known])) == nil { known -= 1 }
    let table = Array(path[..<known])
    if known == 0, path.count > 1 { return newSection([path[0]], line(path[1...], text)) }
    if known == 0 { return newAtTop(line(path[...], text)) }
    guard case .table? = node(table)?.content else { return nil }
    if let inline = statement(table) { return newInline(inline.range, line(path[known...], text)) }
    if let header = headers.first(where: { same($0.path, table) }) {
      return newInSection(header, line(path[known...], text))
    }
    let isNeighbour = { (other: Statement) in
      other.path.count > known && other.depth < known && same(other.path[..<known], table)
    }
    guard let neighbour = statements.last(where: isNeighbour) else {
      return newSection(table, line(path[known...], text))
    }
    let names = path[neighbour.depth..<known].map { showKey($0) + "." }.joined()
    let line = names + line(path[known...], text)
    if let inline = neighbour.inline { return newInline(inline, line) }
    return [newLine(line, below: neighbour.range.upperBound, as: neighbour.key)]
  }

  /// `a = text`, or `a = { b = text }` where more names are missing.
  private func line(_ names: ArraySlice<String>, _ text: String) -> String {
    guard let first = names.first else { return text }
    return showKey(first) + " = " + (names.count == 1 ? text : "{ \(line(names.dropFirst(), text)) }")
  }

  private func newInline(_ table: Range<Int>, _ line: String) -> [Patch] {
    let inside = (table.lowerBound + 1)..<(table.upperBound - 1)
    guard let last = statements.last(where: { $0.inline == table }) else { return [Patch(inside, " \(line) ")] }
    return [Patch(before: last.range.upperBound, ", " + line)]
  }

  private func newInSection(_ header: Header, _ line: String) -> [Patch] {
    let end = headers.first { $0.range.lowerBound > header.range.lowerBound }?.range.lowerBound ?? bytes.count
    let inSection = statements.last { $0.inline == nil && $0.key > header.range.lowerBound && $0.key < end }
    guard let inSection else { return [newLine(line, below: header.range.upperBound, as: header.range.lowerBound)] }
    return [newLine(line, below: inSection.range.upperBound, as: inSection.key)]
  }

  private func newSection(_ table: [String], _ line: String) -> [Patch] {
    let header = "[" + table.map(showKey).joined(separator: ".") + "]"
    let isEnded = bytes.isEmpty || bytes.last == 0x0A
    let gap = (isEnded ? "" : newline) + (bytes.isEmpty ? "" : newline)
    return [Patch(before: bytes.count, gap + header + newline + line + newline)]
  }

  private func newAtTop(_ line: String) -> [Patch] {
    let end = headers.first?.range.lowerBound ?? bytes.count
    if let last = statements.last(where: { $0.inline == nil && $0.key < end }) {
      return [newLine(line, below: last.range.upperBound, as: last.key)]
    }
    if let header = headers.first {
      return [Patch(before: lineStart(header.range.lowerBound), line + newline + newline)]
    }
    let isEnded = bytes.isEmpty || bytes.last == 0x0A
    return [Patch(before: bytes.count, (isEnded ? "" : newline) + line + newline)]
  }

  /// A line below another one, with its indent; a comment at that one's end stays there.
  private func newLine(_ line: String, below offset: Int, as example: Int) -> Patch {
    Patch(before: lineEnd(offset), newline + indent(example) + line)
  }
}
