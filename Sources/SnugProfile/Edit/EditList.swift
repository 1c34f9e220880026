/// Items of lists.
extension Layout {
  /// Where an added item comes in its list: in its place where the order of the items has no meaning and they are
  /// sorted, else at the end. 0 for every other edit.
  func index(of edit: ProfileEdit) -> Int {
    guard case .add(let path, let value) = edit, case .array(let items)? = node(path)?.content else { return 0 }
    guard case .list? = Key.named(path.joined(separator: "."))?.kind else { return items.count }
    let words = items.compactMap(sortKey)
    guard words.count == items.count, let word = sortKey(value), zip(words, words.dropFirst()).allSatisfy(precedes)
    else {
      return items.count
    }
    return words.firstIndex { !precedes($0, word) } ?? items.count
  }

  /// Puts an item before the one at `index` of a list, or behind the last.
  func insertion(of text: String, in list: Statement, at index: Int) -> [Patch] {
    guard case .array(let nodes) = list.value.content else { return [] }
    let items = nodes.map(range)
    let close = list.range.upperBound - 1
    if items.isEmpty { return insertionInEmpty(text, list.range) }
    let hasOwnLine = isFirstOnLine(items[max(0, index - 1)].lowerBound)
    guard index > 0 else {
      let first = items[0].lowerBound
      if !hasOwnLine { return [Patch(before: first, text + ", ")] }
      return [Patch(before: lineEnd(list.range.lowerBound), newline + indent(first) + text + ",")]
    }
    let before = items[index - 1]
    let end = index < items.count ? items[index].lowerBound : close
    let separator = comma(after: before.upperBound, before: end)
    // Behind the comma of the item before, and behind the comment on that comma's line.
    let comma = separator.map { $0 + 1 } ?? before.upperBound
    let isTooLong = lineStart(before.lowerBound) > list.range.lowerBound && width(comma) + text.utf8.count > 116
    guard hasOwnLine || isTooLong else {
      if separator == nil { return [Patch(before: before.upperBound, ", " + text)] }
      return [Patch(before: comma, " " + text + ",")]
    }
    let line = newline + indent(before.lowerBound) + text + (separator == nil ? "" : ",")
    let place = lineEnd(comma)
    // The list goes on or ends on the same line: the new line comes between.
    let isShared = place > end
    if separator == nil {
      return [Patch(before: before.upperBound, ","), Patch(before: isShared ? comma : place, line)]
    }
    return [Patch(before: isShared ? comma : place, line)]
  }

  private func insertionInEmpty(_ text: String, _ list: Range<Int>) -> [Patch] {
    let inside = (list.lowerBound + 1)..<(list.upperBound - 1)
    if comments(in: inside).isEmpty { return [Patch(inside, text)] }
    // A list with comments only spans lines: the bracket stands on a later one than its last comment.
    let close = lineStart(inside.upperBound)
    return [Patch(before: close, indent(inside.upperBound) + "  " + text + "," + newline)]
  }

  /// Takes an item out with the comma that is its own.
  func removal(ofItem index: Int, in list: Statement) -> [Patch]? {
    guard case .array(let nodes) = list.value.content, nodes.indices.contains(index) else { return nil }
    let items = nodes.map(range)
    let inside = (list.range.lowerBound + 1)..<(list.range.upperBound - 1)
    if items.count == 1, comments(in: inside).isEmpty { return [Patch(inside)] }
    return removal(items[index], after: index > 0 ? items[index - 1] : nil, before: inside.upperBound)
  }

  /// Takes a part out of what commas separate: with the comma behind it, or else with the one before it.
  func removal(_ part: Range<Int>, after previous: Range<Int>?, before end: Int) -> [Patch] {
    if let own = comma(after: part.upperBound, before: end) {
      let isNear = bytes[part.upperBound..<own].allSatisfy(isBlank)
      return isNear ? [cut(part.lowerBound..<(own + 1))] : [cut(part), cut(own..<(own + 1))]
    }
    guard let previous, let comma = comma(after: previous.upperBound, before: part.lowerBound) else {
      return [cut(part)]
    }
    let isNear = bytes[comma + 1..<part.lowerBound].allSatisfy(isBlank)
    return isNear ? [cut(comma..<part.upperBound)] : [Patch(comma..<(comma + 1)), cut(part)]
  }

  private func width(_ offset: Int) -> Int { offset - lineStart(offset) }

  /// What an item is sorted by: its text or path; nil for what has none.
  private func sortKey(_ node: TOMLNode) -> [UInt8]? {
    switch node.content {
    case .string(let text): return Array(text.utf8)
    case .table(let entries):
      guard case .string(let path)? = entries.first(where: { $0.key == "path" })?.value.content else { return nil }
      return Array(path.utf8)
    default: return nil
    }
  }

  private func sortKey(_ value: EditValue) -> [UInt8]? {
    switch value {
    case .text(let text): return Array(text.utf8)
    case .table(let members): return members.first { $0.name == "path" }.flatMap { sortKey($0.value) }
    default: return nil
    }
  }
}

private func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool { !right.lexicographicallyPrecedes(left) }
