extension MergedProfile {
  /// What the profile asks for that this version does not do, each by name and with its place. Defaults are never in it.
  public var unsupported: [Diagnostic] {
    unsupportedKeys.map {
      Diagnostic("\($0.value) is not supported yet", at: $0.origin, sourceLine: sourceLine(at: $0.origin))
    }
  }

  /// The same by name alone: `desktop.wayland`, `[bus.session]`, `network.mode = "private"`.
  package var unsupportedKeys: [Located<String>] {
    let found: [Located<String>] = Key.all.compactMap { key in
      guard let item = values[key.name], item.layer >= 0, item.value != key.defaultValue else { return nil }
      // The keys of a table that is refused as a whole need no lines of their own.
      if !key.table.isEmpty, Key.named(key.table) != nil, values[key.table] != nil { return nil }
      let subject: String
      switch (key.support, item.value) {
      case (.now, _): return nil
      case (.later, .list(let items)) where items.isEmpty: return nil
      case (.later, .map(let items)) where items.isEmpty: return nil
      case (.later, .table): subject = "[\(key.name)]"
      case (.later, _): subject = key.name
      case (.laterFor(let words), .text(let word)) where words.contains(word): subject = "\(key.name) = \"\(word)\""
      case (.laterFor, _): return nil
      }
      return Located(subject, at: item.origin)
    }
    // As a person finds them in a file, files in the order of the keys.
    return found.enumerated().sorted { left, right in
      let (one, other) = (left.element.origin, right.element.origin)
      if one.file != other.file { return left.offset < right.offset }
      return (one.line, one.column) < (other.line, other.column)
    }.map({ $0.element })
  }
}

/// Whether this version carries out a key or table by its dotted name, whatever its value is.
public func isCarriedOut(_ name: String) -> Bool {
  if case .now? = Key.named(name)?.support { true } else { false }
}
