/// What a text says, whatever its layout: tables by name, lists in order, everything as bytes, because Swift holds
/// texts that differ only in Unicode normalisation for equal.
indirect enum Meaning: Equatable {
  case table([[UInt8]: Meaning])
  case list([Meaning])
  case text([UInt8])
  case integer(Int64, isOctal: Bool)
  case boolean(Bool)
  /// A number or date that no key takes, as it is written.
  case other([UInt8])

  init(_ layout: Layout) { self = Meaning.table(layout.root, layout) }

  private static func table(_ entries: [TOMLEntry], _ layout: Layout) -> Meaning {
    var members: [[UInt8]: Meaning] = [:]
    for entry in entries where members[Array(entry.key.utf8)] == nil {
      members[Array(entry.key.utf8)] = Meaning(entry.value, layout)
    }
    return .table(members)
  }

  private init(_ node: TOMLNode, _ layout: Layout) {
    self =
      switch node.content {
      case .table(let entries): Meaning.table(entries, layout)
      case .array(let items): .list(items.map { Meaning($0, layout) })
      case .string(let text): .text(Array(text.utf8))
      case .integer(let number, let isOctal): .integer(number, isOctal: isOctal)
      case .boolean(let on): .boolean(on)
      case .float, .date: .other(Array(layout.bytes[layout.range(of: node)]))
      }
  }

  init(_ value: EditValue) {
    switch value {
    case .text(let text): self = .text(Array(text.utf8))
    case .integer(let number): self = .integer(number, isOctal: false)
    case .boolean(let on): self = .boolean(on)
    case .list(let items): self = .list(items.map { Meaning($0) })
    case .table(let members):
      var table: [[UInt8]: Meaning] = [:]
      for member in members where table[Array(member.name.utf8)] == nil {
        table[Array(member.name.utf8)] = Meaning(member.value)
      }
      self = .table(table)
    }
  }

  /// The same with one change in it; nil where the change makes no sense.
  ///
  /// - Parameters:
  ///   - index: where an added item comes.
  ///   - depth: a table below this depth that is left empty goes.
  func applying(_ edit: ProfileEdit, at index: Int, prunedTo depth: Int) -> Meaning? {
    changing(edit.path[...], 0, depth) { old in
      switch (edit, old) {
      case (.set(_, let value), nil): return .some(Meaning(value))
      case (.set, .table), (.set, .list): return nil
      case (.set(_, let value), _): return .some(Meaning(value))
      case (.add(_, let value), nil): return .some(.list([Meaning(value)]))
      case (.add(_, let value), .list(var items)) where index <= items.count:
        items.insert(Meaning(value), at: index)
        return .some(.list(items))
      case (.replaceItem(_, let index, let value), .list(var items)) where items.indices.contains(index):
        items[index] = Meaning(value)
        return .some(.list(items))
      case (.removeItem(_, let index), .list(var items)) where items.indices.contains(index):
        items.remove(at: index)
        return .some(.list(items))
      case (.remove, .some): return .some(nil)
      default: return nil
      }
    }
  }

  /// `change` gives the value to put in place (nil inside: none), or nil where there can be none.
  private func changing(
    _ path: ArraySlice<String>, _ level: Int, _ depth: Int, _ change: (Meaning?) -> Meaning??
  ) -> Meaning? {
    guard case .table(var entries) = self, let first = path.first else { return nil }
    let name = Array(first.utf8)
    let rest = path.dropFirst()
    if rest.isEmpty {
      guard let value = change(entries[name]) else { return nil }
      entries[name] = value
      return .table(entries)
    }
    guard let changed = (entries[name] ?? .table([:])).changing(rest, level + 1, depth, change) else { return nil }
    entries[name] = changed == .table([:]) && level >= depth ? nil : changed
    return .table(entries)
  }
}
