import SnugProfile

extension Rule {
  static let unusedRemoval = Rule(
    "unused-removal", .warning,
    what: "A \"!item\" or a false in place of a table that takes out nothing",
    why: """
      Nothing below has that item, so what was to be taken away is perhaps still there under another name, or the \
      base has changed since.
      """,
    example: """
      extends = ["base"]
      [environment]
      keep = ["!LNAG"]
      """,
    safer: """
      extends = ["base"]
      [environment]
      keep = ["!LANG"]
      """
  ) { subject in
    items(subject) + tables(subject)
  }
}

private func items(_ subject: Subject) -> [Finding] {
  Key.all.flatMap { key -> [Finding] in
    guard case .list(let items)? = subject.written[key.name]?.value else { return [] }
    guard items.contains(where: \.takesOut) else { return [] }
    var known: Set<[UInt8]> = []
    if case .list(let lower)? = subject.below.values[key.name]?.value { known = Set(lower.map(\.identity)) }
    return items.compactMap { item in
      guard item.takesOut else {
        known.insert(item.identity)
        return nil
      }
      if known.remove(item.identity) != nil { return nil }
      return Finding(
        "\(key.name): \"!\(item.shown)\" takes out nothing", at: item.origin, fix: subject.removal(of: item))
    }
  }
}

private func tables(_ subject: Subject) -> [Finding] {
  subject.written.filter(\.value.takesOut).compactMap { name, item in
    let isThere = subject.below.values.contains { key, lower in
      lower.layer >= 0 && (key == name || key.hasPrefix(name + "."))
    }
    return isThere ? nil : Finding("\(name) = false takes out nothing", at: item.origin)
  }
}
