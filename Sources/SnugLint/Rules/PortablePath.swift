import SnugProfile

extension Rule {
  static let portablePath = Rule(
    "portable-path", .hint,
    what: "A path that could be written by a name that holds for every user and language",
    why: """
      Folders of the home have other names in other languages, and settings may be told to lie elsewhere. An xdg- \
      name follows them, and so does ~ for the home itself.
      """,
    example: """
      [files]
      read = ["/home/anna/Pictures"]
      """,
    safer: """
      [files]
      read = ["xdg-pictures"]
      """
  ) { subject in
    Key.all.flatMap { key -> [Finding] in
      guard let value = subject.written[key.name] else { return [] }
      var items = [value]
      if case .list(let list) = value.value { items = list }
      return items.compactMap { item in
        guard let path = item.value.path, path.written.hasPrefix("/") || path.written.hasPrefix("~") else { return nil }
        guard let absolute = path.absolute else { return nil }
        let better = subject.context.portable(absolute)
        // A slash too many is no other name.
        if better.hasPrefix("/") || better.hasPrefix("~") && path.written.hasPrefix("~") { return nil }
        return Finding(
          "\(key.name): \"\(path.written)\" is \"\(better)\" here", at: item.origin,
          fix: subject.source.replacing(path.written, with: better, inValueAt: item.origin))
      }
    }
  }
}

extension Value {
  /// The path of a key or of an entry of a list.
  fileprivate var path: PathValue? {
    switch self {
    case .path(let path): path
    case .entry(let entry): entry.path
    default: nil
    }
  }
}
